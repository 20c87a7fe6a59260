// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.cli.Golden;
import io.jvirt.cli.JvirtRun;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code snapshot create}, {@code list}, {@code info}, {@code revert} and {@code delete} on libvirt's test driver. */
class SnapshotCommandsTest {
    private TestDriver libvirt;

    @BeforeEach
    void open() {
        libvirt = new TestDriver();
        libvirt.define("web");
    }

    @AfterEach
    void close() {
        libvirt.close();
    }

    private static String masked(String text) {
        return text.replaceAll("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ", "TIME");
    }

    private static void assertFails(JvirtRun run, int exit, String message, String hint) {
        assertThat(run).isEqualTo(new JvirtRun(exit, "", "jvirt: " + message + "\nhint: " + hint + "\n"));
    }

    @Test
    void makesATreeAndGoesBack() throws IOException {
        assertThat(libvirt.run("snapshot", "create", "web", "first").out())
                .isEqualTo("Snapshot 'first' is taken, internal\n");
        assertThat(libvirt.run("snapshot", "create", "web", "second", "--description", "later")
                        .exit())
                .isZero();
        assertThat(masked(libvirt.run("snapshot", "list", "web").out())).isEqualTo("""
                        NAME      CREATED               STATE    KIND      CURRENT
                        first     TIME  shutoff  internal  -
                        └ second  TIME  shutoff  internal  yes
                        """);
        Golden.check(
                "snapshot-list.json",
                masked(libvirt.run("snapshot", "list", "web", "-o", "json").out()));
        assertThat(libvirt.run("snapshot", "info", "web", "second").out())
                .contains("Parent:       first", "Description:  later", "second (current)");

        assertThat(libvirt.run("snapshot", "revert", "web", "first", "--dry-run")
                        .out())
                .isEqualTo("Domain 'web' would go back to 'first'; nothing is changed:\n  have libvirt do it\n");
        assertFails(
                libvirt.run("snapshot", "revert", "web", "first"),
                4,
                "not confirmed: Take domain 'web' back to snapshot 'first'? What it wrote since then is lost.",
                "add --yes where nobody can be asked");
        assertThat(libvirt.run("snapshot", "revert", "web", "first", "--yes", "--running", "--force")
                        .out())
                .isEqualTo("Domain 'web' is back at snapshot 'first'\n");

        assertThat(libvirt.run("snapshot", "delete", "web", "first", "--dry-run")
                        .out())
                .startsWith("Snapshot 'first' would be deleted");
        assertThat(libvirt.run("snapshot", "delete", "web", "first", "--children", "--yes")
                        .out())
                .isEqualTo("Snapshot 'first' of domain 'web' is deleted\n");
        assertThat(libvirt.run("snapshot", "list", "web", "-o", "name").out()).isEmpty();
    }

    @Test
    void namesWithoutANameAreTheTime() {
        assertThat(libvirt.run("snapshot", "create", "web").out())
                .matches("Snapshot '\\d{8}-\\d{6}' is taken, internal\n");
        // The test driver has no disks to go on in overlays.
        assertThat(libvirt.run("snapshot", "create", "web", "--external", "--disk-only", "x")
                        .err())
                .startsWith("jvirt: cannot take a snapshot of domain 'web': ");
    }

    @Test
    void saysWhatCannotBe() {
        assertFails(
                libvirt.run("snapshot", "info", "web", "none"),
                3,
                "domain 'web' has no snapshot 'none'",
                "jvirt snapshot list web");
        assertFails(
                libvirt.run("snapshot", "create", "web", "a/b"),
                2,
                "a snapshot cannot be named 'a/b'",
                "letters, digits and . _ - + : @ make a name; it starts with a letter or a digit");
        assertFails(
                libvirt.run("snapshot", "create", "web", "--quiesce"),
                2,
                "--quiesce is for a running domain's disks",
                "jvirt snapshot create web --disk-only --quiesce");
        libvirt.run("snapshot", "create", "web", "twice");
        assertFails(
                libvirt.run("snapshot", "create", "web", "twice"),
                1,
                "domain 'web' has a snapshot 'twice' already",
                "choose another name, or none for the time of day");
    }
}
