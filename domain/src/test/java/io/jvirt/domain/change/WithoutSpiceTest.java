// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.change;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.domain.xml.DomainXml;
import org.junit.jupiter.api.Test;

/** libvirt refuses a machine with devices that need SPICE and no such display. */
class WithoutSpiceTest {
    private static final String XML = """
            <domain type='kvm'>
              <name>desktop</name>
              <devices>
                <!-- the agent -->
                <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
                <channel type='spicevmc'><target type='virtio' name='com.redhat.spice.0'/></channel>
                <channel type="spiceport"><source channel='org.spice-space.webdav.0'/></channel>
                <smartcard mode='passthrough' type='spicevmc'/>
                <redirdev bus='usb' type='spicevmc'/>
                <redirdev bus='usb' type='tcp'><source mode='connect' host='h' service='4000'/></redirdev>
                <graphics type='spice' autoport='yes'><image compression='off'/></graphics>
                <sound model='ich9'/>
                <audio id='1' type='spice'><input mixingEngine='yes'/></audio>
                <video><model type='qxl'/></video>
              </devices>
            </domain>
            """;

    @Test
    void whatNeedsSpiceGoesWithIt() {
        DomainXml domain = DomainXml.parse(XML);
        DeviceChanges.graphics("vnc").define(domain);
        assertThat(domain.text())
                .doesNotContain("spice")
                .contains(
                        "guest_agent",
                        "the agent",
                        "type='tcp'",
                        "<sound model='ich9'/>",
                        "<audio id='1' type='none'/>");
        assertThat(domain.graphics()).hasSize(1);
    }

    @Test
    void anotherSpiceDisplayKeepsIt() {
        DomainXml domain = DomainXml.parse(XML);
        DeviceChanges.graphics("spice,port=5999").define(domain);
        assertThat(domain.text()).contains("com.redhat.spice.0", "webdav", "<smartcard", "type='spice'");
        assertThat(domain.graphics().get(0).element().toString())
                .as("what is not said stays")
                .isEqualTo("<graphics type='spice' autoport='no' port='5999'><image compression='off'/></graphics>");
    }
}
