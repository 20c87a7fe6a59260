// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.create;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.jvirt.domain.JvirtException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a database laid out like libosinfo's says of a system's drivers. */
class SystemDevicesTest {
    @TempDir
    Path database;

    @BeforeEach
    void systems() throws IOException {
        system("example.org", "old-1", "", "<device id='http://pcisig.com/pci/10ec/8139'/>");
        system("example.org", "old-2", "old/1", "<device id='http://pcisig.com/pci/8086/100e'/>");
        system(
                "example.org",
                "new-3",
                "old/2",
                "<device id='http://pcisig.com/pci/1af4/1041'/><device id='http://pcisig.com/pci/1af4/1042'/>"
                        + "<device id='http://pcisig.com/pci/1af4/1050'/>");
        system("example.org", "new-4", "new/3", "<device id='http://pcisig.com/pci/1af4/1050' supported='false'/>");
        system("example.org", "loop-1", "loop/1", "<device id='http://pcisig.com/pci/8086/10d3'/>");
    }

    private void system(String vendor, String file, String from, String devices) throws IOException {
        String id = "http://" + vendor + "/" + file.replace('-', '/');
        Files.createDirectories(database.resolve(vendor));
        Files.writeString(
                database.resolve(vendor).resolve(file + ".xml"),
                "<libosinfo version='0.0.1'><!-- a comment --><os id='" + id + "'>"
                        + (from.isEmpty() ? "" : "<derives-from id='http://" + vendor + "/" + from + "'/>")
                        + "<devices>" + devices + "</devices></os></libosinfo>");
    }

    private SystemDevices of(String system) {
        return SystemDevices.read(database, "http://example.org/" + system);
    }

    @Test
    void aSystemHasWhatItDerivesFromHas() {
        assertThat(of("old/1")).isEqualTo(new SystemDevices("sata", "rtl8139", null));
        assertThat(of("old/2")).isEqualTo(new SystemDevices("sata", "e1000", null));
        assertThat(of("new/3")).isEqualTo(new SystemDevices("virtio", "virtio", "virtio"));
    }

    @Test
    void whatASystemDoesNotSupportAnyMoreIsGone() {
        assertThat(of("new/4")).isEqualTo(new SystemDevices("virtio", "virtio", null));
    }

    @Test
    void aCircleInTheDatabaseEnds() {
        assertThat(of("loop/1")).isEqualTo(new SystemDevices("sata", "e1000e", null));
    }

    @Test
    void whatIsNotThereIsUnknown() {
        assertThat(of("nosuch/9")).isEqualTo(SystemDevices.UNKNOWN);
        assertThat(of("../../etc/passwd")).isEqualTo(SystemDevices.UNKNOWN);
        assertThat(SystemDevices.read(database.resolve("none"), "http://example.org/old/1"))
                .isEqualTo(SystemDevices.UNKNOWN);
        assertThat(SystemDevices.of(null)).isEqualTo(SystemDevices.UNKNOWN);
    }

    @Test
    void aNameThatTheDatabaseDoesNotHave() {
        JvirtException e = catchThrowableOfType(JvirtException.class, () -> OsVariant.idOf("debain12", database));
        assertThat(e).hasMessage("the guest system 'debain12' is not in libosinfo's database");
        assertThat(e.hint()).isEqualTo("osinfo-query os lists the names for --os-variant; 'generic' fits all");
        assertThat(e.kind()).isEqualTo(JvirtException.Kind.USAGE);
        assertThat(OsVariant.idOf("debain12", database.resolve("none"))).isNull();
        assertThat(OsVariant.idOf("generic", database)).isNull();
    }

    @Test
    void theTemplatesWordStandsWhereTheDatabaseIsSilent() {
        SystemDevices template = new SystemDevices("scsi", "e1000", "vga");
        assertThat(SystemDevices.UNKNOWN.or(template)).isEqualTo(template);
        assertThat(of("new/4").or(template)).isEqualTo(new SystemDevices("virtio", "virtio", "vga"));
    }
}
