// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Key slots are changed only while nobody else has the volume open, not even for reading. */
class KeySlotLockTest {
    private static final String SECRET = "secret,id=old,data=one";

    @TempDir
    Path directory;

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String... args) {
        err.reset();
        return DiskMain.run("qemu-img", args, new PrintStream(new ByteArrayOutputStream()), new PrintStream(err, true));
    }

    private int addSlot(String options) {
        return run(
                "amend",
                "--object",
                SECRET,
                "--object",
                "secret,id=new,data=two",
                "-o",
                "state=active,new-secret=new,iter-time=10",
                "--image-opts",
                options);
    }

    @Test
    @Timeout(120)
    void aReaderHoldsThemUp() throws Exception {
        Path volume = directory.resolve("volume.luks");
        String options = "driver=luks,file.filename=" + volume + ",key-secret=old";
        assertThat(run(
                        "create",
                        "-q",
                        "--object",
                        SECRET,
                        "-f",
                        "luks",
                        "-o",
                        "key-secret=old,iter-time=10",
                        volume.toString(),
                        "1M"))
                .isZero();
        byte[] before = Files.readAllBytes(volume);
        Process reader = new ProcessBuilder("qemu-io", "-r", "--object", SECRET, "--image-opts", options)
                .redirectErrorStream(true)
                .start();
        try (BufferedReader output =
                        new BufferedReader(new InputStreamReader(reader.getInputStream(), StandardCharsets.UTF_8));
                OutputStream input = reader.getOutputStream()) {
            input.write("read 0 512\n".getBytes(StandardCharsets.US_ASCII));
            input.flush();
            assertThat(output.readLine()).contains("read 512/512");
            assertThat(addSlot(options)).isEqualTo(1);
            assertThat(err.toString(StandardCharsets.UTF_8))
                    .contains("Failed to get shared \"consistent read\" lock\nIs another process using the image ["
                            + volume + "]?");
            assertThat(Files.readAllBytes(volume)).isEqualTo(before);
            input.write("quit\n".getBytes(StandardCharsets.US_ASCII));
            input.flush();
        } finally {
            reader.waitFor();
        }
        assertThat(addSlot(options)).as(err.toString(StandardCharsets.UTF_8)).isZero();
        assertThat(Files.readAllBytes(volume)).isNotEqualTo(before);
    }

    /** cryptsetup judges; the new slot is as hard to try as the one that opened the volume. */
    @Test
    @Timeout(120)
    void thoseOfLuks2ChangeTheSameWay() throws Exception {
        Path volume = directory.resolve("volume.luks2");
        String one = Files.writeString(directory.resolve("one"), "one").toString();
        String two = Files.writeString(directory.resolve("two"), "two").toString();
        Files.write(volume, new byte[17 << 20]);
        String format = "cryptsetup -q luksFormat --type luks2 --pbkdf-memory 1024 --pbkdf-force-iterations 4 ";
        assertThat(shell(format + volume + " " + one)).isZero();
        String test = "cryptsetup open --test-passphrase " + volume + " --key-file ";
        assertThat(shell(test + two)).isNotZero();
        String options = "driver=luks,file.filename=" + volume + ",key-secret=old";
        assertThat(run(
                        "amend",
                        "--object",
                        SECRET,
                        "--object",
                        "secret,id=new,data=two",
                        "-o",
                        "state=active,new-secret=new",
                        "--image-opts",
                        options))
                .as(err.toString(StandardCharsets.UTF_8))
                .isZero();
        assertThat(shell(test + two)).isZero();
        String[] erase = {"amend", "--object", SECRET, "-o", "state=inactive,keyslot=1", "--image-opts", options};
        assertThat(run(erase)).as(err.toString(StandardCharsets.UTF_8)).isZero();
        assertThat(shell(test + two)).isNotZero();
        assertThat(shell(test + one)).isZero();
        erase[4] = "state=inactive,keyslot=0";
        assertThat(run(erase)).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("Attempt to erase the only active keyslot 0");
        assertThat(shell(test + one)).isZero();
    }

    private static int shell(String command) throws Exception {
        return new ProcessBuilder("sh", "-c", command + " > /dev/null 2>&1")
                .start()
                .waitFor();
    }
}
