// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With which options the launcher starts Java: here a script that prints them. */
class LauncherTest {
    private static final String QUICK = "-XX:TieredStopAtLevel=1";
    private static final String ALL = "-Dall.tiers";

    @TempDir
    private Path root;

    private List<String> environment = List.of();

    @BeforeEach
    void checkout() throws IOException {
        Path app = Files.createDirectories(root.resolve("cli/target/app"));
        Files.createDirectories(root.resolve("cli/src/main"));
        Files.writeString(root.resolve("pom.xml"), "");
        Files.writeString(root.resolve("cli/pom.xml"), "");
        Files.writeString(app.resolve("host"), "");
        Files.writeString(app.resolve("release"), "JAVA_VERSION=\"17\"\n");
        Path java = Files.writeString(
                root.resolve("java"), "#!/bin/sh\nprintf '%s\\n' \"$@\" \"${JVIRT_DROP_IN-jvirt}\"\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();
        environment = List.of(
                "JVIRT_APP=" + app,
                "JAVA=" + java,
                "JAVA_RELEASE_FILE=" + app.resolve("release"),
                "JAVA_RELEASE='JAVA_VERSION=\"17\"'",
                "JVIRT_FLAGS=",
                "JVIRT_ALL_TIERS=" + ALL,
                "JVIRT_ARCHIVE=-Dhost.archive",
                "JVIRT_SHORT_ARCHIVE=-Dshort.archive",
                "JVIRT_DISK_ARCHIVE=-Ddisk.archive",
                "JVIRT_WORK_ARCHIVE=-Dwork.archive",
                "JVIRT_LIBRARIES=/usr/lib",
                "JVIRT_CLASS_PATH=classes");
        write(environment);
        Files.copy(Path.of("").toAbsolutePath().resolveSibling("jvirt"), root.resolve("jvirt"));
    }

    private void write(List<String> lines) throws IOException {
        Files.writeString(root.resolve("cli/target/app/env"), String.join("\n", lines) + "\n");
    }

    @Test
    void workOnDataHasAllCompilersWhateverStandsBeforeTheVerb() throws Exception {
        for (String line : List.of(
                "migrate web --to kvm2",
                "-q migrate web --to kvm2",
                "-c qemu:///system -o json migrate web",
                "--connect=qemu:///system --quiet recover",
                "disk copy a kvm2:/a",
                "wire")) {
            assertThat(options(line)).as(line).contains(ALL).doesNotContain(QUICK);
        }
    }

    @Test
    void whatDigestsHasTheQuickOneWhereTheSystemComputesDigests() throws Exception {
        List<String> more = new ArrayList<>(environment);
        more.add("JVIRT_DIGEST_TIERS=" + QUICK);
        write(more);
        for (String line : List.of("-q migrate web --to kvm2", "disk copy a kvm2:/a", "disk digest a", "wire")) {
            assertThat(options(line)).as(line).contains(QUICK).doesNotContain(ALL);
        }
        assertThat(options("create web")).contains(ALL).doesNotContain(QUICK);
    }

    @Test
    void shortCommandsHaveTheQuickOne() throws Exception {
        for (String line :
                List.of("list", "-q list", "-o json list", "--output json info migrate", "disk info a", "--help")) {
            assertThat(options(line)).as(line).contains(QUICK).doesNotContain(ALL);
        }
    }

    @Test
    void eachSortOfWorkStartsFromItsArchive() throws Exception {
        for (String line : List.of("disk info a", "disk", "disk --help", "--help", "-V")) {
            assertThat(options(line)).as(line).contains("-Dshort.archive");
        }
        for (String line : List.of("disk convert a b", "-q disk check a", "wire")) {
            assertThat(options(line)).as(line).contains("-Ddisk.archive");
        }
        assertThat(options("-q list")).contains("-Dhost.archive");
        assertThat(options("-q clone a b")).contains("-Dwork.archive");
    }

    /** What starts it from there must not make it the disk tool. */
    @Test
    void aLinkWithTheDiskToolsNameIsThatAndAnotherIsNot() throws Exception {
        for (String name : List.of("qemu-img", "jv")) {
            Files.createSymbolicLink(root.resolve(name), root.resolve("jvirt"));
        }
        assertThat(options("qemu-img", "info a")).contains("-Dshort.archive", QUICK, "qemu-img");
        assertThat(options("jv", "-q list")).contains("-Dhost.archive", "jvirt");
        assertThat(options("jvirt", "disk info a")).contains("-Dshort.archive", "jvirt");
    }

    private List<String> options(String line) throws Exception {
        return options("jvirt", line);
    }

    private List<String> options(String name, String line) throws Exception {
        List<String> command = new ArrayList<>(List.of(root.resolve(name).toString()));
        command.addAll(List.of(line.split(" ")));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().remove("JVIRT_JDK");
        builder.environment().put("JVIRT_DROP_IN", "inherited");
        Process process = builder.start();
        process.getOutputStream().close();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(printed).isZero();
        return printed.lines().toList();
    }
}
