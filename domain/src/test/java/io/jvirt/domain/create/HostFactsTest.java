// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.create;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.JvirtException.Kind;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.xml.XmlDocument;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is refused where a host's QEMU cannot do it. */
class HostFactsTest {
    private static final HostFacts POOR = new HostFacts(
            "qemu:///system",
            "x86_64",
            "qemu",
            null,
            "q35",
            XmlDocument.parse("<domainCapabilities><vcpu max='4'/><os supported='yes'><loader/></os><cpu>"
                            + "<mode name='maximum' supported='yes'/><mode name='custom' supported='yes'>"
                            + "<model>Haswell</model></mode></cpu><devices><video><enum name='modelType'>"
                            + "<value>vga</value></enum></video></devices></domainCapabilities>")
                    .root());

    private static CreateRequest request(int vcpus, String cpu, GuestHardware hardware) {
        return new CreateRequest(
                "web",
                List.of(),
                null,
                null,
                null,
                null,
                1 << 30,
                vcpus,
                cpu,
                null,
                hardware,
                null,
                null,
                new BootSource.Pxe(),
                null,
                null,
                null,
                null,
                false,
                null,
                null);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "5 | bios | false | USAGE | 5 processors are more than the 4 that machine type 'q35' can have"
                        + " | give fewer --vcpus",
                "2 | uefi | false | FAILED | there is no UEFI firmware for machine type 'q35' on this host | install it"
                        + " (Debian: apt install ovmf, Fedora: dnf install edk2-ovmf), or use --firmware bios",
                "2 | bios | true | FAILED | the machine is to have a TPM, and there is no emulator for one on this host"
                        + " | install it (Debian: apt install swtpm swtpm-tools, Fedora: dnf install swtpm), or use --tpm none",
            })
    void aMachine(int vcpus, String firmware, boolean tpm, Kind kind, String message, String hint) {
        GuestHardware hardware =
                new GuestHardware(firmware, tpm, null, false, false, null, null, SystemDevices.UNKNOWN);
        says(() -> Create.checkMachine(request(vcpus, null, hardware), POOR), kind, message, hint);
    }

    @Test
    void secureBoot() {
        HostFacts plainFirmware = new HostFacts(
                "qemu:///system",
                "x86_64",
                "qemu",
                null,
                "pc",
                XmlDocument.parse("<domainCapabilities><os><enum name='firmware'><value>efi</value></enum></os>"
                                + "</domainCapabilities>")
                        .root());
        GuestHardware secure = new GuestHardware(
                GuestHardware.UEFI_SECURE, false, null, false, false, null, null, SystemDevices.UNKNOWN);
        says(
                () -> Create.checkMachine(request(2, null, secure), plainFirmware),
                Kind.FAILED,
                "there is no UEFI firmware with Secure Boot for machine type 'pc' on this host",
                "install it (Debian: apt install ovmf, Fedora: dnf install edk2-ovmf), or use --firmware uefi");
    }

    @Test
    void display() {
        CreateRequest cdrom = request(2, null, GuestHardware.PLAIN).withSource(new BootSource.Cdrom(Path.of("/a.iso")));
        says(
                () -> Create.graphics(cdrom, POOR),
                Kind.USAGE,
                "QEMU on this host has no vnc",
                "use --graphics vnc or none");
    }

    @Test
    void bridge() {
        try (Host host = Host.open("test:///default")) {
            NetworkRequest wanted = new NetworkRequest(NetworkRequest.Kind.BRIDGE, "nosuch0", null, null);
            says(
                    () -> new NetworkCheck(host, POOR, SystemDevices.UNKNOWN).check(wanted),
                    Kind.NOT_FOUND,
                    "there is no bridge 'nosuch0' on this host",
                    "ip link show type bridge lists them; --network default is the one of libvirt");
        }
    }

    @Test
    void videoAdapter() {
        GuestHardware hardware =
                new GuestHardware("bios", false, "qxl", false, false, null, null, SystemDevices.UNKNOWN);
        says(
                () -> Create.video(request(2, null, hardware), POOR, SystemDevices.UNKNOWN),
                Kind.USAGE,
                "QEMU on this host has no video adapter 'qxl'",
                "leave --video out for the best that it has");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "host-passthrough | --cpu host-passthrough is not possible here: it needs KVM, and the guest is emulated"
                        + " | leave --cpu out for the best that is",
                "Haswel | QEMU on this host knows no CPU model 'Haswel' | did you mean 'Haswell'? virsh domcapabilities lists"
                        + " them",
            })
    void processor(String cpu, String message, String hint) {
        MachineXml.Choices choices = new MachineXml.Choices(null, "none", "vga", null);
        says(
                () -> MachineXml.build(
                        request(2, cpu, GuestHardware.PLAIN), POOR, "uuid", List.of(), List.of(), choices),
                Kind.USAGE,
                message,
                hint);
    }

    private static void says(
            org.assertj.core.api.ThrowableAssert.ThrowingCallable call, Kind kind, String message, String hint) {
        JvirtException e = catchThrowableOfType(JvirtException.class, call);
        assertThat(e).hasMessage(message);
        assertThat(e.hint()).isEqualTo(hint);
        assertThat(e.kind()).isEqualTo(kind);
    }
}
