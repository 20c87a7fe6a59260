// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.migrate.MigrateRequest.Sharing;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlDocument;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the comparison of two hosts finds where libvirt's test driver has nothing to compare. */
class MoveChecksTest {
    private static final String XML = """
            <domain type='test'><name>web</name><memory unit='GiB'>999</memory><vcpu>8</vcpu>
            <os><type>hvm</type>%s</os>%s<devices>%s</devices></domain>""";

    private final Host host = Host.open("test:///default");
    private final Domain domain = host.defineDomain(XML.formatted("", "", ""), false);

    private final HostStorage storage = new HostStorage(host);
    private final Findings findings = new Findings();

    @AfterEach
    void close() {
        storage.close();
        domain.close();
        host.close();
    }

    private Move move(String os, String cpu, String devices, Sharing sharing) {
        MigrateRequest request = MigrateRequest.plainCopy("qemu+ssh://b/system", sharing);
        String xml = XML.formatted(os, cpu, devices);
        return new Move(host, host, domain, domain.uuid(), xml, DomainXml.parse(xml), request, storage);
    }

    private String found() {
        StringBuilder text = new StringBuilder();
        for (Finding finding : findings.sorted()) {
            text.append(finding.kind()).append(' ').append(finding.text());
            text.append(finding.solution() == null ? "" : " > " + finding.solution())
                    .append('\n');
        }
        return text.toString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | <cpu mode='host-model'/> | '' | BLOCKER the target does not offer the CPU mode host-model"
                        + " > change it here: jvirt edit web",
                "'' | <cpu mode='maximum'/> | '' | NOTE the guest will see the target's processor (CPU mode maximum)",
                "'' | <cpu><model>Odd</model></cpu> | '' | BLOCKER the target does not know the CPU model Odd"
                        + " > change it here: jvirt edit web",
                "'' | <cpu><model>New</model></cpu> | '' | BLOCKER the target's processor cannot be a New > give the machine a"
                        + " CPU model that both hosts have: virsh domcapabilities lists them",
                "'' | <cpu><model>Old</model><feature policy='require' name='vmx'/></cpu> | '' | NOTE libvirt cannot compare"
                        + " the CPU features: this function is not supported by the connection driver:"
                        + " virConnectCompareHypervisorCPU",
                "<loader>/none/fw.fd</loader> | '' | '' | BLOCKER the target has no firmware /none/fw.fd > install it there"
                        + " (apt install ovmf), or have libvirt choose one: jvirt edit web",
                "'' | '' | <emulator>/none/qemu</emulator> | BLOCKER the target has no emulator /none/qemu > install it there,"
                        + " or take the target's own (/usr/bin/qemu): jvirt edit web",
                "'' | '' | '' | BLOCKER the target gives such a machine at most 4 processors > give it fewer: jvirt set web"
                        + " --vcpus 4 --max-vcpus 4",
                "'' | '' | '' | NOTE the target has less memory than the machine",
            })
    void whatTheTargetOffers(String os, String cpu, String devices, String finding) throws IOException {
        String capabilities = """
                <domainCapabilities><path>/usr/bin/qemu</path><vcpu max='4'/>
                <os><loader><value>/usr/fw.fd</value></loader></os>
                <cpu><mode name='host-model' supported='no'/><mode name='maximum' supported='yes'/>
                <mode name='custom' supported='yes'><model usable='no'>New</model><model usable='yes'>Old</model></mode></cpu>
                </domainCapabilities>""";
        HypervisorCheck.compare(
                move(os, cpu, devices, Sharing.UNKNOWN),
                XmlDocument.parse(capabilities).root(),
                findings);
        assertThat(found()).contains(finding + "\n");
    }

    @Test
    void sharedWhereTheUserSaysCopied() {
        TargetPlaces places = new TargetPlaces(move("", "", "", Sharing.COPIED), findings);
        assertThat(places.isAsAsserted("/d/web.qcow2", true)).isFalse();
        assertThat(found())
                .isEqualTo("BLOCKER /d/web.qcow2 is shared: the target sees what is written beside it here"
                        + " > leave --copy out to move the definition alone\n");
    }

    @Test
    void aDriveWhoseMediumMayBeMissing() throws IOException {
        String drive = "<disk type='file' device='cdrom'><source file='/none/a.iso' startupPolicy='optional'/>"
                + "<target dev='sda'/></disk>";
        new MediaCheck().run(move("", "", drive, Sharing.UNKNOWN), findings);
        assertThat(found()).isEqualTo("NOTE the target does not have /none/a.iso: the drive will be empty\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<acpi><table type='slic'>/none/slic</table></acpi> | '' | BLOCKER the target does not have the ACPI table"
                        + " /none/slic > copy it there under the same name",
                "'' | <memory model='nvdimm'><source><path>/none/nv</path></source></memory> | BLOCKER the target does not have"
                        + " /none/nv, where a memory device keeps its data > copy it there under the same name, or take the"
                        + " device out: jvirt edit web",
                "'' | <memory model='nvdimm'><source><path>/default-pool/nv</path></source></memory> | NOTE /default-pool/nv, where a memory"
                        + " device keeps its data, stays here: the guest will see the target's file",
                "'' | <hostdev mode='subsystem' type='pci'><source><address domain='0' bus='6' slot='0x12' function='0x5'/></source>"
                        + "</hostdev> | BLOCKER a device of this host is passed through (pci <address domain='0' bus='6'"
                        + " slot='0x12' function='0x5'/>) > detach it: jvirt set web --remove-device pci:0000:06:12.5",
                "'' | <hostdev mode='subsystem' type='scsi'><source><adapter name='scsi_host0'/></source></hostdev> | BLOCKER a"
                        + " device of this host is passed through (scsi <adapter name='scsi_host0'/>) > take it out: jvirt"
                        + " edit web",
                "'' | <interface type='vdpa'><source dev='/dev/vhost-vdpa-0'/></interface> | BLOCKER a network card is a device"
                        + " of this host (type vdpa) > give it a network of the target: jvirt edit web",
                "'' | <input type='evdev'><source dev='/none/event3'/></input> | NOTE the guest will be given the"
                        + " target's own /none/event3, if it has one",
                "'' | <serial type='dev'><source path='/dev/null'/></serial> | NOTE the guest will be given the target's own"
                        + " /dev/null, if it has one",
            })
    void whatOnlyThisHostHas(String os, String devices, String finding) throws IOException {
        try (Pool pool = Pool.find(host, "default-pool")) {
            pool.createVolume("<volume><name>nv</name><capacity>1</capacity></volume>")
                    .close();
        }
        Move move = move(os, "", devices, Sharing.UNKNOWN);
        new MediaCheck().run(move, findings);
        new DeviceCheck().run(move, findings);
        assertThat(found()).isEqualTo(finding + "\n");
    }

    @Test
    void aFileThatTheFirmwareHandsOn() throws IOException {
        String xml = "<domain type='test'><name>web</name><sysinfo type='fwcfg'><entry name='opt/x' file='/none/x'/>"
                + "<entry name='opt/y'>text</entry></sysinfo></domain>";
        MigrateRequest request = MigrateRequest.plainCopy("qemu+ssh://b/system", Sharing.UNKNOWN);
        new MediaCheck()
                .run(
                        new Move(host, host, domain, domain.uuid(), xml, DomainXml.parse(xml), request, storage),
                        findings);
        assertThat(found())
                .isEqualTo("BLOCKER the target does not have the fw_cfg file /none/x > copy it there under the same"
                        + " name\n");
    }
}
