// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.clone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.xml.DomainXml;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What differs between a definition and its clone's: names, addresses, paths; and that nothing else does. */
class CloneXmlTest {
    private static final String UUID = "11111111-2222-4333-8444-555555555555";

    private static final String SOURCE = """
            <domain type='test'>
              <name>web</name>
              <uuid>99999999-2222-4333-8444-555555555555</uuid>
              <genid>99999999-0000-4333-8444-555555555555</genid>
              <memory unit='KiB'>65536</memory>
              <sysinfo type='smbios'>
                <system>
                  <entry name='manufacturer'>ACME</entry>
                  <entry name='uuid'>99999999-2222-4333-8444-555555555555</entry>
                  <entry name='serial'>S123</entry>
                </system>
              </sysinfo>
              <os><type>hvm</type></os>
              <!-- a comment stays -->
              <devices>
                <interface type='network'>
                  <mac address='00:16:3E:11:22:33'/>
                  <source network='default'/>
                  <target dev='web-eth0'/>
                  <model type='virtio'/>
                </interface>
                <serial type='file'>
                  <source path='/var/log/vm/web.log'/>
                  <target port='0'/>
                </serial>
                <serial type='pty'>
                  <log file='/var/log/vm/serial.log'/>
                  <target port='1'/>
                </serial>
                <channel type='unix'>
                  <source mode='bind' path='/var/lib/libvirt/qemu/channel/target/domain-1-web/org.qemu.guest_agent.0'/>
                  <target type='virtio' name='org.qemu.guest_agent.0'/>
                </channel>
                <channel type='unix'>
                  <source mode='bind' path='/run/web-extra.sock'/>
                  <target type='virtio' name='extra'/>
                </channel>
                <serial type='tcp'>
                  <source mode='bind' host='127.0.0.1' service='4555'/>
                  <target port='2'/>
                </serial>
                <filesystem type='mount'><source dir='/srv'/><target dir='srv'/></filesystem>
                <graphics type='vnc' port='5901' autoport='no' passwd='secret'/>
                <tpm model='tpm-crb'><backend type='emulator' version='2.0'><source type='dir' path='/srv/tpm/state'/></backend></tpm>
                <tpm model='tpm-tis'><backend type='passthrough'><device path='/dev/tpm0'/></backend></tpm>
              </devices>
            </domain>
            """;

    /** Devices that few machines have. */
    private static final String RARE = """
            <domain type='kvm' xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'>
              <name>web</name>
              <devices>
                <interface type='bridge'>
                  <source bridge='ovs'/>
                  <virtualport type='openvswitch'><parameters interfaceid='99999999-0' profileid='blue'/></virtualport>
                </interface>
                <interface type='direct'>
                  <source dev='eth0' mode='vepa'/>
                  <virtualport type='802.1Qbg'><parameters managerid='11' instanceid='99999999-1'/></virtualport>
                </interface>
                <interface type='vhostuser'><source type='unix' path='/run/web-net.sock' mode='server'/></interface>
                <interface type='vhostuser'><source type='unix' path='/run/switch-3' mode='client'/></interface>
                <interface type='udp'><source address='127.0.0.1' port='11115'><local address='127.0.0.1' port='11116'/></source></interface>
                <interface type='user'>
                  <backend type='passt' logFile='/var/log/passt.log'/>
                  <portForward proto='tcp'><range start='2222' to='22'/></portForward>
                </interface>
                <interface type='vdpa'><source dev='/dev/vhost-vdpa-0'/></interface>
                <vsock model='virtio'><cid auto='no' address='42'/></vsock>
                <memory model='nvdimm'><source><path>/srv/ro</path></source><target><readonly/></target></memory>
                <memory model='dimm'><target><size>9</size></target></memory>
                <lease><lockspace>area</lockspace><key>one</key><target path='/srv/leases'/></lease>
                <rng model='virtio'><backend model='egd' type='udp'><source mode='bind' host='::1' service='1234'/></backend></rng>
                <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
                <audio id='1' type='file' path='/srv/web.wav'/>
                <console type='dev'><source path='/dev/ttyS0'/></console>
                <input type='evdev'><source dev='/dev/input/event3'/></input>
                <input type='tablet' bus='usb'/>
              </devices>
              <q:commandline><q:arg value='-foo'/></q:commandline>
            </domain>
            """;

    private final List<String> notes = new ArrayList<>();

    private CloneXml.Result copy(boolean keepsPrefix) {
        return copy(SOURCE, keepsPrefix);
    }

    private CloneXml.Result copy(String source, boolean keepsPrefix) {
        try (Host host = Host.open("test:///default")) {
            return CloneXml.of(source, "web-2", UUID, MacAddresses.of(host), keepsPrefix, notes);
        }
    }

    @Test
    void sharesNothingOfRareDevicesUnsaid() {
        CloneXml.Result result = copy(RARE, false);
        assertThat(result.macs()).hasSize(7).doesNotHaveDuplicates();
        assertThat(result.domain().text())
                .contains("<parameters profileid='blue'/>", "<parameters managerid='11'/>", "<cid auto='yes'/>")
                .contains("/run/web-2-net.sock", "/var/log/web-2-passt.log", "/srv/web-2.wav")
                .contains("/run/switch-3", "/srv/ro")
                .doesNotContain("99999999", "'42'");
        String both = ": only one of them can run at a time";
        assertThat(notes)
                .containsExactly(
                        "the socket of a network card of 'web' is also the clone's" + both,
                        "the port of a network card of 'web' is also the clone's" + both,
                        "the ports that are forwarded to 'web' are forwarded to the clone too" + both,
                        "a device of the host is given to both 'web' and the clone" + both,
                        "the vsock address 42 stays with 'web'; the clone gets a free one",
                        "a lease of 'web' is also that of the clone" + both,
                        "port 1234 of a rng device is that of 'web' too" + both,
                        "what the definition passes straight to QEMU is the same for the clone: a port, a file or an"
                                + " address in it serves one machine at a time");
    }

    @Test
    void hasAnIdentityOfItsOwn() {
        CloneXml.Result result = copy(false);
        String xml = result.domain().text();
        assertThat(result.domain().get(DomainXml.NAME)).isEqualTo("web-2");
        assertThat(result.domain().get(DomainXml.UUID)).isEqualTo(UUID);
        assertThat(xml)
                .contains("<entry name='uuid'>" + UUID + "</entry>", "<entry name='serial'>" + UUID + "</entry>")
                .contains("<entry name='manufacturer'>ACME</entry>", "<!-- a comment stays -->", "passwd='secret'")
                .doesNotContain("99999999", "S123");
        assertThat(result.macs()).hasSize(1);
        assertThat(result.macs().get(0)).matches("52:54:00(:[0-9a-f]{2}){3}");
        assertThat(copy(true).macs().get(0)).startsWith("00:16:3e:").isNotEqualTo("00:16:3e:11:22:33");
    }

    @Test
    void sharesNoPathAndNoPort() {
        String xml = copy(false).domain().text();
        assertThat(xml)
                .contains("/var/log/vm/web-2.log", "/var/log/vm/web-2-serial.log", "/run/web-2-extra.sock")
                .contains("port='-1' autoport='yes'")
                .contains("<device path='/dev/tpm0'/>")
                .doesNotContain("domain-1-web", "web-eth0", "5901", "/srv/tpm/state");
        assertThat(notes)
                .containsExactly(
                        "port 4555 of a serial device is that of 'web' too: only one of them can run at a time",
                        "the shared directory of 'web' is also that of the clone",
                        "the display port 5901 stays with 'web'; the clone gets a free one",
                        "the clone's TPM starts empty: what 'web' sealed with its own stays there",
                        "a device of the host is given to both 'web' and the clone: only one of them can run at a time");
    }

    @Test
    void aMemoryDeviceThatBothWouldWrite() {
        String source = RARE.replace("<target><readonly/></target>", "<target><size>9</size></target>");
        assertThatThrownBy(() -> copy(source, false)).isInstanceOfSatisfying(JvirtException.class, refused -> {
            assertThat(refused.kind()).isEqualTo(JvirtException.Kind.REFUSED);
            assertThat(refused)
                    .hasMessage("a memory device of domain 'web' keeps its data in /srv/ro, which both would write");
            assertThat(refused.hint())
                    .isEqualTo("clone it without that device, or with one that the guest only reads (<readonly/>):"
                            + " jvirt edit web");
        });
    }

    @Test
    void anOldNameIsReplacedAsAWordOnly() {
        assertThat(ClonedDevices.renamed("web_VARS.fd", "web", "db")).isEqualTo("db_VARS.fd");
        assertThat(ClonedDevices.renamed("webserver.log", "web", "db")).isNull();
        assertThat(ClonedDevices.renamed("a.b$1-x", "a.b$1", "c$2")).isEqualTo("c$2-x");
    }
}
