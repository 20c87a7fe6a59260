// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Snapshot;
import io.jvirt.domain.step.Steps;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.file.HostFile;
import io.jvirt.storage.file.LockRequest;
import io.jvirt.storage.qcow2.Qcow2Options;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * External snapshots of a domain that is off: what revert and delete do with the images. The test driver keeps the
 * snapshots, the images are made here as libvirt would have.
 */
class ExternalSnapshotTest {
    private static final long BYTES = 1 << 20;

    @TempDir
    Path state;

    @TempDir
    Path disks;

    private Host host;

    @BeforeEach
    void open() throws IOException {
        host = Host.open("test:///default");
        DiskImages.create(CreateRequest.qcow2(disks.resolve("vm.qcow2"), BYTES));
        write("vm.qcow2", 0, 'A');
        define("vm.qcow2");
    }

    @AfterEach
    void close() {
        host.close();
    }

    private String definition(String disk) {
        return "<domain type='test'><name>vm</name><uuid>11111111-2222-4333-8444-555555555555</uuid>"
                + "<memory>65536</memory><os><type>hvm</type></os><devices><disk type='file' device='disk'>"
                + "<driver name='qemu' type='qcow2'/><source file='" + disks.resolve(disk)
                + "'/><target dev='vda' bus='virtio'/></disk></devices></domain>";
    }

    private void define(String disk) {
        host.defineDomain(definition(disk), false).close();
    }

    /** As libvirt does it: an overlay, the domain goes on in it, and the definition of before is kept. */
    private void snapshot(String name, String image, String overlay, String parent) throws IOException {
        DiskImages.create(CreateRequest.qcow2(disks.resolve(overlay), BYTES)
                .withQcow2(
                        Qcow2Options.defaults().withBacking(disks.resolve(image).toString(), "qcow2")));
        try (Domain domain = host.findDomain("vm")) {
            Snapshot.redefineAsCurrent(
                    domain,
                    "<domainsnapshot><name>" + name + "</name><state>shutoff</state><creationTime>"
                            + (1000 + name.charAt(0)) + "</creationTime>"
                            + (parent == null ? "" : "<parent><name>" + parent + "</name></parent>")
                            + "<memory snapshot='no'/><disks><disk name='vda' snapshot='external' type='file'>"
                            + "<driver type='qcow2'/><source file='" + disks.resolve(overlay) + "'/></disk></disks>"
                            + definition(image) + "</domainsnapshot>",
                    false);
        }
        define(overlay);
    }

    private void write(String image, long offset, char value) throws IOException {
        try (DiskImage open =
                DiskImages.open(OpenRequest.of(disks.resolve(image)).writable())) {
            open.write(offset, ByteBuffer.wrap(String.valueOf(value).repeat(512).getBytes()));
            open.flush();
        }
    }

    private String read(String image) throws IOException {
        StringBuilder values = new StringBuilder();
        try (DiskImage open = DiskImages.open(OpenRequest.of(disks.resolve(image)))) {
            for (long offset = 0; offset < 3 << 16; offset += 1 << 16) {
                ByteBuffer one = ByteBuffer.allocate(1);
                open.read(offset, one);
                values.append(one.get(0) == 0 ? '.' : (char) one.get(0));
            }
        }
        return values.toString();
    }

    private String current() {
        try (Domain domain = host.findDomain("vm")) {
            Path path =
                    Path.of(DomainXml.parse(domain.inactiveXml()).disks().get(0).sourcePath());
            return path.getFileName().toString();
        }
    }

    private List<String> files() throws IOException {
        try (Stream<Path> found = Files.list(disks)) {
            return found.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }

    private SnapshotPlan delete(String name) throws Exception {
        SnapshotChange change = new SnapshotChange(host, Steps.journal(state));
        SnapshotPlan plan = change.planDelete("vm", name, false);
        change.delete(plan, false, new Cancellation(), (step, undoing) -> {});
        return plan;
    }

    private SnapshotPlan revert(String name) throws Exception {
        SnapshotChange change = new SnapshotChange(host, Steps.journal(state));
        SnapshotPlan plan = change.planRevert("vm", name);
        change.revert(plan, false, false, new Cancellation(), (step, undoing) -> {});
        return plan;
    }

    @Test
    void theOnlyOverlayIsCommitted() throws Exception {
        snapshot("one", "vm.qcow2", "vm.one.qcow2", null);
        write("vm.one.qcow2", 1 << 16, 'B');
        delete("one");
        assertThat(files()).containsExactly("vm.qcow2");
        assertThat(current()).isEqualTo("vm.qcow2");
        assertThat(read("vm.qcow2")).isEqualTo("AB.");
        try (Domain domain = host.findDomain("vm")) {
            assertThat(Snapshots.list(domain)).isEmpty();
        }
    }

    @Test
    void whatIsInsideTheImageSurvivesTheCommit() throws Exception {
        try (Domain domain = host.findDomain("vm")) {
            Snapshot.redefineAsCurrent(
                    domain,
                    "<domainsnapshot><name>in</name><state>shutoff</state><creationTime>1000</creationTime>"
                            + "<memory snapshot='no'/><disks><disk name='vda' snapshot='internal'/></disks>"
                            + definition("vm.qcow2") + "</domainsnapshot>",
                    false);
        }
        snapshot("one", "vm.qcow2", "vm.one.qcow2", "in");
        write("vm.one.qcow2", 1 << 16, 'B');
        assertThat(delete("one").notes()).isEmpty();
        assertThat(files()).containsExactly("vm.qcow2");
        assertThat(read("vm.qcow2")).isEqualTo("AB.");
    }

    @Test
    void oneInTheMiddleGoesIntoTheOverlayAboveIt() throws Exception {
        snapshot("one", "vm.qcow2", "vm.one.qcow2", null);
        write("vm.one.qcow2", 1 << 16, 'B');
        snapshot("two", "vm.one.qcow2", "vm.two.qcow2", "one");
        write("vm.two.qcow2", 2 << 16, 'C');
        delete("one");
        assertThat(files()).containsExactly("vm.one.qcow2", "vm.two.qcow2");
        assertThat(read("vm.one.qcow2")).isEqualTo("AB.");
        assertThat(read("vm.two.qcow2")).isEqualTo("ABC");
        delete("two");
        assertThat(files()).containsExactly("vm.one.qcow2");
        assertThat(read(current())).isEqualTo("ABC");
    }

    @Test
    void whatAnotherMachineNeedsStays() throws Exception {
        snapshot("one", "vm.qcow2", "vm.one.qcow2", null);
        DiskImages.create(CreateRequest.qcow2(disks.resolve("clone.qcow2"), BYTES)
                .withQcow2(Qcow2Options.defaults()
                        .withBacking(disks.resolve("vm.qcow2").toString(), "qcow2")));
        SnapshotPlan plan = delete("one");
        assertThat(plan.notes())
                .containsExactly(
                        disks.resolve("vm.qcow2") + " stays, as it is used by image " + disks.resolve("clone.qcow2"));
        assertThat(files()).containsExactly("clone.qcow2", "vm.one.qcow2", "vm.qcow2");
        assertThat(read("clone.qcow2")).isEqualTo("A..");
    }

    @Test
    void aRevertGoesOnInANewOverlayAndRemovesTheOldOne() throws Exception {
        snapshot("one", "vm.qcow2", "vm.one.qcow2", null);
        write("vm.one.qcow2", 1 << 16, 'B');
        revert("one");
        assertThat(files()).containsExactly("vm.after-one.qcow2", "vm.qcow2");
        assertThat(current()).isEqualTo("vm.after-one.qcow2");
        assertThat(read(current())).isEqualTo("A..");
        write("vm.after-one.qcow2", 2 << 16, 'D');
        delete("one");
        assertThat(files()).containsExactly("vm.qcow2");
        assertThat(read("vm.qcow2")).isEqualTo("A.D");
    }

    @Test
    void aRevertBehindALaterSnapshotKeepsWhatThatNeeds() throws Exception {
        snapshot("one", "vm.qcow2", "vm.one.qcow2", null);
        write("vm.one.qcow2", 1 << 16, 'B');
        snapshot("two", "vm.one.qcow2", "vm.two.qcow2", "one");
        revert("one");
        assertThat(files()).containsExactly("vm.after-one.qcow2", "vm.one.qcow2", "vm.qcow2");
        revert("two");
        assertThat(read(current())).isEqualTo("AB.");
        assertThat(files()).containsExactly("vm.one.after-two.qcow2", "vm.one.qcow2", "vm.qcow2");
        try (Domain domain = host.findDomain("vm")) {
            assertThat(Snapshots.list(domain)).extracting(DomainSnapshot::name).containsExactly("one", "two");
        }
    }

    @Test
    void aRunningDomainIsLeftToLibvirtOrRefused() throws Exception {
        snapshot("one", "vm.qcow2", "vm.one.qcow2", null);
        try (Domain domain = host.findDomain("vm")) {
            domain.start();
        }
        assertThatThrownBy(() -> revert("one"))
                .isInstanceOf(JvirtException.class)
                .hasMessage("domain 'vm' is running: to revert to an external snapshot it must be off");
        assertThat(new SnapshotChange(host, Steps.journal(state))
                        .planDelete("vm", "one", false)
                        .steps())
                .isEmpty();
        assertThatThrownBy(() -> new SnapshotChange(host, Steps.journal(state)).planDelete("vm", "one", true))
                .hasMessage("--children is for internal snapshots, and 'one' is external")
                .extracting(e -> ((JvirtException) e).hint())
                .isEqualTo("delete them one by one, the youngest first");
    }

    /** The inside of an image below an overlay is out of reach: going back in it would destroy what lies on it. */
    @Test
    void whatAnOverlayLiesOnIsNotChanged() throws Exception {
        try (Domain domain = host.findDomain("vm")) {
            Snapshot.redefineAsCurrent(
                    domain,
                    "<domainsnapshot><name>inside</name><state>shutoff</state><creationTime>1</creationTime>"
                            + "<disks><disk name='vda' snapshot='internal'/></disks>" + definition("vm.qcow2")
                            + "</domainsnapshot>",
                    false);
        }
        snapshot("later", "vm.qcow2", "vm.later.qcow2", "inside");
        assertThatThrownBy(() -> revert("inside")).isInstanceOfSatisfying(JvirtException.class, e -> {
            assertThat(e)
                    .hasMessage("since snapshot 'inside' disk 'vda' goes on in " + disks.resolve("vm.later.qcow2")
                            + ", which a change below it would destroy");
            assertThat(e.hint())
                    .isEqualTo("delete the external snapshots that were taken after it: jvirt snapshot list vm");
            assertThat(e.kind()).isEqualTo(JvirtException.Kind.REFUSED);
        });
        try (Domain domain = host.findDomain("vm")) {
            domain.start();
        }
        assertThatThrownBy(() -> delete("inside")).isInstanceOfSatisfying(JvirtException.class, e -> {
            assertThat(e)
                    .hasMessage("since snapshot 'inside' disk 'vda' goes on in " + disks.resolve("vm.later.qcow2")
                            + ", and what is inside the image below cannot be deleted while the domain runs");
            assertThat(e.hint()).isEqualTo("jvirt stop vm, then delete the snapshot");
            assertThat(e.kind()).isEqualTo(JvirtException.Kind.REFUSED);
        });
    }

    /** libvirt merges while it runs: what another machine lies on must not change. */
    @Test
    void whatAnotherMachineRunsOnIsNotMerged() throws Exception {
        snapshot("one", "vm.qcow2", "vm.one.qcow2", null);
        host.defineDomain(
                        definition("vm.qcow2")
                                .replace("<name>vm<", "<name>twin<")
                                .replace("11111111-2222", "11111111-3333"),
                        false)
                .close();
        try (Domain domain = host.findDomain("vm")) {
            domain.start();
        }
        assertThatThrownBy(() -> new SnapshotChange(host, Steps.journal(state)).planDelete("vm", "one", false))
                .isInstanceOfSatisfying(JvirtException.class, e -> {
                    assertThat(e)
                            .hasMessage("the image " + disks.resolve("vm.qcow2")
                                    + " of snapshot 'one' is also used by domain 'twin'");
                    assertThat(e.hint())
                            .isEqualTo("stop domain 'vm' first: the image then stays when the snapshot goes");
                    assertThat(e.kind()).isEqualTo(JvirtException.Kind.REFUSED);
                });
    }

    @Test
    void anImageThatIsGoneIsSaid() throws Exception {
        snapshot("one", "vm.qcow2", "vm.one.qcow2", null);
        Files.delete(disks.resolve("vm.qcow2"));
        assertThatThrownBy(() -> revert("one"))
                .hasMessage("the image of disk 'vda' in snapshot 'one' is gone: " + disks.resolve("vm.qcow2"));
        assertThatThrownBy(() -> delete("one"))
                .hasMessageContaining("is gone")
                .extracting(e -> ((JvirtException) e).hint())
                .isEqualTo("virsh snapshot-delete --metadata makes libvirt forget the snapshot");
    }

    /** On storage of several hosts, what is off here may run there. */
    @Test
    void whatIsOpenElsewhereIsLeftAlone() throws Exception {
        snapshot("one", "vm.qcow2", "vm.one.qcow2", null);
        Path disk = disks.resolve("vm.one.qcow2");
        SnapshotChange asked = new SnapshotChange(host, Steps.journal(state));
        SnapshotPlan back = asked.planRevert("vm", "one");
        SnapshotPlan away = asked.planDelete("vm", "one", false);
        try (HostFile user = HostFile.open(disk, false)) {
            user.lock(LockRequest.WRITE_FORMAT);
            Snapshots.Request two = new Snapshots.Request("two", null, true, true, false);
            for (ThrowingCallable change : List.<ThrowingCallable>of(
                    () -> Snapshots.create(host, "vm", two),
                    () -> revert("one"),
                    () -> delete("one"),
                    () -> asked.revert(back, false, false, new Cancellation(), (step, undoing) -> {}),
                    () -> asked.delete(away, false, new Cancellation(), (step, undoing) -> {}))) {
                assertThatThrownBy(change).isInstanceOfSatisfying(JvirtException.class, e -> {
                    assertThat(e)
                            .hasMessage("disk 'vda' of domain 'vm' (" + disk
                                    + ") is open in another program, or in a machine that runs on another host");
                    assertThat(e.hint()).isEqualTo("lsof " + disk + " shows a program of this host");
                    assertThat(e.kind()).isEqualTo(JvirtException.Kind.REFUSED);
                });
            }
        }
        assertThat(files()).containsExactly("vm.one.qcow2", "vm.qcow2");
        assertThat(current()).isEqualTo("vm.one.qcow2");
    }

    private String twoDisks(String one, String other) {
        String definition = definition(one);
        return definition.replace(
                "</devices>",
                definition
                                .substring(definition.indexOf("<disk"), definition.indexOf("</devices>"))
                                .replace(one, other)
                                .replace("vda' bus", "vdb' bus")
                        + "</devices>");
    }

    /** libvirt makes what it is told, and would have put both disks into the one overlay. */
    @Test
    void disksWhoseNamesDifferInTheirEndingGetAnOverlayEach() throws Exception {
        for (String disk : List.of("web.vda", "web.vdb")) {
            DiskImages.create(CreateRequest.qcow2(disks.resolve(disk), BYTES));
        }
        write("web.vda", 0, 'A');
        write("web.vdb", 0, 'B');
        String definition = twoDisks("web.vda", "web.vdb");
        host.defineDomain(definition, false).close();
        Path second = Files.createFile(disks.resolve("web.one-2.qcow2"));
        assertThatThrownBy(() -> Snapshots.create(host, "vm", new Snapshots.Request("one", null, true, true, false)))
                .hasMessage(second + " exists already and is not touched");
        try (Domain domain = host.findDomain("vm")) {
            Snapshot.redefineAsCurrent(
                    domain,
                    "<domainsnapshot><name>one</name><state>shutoff</state><creationTime>1000</creationTime>"
                            + "<memory snapshot='no'/><disks><disk name='vda' snapshot='external'><source file='"
                            + disks.resolve("web.one.qcow2") + "'/></disk><disk name='vdb' snapshot='external'>"
                            + "<source file='" + second + "'/></disk></disks>" + definition + "</domainsnapshot>",
                    false);
        }
        revert("one");
        assertThat(read("web.after-one.qcow2")).isEqualTo("A..");
        assertThat(read("web.after-one-2.qcow2")).isEqualTo("B..");
    }

    @Test
    void theMemoryOfAnotherSnapshotIsNotWrittenOver() throws Exception {
        Path memory = Files.writeString(disks.resolve("vm.one.memory"), "precious");
        try (Domain domain = host.findDomain("vm")) {
            domain.start();
        }
        assertThatThrownBy(() -> Snapshots.create(host, "vm", new Snapshots.Request("one", null, true, false, false)))
                .isInstanceOfSatisfying(JvirtException.class, e -> {
                    assertThat(e).hasMessage(memory + " exists already and is not touched");
                    assertThat(e.hint()).isEqualTo("choose another name for the snapshot");
                });
        assertThat(memory).hasContent("precious");
    }
}
