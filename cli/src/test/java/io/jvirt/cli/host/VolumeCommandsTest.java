// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.cli.JvirtRun;
import io.jvirt.cli.vm.TestDriver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The volume commands on libvirt's test driver; what it does not do (resize, streams) is refused before it is asked. */
class VolumeCommandsTest {
    private static final String POOL = "default-pool";

    private final TestDriver libvirt = new TestDriver();

    @AfterEach
    void close() {
        libvirt.close();
    }

    private JvirtRun create(String name, String... more) {
        String[] words = new String[5 + more.length];
        System.arraycopy(new String[] {"volume", "create", POOL, name, "1G"}, 0, words, 0, 5);
        System.arraycopy(more, 0, words, 5, more.length);
        return libvirt.run(words);
    }

    @Test
    void createsListsShowsAndDeletes() {
        assertThat(create("a.qcow2").out()).isEqualTo("Volume 'a.qcow2' of 1 GiB is made: /default-pool/a.qcow2\n");
        assertThat(create("b.raw", "--format", "raw", "--preallocation", "full").exit())
                .isZero();
        assertThat(libvirt.run("volume", "list", POOL).out())
                .startsWith("NAME ")
                .contains("a.qcow2  ", "/default-pool/b.raw");
        assertThat(libvirt.run("volume", "list", POOL, "-o", "json").out())
                .contains("\"schema\" : \"jvirt/volume-list\"", "\"capacityBytes\" : 1073741824");
        assertThat(libvirt.run("volume", "info", POOL, "a.qcow2").out())
                .startsWith("Name:       a.qcow2\nPath:       /default-pool/a.qcow2\n");
        assertThat(libvirt.run("volume", "info", POOL, "nosuch"))
                .isEqualTo(new JvirtRun(
                        3,
                        "",
                        "jvirt: there is no volume 'nosuch' in pool 'default-pool'\n"
                                + "hint: jvirt volume list default-pool shows them\n"));
        assertThat(libvirt.run("volume", "delete", POOL, "a.qcow2").err())
                .isEqualTo("jvirt: not confirmed: Delete /default-pool/a.qcow2?\n"
                        + "hint: add --yes where nobody can be asked\n");
        assertThat(libvirt.run("volume", "delete", POOL, "a.qcow2", "b.raw", "--yes")
                        .out())
                .isEqualTo("Volume 'a.qcow2' is deleted\nVolume 'b.raw' is deleted\n");
        assertThat(libvirt.run("volume", "delete", POOL, "b.raw", "-y").exit()).isEqualTo(3);
    }

    @Test
    void refusesWhatCannotBeMade() {
        assertThat(create("a.qcow2").exit()).isZero();
        assertThat(create("a.qcow2"))
                .isEqualTo(new JvirtRun(
                        1,
                        "",
                        "jvirt: volume 'a.qcow2' exists already in pool 'default-pool'\n"
                                + "hint: choose another name, or: jvirt volume delete default-pool a.qcow2\n"));
        assertThat(create("../a").err()).startsWith("jvirt: '../a' cannot be a volume's name\n");
        assertThat(create("b", "--format", "vmdk").err()).startsWith("jvirt: unknown format 'vmdk'\n");
        assertThat(create("b", "--preallocation", "some").err()).startsWith("jvirt: unknown preallocation 'some'\n");
        assertThat(create("b", "--preallocation", "metadata", "--format", "raw").err())
                .startsWith("jvirt: a raw volume has no metadata to set aside\n");
        assertThat(create("b", "--format", "raw", "--backing", "/default-pool/a.qcow2")
                        .err())
                .startsWith("jvirt: a raw volume cannot be based on another image\n");
        assertThat(create("b", "--backing", "/nowhere/base").err())
                .isEqualTo("jvirt: the format of /nowhere/base is not known: it is in no active pool\n"
                        + "hint: say it: --backing-format qcow2 or raw\n");
        assertThat(create("b", "--backing", "/nowhere/base", "--backing-format", "raw")
                        .exit())
                .isZero();
        assertThat(libvirt.run("volume", "create", POOL, "c", "200T", "--preallocation", "full")
                        .err())
                .startsWith("jvirt: volume 'c' needs 200 TiB, and pool 'default-pool' has ")
                .endsWith(" free\nhint: jvirt pool info default-pool shows what takes the space\n");
        assertThat(libvirt.run("volume", "create", POOL, "c", "10").err())
                .startsWith("jvirt: the volume's size '10' has no unit\n");
    }

    @Test
    void aVolumeInUseStays() {
        create("used.qcow2");
        create("base.qcow2");
        libvirt.host()
                .defineDomain(
                        "<domain type='test'><name>web</name><memory>65536</memory><os><type>hvm</type></os><devices>"
                                + "<disk type='file'><source file='/default-pool/used.qcow2'/><target dev='vda'/>"
                                + "<backingStore type='file'><format type='qcow2'/>"
                                + "<source file='/default-pool/base.qcow2'/></backingStore></disk></devices></domain>",
                        false)
                .close();
        assertThat(libvirt.run("volume", "delete", POOL, "used.qcow2", "--yes"))
                .isEqualTo(new JvirtRun(
                        4,
                        "",
                        "jvirt: volume 'used.qcow2' is used by domain 'web'\nhint: jvirt info web shows its disks;"
                                + " jvirt delete web deletes both\n"));
        create("free.qcow2");
        JvirtRun both = libvirt.run("volume", "delete", POOL, "free.qcow2", "used.qcow2");
        assertThat(both.err()).as("before it asks").startsWith("jvirt: volume 'used.qcow2' is used by domain 'web'\n");
        assertThat(libvirt.run("volume", "delete", POOL, "free.qcow2", "used.qcow2", "--yes")
                        .exit())
                .isEqualTo(4);
        assertThat(libvirt.run("volume", "list", POOL, "-o", "name").out()).contains("free.qcow2");
        JvirtRun base = libvirt.run("volume", "delete", POOL, "base.qcow2", "--yes");
        assertThat(base.exit()).isEqualTo(4);
        assertThat(base.err()).startsWith("jvirt: volume 'base.qcow2' is used by ");
        JvirtRun resized = libvirt.run("volume", "resize", POOL, "base.qcow2", "2G");
        assertThat(resized.err())
                .startsWith("jvirt: volume 'base.qcow2' is the base of ")
                .endsWith("\nhint: resize the image on top of it instead\n");
        assertThat(resized.exit()).isEqualTo(4);
        assertThat(libvirt.run("volume", "info", POOL, "used.qcow2").out()).contains("Used by:    domain 'web'\n");
    }

    @Test
    void shrinksOnlyWhereToldTo() {
        create("a.qcow2");
        assertThat(libvirt.run("volume", "resize", POOL, "a.qcow2", "512M"))
                .isEqualTo(new JvirtRun(
                        4,
                        "",
                        "jvirt: volume 'a.qcow2' has 1 GiB: a size of 512 MiB would cut off its end\n"
                                + "hint: shrink the file system in it first, then add --shrink\n"));
        assertThat(libvirt.run("volume", "resize", POOL, "a.qcow2", "512M", "--shrink")
                        .err())
                .startsWith("jvirt: not confirmed: Cut off the last 512 MiB of volume 'a.qcow2'?\n");
        // The test driver cannot resize: the question is behind us.
        assertThat(libvirt.run("volume", "resize", POOL, "a.qcow2", "512M", "--shrink", "--yes")
                        .err())
                .startsWith("jvirt: cannot resize volume 'a.qcow2'");
        assertThat(libvirt.run("volume", "resize", POOL, "a.qcow2", "+lots").exit())
                .isEqualTo(2);
    }

    @Test
    void refusesTransfersThatWouldLoseSomething(@TempDir Path directory) throws IOException {
        create("a.qcow2");
        Path file = Files.writeString(directory.resolve("f"), "x");
        assertThat(libvirt.run("volume", "upload", POOL, "a.qcow2", file.toString())
                        .exit())
                .isEqualTo(1);
        assertThat(libvirt.run(
                                "volume",
                                "upload",
                                POOL,
                                "b",
                                directory.resolve("none").toString())
                        .err())
                .startsWith("jvirt: there is no file " + directory.resolve("none") + " to upload\n");
        Path empty = Files.createFile(directory.resolve("empty"));
        assertThat(libvirt.run("volume", "upload", POOL, "b", empty.toString()).err())
                .startsWith("jvirt: " + empty + " is empty\n");
        assertThat(libvirt.run("volume", "download", POOL, "a.qcow2", file.toString()))
                .isEqualTo(new JvirtRun(
                        4, "", "jvirt: " + file + " exists already\nhint: choose another name, or add --overwrite\n"));
        assertThat(libvirt.run("volume", "download", POOL, "a.qcow2", "/no/such/x", "--force", "--overwrite")
                        .err())
                .startsWith("jvirt: there is no directory /no/such\n");
    }
}
