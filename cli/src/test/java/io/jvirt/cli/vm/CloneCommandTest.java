// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.cli.Golden;
import io.jvirt.cli.JvirtRun;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.device.Disk;
import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.qcow2.Qcow2Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code clone} on libvirt's test driver, with disks that are files of this machine. */
class CloneCommandTest {
    private TestDriver libvirt;

    @TempDir
    Path directory;

    @BeforeEach
    void open() throws IOException {
        libvirt = new TestDriver();
        DiskImages.create(CreateRequest.qcow2(directory.resolve("golden.qcow2"), 64L << 20));
        DiskImages.create(CreateRequest.raw(directory.resolve("data.raw"), 1 << 20));
        Files.writeString(directory.resolve("install.iso"), "medium");
        define(
                "golden",
                disk("vda", "qcow2", "golden.qcow2") + disk("vdb", "raw", "data.raw")
                        + "<disk type='file' device='cdrom'><source file='" + directory.resolve("install.iso")
                        + "'/><target dev='sda' bus='sata'/><readonly/></disk>");
    }

    @AfterEach
    void close() {
        libvirt.close();
    }

    private void define(String name, String devices) {
        libvirt.host()
                .defineDomain(
                        "<domain type='test'><name>" + name
                                + "</name><memory unit='MiB'>64</memory><os><type>hvm</type></os><devices>" + devices
                                + "<interface type='network'><mac address='52:54:00:aa:bb:01'/><source network='default'/>"
                                + "</interface></devices></domain>",
                        false)
                .close();
    }

    private String disk(String target, String format, String file) {
        return "<disk type='file' device='disk'><driver name='qemu' type='" + format + "'/><source file='"
                + directory.resolve(file) + "'/><target dev='" + target + "' bus='virtio'/></disk>";
    }

    private DomainXml definition(String name) {
        try (Domain domain = libvirt.host().findDomain(name)) {
            return DomainXml.parse(domain.inactiveXml());
        }
    }

    private static void assertFails(JvirtRun run, int exit, String message, String hint) {
        assertThat(run).isEqualTo(new JvirtRun(exit, "", "jvirt: " + message + "\nhint: " + hint + "\n"));
    }

    @Test
    void aFullCloneHasDisksOfItsOwnAndSharesMedia() {
        JvirtRun run = libvirt.run("clone", "golden", "web", "--mode", "full");
        assertThat(run).isEqualTo(new JvirtRun(0, """
                        Domain 'web' is a clone of 'golden'
                          disk  %1$s/web.qcow2  qcow2  64 MiB  full
                          disk  %1$s/web-2.raw  raw  1 MiB  full
                        Next:
                          jvirt start web
                        """.formatted(directory), ""));
        List<Disk> disks = definition("web").disks();
        assertThat(disks)
                .extracting(Disk::sourcePath)
                .containsExactlyInAnyOrder(
                        directory + "/web.qcow2", directory + "/web-2.raw", directory + "/install.iso");
        assertThat(directory.resolve("web.qcow2")).exists();
    }

    @Test
    void linkedClonesLieOnAProtectedBase() throws IOException {
        JvirtRun run = libvirt.run("clone", "golden", "web", "--mode", "linked", "--count", "2", "--start");
        assertThat(run.err())
                .isEqualTo("jvirt: domain 'golden' cannot be started while clones lie on " + directory
                        + "/golden.qcow2, " + directory + "/data.raw\n");
        assertThat(run.exit()).isZero();
        assertThat(libvirt.isActive("web-01")).isTrue();
        var overlay = DiskImages.describe(OpenRequest.of(directory.resolve("web-02-2.qcow2")));
        assertThat(overlay.qcow2().header().backingFile()).isEqualTo(directory + "/data.raw");
        assertThat(overlay.qcow2().header().backingFormat()).isEqualTo("raw");

        assertFails(
                libvirt.run("start", "golden"),
                4,
                "domain 'golden' cannot be started: its disk " + directory
                        + "/golden.qcow2 is the base of 'web-01', 'web-02', which a change to it would destroy",
                "make another clone: jvirt clone golden NAME --mode linked");
        assertFails(
                libvirt.run("delete", "golden", "--yes"),
                4,
                "the disk " + directory + "/golden.qcow2 is also used by domain 'web-01' below " + directory
                        + "/web-01.qcow2",
                "delete that first, or leave the disks: --keep-disks");

        assertThat(libvirt.run("delete", "web-01", "web-02", "--yes", "--force").exit())
                .isZero();
        assertFails(
                libvirt.run("start", "golden"),
                4,
                "domain 'golden' cannot be started: clones in the trash still lie on its disk " + directory
                        + "/golden.qcow2",
                "jvirt purge CLONE removes one for good, jvirt undelete CLONE brings it back");
        assertThat(libvirt.run("purge", "web-01", "web-02", "--yes").exit()).isZero();
        assertThat(libvirt.run("start", "golden").exit()).isZero();
        assertThat(Files.getPosixFilePermissions(directory.resolve("golden.qcow2"))
                        .toString())
                .contains("OWNER_WRITE");
    }

    @Test
    void answersInJson() throws IOException {
        Golden.check(
                "clone.json",
                masked(libvirt.run("clone", "golden", "web", "--mode", "full", "-o", "json")
                        .out()));
        Golden.check(
                "clone-dry-run.json",
                masked(libvirt.run("clone", "golden", "dry", "--dry-run", "-o", "json")
                        .out()));
        assertThat(libvirt.run("clone", "golden", "dry", "--dry-run").out())
                .startsWith("Domain 'dry' would be a clone of 'golden'; nothing is changed\n  create disk ");
        JvirtRun xml = libvirt.run("clone", "golden", "dry", "--print-xml", "--mac-prefix", "source");
        assertThat(xml.out())
                .contains("<name>dry</name>", directory + "/dry.qcow2")
                .doesNotContain("aa:bb:01");
        assertThat(libvirt.host().domainNamed("dry")).isNull();
        assertThat(directory.resolve("dry.qcow2")).doesNotExist();
    }

    private String masked(String json) {
        return json.replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID")
                .replaceAll("52:54:00(:[0-9a-f]{2}){3}", "MAC")
                .replace(directory.toString(), "/DIR");
    }

    @Test
    void volumesAreClonedByLibvirt() {
        assertThat(libvirt.run("create", "vol", "--disk", "1G").exit()).isZero();
        JvirtRun run = libvirt.run("clone", "vol", "vol2");
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).contains("disk  /default-pool/vol2.qcow2  qcow2  1 GiB  full");
        assertThat(libvirt.run("clone", "vol", "vol3", "--pool", "default-pool").exit())
                .isZero();
        assertFails(
                libvirt.run("clone", "golden", "x", "--pool", "default-pool"),
                1,
                "the disk " + directory + "/golden.qcow2 is in no pool, and pool 'default-pool' takes only copies of"
                        + " volumes",
                "choose a directory pool with --pool, or --dir DIRECTORY");
        assertFails(
                libvirt.run("clone", "vol", "x", "--mode", "reflink"),
                1,
                "pool 'default-pool' cannot share blocks between disks",
                "--mode full, or a pool that is a directory on xfs or btrfs");
    }

    @Test
    void goesToAnotherDirectory() throws IOException {
        Path other = Files.createDirectory(directory.resolve("other"));
        assertThat(libvirt.run("clone", "golden", "web", "--dir", other.toString())
                        .exit())
                .isZero();
        assertThat(other.resolve("web.qcow2")).exists();
        assertFails(
                libvirt.run("clone", "golden", "x", "--dir", other.toString(), "--pool", "p"),
                2,
                "--pool and --dir do not go together",
                "leave one of them out");
    }

    @Test
    void refusesWhatItCannotCopy() throws IOException {
        assertFails(
                libvirt.run("clone", "test", "x"),
                4,
                "domain 'test' is running, and a copy of disks that change is worth nothing",
                "jvirt stop test, then clone it");
        assertFails(
                libvirt.run("clone", "nosuch", "x"),
                3,
                "no domain 'nosuch' on test:///default",
                "jvirt list shows the domains");
        assertFails(
                libvirt.run("clone", "golden", "test"),
                1,
                "the name 'test' is in use on test:///default",
                "choose another name, or look at it: jvirt info test");
        assertFails(
                libvirt.run("clone", "golden", "x", "--to", "kvm2", "--mode", "linked"),
                2,
                "a linked clone lies on a disk of this host and cannot be on another one",
                "--mode full");
        assertFails(
                libvirt.run("clone", "golden", "x", "--mode", "quick"),
                2,
                "--mode cannot be 'quick'",
                "it is full, linked, reflink or auto");
        assertFails(
                libvirt.run("clone", "golden", "x", "--count", "0"),
                2,
                "--count cannot be 0",
                "give a number from 1 to 1000");
        assertFails(
                libvirt.run("clone", "golden", "x", "--mac-prefix", "mine"),
                2,
                "--mac-prefix cannot be 'mine'",
                "it is libvirt or source");
        Files.writeString(directory.resolve("x-2.raw"), "precious");
        assertFails(
                libvirt.run("clone", "golden", "x", "--mode", "full"),
                4,
                directory + "/x-2.raw exists already and is not touched",
                "choose another name, or another place with --dir or --pool");
        assertThat(directory.resolve("x.qcow2")).doesNotExist();
    }

    @Test
    void refusesDisksThatItCannotRead() throws IOException {
        define(
                "net",
                "<disk type='network' device='disk'><source protocol='nbd' name='x'><host name='h'/></source>"
                        + "<target dev='vda' bus='virtio'/></disk>");
        assertFails(
                libvirt.run("clone", "net", "x"),
                1,
                "disk 'vda' of domain 'net' is on the network (nbd) and cannot be cloned",
                "clone it without that disk: detach it first, and attach it again afterwards");
        define("gone", disk("vda", "qcow2", "gone.qcow2"));
        assertThat(libvirt.run("clone", "gone", "x").err())
                .startsWith("jvirt: disk 'vda': " + directory + "/gone.qcow2 does not exist\n");
        define("vmdk", disk("vda", "vmdk", "golden.qcow2"));
        assertFails(
                libvirt.run("clone", "vmdk", "x"),
                1,
                "the disk " + directory + "/golden.qcow2 is of format vmdk, which cannot be cloned",
                "jvirt clones raw and qcow2 disks");
        Files.writeString(directory.resolve("bad.qcow2"), "no image");
        define("bad", disk("vda", "qcow2", "bad.qcow2"));
        assertThat(libvirt.run("clone", "bad", "x").err())
                .startsWith("jvirt: the disk " + directory + "/bad.qcow2 cannot be cloned: ");
    }

    @Test
    void aBaseThatAnotherMachineWritesToIsRefused() {
        define("twin", disk("vda", "qcow2", "golden.qcow2"));
        assertFails(
                libvirt.run("clone", "golden", "x", "--mode", "linked"),
                4,
                "the disk " + directory + "/golden.qcow2 is also used by domain 'twin', which can change it",
                "--mode full makes a clone that does not depend on it");
    }

    @Test
    void aReflinkNeedsOneFileOnAFileSystemThatCan() throws IOException {
        DiskImages.create(CreateRequest.qcow2(directory.resolve("top.qcow2"), 64L << 20)
                .withQcow2(Qcow2Options.defaults()
                        .withBacking(directory.resolve("golden.qcow2").toString(), "qcow2")));
        define("over", disk("vda", "qcow2", "top.qcow2"));
        assertFails(
                libvirt.run("clone", "over", "x", "--mode", "reflink"),
                1,
                "the disk " + directory + "/top.qcow2 is made of several files, and sharing blocks needs one",
                "--mode full or --mode linked");
        // Flattened: the clone names no other file.
        assertThat(libvirt.run("clone", "over", "flat", "--mode", "full").exit())
                .isZero();
        assertThat(DiskImages.describe(OpenRequest.of(directory.resolve("flat.qcow2")))
                        .qcow2()
                        .header()
                        .backingFile())
                .isNull();
    }
}
