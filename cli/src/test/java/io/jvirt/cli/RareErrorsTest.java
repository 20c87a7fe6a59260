// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.cli.vm.TestDriver;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.change.DefineVerb;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Pool;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What hardly anybody does wrong: each with its text, its hint and its exit code. */
class RareErrorsTest {
    private static final String NETWORK_DISK = """
            <domain type='test'><name>rbd</name><memory>65536</memory><os><type>hvm</type></os><devices>
            <disk type='network' device='disk'><driver name='qemu' type='raw'/><source protocol='rbd' name='pool/image'>
            <host name='mon' port='6789'/></source><target dev='vda' bus='virtio'/></disk>
            <disk type='file' device='disk'><source file='/nowhere/a.raw'/><target dev='vdb' bus='virtio'/></disk>
            </devices></domain>
            """;

    private static final String NUMA = """
            <domain type='test'><name>numa</name><memory>65536</memory><vcpu>1</vcpu><os><type>hvm</type></os>
            <cpu><numa><cell id='0' cpus='0' memory='65536'/></numa></cpu></domain>
            """;

    private final TestDriver libvirt = new TestDriver();

    @AfterEach
    void close() {
        libvirt.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "1|set rbd --resize-disk vda=1G|disk 'vda' of 'rbd' is no file and no device|resize it where it is stored",
                "4|set rbd --remove-disk vda,file=trash|disk 'vda' of 'rbd' cannot go into the trash: the network disk"
                        + " pool/image is left|--remove-disk vda leaves it where it is",
                "4|set rbd --remove-disk vdb,file=trash|disk 'vdb' of 'rbd' cannot go into the trash: /nowhere/a.raw does"
                        + " not exist|--remove-disk vdb leaves it where it is",
                "4|set numa --max-memory 1G|the memory of 'numa' is divided among NUMA cells|jvirt edit numa changes the cells with it",
                "2|autostart on test --after=|the option --after has an empty value|it takes NAME[:PROBE]; leave it out",
                "2|pool create a/b --dir /d|'a/b' cannot be a pool's name|",
                "2|set rbd --network link=down|--network 'link=down' names no card|--network 52:54:00:12:34:56,source=default; a card by",
                "2|net create a/b|'a/b' cannot be a network's name|use letters",
                "2|net create x --forward bridge --bridge lo --subnet 10.0.0.0/24|a bridged network has the addresses of"
                        + " what its bridge leads to|",
                "2|volume create vg data 1M --format qcow2|the volumes of pool 'vg' are devices and have no format|",
                "2|net reserve default 52:54:00:00:00:01 192.168.122.255|192.168.122.255 is not a guest's: it is the host's"
                        + " own, the lowest or the highest of|",
            })
    void isExplained(int exit, String line, String message, String hint) {
        libvirt.host().defineDomain(NETWORK_DISK, false).close();
        libvirt.host().defineDomain(NUMA, false).close();
        try (Pool pool = Pool.define(
                libvirt.host(),
                "<pool type='logical'><name>vg</name><source><name>vg</name></source><target><path>/dev/vg</path></target>"
                        + "</pool>")) {
            pool.start();
        }
        JvirtRun run = libvirt.run(line.split(" "));
        assertThat(run.err()).startsWith("jvirt: " + message).contains("\nhint: " + (hint == null ? "" : hint));
        assertThat(run.exit()).isEqualTo(exit);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void charactersThatCannotBe() {
        assertThat(libvirt.run("rename", "test", ""))
                .isEqualTo(new JvirtRun(
                        2,
                        "",
                        "jvirt: the name is empty\nhint: use letters, digits, '-', '_' and '.', such as web-01\n"));
        assertThat(libvirt.run("rename", "test", "a\u0007b").err())
                .startsWith("jvirt: the name 'a\\x07b' has a control character in it\nhint: use letters, digits,");
        assertThat(libvirt.run("snapshot", "create", "test", "a\nb\u001b").err())
                .startsWith("jvirt: a snapshot cannot be named 'a\\nb\\x1b'\nhint: letters, digits");
        for (String noun : List.of("pool", "net")) {
            for (String name : List.of("a b", "a\nb", "a\tb", "", "-")) {
                JvirtRun run = noun.equals("pool")
                        ? JvirtRun.of("pool", "create", "-c", TestDriver.URI, "--target", "/x", "--", name)
                        : JvirtRun.of("net", "create", "-c", TestDriver.URI, "--", name);
                assertThat(run.err())
                        .as(name)
                        .contains("' cannot be a ", "'s name\nhint: use letters")
                        .hasLineCount(2);
                assertThat(run.exit()).isEqualTo(2);
            }
        }
        assertThat(libvirt.run("net", "create", "x", "--bridge", "a b").err())
                .startsWith("jvirt: 'a b' cannot be a bridge's name\nhint: a device's name has at most 15 characters");
        assertThat(JvirtRun.of("-c", "", "list"))
                .isEqualTo(new JvirtRun(
                        2,
                        "",
                        "jvirt: the option --connect has an empty value\n"
                                + "hint: it takes URI|HOST; leave it out where there is none\n"));
        assertThat(JvirtRun.of("--nosuch", "-q"))
                .isEqualTo(new JvirtRun(
                        2,
                        "",
                        "jvirt: unknown option '--nosuch'\nhint: 'jvirt --help' lists the commands and options\n"));
        assertThat(JvirtRun.of("-c", "test:///default", "-q"))
                .isEqualTo(
                        new JvirtRun(2, "", "jvirt: there is no command\nhint: 'jvirt --help' lists the commands\n"));
        assertThat(libvirt.run("info", ""))
                .isEqualTo(
                        new JvirtRun(2, "", "jvirt: a domain's name is empty\nhint: jvirt list shows the domains\n"));
        assertThat(libvirt.run("set", "test", "--title", "a\u0001"))
                .isEqualTo(
                        new JvirtRun(2, "", "jvirt: the character U+1 cannot be written in XML\nhint: leave it out\n"));
    }

    /** A hint is pasted as it is: without quotes it would mean another machine. */
    @Test
    void aNameThatAShellWouldTakeApart() {
        for (String name : List.of("two words", "a;reboot", "it's")) {
            libvirt.host()
                    .defineDomain(
                            "<domain type='test'><name>" + name
                                    + "</name><memory>65536</memory><os><type>hvm</type></os>" + "</domain>",
                            false)
                    .close();
            String word = "'" + name.replace("'", "'\\''") + "'";
            assertThat(libvirt.run("reset", name))
                    .isEqualTo(new JvirtRun(
                            1, "", "jvirt: domain '" + name + "' is not running\nhint: jvirt start " + word + "\n"));
            assertThat(libvirt.run("start", name).exit()).isZero();
            assertThat(libvirt.run("delete", name, "--yes").err())
                    .contains("\nhint: jvirt stop " + word + ", or jvirt delete " + word + " --force\n");
        }
    }

    @Test
    void aConsoleThatIsRecordedAndHasSaidNothing() {
        libvirt.host()
                .defineDomain(
                        "<domain type='test'><name>mute</name><memory>65536</memory><os><type>hvm</type></os><devices>"
                                + "<serial type='pty'><log file='/nowhere/mute.log'/></serial></devices></domain>",
                        false)
                .close();
        assertThat(libvirt.run("logs", "mute", "--console"))
                .isEqualTo(new JvirtRun(
                        3,
                        "",
                        "jvirt: domain 'mute' has no log /nowhere/mute.log\nhint: it may never have been started\n"));
    }

    @Test
    void aGuestThatStandsStill() {
        libvirt.run("suspend", "test");
        for (String[] line : new String[][] {{"reboot", "test"}, {"reboot", "test", "--wait", "agent"}}) {
            assertThat(libvirt.run(line))
                    .isEqualTo(new JvirtRun(
                            1,
                            "",
                            "jvirt: domain 'test' is paused: its guest cannot reboot\n"
                                    + "hint: jvirt resume test, or jvirt reset test\n"));
        }
    }

    @Test
    void aSavedMachineKeepsItsNameAndGetsNoSnapshot() {
        libvirt.run("save", "test");
        assertThat(libvirt.run("rename", "test", "other"))
                .isEqualTo(new JvirtRun(
                        4,
                        "",
                        "jvirt: domain 'test' has saved memory, which has its old name in it\n"
                                + "hint: jvirt start test, then jvirt stop test\n"));
        assertThat(libvirt.run("snapshot", "create", "test", "one"))
                .isEqualTo(new JvirtRun(
                        4,
                        "",
                        "jvirt: domain 'test' has saved memory: its disks are in the middle of its work\n"
                                + "hint: jvirt start test, then snapshot it\n"));
    }

    @Test
    void aFileThatNobodyCanWrite() {
        JvirtRun run = libvirt.run("save", "test", "--file", "/nowhere/test.saved");
        assertThat(run.err())
                .startsWith("jvirt: cannot save domain 'test' to /nowhere/test.saved: ")
                .endsWith("\nhint: the file is one of the domain's host: is its directory there, and is it large"
                        + " enough?\n");
        assertThat(run.exit()).isEqualTo(1);
        assertThat(libvirt.isActive("test")).isTrue();
    }

    @Test
    void aDefinitionThatChangesUnderAnEditor() {
        String definition;
        try (Domain defined = libvirt.host().defineDomain(NETWORK_DISK, false)) {
            definition = defined.inactiveXml();
        }
        DefineVerb define = new DefineVerb(libvirt.host());
        DefineVerb.Plan plan = define.plan(definition.replace("65536", "131072"));
        libvirt.run("set", "rbd", "--title", "somebody else's");
        assertThatThrownBy(() -> define.perform(plan, false)).isInstanceOfSatisfying(JvirtException.class, e -> {
            assertThat(e.kind()).isEqualTo(JvirtException.Kind.FAILED);
            assertThat(e.getMessage()).isEqualTo("the definition of domain 'rbd' was changed meanwhile");
            assertThat(e.hint()).isEqualTo("look at it (jvirt dumpxml rbd) and try again");
        });
    }
}
