// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.reference;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainSnapshot;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.qcow2.Qcow2Options;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReferenceGraphTest {
    private static final long SIZE_BYTES = 1 << 20;

    @TempDir
    Path directory;

    private Host host;

    @BeforeEach
    void open() {
        host = Host.open("test:///default");
        host.findDomain("test").close();
        pool("images", directory);
    }

    @AfterEach
    void close() {
        host.close();
    }

    @Test
    void aDomainUsesItsDiskAndWhatIsBelowIt() throws IOException {
        Path base = image("base.qcow2", null);
        Path middle = image("middle.qcow2", "base.qcow2");
        Path top = image("top.qcow2", middle.toString());
        define("web", "qcow2", top);
        ReferenceGraph graph = ReferenceGraph.read(host);
        assertThat(graph.uses(top.toString())).containsExactly(new Use("web", null));
        assertThat(graph.domainsUsing(base.toString())).containsExactly("web");
        assertThat(graph.uses(base.toString()))
                .containsExactlyInAnyOrder(new Use("web", middle.toString()), new Use(null, middle.toString()));
        assertThat(graph.chain(top.toString())).containsExactly(middle.toString(), base.toString());
        assertThat(graph.uses(base.toString()).get(0)).hasToString("domain 'web' below " + middle);
        assertThat(graph.imagesOfPools().get("images"))
                .containsExactlyInAnyOrder(base.toString(), middle.toString(), top.toString());
        assertThat(graph.domainFiles())
                .contains(
                        new DomainFile("web", uuid("web"), DomainFile.Kind.DISK, "vda", top.toString(), "qcow2", true));
    }

    @Test
    void anOverlayThatNobodyDefinesIsAUse() throws IOException {
        Path base = image("base.qcow2", null);
        Path orphan = image("orphan.qcow2", "base.qcow2");
        assertThat(ReferenceGraph.read(host).uses(base.toString())).containsExactly(new Use(null, orphan.toString()));
    }

    @Test
    void otherNamesOfAFileAreThatFile() throws IOException {
        Path base = image("base.qcow2", null);
        Path symbolic = Files.createSymbolicLink(directory.resolve("symbolic"), base);
        Path hard = Files.createLink(directory.resolve("hard"), base);
        define("web", "qcow2", symbolic);
        ReferenceGraph graph = ReferenceGraph.read(host);
        assertThat(graph.domainsUsing(base.toString())).containsExactly("web");
        assertThat(graph.domainsUsing(hard.toString())).containsExactly("web");
        assertThat(graph.isSameFile(hard.toString(), symbolic.toString())).isTrue();
    }

    @Test
    void aDomainThatDoesNotCount() throws IOException {
        Path disk = image("disk.qcow2", null);
        define("web", "qcow2", disk);
        define("db", "qcow2", disk);
        assertThat(ReferenceGraph.read(host, uuid("web"), List.of()).domainsUsing(disk.toString()))
                .containsExactly("db");
    }

    @Test
    void aRawDiskIsNotAskedWhatItIsBasedOn() throws IOException {
        Path secret = image("secret.qcow2", null);
        Path disk = Files.createDirectory(directory.resolve("outside")).resolve("disk.raw");
        DiskImages.create(CreateRequest.qcow2(disk, SIZE_BYTES)
                .withQcow2(Qcow2Options.defaults().withBacking(secret.toString(), "qcow2")));
        define("web", "raw", disk);
        assertThat(ReferenceGraph.read(host).uses(secret.toString())).isEmpty();
    }

    @Test
    void aLoopEnds() throws IOException {
        image("b.qcow2", null);
        Path a = image("a.qcow2", "b.qcow2");
        Files.delete(directory.resolve("b.qcow2"));
        Path b = image("b.qcow2", "a.qcow2");
        define("web", "qcow2", a);
        assertThat(ReferenceGraph.read(host).domainsUsing(b.toString())).containsExactly("web");
    }

    @Test
    void whatCannotBeReadIsSaid() throws IOException {
        Path damaged = image("damaged.qcow2", null);
        try (RandomAccessFile file = new RandomAccessFile(damaged.toFile(), "rw")) {
            file.seek(20);
            file.writeInt(99);
        }
        pool("away", Path.of("/nonexistent/pool"));
        assertThat(ReferenceGraph.read(host).blindSpots())
                .extracting(BlindSpot::place)
                .contains(damaged.toString());
    }

    @Test
    void aDeletedOverlayStillNeedsItsBase() throws IOException {
        Path base = image("base.qcow2", null);
        Path overlay = image("overlay.qcow2", "base.qcow2");
        Path trash = Files.createDirectories(directory.resolve(".jvirt-trash").resolve("1"))
                .resolve("0");
        Files.move(overlay, trash);
        ReferenceGraph graph = ReferenceGraph.read(host);
        assertThat(graph.uses(base.toString())).containsExactly(new Use(null, trash.toString()));
        assertThat(graph.imagesOfPools().get("images")).containsExactly(base.toString());
    }

    @Test
    void anExternalSnapshotNeedsWhatTheDomainHasLeft() throws IOException {
        Path base = image("base.qcow2", null);
        Path left = image("left.qcow2", "base.qcow2");
        Path memory = Files.createFile(directory.resolve("left.memory"));
        Path disk = image("disk.qcow2", null);
        define("web", "qcow2", disk);
        snapshot("web", "before", "external", left, memory);
        Use use = new Use("web", null, "before");

        ReferenceGraph graph = ReferenceGraph.read(host);
        assertThat(graph.uses(left.toString())).containsExactly(use);
        assertThat(graph.uses(memory.toString())).containsExactly(use);
        assertThat(graph.uses(base.toString()))
                .containsExactlyInAnyOrder(new Use("web", left.toString(), "before"), new Use(null, left.toString()));
        assertThat(use).hasToString("snapshot 'before' of domain 'web'");
        assertThat(graph.snapshotFiles())
                .containsExactlyInAnyOrder(
                        new SnapshotFile("web", "before", left.toString(), "qcow2", true),
                        new SnapshotFile("web", "before", memory.toString(), "raw", true));

        assertThat(ReferenceGraph.readWithoutSnapshots(host, uuid("web"), List.of())
                        .uses(memory.toString()))
                .isEmpty();
        assertThat(ReferenceGraph.read(host, uuid("web"), List.of()).uses(memory.toString()))
                .isEmpty();
    }

    @Test
    void anInternalSnapshotIsInsideADisk() throws IOException {
        Path disk = image("disk.qcow2", null);
        Path left = image("left.qcow2", null);
        define("web", "qcow2", disk);
        snapshot("web", "before", "internal", left, null);

        ReferenceGraph graph = ReferenceGraph.read(host);
        assertThat(graph.uses(left.toString())).as("it may be written to").isEmpty();
        assertThat(graph.snapshotsIn(left.toString())).containsExactly(new Use("web", null, "before"));
    }

    private void snapshot(String domain, String name, String kind, Path disk, Path memory) {
        try (Domain found = host.findDomain(domain)) {
            DomainSnapshot.redefine(
                            found,
                            "<domainsnapshot><name>" + name
                                    + "</name><state>running</state><creationTime>1</creationTime>"
                                    + (memory == null ? "" : "<memory snapshot='external' file='" + memory + "'/>")
                                    + "<disks><disk name='vda' snapshot='" + kind + "'>"
                                    + ("external".equals(kind) ? "<source file='" + disk + ".overlay'/>" : "")
                                    + "</disk></disks>" + xml(domain, "qcow2", disk) + "</domainsnapshot>",
                            true)
                    .close();
        }
    }

    private Path image(String name, String backing) throws IOException {
        Path file = directory.resolve(name);
        CreateRequest request = CreateRequest.qcow2(file, SIZE_BYTES);
        DiskImages.create(
                backing == null
                        ? request
                        : request.withQcow2(Qcow2Options.defaults().withBacking(backing, "qcow2")));
        return file;
    }

    private void pool(String name, Path target) {
        Pool.define(
                        host,
                        "<pool type='dir'><name>" + name + "</name><target><path>" + target + "</path></target></pool>")
                .close();
    }

    private void define(String name, String format, Path disk) {
        host.defineDomain(xml(name, format, disk), false).close();
    }

    private static String xml(String name, String format, Path disk) {
        return "<domain type='test'><name>" + name + "</name><uuid>" + uuid(name) + "</uuid>"
                + "<memory unit='MiB'>64</memory><os><type>hvm</type></os><devices>"
                + "<disk type='file' device='disk'><driver name='qemu' type='" + format
                + "'/><source file='" + disk + "'/><target dev='vda' bus='virtio'/></disk>"
                + "</devices></domain>";
    }

    private static String uuid(String name) {
        return UUID.nameUUIDFromBytes(name.getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .toString();
    }
}
