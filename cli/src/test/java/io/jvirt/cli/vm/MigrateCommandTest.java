// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.cli.JvirtRun;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** migrate's options and findings between two hosts of libvirt's test driver; the lab has the migrations themselves. */
class MigrateCommandTest {
    private static final String NODE = """
            <node>
              <domain type='test'><name>web</name><uuid>11111111-1111-4111-8111-111111111111</uuid>
                <memory>65536</memory><vcpu>1</vcpu><os><type>hvm</type></os>
                <devices><interface type='network'><mac address='52:54:00:00:00:01'/><source network='default'/>
                </interface></devices></domain>
              <pool type='dir'><name>default</name><target><path>/default-pool</path></target></pool>
            </node>
            """;

    @TempDir
    Path directory;

    private TestDriver libvirt;
    private String target;

    @BeforeEach
    void open() throws IOException {
        libvirt = new TestDriver();
        Path node = Files.writeString(directory.resolve("node.xml"), NODE);
        target = "test://" + node;
    }

    @AfterEach
    void close() {
        libvirt.close();
    }

    private void define(String name, String uuid, String devices) {
        libvirt.host()
                .defineDomain(
                        "<domain type='test'><name>" + name + "</name><uuid>" + uuid
                                + "</uuid><memory unit='MiB'>64</memory><os><type>hvm</type></os><devices>" + devices
                                + "</devices></domain>",
                        false)
                .close();
    }

    @Test
    void findsEverythingAtOnceAndExitsWithRefused() {
        define(
                "web",
                "22222222-2222-4222-8222-222222222222",
                "<interface type='network'><mac address='52:54:00:00:00:01'/><source network='lan'/></interface>"
                        + "<interface type='bridge'><mac address='52:54:00:00:00:02'/><source bridge='br7'/></interface>"
                        + "<disk type='file' device='cdrom'><source file='/iso/none.iso'/><target dev='hda'/></disk>"
                        + "<disk type='file' device='disk'><source file='/none/web.qcow2'/><target dev='vda'/></disk>");
        JvirtRun run = libvirt.run("migrate", "web", "--to", target, "--plan");
        assertThat(run.exit()).as("%s", run).isEqualTo(4);
        assertThat(run.out())
                .contains("Domain 'web' cannot move to " + target)
                .contains("blocker  the target has another domain 'web'")
                .contains("--rename NEW gives this one another name there")
                .contains("blocker  domain 'web' on the target has the same MAC address 52:54:00:00:00:01")
                .contains("blocker  the target has no network 'lan'")
                .contains("blocker  the target has no bridge br7")
                .contains("blocker  the target does not have /iso/none.iso (drive hda)")
                .contains("blocker  disk vda: /none/web.qcow2 does not exist")
                .contains("Nothing was changed");

        JvirtRun json = libvirt.run("migrate", "web", "--to", target, "--plan", "-o", "json");
        assertThat(json.exit()).isEqualTo(4);
        assertThat(json.out()).contains("\"state\" : \"blocked\"").contains("\"kind\" : \"blocker\"");

        JvirtRun real = libvirt.run("migrate", "web", "--to", target, "--yes");
        assertThat(real.exit()).isEqualTo(4);
        assertThat(real.err())
                .startsWith("jvirt: cannot move 'web': ")
                .contains("the target has no bridge br7; ")
                .contains("hint: ");
    }

    @Test
    void aMappedNetworkAndAnotherNameSolveTheirBlockers() {
        define(
                "web",
                "22222222-2222-4222-8222-222222222222",
                "<interface type='network'><mac address='52:54:00:00:00:03'/><source network='lan'/></interface>");
        JvirtRun run = libvirt.run(
                "migrate", "web", "--to", target, "--plan", "--rename", "web2", "--network-map", "lan=default");
        assertThat(run.out())
                .contains("remap  network 'lan' is 'default' on the target")
                .doesNotContain("another domain")
                .contains("the target has no network 'default'");
    }

    @Test
    void thePlansStepsAreInTheOrderThatKeepsTheMachine() {
        define("db", "33333333-3333-4333-8333-333333333333", "");
        JvirtRun run = libvirt.run("migrate", "db", "--to", target, "--plan");
        assertThat(run.exit()).as("%s", run).isZero();
        assertThat(run.out().lines().map(String::strip).filter(line -> line.contains(" domain 'db' on")))
                .containsExactly(
                        "define domain 'db' on " + target + ", locked",
                        "lock domain 'db' on this host",
                        "unlock domain 'db' on " + target,
                        "undefine domain 'db' on this host");
    }

    @Test
    void aRunningDomainStays() {
        JvirtRun run = libvirt.run("migrate", "test", "--to", target, "--yes");
        assertThat(run.exit()).isEqualTo(4);
        assertThat(run.err()).contains("domain 'test' is running").contains("hint: jvirt stop test");
    }

    @Test
    void savedMemoryIsABlockerAndTheWaysOnAreNamed() {
        define("asleep", "66666666-6666-4666-8666-666666666666", "");
        libvirt.run("start", "asleep");
        libvirt.run("save", "asleep");
        JvirtRun run = libvirt.run("migrate", "asleep", "--to", target, "--yes");
        assertThat(run.exit()).isEqualTo(4);
        assertThat(run.err())
                .contains("domain 'asleep' has saved memory: its disks are in the middle of its work")
                .contains(
                        "hint: take it along: --managed-save; or use it up: jvirt start asleep, then jvirt stop asleep;"
                                + " or drop it: virsh managedsave-remove asleep");
    }

    @Test
    void withoutSavedMemoryThereIsNoneToTakeAlong() {
        define("off", "44444444-4444-4444-8444-444444444444", "");
        JvirtRun run = libvirt.run("migrate", "off", "--to", target, "--managed-save", "--plan");
        assertThat(run.exit()).as("%s", run).isZero();
        assertThat(run.out()).contains("domain 'off' has no saved memory to take along: it starts afresh");
    }

    @Test
    void onlyOneThatRunsIsCopiedWhileItRuns() {
        define("off", "44444444-4444-4444-8444-444444444444", "");
        JvirtRun run = libvirt.run("migrate", "off", "--to", target, "--presync", "--timeout", "2m", "--yes");
        assertThat(run.exit()).isEqualTo(4);
        assertThat(run.err()).contains("domain 'off' is not running").contains("hint: leave --presync out");
    }

    @Test
    void anImageIsMadeAnewOnlyByJvirtThere() throws IOException {
        Path image = directory.resolve("web.qcow2");
        DiskImages.create(CreateRequest.qcow2(image, 1 << 20));
        define(
                "web3",
                "55555555-5555-4555-8555-555555555555",
                "<disk type='file' device='disk'><driver type='qcow2'/><source file='" + image
                        + "'/><target dev='vda'/></disk>");
        JvirtRun run = libvirt.run("migrate", "web3", "--to", target, "--compact", "--transport", "libvirt", "--yes");
        assertThat(run.exit()).isEqualTo(4);
        assertThat(run.err())
                .contains("disk vda can become qcow2 only where jvirt is on the target too")
                .contains("leave --format qcow2 and --compact out");
    }

    @Test
    void whatIsGoodToKnow() throws IOException {
        Path image = Files.write(directory.resolve("noted.raw"), new byte[512]);
        String disk = "<disk type='file' device='disk'><driver type='raw'/><source file='" + image
                + "'/><target dev='vda'/><shareable/></disk>";
        define("also", "77777777-7777-4777-8777-777777777777", disk);
        define(
                "noted",
                "88888888-8888-4888-8888-888888888888",
                disk
                        + "<disk type='network' device='disk'><source protocol='rbd' name='pool/image'/>"
                        + "<target dev='vdb'/></disk>");
        Pool.define(
                        libvirt.host(),
                        "<pool type='dir'><name>here</name><target><path>" + directory + "</path></target></pool>")
                .close();
        JvirtRun run = libvirt.run("migrate", "noted", "--to", target, "--plan", "--transport", "libvirt");
        assertThat(run.exit()).as("%s", run).isZero();
        assertThat(run.out())
                .contains("note  the target does not say what its hypervisor offers\n")
                .contains("note  disk vdb is on the network (rbd pool/image) and stays where it is\n")
                .contains("note  the target has no pool 'here': the files go to " + directory
                        + " all the same (--pool-map here=POOL takes another one)\n")
                .contains("note  " + image + " stays on this host: it is also used by domain 'also'\n");
    }

    @Test
    void theSameHostIsNoTarget() {
        JvirtRun run = libvirt.run("migrate", "test", "--to", TestDriver.URI, "--plan");
        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.err()).contains("is this host itself").contains("hint: --to takes another one");
    }

    @Test
    void wrongUsage() {
        wrong("--shared and --copy exclude each other", "--shared", "--copy");
        wrong("unknown --chain 'bend'", "--chain", "bend");
        wrong("--max-downtime is for --live", "--max-downtime", "300ms");
        wrong("--live and --presync exclude each other", "--live", "--presync");
        wrong("--managed-save is for a domain that is off", "--live", "--managed-save");
        wrong("with --live libvirt copies the disks", "--live", "--chain", "flatten");
        wrong("--timeout is for --presync", "--timeout", "5s");
        wrong("unknown --transport 'pigeon'", "--transport", "pigeon");
        wrong("unknown --compress 'gzip'", "--compress", "gzip");
        wrong("unknown --format 'vmdk'", "--format", "vmdk");
        wrong("libvirt does not compress what it carries", "--transport", "libvirt", "--compress", "zstd");
        wrong("--pool-map 'fast' is not A=B", "--pool-map", "fast");
        wrong("--network-map '=x' is not A=B", "--network-map", "=x");
        wrong("--rename gives one domain a name, and there are 2", "other", "--rename", "new");
    }

    @Test
    void aBandwidthThatIsNone() {
        wrong("--bandwidth 'fast' is not a size", "--bandwidth", "fast", "--no-verify", "--keep-source", "--delta");
    }

    private void wrong(String message, String... more) {
        String[] args = new String[more.length + 4];
        System.arraycopy(new String[] {"migrate", "test", "--to", target}, 0, args, 0, 4);
        System.arraycopy(more, 0, args, 4, more.length);
        JvirtRun run = libvirt.run(args);
        assertThat(run.exit()).as("%s", run).isEqualTo(2);
        assertThat(run.err()).contains(message);
    }

    @Test
    void asksOnATerminal() {
        define("db", "33333333-3333-4333-8333-333333333333", "");
        JvirtRun run = JvirtRun.onTerminal("n\n", "-c", TestDriver.URI, "migrate", "db", "--to", target, "--start");
        assertThat(run.exit()).isEqualTo(4);
        assertThat(run.err()).contains("Move 'db' (0 B to send)?").contains("nothing was changed");
    }
}
