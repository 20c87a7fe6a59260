// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.delete.Delete;
import io.jvirt.domain.delete.DeleteOptions;
import io.jvirt.domain.delete.DeletePlan;
import io.jvirt.domain.delete.Purge;
import io.jvirt.domain.delete.TrashedMachine;
import io.jvirt.domain.delete.Undelete;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainSnapshot;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.trash.Trash;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.device.Disk;
import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.qcow2.Qcow2Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Into the trash and back, cut off before and after every record of the journal. */
@Tag("one-jdk")
class TrashCrashTest {
    private static final Operation.Listener QUIET = (plan, undoing) -> {};
    private static final String NAME = "trashed";
    private static final String UUID = "7b0c6e5e-0c1e-4c52-9a3e-0d2f5a8d1c11";
    private static final DeleteOptions INTO_TRASH = new DeleteOptions(false, false, false);
    private static final DeleteOptions FOR_GOOD = new DeleteOptions(false, false, true);

    @TempDir
    Path state;

    @TempDir
    Path disks;

    private Host host;

    @BeforeEach
    void open() {
        host = Host.open("test:///default");
    }

    @AfterEach
    void close() {
        host.close();
    }

    private Journal journal(int crashAt) {
        return CrashingJournal.at(crashAt, state);
    }

    private Trash trash() {
        return new Trash(state);
    }

    private void define(String name, String uuid, String... files) throws IOException {
        StringBuilder xml = new StringBuilder("<domain type='test'><name>" + name + "</name><uuid>" + uuid + "</uuid>"
                + "<memory unit='MiB'>64</memory><os><type>hvm</type></os><devices>");
        for (int i = 0; i < files.length; i++) {
            Path file = disks.resolve(files[i]);
            if (!Files.exists(file)) {
                Files.writeString(file, name + i);
            }
            xml.append("<disk type='file' device='disk'><source file='" + file + "'/><target dev='vd" + (char) ('a' + i)
                    + "' bus='virtio'/></disk>");
        }
        host.defineDomain(xml + "</devices></domain>", false).close();
    }

    private void machine() throws IOException {
        define(NAME, UUID, "trashed.raw", "trashed-2.raw");
        try (Domain domain = host.findDomain(NAME)) {
            domain.setAutostart(true);
            snapshot(domain, "first", null);
            snapshot(domain, "second", "first");
        }
    }

    private static void snapshot(Domain domain, String name, String parent) {
        DomainSnapshot.redefine(
                        domain,
                        "<domainsnapshot><name>" + name + "</name><state>shutoff</state><creationTime>1</creationTime>"
                                + (parent == null ? "" : "<parent><name>" + parent + "</name></parent>")
                                + domain.inactiveXml() + "</domainsnapshot>",
                        parent != null)
                .close();
    }

    private boolean deleteCrashes(int n) throws Exception {
        Delete delete = new Delete(host, journal(n), trash());
        try {
            delete.perform(delete.plan(NAME, INTO_TRASH), new Cancellation(), QUIET);
            return false;
        } catch (CrashingJournal.Crash e) {
            return true;
        }
    }

    private boolean undeleteCrashes(int n) throws Exception {
        Undelete undelete = new Undelete(host, journal(n), trash());
        try {
            undelete.perform(undelete.plan(NAME, null), new Cancellation(), QUIET);
            return false;
        } catch (CrashingJournal.Crash e) {
            return true;
        }
    }

    private boolean isDefined() {
        try (Domain domain = host.domainNamed(NAME)) {
            return domain != null;
        }
    }

    private List<String> files() throws IOException {
        try (Stream<Path> found = Files.walk(disks)) {
            return found.filter(Files::isRegularFile)
                    .map(f -> disks.relativize(f).toString())
                    .sorted()
                    .toList();
        }
    }

    private void assertWhole(int n) throws IOException {
        assertThat(files()).as("cut at %d", n).containsExactly("trashed-2.raw", "trashed.raw");
        assertThat(disks.resolve("trashed.raw")).hasContent(NAME + "0");
        assertThat(disks.resolve("trashed-2.raw")).hasContent(NAME + "1");
        assertThat(trash().list(host)).isEmpty();
        assertThat(disks.resolve(".jvirt-trash")).doesNotExist();
        try (Domain domain = host.findDomain(NAME)) {
            assertThat(domain.uuid()).isEqualTo(UUID);
            assertThat(domain.autostart()).as("cut at %d", n).isTrue();
            assertThat(domain.snapshotCount()).as("cut at %d", n).isEqualTo(2);
            for (DomainSnapshot snapshot : DomainSnapshot.list(domain)) {
                try (snapshot) {
                    assertThat(snapshot.isCurrent()).isEqualTo(snapshot.name().equals("second"));
                }
            }
        }
    }

    private void assertTrashed(int n) throws IOException {
        assertThat(isDefined()).as("cut at %d", n).isFalse();
        assertThat(trash().list(host)).as("cut at %d", n).hasSize(1);
        assertThat(files()).as("cut at %d", n).hasSize(3).allMatch(f -> f.startsWith(".jvirt-trash/"));
    }

    @Test
    void aDeletionThatIsCutOffIsUndoneOrFinished() throws Exception {
        for (boolean resume : new boolean[] {false, true}) {
            int n = 0;
            machine();
            while (true) {
                boolean crashed = deleteCrashes(n);
                CrashingJournal.recover(state, host, resume);
                if (isDefined()) {
                    assertWhole(n);
                } else {
                    assertTrashed(n);
                    assertThat(undeleteCrashes(Integer.MAX_VALUE)).isFalse();
                }
                if (!crashed) {
                    break;
                }
                n++;
            }
            assertThat(n).isGreaterThan(12);
            assertWhole(n);
        }
    }

    @Test
    void aReturnThatIsCutOffIsUndoneOrFinished() throws Exception {
        for (boolean resume : new boolean[] {false, true}) {
            int n = 0;
            machine();
            assertThat(deleteCrashes(Integer.MAX_VALUE)).isFalse();
            while (true) {
                boolean crashed = undeleteCrashes(n);
                CrashingJournal.recover(state, host, resume);
                if (isDefined()) {
                    assertWhole(n);
                    assertThat(deleteCrashes(Integer.MAX_VALUE)).isFalse();
                }
                assertTrashed(n);
                if (!crashed) {
                    break;
                }
                n++;
            }
            assertThat(n).isGreaterThan(12);
            assertThat(undeleteCrashes(Integer.MAX_VALUE)).isFalse();
        }
    }

    @Test
    void takenNamesAreLeftAlone() throws Exception {
        machine();
        assertThat(deleteCrashes(Integer.MAX_VALUE)).isFalse();
        define(NAME, "7b0c6e5e-0c1e-4c52-9a3e-0d2f5a8d1c22", "trashed.raw");
        Undelete undelete = new Undelete(host, journal(Integer.MAX_VALUE), trash());
        assertThatThrownBy(() -> undelete.plan(NAME, NAME)).hasMessage("a domain 'trashed' exists already");
        Undelete.Plan plan = undelete.plan(NAME, null);
        assertThat(plan.notes())
                .containsExactly(
                        "a domain 'trashed' exists already: it comes back as 'trashed-2'",
                        disks.resolve("trashed.raw") + " exists already: the disk comes back as "
                                + disks.resolve("trashed-2.raw"),
                        disks.resolve("trashed-2.raw") + " exists already: the disk comes back as "
                                + disks.resolve("trashed-2-2.raw"));
        undelete.perform(plan, new Cancellation(), QUIET);
        try (Domain domain = host.findDomain("trashed-2")) {
            assertThat(DomainXml.parse(domain.inactiveXml()).disks().stream().map(Disk::sourcePath))
                    .containsExactly(
                            disks.resolve("trashed-2.raw").toString(),
                            disks.resolve("trashed-2-2.raw").toString());
            assertThat(domain.snapshotCount()).isEqualTo(2);
        }
        assertThat(disks.resolve("trashed-2.raw")).hasContent(NAME + "0");
        assertThat(disks.resolve("trashed-2-2.raw")).hasContent(NAME + "1");
    }

    @Test
    void aBaseGoesAfterItsOverlayAndComesBackBeforeIt() throws Exception {
        Path base = disks.resolve("base.qcow2");
        Path overlay = disks.resolve("overlay.qcow2");
        DiskImages.create(CreateRequest.qcow2(base, 1 << 20));
        DiskImages.create(CreateRequest.qcow2(overlay, 1 << 20)
                .withQcow2(Qcow2Options.defaults().withBacking("base.qcow2", "qcow2")));
        define("base", "7b0c6e5e-0c1e-4c52-9a3e-0d2f5a8d1c33", "base.qcow2");
        define("overlay", "7b0c6e5e-0c1e-4c52-9a3e-0d2f5a8d1c44", "overlay.qcow2");
        Delete delete = new Delete(host, journal(Integer.MAX_VALUE), trash());
        assertThatThrownBy(() -> delete.plan("base", INTO_TRASH))
                .hasMessageContaining("the disk " + base + " is also used by ");
        DeletePlan first = delete.plan("overlay", INTO_TRASH);
        DeletePlan leaving = delete.plan("overlay", new DeleteOptions(false, true, false));
        assertThatThrownBy(() -> delete.plan("base", INTO_TRASH, List.of(leaving)))
                .hasMessage("the disk " + base + " is also used by image " + overlay);
        DeletePlan plan = delete.plan("base", INTO_TRASH, List.of(first));
        delete.perform(first, new Cancellation(), QUIET);
        assertThatThrownBy(() -> delete.plan("base", FOR_GOOD))
                .hasMessageContaining("the disk " + base + " is needed by a machine in the trash: ");
        delete.perform(plan, new Cancellation(), QUIET);
        Undelete undelete = new Undelete(host, journal(Integer.MAX_VALUE), trash());
        assertThatThrownBy(() -> undelete.plan("overlay", null))
                .hasMessageContaining("is based on " + base + ", which does not exist");
        undelete.perform(undelete.plan("base", null), new Cancellation(), QUIET);
        undelete.perform(undelete.plan("overlay", null), new Cancellation(), QUIET);
        assertThat(files()).containsExactly("base.qcow2", "overlay.qcow2");
    }

    @Test
    void purgingByNameAgeAndSize() throws Exception {
        Purge purge = new Purge(host, journal(Integer.MAX_VALUE), trash());
        machine();
        deleteCrashes(Integer.MAX_VALUE);
        machine();
        deleteCrashes(Integer.MAX_VALUE);
        List<TrashedMachine> both = purge.list();
        assertThat(both).hasSize(2).allMatch(m -> m.allocatedBytes() > 0 && m.snapshots() == 2);
        assertThatThrownBy(() -> trash().find(host, NAME))
                .hasMessageStartingWith("'trashed' was deleted 2 times: ")
                .isInstanceOfSatisfying(
                        JvirtException.class, e -> assertThat(e.kind()).isEqualTo(JvirtException.Kind.USAGE));
        assertThatThrownBy(() -> purge.choose(List.of("nobody"), false, null, -1))
                .hasMessage("no deleted domain 'nobody' in the trash of test:///default");
        assertThat(purge.choose(List.of(both.get(1).id()), false, null, -1)).containsExactly(both.get(1));
        assertThat(purge.choose(List.of(), false, Duration.ofDays(7), -1)).isEmpty();
        assertThat(purge.choose(List.of(), false, Duration.ofDays(-1), -1)).hasSize(2);
        assertThat(purge.choose(List.of(), false, null, 1 << 30)).isEmpty();
        assertThat(purge.choose(List.of(), false, null, both.get(1).allocatedBytes()))
                .containsExactly(both.get(0));
        for (TrashedMachine machine : purge.choose(List.of(), true, null, -1)) {
            purge.perform(machine, new Cancellation(), QUIET);
        }
        assertThat(files()).isEmpty();
        assertThat(disks).isEmptyDirectory();
        assertThat(state.resolve("trash")).isEmptyDirectory();
    }
}
