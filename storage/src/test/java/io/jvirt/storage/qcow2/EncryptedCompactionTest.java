// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.storage.Qemu;
import io.jvirt.storage.qcow2.check.CheckResult;
import io.jvirt.storage.qcow2.check.Qcow2Check;
import io.jvirt.storage.qcow2.check.Repair;
import io.jvirt.storage.qcow2.compact.InPlaceCompaction;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.HeaderReader;
import io.jvirt.storage.qcow2.format.Snapshot;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compaction in place of LUKS-encrypted images that QEMU has written: what moves is encrypted anew for its place. */
@Tag("one-jdk")
class EncryptedCompactionTest {
    private static final byte[] PASSPHRASE = "open sesame".getBytes(UTF_8);
    private static final String OPENED =
            "driver=qcow2,encrypt.format=luks,encrypt.key-secret=s,file.filename=image.qcow2";
    private static final int DISK_BYTES = 768 << 10;
    private static final int MOST_CRASHES = 60;

    @TempDir
    Path directory;

    private Path image;

    @BeforeEach
    void writeSecret() throws Exception {
        image = directory.resolve("image.qcow2");
        Files.write(directory.resolve("secret"), PASSPHRASE);
    }

    private void make(String options, boolean snapshot) throws Exception {
        Qemu.ok(
                directory,
                "qemu-img",
                "create",
                "-q",
                "-f",
                "qcow2",
                "--object",
                "secret,id=s,file=secret",
                "-o",
                "encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10," + options,
                "image.qcow2",
                Integer.toString(DISK_BYTES));
        io("write -P 1 0 500k", "write -P 2 520k 100k");
        if (snapshot) {
            qemuImg("snapshot", "-c", "kept");
            io("write -P 3 100k 150k");
            qemuImg("bitmap", "--add", OPENED, "bits");
        }
        io("write -P 4 640k 64k", "discard 128k 256k", "write -z -u 512k 64k", "write -P 5 750k 7k");
    }

    private void io(String... commands) throws Exception {
        Qemu.io(
                directory,
                List.of("--object", "secret,id=s,file=secret", "--image-opts", OPENED + ",discard=unmap"),
                commands);
    }

    /** Runs a verb on the image, with options of its own; the image's name is added where they do not have it. */
    private String qemuImg(String verb, String... options) throws Exception {
        List<String> command =
                new ArrayList<>(List.of("qemu-img", verb, "--object", "secret,id=s,file=secret", "--image-opts"));
        command.addAll(List.of(options));
        if (!command.contains(OPENED)) {
            command.add(OPENED);
        }
        return Qemu.ok(directory, command.toArray(new String[0]));
    }

    private static DataTransform unlock(RecordingStore store) throws Exception {
        return Qcow2Encryption.unlock(store, HeaderReader.read(store), PASSPHRASE);
    }

    /** What the guest sees; with a snapshot, what it sees once that was applied. */
    private static byte[] content(byte[] file, DataTransform encryption, @Nullable String snapshot) throws Exception {
        RecordingStore store = new RecordingStore(file);
        Header header = HeaderReader.read(store);
        try (Qcow2Image disk = Qcow2Opener.open(store, header, null, null, 0, encryption, finding -> {})) {
            Snapshot found = snapshot == null ? null : disk.snapshots().findByName(snapshot);
            if (found != null) {
                // A bitmap would keep the snapshot from being applied.
                disk.bitmaps().removeAll();
                disk.snapshots().apply(found);
            }
            ByteBuffer all = ByteBuffer.allocate(DISK_BYTES);
            disk.read(0, all);
            return all.array();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cluster_size=4k|true",
                "cluster_size=64k|true",
                "cluster_size=512|false",
                "cluster_size=4k,compat=0.10|false",
                "cluster_size=16k,extended_l2=on|true",
                "cluster_size=4k,encrypt.cipher-mode=cbc,encrypt.ivgen-alg=essiv,encrypt.ivgen-hash-alg=sha256|true",
            })
    void keepsAllAtEachWriteAndIsReadByQemu(String options, boolean snapshot) throws Exception {
        make(options, snapshot);
        byte[] before = Files.readAllBytes(image);
        RecordingStore store = new RecordingStore(before);
        DataTransform encryption = unlock(store);
        byte[] now = content(before, encryption, null);
        byte[] then = content(before, encryption, "kept");
        InPlaceCompaction.run(store, encryption);
        Random random = new Random(options.length());
        for (int events = 0; events < store.eventCount(); events += 1 + store.eventCount() / MOST_CRASHES) {
            byte[] left = store.afterCrash(events, random);
            CheckResult check = Qcow2Check.run(new RecordingStore(left), Repair.NONE, finding -> {});
            assertThat(check.failure()).isNull();
            assertThat(check.corruptions() + check.checkErrors())
                    .as("corruptions after %d events", events)
                    .isZero();
            assertThat(Arrays.mismatch(content(left, encryption, null), now))
                    .as("crash after %d events", events)
                    .isEqualTo(-1);
        }
        byte[] after = store.content();
        assertThat(content(after, encryption, "kept")).isEqualTo(then);
        assertThat(after.length).isLessThan(before.length - (60 << 10));
        Files.write(image, after);
        qemuImg("check");
        qemuImg("convert", "-O", "raw", OPENED, "judge.raw");
        assertThat(Arrays.mismatch(Files.readAllBytes(directory.resolve("judge.raw")), now))
                .isEqualTo(-1);
        if (snapshot) {
            assertThat(qemuImg("info")).contains("name: bits");
        }
    }

    /** Nobody can encrypt anew without the key, and what stays where it is stays readable. */
    @Test
    void withoutTheKeyDataStaysWhereItIs() throws Exception {
        make("cluster_size=64k", true);
        byte[] before = Files.readAllBytes(image);
        RecordingStore store = new RecordingStore(before);
        DataTransform encryption = unlock(store);
        byte[] now = content(before, encryption, null);
        InPlaceCompaction.run(store, null);
        assertThat(content(store.content(), encryption, null)).isEqualTo(now);
        Files.write(image, store.content());
        qemuImg("check");
    }
}
