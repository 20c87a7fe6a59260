// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.file.HostFile;
import io.jvirt.storage.file.LockRequest;
import io.jvirt.storage.qcow2.Qcow2Options;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A growth cannot be undone: what would stop it half way is found before. */
class DiskGrowthTest {
    private static final long SIZE_BYTES = 1 << 20;

    @TempDir
    Path directory;

    @Test
    void aDiskThatAnotherProgramHasOpen() throws IOException {
        Path base = directory.resolve("base.qcow2");
        Path disk = directory.resolve("disk.qcow2");
        DiskImages.create(CreateRequest.qcow2(base, SIZE_BYTES));
        DiskImages.create(CreateRequest.qcow2(disk, SIZE_BYTES)
                .withQcow2(Qcow2Options.defaults().withBacking(base.toString(), "qcow2")));
        refused(
                disk,
                disk,
                LockRequest.READ_FORMAT,
                "disk 'vda' (" + disk + ") is open in another program, or in a machine that runs on another host");
        refused(
                disk,
                base,
                LockRequest.WRITE_FORMAT,
                "the image " + base + " below disk 'vda' is written to by another program, or by a machine that runs on"
                        + " another host");
        assertThat(last(disk)).as("a base may be read").isEqualTo(1);
    }

    /** libvirt shrinks a running machine's disk when it is told to, and what was at its end is lost. */
    @Test
    void aSmallerSize() throws IOException {
        Path disk = directory.resolve("disk.qcow2");
        DiskImages.create(CreateRequest.qcow2(disk, 4 * SIZE_BYTES));
        assertThatExceptionOfType(JvirtException.class)
                .isThrownBy(() -> last(disk))
                .withMessage("disk 'vda' of 'web' has 4 MiB: 2 MiB would cut its end off")
                .satisfies(e -> assertThat(e.kind()).isEqualTo(JvirtException.Kind.REFUSED));
        DiskImages.create(CreateRequest.qcow2(directory.resolve("same.qcow2"), 2 * SIZE_BYTES));
        assertThat(last(directory.resolve("same.qcow2"))).as("as it is").isEqualTo(1);
    }

    private static void refused(Path disk, Path used, LockRequest use, String message) throws IOException {
        try (HostFile user = HostFile.open(used, false)) {
            user.lock(use);
            assertThatExceptionOfType(JvirtException.class)
                    .isThrownBy(() -> last(disk))
                    .withMessage(message)
                    .satisfies(e -> assertThat(e.hint()).isEqualTo("lsof " + used + " shows a program of this host"));
        }
    }

    private static int last(Path disk) {
        String xml = "<domain type='test'><name>web</name><uuid>7ae5f3d8-0000-4000-8000-000000000001</uuid>"
                + "<memory unit='MiB'>64</memory><os><type>hvm</type></os><devices><disk type='file' device='disk'>"
                + "<driver name='qemu' type='qcow2'/><source file='" + disk
                + "'/><target dev='vda' bus='virtio'/></disk>"
                + "</devices></domain>";
        try (Host host = Host.open("test:///default")) {
            return new DiskGrowth("vda", 2 * SIZE_BYTES)
                    .last(host, DomainXml.parse(xml))
                    .size();
        }
    }
}
