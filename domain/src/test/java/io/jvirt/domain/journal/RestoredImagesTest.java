// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.delete.Delete;
import io.jvirt.domain.delete.DeleteOptions;
import io.jvirt.domain.delete.Undelete;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainSnapshot;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.trash.Trash;
import io.jvirt.domain.trash.TrashedSnapshot;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.device.Disk;
import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.ImageReferences;
import io.jvirt.storage.OpenPolicy;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.qcow2.Qcow2Options;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A machine with an external snapshot and a data file goes as a whole, and comes back whole where its places are taken. */
@Tag("one-jdk")
class RestoredImagesTest {
    private static final Operation.Listener QUIET = (plan, undoing) -> {};
    private static final String UUID = "7b0c6e5e-0c1e-4c52-9a3e-0d2f5a8d1c55";
    private static final List<String> FILES =
            List.of("w.data", "w.qcow2", "w.s1.memory", "w.s1.qcow2", "w.split.qcow2");

    @TempDir
    Path folder;

    private Path state;
    private Path disks;
    private Host host;

    @BeforeEach
    void first() throws IOException {
        machine("first");
    }

    /** In a place, and on a host, of its own. */
    private void machine(String round) throws IOException {
        host = Host.open("test:///default");
        state = Files.createDirectories(folder.resolve(round).resolve("state"));
        disks = Files.createDirectories(folder.resolve(round).resolve("disks"));
        image("w.qcow2", Qcow2Options.defaults(), 0, 7);
        image("w.s1.qcow2", Qcow2Options.defaults().withBacking("w.qcow2", "qcow2"), 65536, 8);
        image("w.split.qcow2", withDataIn(disks.resolve("w.data")), 0, 9);
        Files.writeString(disks.resolve("w.s1.memory"), "memory");
        String before = xml("w.qcow2");
        try (Domain domain = host.defineDomain(xml("w.s1.qcow2"), false)) {
            DomainSnapshot.redefine(
                            domain,
                            "<domainsnapshot><name>s1</name><state>running</state><creationTime>1</creationTime>"
                                    + "<memory snapshot='external' file='" + disks.resolve("w.s1.memory") + "'/>"
                                    + "<disks><disk name='vda' snapshot='external'><source file='"
                                    + disks.resolve("w.s1.qcow2") + "'/></disk></disks>" + before + "</domainsnapshot>",
                            true)
                    .close();
        }
    }

    private static Qcow2Options withDataIn(Path file) {
        return new Qcow2Options(3, 65536, 16, false, false, false, null, null, file.toString(), false);
    }

    private void image(String name, Qcow2Options options, long offset, int content) throws IOException {
        Path path = disks.resolve(name);
        DiskImages.create(CreateRequest.qcow2(path, 1 << 20).withQcow2(options));
        try (DiskImage image = DiskImages.open(OpenRequest.of(path)
                .withFormat(ImageFormat.QCOW2)
                .withPolicy(OpenPolicy.everything())
                .writable())) {
            image.write(offset, ByteBuffer.wrap(new byte[] {(byte) content}));
            image.flush();
        }
    }

    private String xml(String top) {
        return "<domain type='test'><name>w</name><uuid>" + UUID + "</uuid><memory unit='MiB'>64</memory><os><type>hvm"
                + "</type></os><devices>" + disk(top, "vda") + disk("w.split.qcow2", "vdb") + "</devices></domain>";
    }

    private String disk(String name, String target) {
        return "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='" + disks.resolve(name)
                + "'/><target dev='" + target + "' bus='virtio'/></disk>";
    }

    @AfterEach
    void close() {
        host.close();
    }

    private void delete() throws Exception {
        Delete delete = new Delete(host, CrashingJournal.at(Integer.MAX_VALUE, state), new Trash(state));
        delete.perform(delete.plan("w", new DeleteOptions(false, false, false)), new Cancellation(), QUIET);
        assertThat(files()).isEmpty();
    }

    private boolean undeleteCrashes(int n) throws Exception {
        Undelete undelete = new Undelete(host, CrashingJournal.at(n, state), new Trash(state));
        try {
            undelete.perform(undelete.plan("w", null), new Cancellation(), QUIET);
            return false;
        } catch (CrashingJournal.Crash e) {
            return true;
        }
    }

    private List<String> files() throws IOException {
        try (Stream<Path> found = Files.list(disks)) {
            return found.filter(Files::isRegularFile)
                    .map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void itComesBackWhereItWas() throws Exception {
        delete();
        assertThat(undeleteCrashes(Integer.MAX_VALUE)).isFalse();
        assertThat(files()).isEqualTo(FILES);
        assertReadsAsBefore("w.s1.qcow2", "w.split.qcow2");
        assertThat(ImageReferences.read(disks.resolve("w.s1.qcow2")).backingFile())
                .isEqualTo(disks.resolve("w.qcow2"));
    }

    @Test
    void itsImagesNameTheFilesThatCameBackElsewhere() throws Exception {
        for (boolean resume : new boolean[] {true, false}) {
            int n = 0;
            for (boolean crashed = true; crashed; n += resume ? 3 : 1) {
                host.close();
                machine(resume + "-" + n);
                delete();
                for (String name : FILES) {
                    Files.writeString(disks.resolve(name), "another's");
                }
                crashed = undeleteCrashes(n);
                CrashingJournal.recover(state, host, resume);
                for (String name : FILES) {
                    assertThat(disks.resolve(name)).as("boundary %s", n).hasContent("another's");
                }
                if (!isDefined()) {
                    // It is in the trash as it was.
                    for (String name : FILES) {
                        Files.delete(disks.resolve(name));
                    }
                    assertThat(undeleteCrashes(Integer.MAX_VALUE)).isFalse();
                    assertThat(files()).isEqualTo(FILES);
                    assertReadsAsBefore("w.s1.qcow2", "w.split.qcow2");
                } else {
                    assertIsBackElsewhere();
                }
            }
            assertThat(n).isGreaterThan(20);
        }
    }

    private boolean isDefined() {
        try (Domain domain = host.domainWithUuid(UUID)) {
            return domain != null;
        }
    }

    private void assertIsBackElsewhere() throws IOException {
        assertReadsAsBefore("w-2.s1.qcow2", "w-2.split.qcow2");
        assertThat(ImageReferences.read(disks.resolve("w-2.s1.qcow2")).backingFile())
                .isEqualTo(disks.resolve("w-2.qcow2"));
        assertThat(ImageReferences.read(disks.resolve("w-2.split.qcow2")).dataFile())
                .isEqualTo(disks.resolve("w-2.data"));
        try (Domain domain = Objects.requireNonNull(host.domainWithUuid(UUID))) {
            assertThat(DomainXml.parse(domain.inactiveXml()).disks().stream().map(Disk::sourcePath))
                    .containsExactly(
                            disks.resolve("w-2.s1.qcow2").toString(),
                            disks.resolve("w-2.split.qcow2").toString());
            assertThat(TrashedSnapshot.allOf(domain))
                    .hasSize(1)
                    .allMatch(one -> one.xml().contains("file='" + disks.resolve("w-2.s1.memory") + "'")
                            && one.xml().contains("file='" + disks.resolve("w-2.qcow2") + "'"));
        }
        assertThat(disks.resolve("w-2.s1.memory")).hasContent("memory");
    }

    private void assertReadsAsBefore(String overlay, String split) throws IOException {
        assertThat(byteAt(overlay, 0)).isEqualTo(7);
        assertThat(byteAt(overlay, 65536)).isEqualTo(8);
        assertThat(byteAt(split, 0)).isEqualTo(9);
    }

    private int byteAt(String name, long offset) throws IOException {
        try (DiskImage image = DiskImages.open(OpenRequest.of(disks.resolve(name))
                .withFormat(ImageFormat.QCOW2)
                .withPolicy(OpenPolicy.everything()))) {
            ByteBuffer one = ByteBuffer.allocate(1);
            image.read(offset, one);
            return one.get(0);
        }
    }
}
