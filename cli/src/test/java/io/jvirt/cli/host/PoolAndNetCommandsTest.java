// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.cli.Golden;
import io.jvirt.cli.JvirtRun;
import io.jvirt.cli.vm.TestDriver;
import io.jvirt.domain.libvirt.Network;
import io.jvirt.domain.libvirt.Pool;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The pool and net commands on libvirt's test driver. */
class PoolAndNetCommandsTest {
    private final TestDriver libvirt = new TestDriver();

    @BeforeEach
    void give() {
        String volume = "<volume><name>web.qcow2</name><capacity>1048576</capacity></volume>";
        try (Pool pool = Pool.find(libvirt.host(), "default-pool")) {
            pool.createVolume(volume).close();
        }
    }

    @AfterEach
    void close() {
        libvirt.close();
    }

    @Test
    void listsPools() throws IOException {
        JvirtRun run = libvirt.run("pool", "list");
        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .isEqualTo("NAME          STATE   AUTOSTART  TYPE  FREE     TARGET\n"
                        + "default-pool  active  off        dir   100 GiB  /default-pool\n");
        assertThat(libvirt.run("pool", "list", "-o", "json").out()).contains("\"state\" : \"running\"");
    }

    @Test
    void showsAPool() throws IOException {
        Golden.check(
                "pool-info.txt", libvirt.run("pool", "info", "default-pool").out());
        assertThat(libvirt.run("pool", "info", "default-pool", "-o", "json").out())
                .contains("\"schema\" : \"jvirt/pool-info\"", "\"name\" : \"web.qcow2\"");
        assertThat(libvirt.run("pool", "info", "nosuch"))
                .isEqualTo(new JvirtRun(
                        3, "", "jvirt: no pool 'nosuch' on test:///default\nhint: jvirt pool list shows the pools\n"));
    }

    @Test
    void startsAndStopsAPool() {
        assertThat(libvirt.run("pool", "stop", "default-pool").out()).isEqualTo("Pool 'default-pool' is inactive\n");
        assertThat(libvirt.run("pool", "stop", "default-pool").exit()).isZero();
        assertThat(libvirt.run("pool", "info", "default-pool").out()).contains("State:      inactive");
        assertThat(libvirt.run("pool", "start", "default-pool").out()).isEqualTo("Pool 'default-pool' is active\n");
        assertThat(libvirt.run("pool", "refresh", "default-pool").out())
                .isEqualTo("Pool 'default-pool' was read anew\n");
    }

    @Test
    void createsAPool() {
        assertThat(libvirt.run("pool", "create", "data", "--dir", "/data/images")
                        .out())
                .isEqualTo("Pool 'data' is active in /data/images\n");
        try (Pool pool = Pool.find(libvirt.host(), "data")) {
            assertThat(pool.isActive()).isTrue();
            assertThat(pool.autostart()).isTrue();
        }
        assertThat(libvirt.run("pool", "create", "data", "--dir", "/data/images"))
                .isEqualTo(new JvirtRun(
                        1, "", "jvirt: pool 'data' exists already\nhint: jvirt pool info data shows it\n"));
        assertThat(libvirt.run("pool", "create", "scratch", "--dir", "/scratch", "--no-autostart")
                        .exit())
                .isZero();
        try (Pool pool = Pool.find(libvirt.host(), "scratch")) {
            assertThat(pool.autostart()).isFalse();
        }
        assertThat(libvirt.run("pool", "create", "x", "--dir", "here").exit()).isEqualTo(2);
    }

    @Test
    void networks() throws IOException {
        assertThat(libvirt.run("net", "list").out())
                .isEqualTo("NAME     STATE   AUTOSTART  FORWARD  BRIDGE  ADDRESS\n"
                        + "default  active  off        nat      virbr0  192.168.122.1/255.255.255.0\n");
        Golden.check("net-info.txt", libvirt.run("net", "info", "default").out());
        Golden.check(
                "net-info.json",
                libvirt.run("net", "info", "default", "-o", "json")
                        .out()
                        .replaceAll("\"uuid\" : \"[^\"]+\"", "\"uuid\" : \"…\"")
                        .replaceAll("\"expirySeconds\" : [0-9]+", "\"expirySeconds\" : 0"));
        assertThat(libvirt.run("net", "stop", "default").out()).isEqualTo("Network 'default' is inactive\n");
        try (Network network = Network.find(libvirt.host(), "default")) {
            assertThat(network.isActive()).isFalse();
        }
        assertThat(libvirt.run("net", "start", "default", "-o", "name").out()).isEqualTo("default\n");
        assertThat(libvirt.run("net", "start", "nosuch").exit()).isEqualTo(3);
    }
}
