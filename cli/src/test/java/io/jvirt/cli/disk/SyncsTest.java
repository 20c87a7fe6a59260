// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What reaches the disk when: the writes and syncs of an image file, as the kernel is asked for them. */
class SyncsTest {
    private static final Pattern CALL = Pattern.compile("(pwrite64|fdatasync|fsync)\\(\\d+<([^>]*)>");

    @TempDir
    Path directory;

    private Path image;

    @BeforeEach
    void name() {
        image = directory.resolve("image");
    }

    private void tool(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    /** The calls on the image, in their order: "write" and "sync". */
    private List<String> calls(String... verb) throws Exception {
        Path log = directory.resolve("calls");
        List<String> command = new ArrayList<>(List.of("strace", "-f", "-qq", "-y", "-o", log.toString()));
        command.addAll(List.of("-e", "trace=pwrite64,fdatasync,fsync", "-e", "signal=none"));
        command.addAll(List.of("java", "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
        command.addAll(List.of("io.jvirt.cli.Main", "disk"));
        command.addAll(List.of(verb));
        tool(command.toArray(new String[0]));
        return onImage(log);
    }

    private List<String> onImage(Path log) throws IOException {
        List<String> calls = new ArrayList<>();
        for (String line : Files.readAllLines(log)) {
            Matcher call = CALL.matcher(line);
            if (call.find() && call.group(2).equals(image.toString())) {
                calls.add(call.group(1).equals("pwrite64") ? "write" : "sync");
            }
        }
        return calls;
    }

    @ParameterizedTest
    @ValueSource(strings = {"writethrough", "directsync"})
    void eachWriteIsOnTheDiskBeforeTheNext(String mode) throws Exception {
        tool("qemu-img", "create", "-q", "-f", "raw", image.toString(), "1M");
        List<String> calls = calls("bench", "-f", "raw", "-w", "-c", "5", "-d", "1", "-t", mode, image.toString());
        assertThat(calls)
                .containsExactlyElementsOf(Collections.nCopies(5, List.of("write", "sync")).stream()
                        .flatMap(List::stream)
                        .toList());
    }

    @Test
    void otherwiseTheHostMayKeepThemForAWhile() throws Exception {
        tool("qemu-img", "create", "-q", "-f", "raw", image.toString(), "1M");
        List<String> calls =
                calls("bench", "-f", "raw", "-w", "-c", "6", "-d", "1", "--flush-interval", "3", image.toString());
        assertThat(calls).containsExactly("write", "write", "write", "sync", "write", "write", "write", "sync");
    }

    @Test
    void aSnapshotTakesTheSyncsThatItsOrderNeeds() throws Exception {
        tool("qemu-img", "create", "-q", "-f", "qcow2", image.toString(), "1G");
        tool("qemu-io", "-c", "write -q 0 1M", image.toString());
        tool("qemu-img", "snapshot", "-c", "before", image.toString());
        List<String> calls = calls("snapshot", "-c", "now", image.toString());
        // What others may have left unsynced; all that is new; and the header that names it.
        assertThat(calls).endsWith("write", "sync", "write", "sync");
        assertThat(Collections.frequency(calls, "sync")).isEqualTo(3);
    }
}
