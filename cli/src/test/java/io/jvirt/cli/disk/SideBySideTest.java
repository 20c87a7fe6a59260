// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the command lines of {@code disk/*.txt} with jvirt and with the installed qemu-img, each in a directory of its
 * own, and compares standard output, standard error and exit code.
 *
 * <p>A line {@code == NAME} begins a scenario with two new directories. {@code T/} stands for the directory. A line that
 * begins with {@code !} is a shell command for both directories ({@code qemu-io …}); one that begins with {@code ?} is
 * judged by the real qemu-img on both sides, and its answers must be the same. Where qemu-img itself leaves a damaged
 * image, a line that begins with {@code &} is a shell command that must succeed on jvirt's side alone.
 * {@code -Djvirt.table=NAME} runs one table.
 */
@Tag("one-jdk")
class SideBySideTest {
    private static final int TRIES = 10;

    @TempDir
    Path temp;

    private final ExecutorService peers = Executors.newFixedThreadPool(2);

    private record Answer(int code, String out, String err) {
        String text() {
            return out + "\n--- standard error\n" + err + "\n--- exit code " + code;
        }
    }

    @TestFactory
    Stream<DynamicTest> texts() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (String table :
                List.of("create", "options", "info", "copy", "chain", "snapshots", "versions", "damage", "network")) {
            if (!table.equals(System.getProperty("jvirt.table", table))) {
                continue;
            }
            String name = "";
            List<String> lines = new ArrayList<>();
            for (String line : read(table + ".txt").split("\n", -1)) {
                if (line.startsWith("== ") || line.equals("== end")) {
                    add(tests, table + ": " + name, lines);
                    name = line.substring(3);
                    lines = new ArrayList<>();
                } else if (!line.isBlank() && !line.startsWith("#")) {
                    lines.add(line);
                }
            }
            add(tests, table + ": " + name, lines);
        }
        return tests.stream();
    }

    /** The peer goes ahead, as far as it comes: some of its repairs take a minute of waiting for the disk. */
    private void add(List<DynamicTest> tests, String name, List<String> lines) {
        if (!lines.isEmpty()) {
            Future<List<Answer>> peer = peers.submit(() -> peer(lines));
            tests.add(DynamicTest.dynamicTest(name, () -> scenario(lines, peer.get())));
        }
    }

    @AfterEach
    void stop() {
        peers.shutdownNow();
    }

    private static String read(String table) throws IOException {
        try (var text = SideBySideTest.class.getResourceAsStream("/disk/" + table)) {
            return new String(text.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** What the peer answers to each line; nothing to a line that is not for it. */
    private List<Answer> peer(List<String> lines) throws Exception {
        Path directory = Files.createTempDirectory(temp, "p");
        List<Answer> answers = new ArrayList<>();
        for (String line : lines) {
            switch (line.charAt(0)) {
                case '&' -> answers.add(new Answer(0, "", ""));
                case '!' -> answers.add(succeeded(line, directory));
                case '?' -> answers.add(shell("qemu-img " + line.substring(1), directory));
                default -> answers.add(shell("qemu-img " + line, directory));
            }
        }
        return answers;
    }

    private void scenario(List<String> lines, List<Answer> peer) throws Exception {
        Path directory = Files.createTempDirectory(temp, "j");
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            Answer found = switch (line.charAt(0)) {
                case '&' -> {
                    succeeded(line, directory);
                    yield peer.get(i);
                }
                case '!' -> shell(line.substring(1), directory);
                case '?' -> shell("qemu-img " + line.substring(1), directory);
                default -> jvirt(words(line.replace("T/", directory + "/")), directory);
            };
            assertThat(found.text()).as(line).isEqualTo(peer.get(i).text());
        }
    }

    private static Answer succeeded(String line, Path directory) throws Exception {
        Answer answer = shell(line.substring(1), directory);
        assertThat(answer.code()).as(line + "\n" + answer.text()).isZero();
        return answer;
    }

    private static Answer jvirt(List<String> args, Path directory) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = DiskMain.run(
                "qemu-img", args.toArray(new String[0]), new PrintStream(out, true), new PrintStream(err, true));
        return new Answer(code, normal(out, directory), normal(err, directory));
    }

    /** Now and then QEMU 7.2 fails to measure its own speed, which an encrypted volume is made by, and tries again. */
    private static Answer shell(String line, Path directory) throws IOException, InterruptedException {
        Answer answer = once(line, directory);
        for (int i = 0; i < TRIES && answer.err().contains("Unable to get accurate CPU usage"); i++) {
            answer = once(line, directory);
        }
        return answer;
    }

    private static Answer once(String line, Path directory) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("sh", "-c", line.replace("T/", directory + "/"))
                .redirectOutput(directory.resolve(".out").toFile())
                .redirectError(directory.resolve(".err").toFile())
                .start();
        int code = process.waitFor();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        out.write(Files.readAllBytes(directory.resolve(".out")));
        err.write(Files.readAllBytes(directory.resolve(".err")));
        return new Answer(code, normal(out, directory), normal(err, directory));
    }

    /** What depends on the place, the file system or the time is made equal. */
    private static String normal(ByteArrayOutputStream text, Path directory) {
        return text.toString(StandardCharsets.UTF_8)
                .replace(directory + "/", "T/")
                .replaceAll("disk size: .*", "disk size: N")
                .replaceAll("\"actual-size\": \\d+", "\"actual-size\": 0")
                .replaceAll("Image end offset: \\d+", "Image end offset: N")
                .replaceAll("\"image-end-offset\": \\d+", "\"image-end-offset\": 0")
                .replaceAll("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d", "DATE")
                .replaceAll("\"date-(n?sec)\": \\d+", "\"date-$1\": 0")
                .replaceAll("in [0-9.]+ seconds", "in N seconds");
    }

    /** Splits at blanks outside of single quotes. */
    private static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean quoted = false;
        boolean any = false;
        for (char c : line.toCharArray()) {
            if (c == '\'') {
                quoted = !quoted;
                any = true;
            } else if (c == ' ' && !quoted) {
                if (any) {
                    words.add(word.toString());
                }
                word.setLength(0);
                any = false;
            } else {
                word.append(c);
                any = true;
            }
        }
        if (any) {
            words.add(word.toString());
        }
        return words;
    }
}
