// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The first run on a Fedora with systemd: its script on a stage of its own (mount namespace without this machine's
 * JDKs and daemons), with stand-ins that write down how dnf and systemctl are called. On Debian it is the lab that runs
 * it for real.
 */
class SetupTest {
    private static final Path LAUNCHER = Path.of("src", "main", "launcher");
    private static final List<String> TOOLS = List.of(
            "sh", "dirname", "mkdir", "uname", "find", "head", "sed", "sort", "readlink", "grep", "id", "cat", "tail");

    @TempDir
    Path stage;

    private Path calls;

    @BeforeEach
    void setTheStage() throws IOException {
        Path scripts = Files.createDirectories(stage.resolve("checkout/cli/src/main/launcher"));
        for (String name : List.of("setup.sh", "jdks.sh")) {
            Files.copy(LAUNCHER.resolve(name), scripts.resolve(name), StandardCopyOption.COPY_ATTRIBUTES);
        }
        Files.writeString(stage.resolve("checkout/pom.xml"), "<project/>");
        calls = stage.resolve("calls");
        script(scripts.resolve("build-app.sh"), "echo build >> " + calls, """
                mkdir -p %1$s/checkout/cli/target/app
                printf 'JAVA=%1$s/bin/java\\nJVIRT_FLAGS=\\nJVIRT_ARCHIVE=-archive\\nJVIRT_APP=%1$s/checkout/cli/target/app\\n' > %1$s/checkout/cli/target/app/env
                printf 'JVIRT_LIBRARIES=\\nJVIRT_CLASS_PATH=x\\nJAVA_RELEASE=25\\n' >> %1$s/checkout/cli/target/app/env
                """.formatted(stage));
        Path bin = Files.createDirectory(stage.resolve("bin"));
        for (String tool : TOOLS) {
            script(bin.resolve(tool), "exec /usr/bin/" + tool + " \"$@\"", "");
        }
        // Of the JDKs only 21 is to be had.
        script(bin.resolve("dnf"), "echo \"dnf $*\" >> " + calls, """
                case "$*" in *install*) exit ${DNF_EXIT-0} ;; *java-21*) exit 0 ;; *) exit 1 ;; esac
                """);
        // As on a Fedora of today: a daemon for each driver, no libvirtd.
        script(bin.resolve("systemctl"), "echo \"systemctl $*\" >> " + calls, "[ \"$1\" != cat ]\n");
        script(bin.resolve("java"), "for last; do :; done; echo \"jvirt $last\" >> " + calls, "");
    }

    @Test
    void installsFedorasPackagesBuildsAndEnablesTheDaemons() throws Exception {
        String said = setUp(0, "JVIRT_SETUP=yes");

        assertThat(said)
                .contains("'dnf install' would install:\n    JDK(newest-of-25,21,17)\n")
                .contains("    qemu-kvm\n", "    libvirt-daemon-kvm\n", "    dnsmasq\n", "    iptables-nft\n");
        assertThat(Files.readAllLines(calls))
                .containsSubsequence(
                        "dnf -q info java-25-openjdk-devel",
                        "dnf -q info java-21-openjdk-devel",
                        "dnf -y install unzip libvirt-daemon-kvm libvirt-daemon-config-network qemu-kvm dnsmasq"
                                + " iptables-nft java-21-openjdk-devel",
                        "build",
                        "systemctl cat libvirtd.service",
                        "systemctl -q enable --now virtlogd.socket",
                        "systemctl -q enable --now virtqemud.socket",
                        "systemctl -q enable --now virtnetworkd.socket",
                        "systemctl -q enable --now virtstoraged.socket",
                        "jvirt setup");
    }

    @Test
    void asksNobodyAndInstallsNothingWithoutATerminal() throws Exception {
        assertThat(setUp(4, "X=1"))
                .contains("jvirt: not installed: there is no terminal to ask on")
                .contains("hint: JVIRT_SETUP=yes ./jvirt … installs without asking");
        assertThat(calls).doesNotExist();
    }

    @Test
    void aRefusalInstallsNothing() throws Exception {
        assertThat(setUp(4, "JVIRT_SETUP=no")).contains("jvirt: not installed: JVIRT_SETUP=no");
        assertThat(calls).doesNotExist();
    }

    @Test
    void aFailedInstallationStopsBeforeTheBuild() throws Exception {
        assertThat(setUp(1, "JVIRT_SETUP=yes", "DNF_EXIT=1"))
                .contains("jvirt: dnf install failed; all of its output is in ");
        assertThat(Files.readAllLines(calls)).doesNotContain("build").noneMatch(call -> call.startsWith("systemctl"));
    }

    private String setUp(int exitCode, String... environment) throws Exception {
        Path empty = Files.createDirectories(stage.resolve("empty"));
        String play = "mount --bind " + empty + " /usr/sbin && { [ ! -d /usr/lib/jvm ] || mount --bind " + empty
                + " /usr/lib/jvm; }"
                + " && mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system"
                + " && exec env -i PATH=" + stage + "/bin " + String.join(" ", environment)
                + " /bin/sh " + stage + "/checkout/cli/src/main/launcher/setup.sh host";
        Process process = new ProcessBuilder("unshare", "-m", "sh", "-c", play)
                .redirectErrorStream(true)
                .redirectInput(new File("/dev/null"))
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isEqualTo(exitCode);
        return said;
    }

    private static void script(Path file, String first, String rest) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + first + "\n" + rest);
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }
}
