// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.cli.Golden;
import io.jvirt.cli.JvirtRun;
import io.jvirt.cli.vm.TestDriver;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Network;
import io.jvirt.domain.libvirt.Pool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
    void refusesASecondPoolInADirectory() {
        assertThat(libvirt.run("pool", "create", "again", "--target", "/default-pool"))
                .isEqualTo(new JvirtRun(
                        4,
                        "",
                        "jvirt: pool 'default-pool' already uses /default-pool\nhint: two pools on one directory would each"
                                + " think that the volumes are theirs: use pool 'default-pool'\n"));
    }

    /** What a type needs, and what means nothing to it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "--type fs --target /mnt/x|a pool of type fs needs one --source-dev",
                "--type fs --source-dev /dev/sdb1|a pool of type fs needs --target",
                "--type netfs --target /mnt/x --source-host nas|a pool of type netfs needs --source-path",
                "--type netfs --target /mnt/x --source-path /e|a pool of type netfs needs --source-host",
                "--type disk|a pool of type disk needs one --source-dev",
                "--type disk --source-dev sdb|--source-dev 'sdb' is no absolute path",
                "--type logical --source-host nas|--source-host means nothing to a pool of type logical",
                "--type logical --overwrite|--overwrite means nothing to a pool of type logical",
                "--dir /d --source-name vg|--source-name means nothing to a pool of type dir",
                "--dir /d --source-format ext4|--source-format means nothing to a pool of type dir",
                "--dir /d --build|there is nothing to build for a pool of type dir",
                "--type zfs|pool type 'zfs' is not one that jvirt makes"
            })
    void saysWhatAPoolTypeNeeds(String options, String message) {
        List<String> words = new ArrayList<>(List.of("pool", "create", "x"));
        words.addAll(List.of(options.split(" ")));
        JvirtRun run = libvirt.run(words.toArray(String[]::new));
        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.err()).startsWith("jvirt: " + message).contains("\nhint: ");
    }

    @Test
    void asksBeforeItOverwritesADevice() {
        assertThat(libvirt.run("pool", "create", "x", "--type", "disk", "--source-dev", "/dev/sdz", "--overwrite"))
                .isEqualTo(new JvirtRun(
                        4,
                        "",
                        "jvirt: not confirmed: Make a new label on /dev/sdz, over everything that is there?\n"
                                + "hint: add --yes where nobody can be asked\n"));
    }

    @Test
    void onlyDefinesAPool() {
        assertThat(libvirt.run("pool", "create", "off", "--dir", "/off", "--no-start")
                        .out())
                .isEqualTo("Pool 'off' is inactive in /off\n");
        assertThat(libvirt.run("pool", "autostart", "off", "off").out())
                .isEqualTo("Pool 'off' does not start with the host\n");
        assertThat(libvirt.run("pool", "autostart", "off", "on").out()).isEqualTo("Pool 'off' starts with the host\n");
        assertThat(libvirt.run("pool", "autostart", "off", "maybe").exit()).isEqualTo(2);
        assertThat(libvirt.run("volume", "list", "off"))
                .isEqualTo(new JvirtRun(1, "", "jvirt: pool 'off' is inactive\nhint: jvirt pool start off\n"));
    }

    @Test
    void definesAPoolFromXml(@TempDir Path directory) throws IOException {
        Path xml = directory.resolve("pool.xml");
        Files.writeString(xml, "<pool type='dir'><name>fromxml</name><target><path>/fromxml</path></target></pool>");
        assertThat(libvirt.run("pool", "define", xml.toString()).out()).isEqualTo("Pool 'fromxml' is defined\n");
        assertThat(libvirt.run("pool", "define", "nosuch.xml"))
                .isEqualTo(
                        new JvirtRun(
                                3,
                                "",
                                "jvirt: the file nosuch.xml does not exist\nhint: name a file with libvirt's XML, or - for standard input\n"));
    }

    @Test
    void deletesAPool() {
        assertThat(libvirt.run("pool", "delete", "default-pool").exit()).isEqualTo(4);
        assertThat(libvirt.run("pool", "delete", "default-pool", "--storage", "--yes"))
                .isEqualTo(new JvirtRun(
                        4,
                        "",
                        "jvirt: pool 'default-pool' still holds 1 volume: web.qcow2\nhint: delete them first: jvirt volume"
                                + " delete default-pool web.qcow2; or leave the storage: without --storage\n"));
        libvirt.host()
                .defineDomain(
                        "<domain type='test'><name>user</name><memory>65536</memory><os><type>hvm</type></os><devices>"
                                + "<disk type='volume'><source pool='default-pool' volume='web.qcow2'/>"
                                + "<target dev='vda'/></disk></devices></domain>",
                        false)
                .close();
        assertThat(libvirt.run("pool", "delete", "default-pool", "--yes").err())
                .isEqualTo("jvirt: pool 'default-pool' holds disks of domain 'user', which names the pool\n"
                        + "hint: jvirt delete user\n");
        assertThat(libvirt.run("pool", "stop", "default-pool").exit()).isZero();
        assertThat(libvirt.run("pool", "start", "default-pool").exit()).isZero();
        try (Domain user = libvirt.host().findDomain("user")) {
            user.start();
            assertThat(libvirt.run("pool", "stop", "default-pool").err())
                    .isEqualTo("jvirt: pool 'default-pool' holds disks of domain 'user', which names the pool\n"
                            + "hint: jvirt stop user, or jvirt pool stop default-pool --force\n");
            assertThat(libvirt.run("pool", "stop", "default-pool", "--force").exit())
                    .isZero();
            user.destroy();
            user.undefine(Set.of());
        }
        assertThat(libvirt.run("pool", "delete", "default-pool", "-y").out())
                .isEqualTo("Pool 'default-pool' is deleted; what is in /default-pool stays\n");
        assertThat(libvirt.run("pool", "info", "default-pool").exit()).isEqualTo(3);
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
        assertThat(libvirt.run("net", "stop", "default", "--force").out()).isEqualTo("Network 'default' is inactive\n");
        try (Network network = Network.find(libvirt.host(), "default")) {
            assertThat(network.isActive()).isFalse();
        }
        assertThat(libvirt.run("net", "start", "default", "-o", "name").out()).isEqualTo("default\n");
        assertThat(libvirt.run("net", "start", "nosuch").exit()).isEqualTo(3);
    }

    @Test
    void makesANetwork() {
        assertThat(libvirt.run("net", "create", "lab", "--subnet", "192.168.77.0/24", "--domain", "lab.example")
                        .out())
                .isEqualTo("Network 'lab' is active, nat, 192.168.77.1/24\n");
        try (Network network = Network.find(libvirt.host(), "lab")) {
            assertThat(network.autostart()).isTrue();
        }
        assertThat(libvirt.run("net", "create", "lab"))
                .isEqualTo(new JvirtRun(
                        1, "", "jvirt: network 'lab' exists already\nhint: jvirt net info lab shows it\n"));
        assertThat(libvirt.run("net", "create", "clash", "--subnet", "192.168.77.128/25"))
                .satisfies(run -> {
                    assertThat(run.exit()).isEqualTo(4);
                    assertThat(run.err())
                            .startsWith(
                                    "jvirt: the subnet 192.168.77.128/25 overlaps 192.168.77.0/24 of network 'lab'\n"
                                            + "hint: --subnet 192.168.");
                });
        assertThat(libvirt.run("net", "autostart", "lab", "off").out())
                .isEqualTo("Network 'lab' does not start with the host\n");
        assertThat(libvirt.run("net", "delete", "lab").err())
                .isEqualTo("jvirt: not confirmed: Remove network 'lab'?\nhint: add --yes where nobody can be asked\n");
        assertThat(libvirt.run("net", "delete", "lab", "--yes").out()).isEqualTo("Network 'lab' is deleted\n");
        assertThat(libvirt.run("net", "delete", "lab", "-y").exit()).isEqualTo(3);
    }

    @Test
    void printsTheXmlOfEachForm() throws IOException {
        StringBuilder all = new StringBuilder();
        for (String line : List.of(
                "--subnet 10.20.0.0/24 --dhcp-range 10.20.0.100,10.20.0.200 --domain lab.example --bridge lab0",
                "--forward route --subnet 10.20.0.254/24 --dev eth1",
                "--forward open --subnet 10.20.0.128/24 --subnet fd00:20::/64",
                "--forward isolated --subnet 10.20.0.0/24 --no-dhcp",
                "--forward bridge --bridge br0")) {
            List<String> words = new ArrayList<>(List.of("net", "create", "lab", "--print-xml"));
            words.addAll(List.of(line.split(" ")));
            all.append("# ").append(line).append('\n');
            all.append(libvirt.run(words.toArray(String[]::new)).out().replace("><", ">\n<"));
        }
        Golden.check("net-create.xml", all.toString());
        assertThat(libvirt.run("net", "info", "lab").exit()).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "--forward tunnel|unknown forward mode 'tunnel'",
                "--subnet 10.0.0.0|'10.0.0.0' is no subnet",
                "--subnet 10.0.0.0/31|the subnet 10.0.0.0/31 is too small",
                "--subnet 10.0.0.0/7|the subnet 10.0.0.0/7 is too large",
                "--subnet 10.0.0.0/24 --dhcp-range 10.0.0.5|'10.0.0.5' is no range of addresses",
                "--subnet 10.0.0.0/24 --dhcp-range 10.0.0.5,10.0.1.6|the address 10.0.1.6 of --dhcp-range is not in 10.0.0.0/24",
                "--subnet 10.0.0.0/24 --dhcp-range 10.0.0.9,10.0.0.6|--dhcp-range ends before it begins",
                "--dhcp-range 10.0.0.5,10.0.0.6|--dhcp-range needs --subnet",
                "--subnet 10.0.0.0/24 --dhcp-range 10.0.0.5,10.0.0.6 --no-dhcp|--dhcp-range and --no-dhcp exclude each other",
                "--forward bridge|a bridged network needs --bridge",
                "--forward bridge --bridge br0 --subnet 10.0.0.0/24|a bridged network has the addresses of what its bridge",
                "--forward isolated --dev eth0|an isolated network leaves by no device",
                "--bridge a-bridge-with-a-long-name|'a-bridge-with-a-long-name' cannot be a bridge's name"
            })
    void saysWhatANetworkNeeds(String options, String message) {
        List<String> words = new ArrayList<>(List.of("net", "create", "x", "--no-start", "--no-autostart"));
        words.addAll(List.of(options.split(" ")));
        JvirtRun run = libvirt.run(words.toArray(String[]::new));
        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.err()).startsWith("jvirt: " + message).contains("\nhint: ");
    }

    @Test
    void definesANetworkFromXml(@TempDir Path directory) throws IOException {
        Path xml = Files.writeString(directory.resolve("net.xml"), "<network><name>fromxml</name></network>");
        assertThat(libvirt.run("net", "define", xml.toString()).out()).isEqualTo("Network 'fromxml' is defined\n");
    }

    @Test
    void aNetworkInUseStays() {
        libvirt.host()
                .defineDomain(
                        "<domain type='test'><name>user</name><memory>65536</memory><os><type>hvm</type></os><devices>"
                                + "<interface type='network'><source network='default'/></interface></devices></domain>",
                        false)
                .close();
        assertThat(libvirt.run("net", "info", "default").out()).contains("Used by:    test, user\n");
        assertThat(libvirt.run("net", "delete", "default", "--yes").err())
                .isEqualTo(
                        "jvirt: network 'default' is used by domain 'test' and 1 more, which could not start without it\n"
                                + "hint: give it another network first, or: jvirt net delete default --force\n");
        try (Domain user = libvirt.host().findDomain("user")) {
            user.start();
            assertThat(libvirt.run("net", "stop", "default"))
                    .isEqualTo(
                            new JvirtRun(
                                    4,
                                    "",
                                    "jvirt: network 'default' carries the running domain 'test' and 1 more\nhint: it would lose its"
                                            + " link until it is started anew: jvirt stop test first, or jvirt net stop default --force\n"));
            assertThat(libvirt.run("net", "stop", "default", "--force").exit()).isZero();
            user.destroy();
        }
        assertThat(libvirt.run("net", "delete", "default", "--force", "--yes").exit())
                .isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "52:54:00:12:34 192.168.122.50|2|'52:54:00:12:34' is no MAC address",
                "53:54:00:12:34:56 192.168.122.50|2|'53:54:00:12:34:56' is the address of a group, not of one guest",
                "52:54:00:12:34:56 10.0.0.1|2|10.0.0.1 is no IPv4 address of network 'default'",
                "52:54:00:12:34:56 192.168.122.1|2|192.168.122.1 is not a guest's",
                "52:54:00:12:34:56 192.168.122.255 --host web|2|192.168.122.255 is not a guest's"
            })
    void saysWhatCannotBeReserved(String words, int exit, String message) {
        List<String> all = new ArrayList<>(List.of("net", "reserve", "default"));
        all.addAll(List.of(words.split(" ")));
        JvirtRun run = libvirt.run(all.toArray(String[]::new));
        assertThat(run.exit()).isEqualTo(exit);
        assertThat(run.err()).startsWith("jvirt: " + message).contains("\nhint: ");
    }

    @Test
    void releasesOnlyWhatIsKept() {
        assertThat(libvirt.run("net", "release", "default", "web"))
                .isEqualTo(new JvirtRun(
                        3,
                        "",
                        "jvirt: network 'default' keeps no address for 'web'\n"
                                + "hint: jvirt net info default shows what it keeps\n"));
    }
}
