// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainSnapshot;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.UndefineOption;
import io.jvirt.storage.file.HostFile;
import io.jvirt.storage.file.LockRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Volumes that a domain has left and that only its snapshots need. */
class VolumeUsesTest {
    private static final String HINT =
            "jvirt snapshot delete leaver before deletes the snapshot, and what only it needs";

    @TempDir
    Path directory;

    private Host host;
    private Domain domain;
    private Path disk;

    @BeforeEach
    void open() throws IOException {
        host = Host.open("test:///default");
        disk = Files.write(directory.resolve("left.raw"), new byte[4096]);
        domain = host.defineDomain(xml(directory.resolve("now.raw")), false);
    }

    @AfterEach
    void close() {
        domain.undefine(Set.of(UndefineOption.SNAPSHOTS_METADATA));
        domain.close();
        host.close();
    }

    @Test
    void theDiskAndTheMemoryOfAnExternalOne() throws IOException {
        Path memory = Files.write(directory.resolve("left.memory"), new byte[4096]);
        snapshot("<memory snapshot='external' file='" + memory + "'/><disks><disk name='vda' snapshot='external'>"
                + "<source file='" + directory + "/gone'/></disk></disks>");
        String used = "is used by snapshot 'before' of domain 'leaver'";
        refused(() -> uses(memory).refuseDeletion(host), "volume 'left.memory' " + used, HINT);
        refused(() -> uses(disk).refuseDeletion(host), "volume 'left.raw' " + used, HINT);
        refused(
                () -> uses(disk).refuseResize(host),
                "volume 'left.raw' is what snapshot 'before' of domain 'leaver' keeps, and may not change",
                HINT);
    }

    @Test
    void theDiskOfAnInternalOneMayGrow() {
        snapshot("<disks><disk name='vda' snapshot='internal'/></disks>");
        refused(
                () -> uses(disk).refuseDeletion(host),
                "volume 'left.raw' is used by snapshot 'before' of domain 'leaver'",
                HINT);
        uses(disk).refuseResize(host);
        assertThat(uses(disk).texts()).containsExactly("snapshot 'before' of domain 'leaver'");
    }

    @Test
    void whatAnotherProgramHasOpen() throws IOException {
        try (HostFile user = HostFile.open(disk, true)) {
            user.lock(LockRequest.READ_RAW);
            refused(
                    () -> uses(disk).refuseDeletion(host),
                    "volume 'left.raw' is open in another program, or in a machine that runs on another host",
                    "lsof " + disk + " shows a program of this host");
            uses(disk).refuseReading(host);
            user.lock(LockRequest.WRITE_RAW);
            refused(
                    () -> uses(disk).refuseReading(host),
                    "another program, or a machine that runs on another host, writes to volume 'left.raw': a copy of it"
                            + " now would be torn",
                    "stop that first, or take it as it is: --force");
        }
        uses(disk).refuseDeletion(host);
        uses(disk).refuseReading(host);
    }

    private VolumeUses uses(Path file) {
        return VolumeUses.read(
                host,
                new VolumeSummary(
                        String.valueOf(file.getFileName()), file.toString(), "file", "raw", 4096, 4096, null));
    }

    private static void refused(ThrowingCallable call, String message, String hint) {
        assertThatExceptionOfType(JvirtException.class)
                .isThrownBy(call)
                .withMessage(message)
                .satisfies(e -> assertThat(e.hint()).isEqualTo(hint));
    }

    private void snapshot(String parts) {
        DomainSnapshot.redefine(
                        domain,
                        "<domainsnapshot><name>before</name><state>running</state><creationTime>1</creationTime>"
                                + parts + xml(disk) + "</domainsnapshot>",
                        true)
                .close();
    }

    private static String xml(Path disk) {
        return "<domain type='test'><name>leaver</name><uuid>7ae5f3d8-0000-4000-8000-000000000002</uuid>"
                + "<memory unit='MiB'>64</memory><os><type>hvm</type></os><devices><disk type='file' device='disk'>"
                + "<driver name='qemu' type='raw'/><source file='" + disk + "'/><target dev='vda' bus='virtio'/></disk>"
                + "</devices></domain>";
    }
}
