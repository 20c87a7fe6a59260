// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.domain.JvirtException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SubnetTest {
    @ParameterizedTest
    @CsvSource({
        "192.168.150.7/24, 192.168.150.0/24, 192.168.150.1, 192.168.150.254",
        "10.1.2.3/8, 10.0.0.0/8, 10.0.0.1, 10.255.255.254",
        "192.168.122.0/255.255.255.0, 192.168.122.0/24, 192.168.122.1, 192.168.122.254",
        "172.16.0.5/30, 172.16.0.4/30, 172.16.0.5, 172.16.0.6",
        "fd00:1::/64, fd00:1::/64, fd00:1::1, fd00:1::ffff:ffff:ffff:fffe"
    })
    void readsAddressAndPrefix(String text, String range, String first, String last) {
        Subnet subnet = Subnet.parse(text);
        assertThat(subnet).hasToString(range);
        assertThat(Subnet.parse(subnet.address(1) + "/" + subnet.prefix())).isEqualTo(subnet);
        assertThat(subnet.address(1)).isEqualTo(first);
        assertThat(subnet.contains(last)).isTrue();
        if (subnet.bits() == Subnet.IPV4_BITS) {
            assertThat(subnet.address(-2)).isEqualTo(last);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "lab",
                "192.168.1.0",
                "192.168.1/24",
                "192.168.1.0/33",
                "192.168.1.0/255.0.255.0",
                "192.168.1.0/-1",
                "300.1.1.1/8",
                "example.org/24",
                "fd00::/129"
            })
    void refusesWhatIsNone(String text) {
        assertThatThrownBy(() -> Subnet.parse(text)).isInstanceOfSatisfying(JvirtException.class, e -> {
            assertThat(e).hasMessage("'" + text + "' is no subnet");
            assertThat(e.kind()).isEqualTo(JvirtException.Kind.USAGE);
            assertThat(e.hint()).contains("192.168.150.0/24");
        });
    }

    @ParameterizedTest
    @CsvSource({
        "192.168.122.0/24, 192.168.122.128/25, true",
        "192.168.0.0/16, 192.168.122.0/24, true",
        "192.168.122.0/24, 192.168.123.0/24, false",
        "10.0.0.0/8, fd00::/8, false"
    })
    void overlaps(String one, String other, boolean expected) {
        assertThat(Subnet.parse(one).overlaps(Subnet.parse(other))).isEqualTo(expected);
        assertThat(Subnet.parse(other).overlaps(Subnet.parse(one))).isEqualTo(expected);
    }

    @Test
    void readsTheKernelsRoutes() {
        List<HostRoutes.Route> routes = HostRoutes.ipv4(List.of(
                "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT",
                "eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0",
                "eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0",
                "tun0\t0096A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0"));
        assertThat(routes)
                .extracting(r -> r.destination() + " " + r.device())
                .containsExactly("172.17.0.0/16 eth0", "192.168.150.0/24 tun0");
        assertThat(
                        HostRoutes.ipv6(
                                List.of(
                                        "fd000000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 1 0 00000001     eth0",
                                        "fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 1 0 00000001     eth0",
                                        "00000000000000000000000000000001 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 2 0 80200001       lo")))
                .extracting(r -> r.destination() + " " + r.device())
                .containsExactly("fd00::/64 eth0");
    }

    @Test
    void findsWhatIsTakenAndWhatIsFree() {
        AddressClash clash = new AddressClash(List.of(
                new AddressClash.Taken(Subnet.parse("192.168.122.0/24"), "network 'default'"),
                new AddressClash.Taken(Subnet.parse("192.168.123.128/25"), "this host's route by tun0")));
        assertThat(clash.freeSubnet()).isEqualTo("192.168.124.0/24");
        assertThatThrownBy(() -> clash.refuse("192.168.0.0/16")).isInstanceOfSatisfying(JvirtException.class, e -> {
            assertThat(e).hasMessage("the subnet 192.168.0.0/16 overlaps 192.168.122.0/24 of network 'default'");
            assertThat(e.kind()).isEqualTo(JvirtException.Kind.REFUSED);
            assertThat(e.hint()).isEqualTo("--subnet 192.168.124.0/24 is free");
        });
        assertThatThrownBy(() -> clash.refuse("192.168.123.0/24")).hasMessageContaining("of this host's route by tun0");
    }
}
