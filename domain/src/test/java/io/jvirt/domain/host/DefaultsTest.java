// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Network;
import io.jvirt.domain.libvirt.Pool;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** libvirt's test driver has a network {@code default} and a pool {@code default-pool}; its state lasts as long as any connection of this process. */
class DefaultsTest {
    private static final String TEST_HOST = "test:///default";

    @Test
    void startsANetworkThatIsOff() {
        try (Host host = Host.open(TEST_HOST);
                Network network = Network.find(host, "default")) {
            network.stop();
            assertThat(DefaultNetwork.ensure(host)).isEqualTo("started network 'default'");
            assertThat(network.isActive()).isTrue();
            assertThat(network.autostart()).isTrue();
            assertThat(DefaultNetwork.ensure(host)).isNull();
        }
    }

    @Test
    void definesANetworkThatIsMissing() {
        try (Host host = Host.open(TEST_HOST)) {
            try (Network network = Network.find(host, "default")) {
                network.stop();
                network.undefine();
            }
            assertThat(DefaultNetwork.ensure(host)).isEqualTo("made network 'default'");
            try (Network network = Network.find(host, "default")) {
                assertThat(network.isActive()).isTrue();
                assertThat(network.autostart()).isTrue();
                assertThat(network.xml()).contains("<forward mode='nat'", "<range start='192.168.");
            }
        }
    }

    @Test
    void makesThePoolOnceAndStartsItAfterwards() {
        try (Host host = Host.open(TEST_HOST)) {
            assertThat(DefaultPool.ensure(host)).isEqualTo("made pool 'default' in /var/lib/libvirt/images");
            assertThat(DefaultPool.ensure(host)).isNull();
            try (Pool pool = Pool.find(host, "default")) {
                assertThat(pool.isActive()).isTrue();
                assertThat(pool.autostart()).isTrue();
                pool.stop();
                assertThat(DefaultPool.ensure(host)).isEqualTo("started pool 'default'");
                pool.stop();
                pool.undefine();
            }
        }
    }

    @Test
    void leavesADirectoryToThePoolThatHasIt() {
        try (Host host = Host.open(TEST_HOST)) {
            String xml = DefaultPool.xml("/var/lib/libvirt/images").replace(">default<", ">images<");
            try (Pool pool = Pool.define(host, xml)) {
                assertThatThrownBy(() -> DefaultPool.ensure(host))
                        .isInstanceOf(JvirtException.class)
                        .hasMessage("pool 'images' already uses /var/lib/libvirt/images, pool 'default' was not made")
                        .extracting(e -> ((JvirtException) e).hint())
                        .isEqualTo("say --pool images where a pool is asked for");
                pool.undefine();
            }
        }
    }

    @Test
    void takesASubnetThatNobodyUses() {
        assertThat(DefaultNetwork.subnet(Set.of())).isEqualTo(122);
        assertThat(DefaultNetwork.subnet(Set.of(122, 123, 125))).isEqualTo(124);
    }

    @Test
    void aDirectoryIsTextNotMarkup() {
        assertThat(DefaultPool.xml("/srv/a&b")).contains("<path>/srv/a&amp;b</path>");
    }
}
