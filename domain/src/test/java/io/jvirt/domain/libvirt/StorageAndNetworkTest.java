// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.domain.JvirtException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pools, volumes and networks of libvirt's test driver. */
class StorageAndNetworkTest {
    private Host host;

    @BeforeEach
    void open() {
        host = Host.open("test:///default");
    }

    @AfterEach
    void close() {
        host.close();
    }

    @Test
    void listsPools() {
        assertThat(Pool.list(host)).singleElement().satisfies(pool -> {
            assertThat(pool.name()).isEqualTo("default-pool");
            assertThat(pool.isActive()).isTrue();
            assertThat(pool.isPersistent()).isTrue();
            assertThat(pool.autostart()).isFalse();
            assertThat(pool.space().state()).isEqualTo(PoolState.RUNNING);
            assertThat(pool.space().capacityBytes()).isEqualTo(107_374_182_400L);
            assertThat(pool.xml()).contains("<name>default-pool</name>");
            pool.close();
        });
    }

    @Test
    void anUnknownPoolIsNotFound() {
        assertThat(Pool.named(host, "nosuch")).isNull();
        assertThatThrownBy(() -> Pool.find(host, "nosuch")).isInstanceOfSatisfying(JvirtException.class, e -> {
            assertThat(e.kind()).isEqualTo(JvirtException.Kind.NOT_FOUND);
            assertThat(e).hasMessage("no pool 'nosuch' on test:///default");
            assertThat(e.hint()).isEqualTo("jvirt pool list shows the pools");
        });
    }

    @Test
    void aVolumeLivesAndGoes() {
        String xml = "<volume><name>disk ä.img</name><capacity unit='bytes'>1048576</capacity></volume>";
        try (Pool pool = Pool.find(host, "default-pool")) {
            try (Volume volume = pool.createVolume(xml)) {
                assertThat(volume.name()).isEqualTo("disk ä.img");
                assertThat(volume.path()).endsWith("/disk ä.img");
                assertThat(volume.size().capacityBytes()).isEqualTo(1_048_576);
                try (Volume again = Volume.atPath(host, volume.path());
                        Pool holder = volume.pool()) {
                    assertThat(again).isNotNull();
                    assertThat(holder.name()).isEqualTo("default-pool");
                }
                assertThat(pool.volumes()).extracting(Volume::name).containsExactly("disk ä.img");
                volume.delete();
            }
            assertThat(pool.volume("disk ä.img")).isNull();
        }
        assertThat(Volume.atPath(host, "/nowhere")).isNull();
    }

    @Test
    void aPoolIsDefinedStartedAndRemoved() {
        String xml = "<pool type='dir'><name>p</name><target><path>/nowhere/p</path></target></pool>";
        try (Pool pool = Pool.define(host, xml)) {
            assertThat(pool.isActive()).isFalse();
            pool.build();
            pool.start();
            pool.setAutostart(true);
            assertThat(pool.autostart()).isTrue();
            pool.refresh();
            pool.stop();
            pool.undefine();
        }
        assertThat(Pool.named(host, "p")).isNull();
    }

    @Test
    void listsNetworks() {
        assertThat(Network.list(host)).singleElement().satisfies(network -> {
            assertThat(network.name()).isEqualTo("default");
            assertThat(network.isActive()).isTrue();
            assertThat(network.isPersistent()).isTrue();
            assertThat(network.bridge()).isEqualTo("virbr0");
            assertThat(network.xml()).contains("<name>default</name>");
            network.close();
        });
        assertThatThrownBy(() -> Network.find(host, "nosuch")).hasMessage("no network 'nosuch' on test:///default");
    }

    @Test
    void aNetworkWithoutABridgeHasNone() {
        String xml = "<network><name>n</name><forward mode='hostdev'/></network>";
        try (Network network = Network.define(host, xml)) {
            assertThat(network.bridge()).isNull();
            network.undefine();
        }
    }
}
