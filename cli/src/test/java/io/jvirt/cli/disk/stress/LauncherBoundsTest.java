// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process for each verb on each hostile file, started by the launcher {@code jvirt} with the flags that it gives. */
class LauncherBoundsTest {
    private static final List<String> IMAGES = List.of(
            "alternating",
            "bitmaps",
            "cross-linked-9",
            "far-and-wide",
            "large-refcounts",
            "refcounts",
            "tables-in-holes-16");

    private static final List<String> VERBS = List.of(
            "info IMAGE",
            "map --output json IMAGE",
            "check IMAGE",
            "check -r all IMAGE",
            "digest IMAGE",
            "compare IMAGE IMAGE",
            "convert -c -O qcow2 IMAGE OUT");

    /** Runs a command and prints its exit code, its most memory in KiB, its processor time in ms. */
    private static final String MEASURE = """
            import resource, subprocess, sys
            with open(sys.argv[1], "wb") as out:
                code = subprocess.call(sys.argv[2:], stdin=subprocess.DEVNULL, stdout=out, stderr=out)
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            print(code, used.ru_maxrss, int(1000 * (used.ru_utime + used.ru_stime)))
            """;

    /** Processor time is counted in starts of jvirt: seconds would measure the machine. Of 0.13 s, 2 s in all. */
    private static final int MAX_STARTS = 15;

    @TempDir
    Path directory;

    @Test
    void eachProcessStaysWithinTheBounds() throws Exception {
        Path crafted = Files.createDirectory(directory.resolve("crafted"));
        Crafted.make(crafted);
        String launcher = launcher(Files.createDirectory(directory.resolve("app")));
        long maxMillis = MAX_STARTS * startMillis(launcher, crafted.resolve("host-file.qcow2"));
        List<String> broken = new ArrayList<>();
        for (String image : IMAGES) {
            for (String verb : VERBS) {
                String words = verb.replace(
                                "IMAGE", crafted.resolve(image + ".qcow2").toString())
                        .replace("OUT", directory.resolve("out.img").toString());
                String answer = run(launcher, words, maxMillis);
                // Files from the disk and what else the machine does add to it: the least of some is the program's.
                for (int again = 0; again < 4 && answer.contains("ms"); again++) {
                    answer = run(launcher, words, maxMillis);
                }
                if (!answer.isEmpty()) {
                    broken.add("jvirt disk " + verb.replace("IMAGE", image) + ": " + answer);
                }
                Files.deleteIfExists(directory.resolve("out.img"));
            }
        }
        assertThat(broken).isEmpty();
    }

    /** What breaks a bound, or nothing. */
    private String run(String launcher, String words, long maxMillis) throws IOException, InterruptedException {
        Used used = measure(launcher, words);
        if (used.code < 0
                || used.code > 4
                || used.printed.contains("Exception")
                || used.printed.contains("Cannot allocate memory")) {
            return "exit code " + used.code + ": " + used.printed;
        }
        if (used.printed.length() > BoundedVerb.maxOutputBytes(List.of(words.split(" ")))) {
            return "printed " + used.printed.length() + " bytes";
        }
        if (used.residentKib > BoundedVerb.MAX_RESIDENT_KIB) {
            return "held " + used.residentKib + " KiB";
        }
        return used.millis <= maxMillis ? "" : "took " + used.millis + " ms of processor time, not " + maxMillis;
    }

    /** The processor time of a process that does next to nothing, on this machine and as busy as it is. */
    private long startMillis(String launcher, Path image) throws IOException, InterruptedException {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            least = Math.min(least, measure(launcher, "info " + image).millis);
        }
        return least;
    }

    private record Used(int code, long residentKib, long millis, String printed) {}

    private Used measure(String launcher, String words) throws IOException, InterruptedException {
        Path printed = directory.resolve("printed");
        List<String> command = new ArrayList<>(List.of(
                "prlimit", "--fsize=67108864:unlimited", "python3", "-c", MEASURE, printed.toString(), launcher));
        command.add("disk");
        command.addAll(List.of(words.split(" ")));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String measured = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        String[] numbers = measured.trim().split(" ");
        assertThat(numbers).as(measured).hasSize(3);
        return new Used(
                Integer.parseInt(numbers[0]),
                Long.parseLong(numbers[1]),
                Long.parseLong(numbers[2]),
                Files.readString(printed, StandardCharsets.ISO_8859_1));
    }

    /** The launcher in a checkout of its own, whose application is what this test runs on. */
    private static String launcher(Path root) throws IOException {
        Path checkout = Path.of("").toAbsolutePath().getParent();
        Path app = Files.createDirectories(root.resolve("cli/target/app"));
        Files.createDirectories(root.resolve("cli/src/main"));
        Files.writeString(root.resolve("pom.xml"), "");
        Files.writeString(root.resolve("cli/pom.xml"), "");
        String java = System.getProperty("java.home");
        List<String> environment = List.of(
                "JVIRT_APP=" + app,
                "JAVA=" + java + "/bin/java",
                "JAVA_RELEASE_FILE=" + java + "/release",
                "JAVA_RELEASE=" + javaVersion(java),
                "JVIRT_FLAGS='" + flags(checkout) + "'",
                "JVIRT_ARCHIVE=-Xshare:auto",
                "JVIRT_SHORT_ARCHIVE=-Xshare:auto",
                "JVIRT_DISK_ARCHIVE=-Xshare:auto",
                "JVIRT_LIBRARIES=/usr/lib",
                "JVIRT_CLASS_PATH='" + System.getProperty("java.class.path") + "'");
        Files.writeString(app.resolve("env"), String.join("\n", environment) + "\n");
        return Files.copy(checkout.resolve("jvirt"), root.resolve("jvirt")).toString();
    }

    private static String javaVersion(String java) throws IOException {
        return Files.readAllLines(Path.of(java, "release")).stream()
                .filter(line -> line.startsWith("JAVA_VERSION="))
                .map(line -> "'" + line + "'")
                .findFirst()
                .orElseThrow();
    }

    /** As the launcher's build has them. */
    private static String flags(Path checkout) throws IOException {
        String build = Files.readString(checkout.resolve("cli/src/main/launcher/build-app.sh"));
        Matcher lines = Pattern.compile("flags=\"(?:\\$flags )?([^\"$]*)\"").matcher(build);
        List<String> flags = new ArrayList<>();
        while (lines.find()) {
            flags.add(lines.group(1));
        }
        assertThat(flags).hasSizeGreaterThan(1);
        // This application has JNA's native part in its jar only.
        return String.join(" ", flags).replace("-Djna.nounpack=true", "");
    }
}
