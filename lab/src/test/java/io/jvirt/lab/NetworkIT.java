// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Virtual networks on a real libvirt, looked at from outside. */
class NetworkIT extends OnKvm1 {
    private static final String MAC = "52:54:00:aa:bb:cc";

    @Test
    void aNetworkIsMadeWithAddressesThatAreFree() {
        HOST.sh(
                        "ip link add lab-dummy type bridge; ip addr add 192.168.123.1/24 dev lab-dummy; ip link set lab-dummy up")
                .ok();
        try {
            jvirt.run("net", "create", "lab-net", "--subnet", "192.168.123.64/26")
                    .failsWith(4, "overlaps 192.168.123.0/24 of this host's route by lab-dummy", "is free");
            jvirt.run("net", "create", "lab-net", "--subnet", "192.168.122.0/24")
                    .failsWith(4, "of network 'default'", "--subnet 192.168.124.0/24 is free");
            HOST.sh("ip route add 192.168.0.0/16 dev lab-dummy").ok();
            jvirt.run("net", "create", "lab-net")
                    .failsWith(1, "no subnet of 192.168.0.0/16 is free on this host", "--subnet");
            HOST.sh("ip route del 192.168.0.0/16 dev lab-dummy").ok();
            jvirt.run("net", "create", "lab-net").ok();
            assertThat(virsh.run("net-dumpxml", "lab-net").ok().out())
                    .contains("<forward mode='nat'")
                    .contains("address='192.168.124.1'")
                    .contains("<range start='192.168.124.2' end='192.168.124.254'/>");
            assertThat(virsh.run("net-info", "lab-net").ok().out())
                    .containsPattern("Active: +yes")
                    .containsPattern("Autostart: +yes");
        } finally {
            HOST.sh("ip link del lab-dummy").ok();
        }
        jvirt.run("net", "delete", "lab-net", "--yes").ok();
        assertThat(virsh.run("net-list", "--all").ok().out()).doesNotContain("lab-net");
    }

    @Test
    void aGuestGetsTheAddressThatIsKeptForIt() {
        jvirt.run("net", "create", "lab-net", "--subnet", "10.77.0.0/24").ok();
        jvirt.run("net", "reserve", "lab-net", MAC, "10.77.0.50", "--host", "web")
                .ok();
        for (String[] form : new String[][] {{"net-dumpxml", "lab-net"}, {"net-dumpxml", "--inactive", "lab-net"}}) {
            assertThat(virsh.run(form).ok().out()).contains("<host mac='" + MAC + "' name='web' ip='10.77.0.50'/>");
        }
        jvirt.run("net", "reserve", "lab-net", MAC, "10.77.0.51").failsWith(4, "keeps 10.77.0.50", "jvirt net release");
        jvirt.run("net", "reserve", "lab-net", "52:54:00:aa:bb:cd", "10.77.0.50")
                .failsWith(4, "keeps 10.77.0.50", "release");
        // What dnsmasq's helper writes when a guest gets an address.
        String leases = "/var/lib/libvirt/dnsmasq/$(virsh net-info lab-net | sed -n 's/^Bridge: *//p').status";
        HOST.sh("echo '[{\"ip-address\": \"10.77.0.70\", \"mac-address\": \"52:54:00:aa:bb:ce\","
                        + " \"expiry-time\": 4000000000}]' >" + leases)
                .ok();
        jvirt.run("net", "reserve", "lab-net", "52:54:00:aa:bb:cd", "10.77.0.70")
                .failsWith(4, "10.77.0.70 is leased to 52:54:00:aa:bb:ce now", "jvirt net info lab-net");
        HOST.sh("echo '[]' >" + leases).ok();
        jvirt.run("net", "release", "lab-net", "10.77.0.50").ok();
        assertThat(virsh.run("net-dumpxml", "lab-net").ok().out()).doesNotContain(MAC);
        assertThat(virsh.run("net-dumpxml", "--inactive", "lab-net").ok().out()).doesNotContain(MAC);
        jvirt.run("net", "stop", "lab-net").ok();
        jvirt.run("net", "reserve", "lab-net", MAC, "10.77.0.60").ok();
        jvirt.run("net", "start", "lab-net").ok();
        assertThat(jvirt.run("net", "info", "lab-net").ok().out()).contains("Kept:       10.77.0.60 for " + MAC);
        jvirt.run("net", "delete", "lab-net", "--yes").ok();
    }

    @Test
    void aBridgeMustExistAndARunningGuestKeepsItsNetwork() {
        jvirt.run("net", "create", "lab-lan", "--forward", "bridge", "--bridge", "br-nowhere")
                .failsWith(3, "there is no bridge 'br-nowhere'", "ip link");
        jvirt.run("net", "create", "lab-lan", "--bridge", "br0")
                .failsWith(4, "'br0' exists already", "--forward bridge");
        jvirt.run("net", "create", "lab-lan", "--forward", "bridge", "--bridge", "br0")
                .ok();
        jvirt.run(
                        "create",
                        "lab-guest",
                        "--image",
                        TINY_DISK,
                        "--vcpus",
                        "1",
                        "--memory",
                        "128M",
                        "--network",
                        "lab-lan")
                .ok();
        jvirt.run("net", "stop", "lab-lan").failsWith(4, "carries the running domain 'lab-guest'", "--force");
        jvirt.run("net", "delete", "lab-lan", "--yes").failsWith(4, "is used by domain 'lab-guest'", "--force");
        delete("lab-guest");
        jvirt.run("net", "delete", "lab-lan", "--yes").ok();
    }
}
