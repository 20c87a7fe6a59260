// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.cli.Golden;
import io.jvirt.cli.JvirtRun;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.libvirt.Volume;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.device.Disk;
import io.jvirt.domain.xml.device.Interface;
import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.Preallocation;
import io.jvirt.storage.file.HostFile;
import io.jvirt.storage.qcow2.Qcow2Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code create}, {@code delete} and {@code recover} on libvirt's test driver, whose state lasts while a connection is open. */
class CreateCommandTest {
    private static final String URI = "test:///default";

    private Host host;

    @TempDir
    Path directory;

    @BeforeEach
    void open() {
        host = Host.open(URI);
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        host.close();
        Path journal = Path.of("target/state/journal");
        if (Files.isDirectory(journal)) {
            try (Stream<Path> files = Files.list(journal)) {
                assertThat(files.filter(f -> f.toString().endsWith(".jsonl"))).isEmpty();
            }
        }
    }

    private static JvirtRun jvirt(String... args) {
        List<String> all = new ArrayList<>(List.of("-c", URI));
        all.addAll(List.of(args));
        return JvirtRun.of(all.toArray(new String[0]));
    }

    private DomainXml definition(String name) {
        try (Domain domain = host.findDomain(name)) {
            return DomainXml.parse(domain.inactiveXml());
        }
    }

    private List<String> volumes() {
        try (Pool pool = Pool.find(host, "default-pool")) {
            List<String> names = new ArrayList<>();
            for (Volume v : pool.volumes()) {
                names.add(v.name());
                v.close();
            }
            return names;
        }
    }

    @Test
    void createsWhatTheFirstLineOfTheReadmeSays() {
        JvirtRun run = jvirt("create", "--name", "centos", "--disk", "10G", "--format", "qcow2");
        assertThat(run.err()).isEmpty();
        assertThat(run.exit()).isZero();
        assertThat(run.out()).isEqualTo("""
                        Domain 'centos' is defined
                          disk  /default-pool/centos.qcow2  qcow2  10 GiB
                        Next:
                          jvirt start centos
                          jvirt console centos    (Ctrl-] leaves)
                          jvirt info centos
                        """);
        assertThat(volumes()).containsExactly("centos.qcow2");
        DomainXml xml = definition("centos");
        assertThat(xml.get(DomainXml.MEMORY_BYTES)).isEqualTo(2L << 30);
        assertThat(xml.disks().get(0).get(Disk.BUS)).isEqualTo("virtio");
        assertThat(xml.interfaces().get(0).get(Interface.SOURCE_NETWORK)).isEqualTo("default");
        assertThat(xml.serials()).hasSize(1);
        assertThat(xml.channels()).hasSize(1);
        assertThat(xml.rngs()).hasSize(1);

        JvirtRun delete = jvirt("delete", "centos", "--yes", "--purge");
        assertThat(delete.out()).isEqualTo("Domain 'centos' is deleted, with /default-pool/centos.qcow2\n");
        assertThat(volumes()).isEmpty();
        assertThat(host.domainNamed("centos")).isNull();
    }

    @ParameterizedTest
    @CsvSource({"1G, true", "'1G,preallocation=off', false", "129G, false", "'1G,format=raw', true"})
    void setsTheTablesOfOrdinaryDisksAside(String disk, boolean reachesOut) throws IOException {
        JvirtRun run = jvirt("create", "tables", "--disk", disk, "--dir", directory.toString());
        assertThat(run.exit()).isZero();
        Path file;
        try (Stream<Path> files = Files.list(directory)) {
            file = files.findFirst().orElseThrow();
        }
        // What the tables name lies behind them and is a hole.
        assertThat(Files.size(file) >= 1L << 30).isEqualTo(reachesOut);
        try (HostFile opened = HostFile.open(file, true)) {
            assertThat(opened.allocatedBytes()).isLessThan(1 << 20);
        }
        assertThat(jvirt("delete", "tables", "--yes", "--purge").exit()).isZero();
    }

    @Test
    void answersInJson() throws IOException {
        JvirtRun run = jvirt(
                "create",
                "web",
                "--disk",
                "1G",
                "--disk",
                "2G,format=raw",
                "--network",
                "default,mac=52:54:00:00:00:01,model=e1000",
                "--title",
                "Web",
                "--description",
                "front end",
                "-o",
                "json");
        assertThat(run.exit()).isZero();
        Golden.check("create.json", masked(run.out()));
        Golden.check(
                "create-dry-run.json",
                masked(jvirt("create", "dry", "--disk", "1G", "--network", "none", "--dry-run", "-o", "json")
                        .out()));
        assertThat(definition("web").get(DomainXml.TITLE)).isEqualTo("Web");
        assertThat(definition("web").get(DomainXml.DESCRIPTION)).isEqualTo("front end");
        Golden.check(
                "delete.json",
                masked(jvirt("delete", "web", "--yes", "-o", "json").out()));
        Golden.check("recover.json", jvirt("recover", "-o", "json").out());
        assertThat(jvirt("recover").out()).isEqualTo("Nothing is unfinished\n");
        assertThat(jvirt("recover", "--resume", "--yes").out()).isEqualTo("Nothing is unfinished\n");
    }

    private static String masked(String json) {
        return json.replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID");
    }

    @Test
    void takesAllOfAMachinesOptions() {
        JvirtRun run = jvirt(
                "create",
                "--name",
                "big",
                "--ram",
                "512",
                "--vcpus",
                "3",
                "--cpu",
                "core2duo,+vmx,-sse3",
                "--firmware",
                "bios",
                "--disk",
                "size=3,bus=scsi,cache=none,preallocation=full",
                "--pool",
                "default-pool",
                "--preallocation",
                "falloc",
                "--network",
                "bridge=br7",
                "--network",
                "user",
                "--graphics",
                "vnc",
                "--pxe",
                "--os-variant",
                "generic",
                "--autostart",
                "--no-start");
        assertThat(run.err()).isEmpty();
        DomainXml xml = definition("big");
        assertThat(xml.get(DomainXml.MEMORY_BYTES)).isEqualTo(512L << 20);
        assertThat(xml.get(DomainXml.VCPUS)).isEqualTo(3);
        assertThat(xml.get(DomainXml.CPU_MODEL)).isEqualTo("core2duo");
        assertThat(xml.disks().get(0).get(Disk.TARGET)).isEqualTo("sda");
        assertThat(xml.disks().get(0).get(Disk.CACHE)).isEqualTo("none");
        assertThat(xml.interfaces()).extracting(i -> i.get(Interface.TYPE)).containsExactly("bridge", "user");
        assertThat(xml.interfaces())
                .extracting(i -> i.get(Interface.BOOT_ORDER))
                .containsExactly(2L, 3L);
        assertThat(xml.graphics()).hasSize(1);
        try (Domain domain = host.findDomain("big")) {
            assertThat(domain.isActive()).isFalse();
            assertThat(domain.autostart()).isTrue();
        }
    }

    @Test
    void startsWhereThereIsSomethingToBootFrom() throws IOException {
        Path disk = Files.write(directory.resolve("mine.img"), new byte[1 << 20]);
        JvirtRun run = jvirt("create", "old", "--import", disk.toString(), "--memory", "1G");
        assertThat(run.out())
                .startsWith("Domain 'old' is defined and running\n")
                .contains("(was there before)");
        JvirtRun refused = jvirt("delete", "old", "--yes");
        assertThat(refused.exit()).isEqualTo(4);
        assertThat(refused.err())
                .isEqualTo("jvirt: domain 'old' is running\nhint: jvirt stop old, or jvirt delete old --force\n");
        assertThat(jvirt("delete", "old", "--force", "--yes", "--keep-disks", "--purge")
                        .out())
                .isEqualTo("Domain 'old' is deleted\n  kept: " + disk + "\n");
        assertThat(disk).exists();
    }

    @Test
    void attachesAnIsoBehindTheDisk() throws IOException {
        Path iso = Files.write(directory.resolve("a.iso"), new byte[4096]);
        jvirt("create", "inst", "--disk", "1G", "--cdrom", iso.toString(), "--start");
        DomainXml xml = definition("inst");
        assertThat(xml.disks()).extracting(d -> d.get(Disk.BOOT_ORDER)).containsExactly(1L, 2L);
        assertThat(xml.disks().get(1).get(Disk.READONLY)).isTrue();
        assertThat(jvirt("delete", "inst", "--force", "--yes", "--purge").out()).contains("kept: " + iso);
    }

    @Test
    void startsAnInstallerForOnce() throws IOException {
        Files.write(directory.resolve("linux"), new byte[10]);
        Files.write(directory.resolve("initrd.gz"), new byte[10]);
        JvirtRun plan = jvirt(
                "create",
                "inst",
                "--disk",
                "1G",
                "--location",
                directory.toString(),
                "--extra-args",
                "auto=true",
                "--dry-run");
        assertThat(plan.out()).contains("copy " + directory.resolve("linux"), "start domain 'inst' with the installer");
        JvirtRun url = jvirt("create", "inst", "--disk", "1G", "--location", "http://example.org/tree");
        assertThat(url.exit()).isEqualTo(1);
        assertThat(url.err()).contains("only directories can be read yet");
    }

    @Test
    void printsTheDefinitionAlone() {
        JvirtRun run = jvirt("create", "--name", "web", "--disk", "1G", "--machine", "pc", "--print-xml");
        assertThat(run.out().strip()).startsWith("<domain").endsWith("</domain>");
        assertThat(volumes()).isEmpty();
        assertThat(host.domainNamed("web")).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--name a/b --disk 1G            | 2 | the name 'a/b' has a '/' in it",
                "--name é --disk 1G              | 2 | the name 'é' has a character that is not ASCII in it",
                "--name .. --disk 1G             | 2 | the name '..' starts or ends with a character that it cannot",
                "--disk 1G                       | 2 | the machine has no name",
                "a --name b --disk 1G            | 2 | two names: 'b' and 'a'",
                "--name test --disk 1G           | 1 | the name 'test' is in use on test:///default",
                "web --disk 0                    | 2 | the disk's size '0' is zero",
                "web --disk -1                   | 2 | the disk's size '-1' is negative",
                "web --disk 10X                  | 2 | the disk's size '10X' has the unknown unit 'X'",
                "web --disk 16E                  | 2 | the disk's size '16E' is too large",
                "web --disk 10                   | 2 | the disk's size '10' has no unit",
                "web --disk 1G,format=vhdx       | 2 | a disk's format cannot be 'vhdx'",
                "web --disk 1G,nonsense=1        | 2 | --disk '1G,nonsense=1' has the unknown part 'nonsense=1'",
                "web --disk 1G,bus=floppy        | 2 | --disk: bus cannot be 'floppy'",
                "web --disk 1G,size=2            | 2 | --disk '1G,size=2' gives two sizes",
                "web --disk 1G,pool=a,path=/b    | 2 | --disk '1G,pool=a,path=/b' gives both a pool and a path",
                "web --disk format=raw           | 2 | a --disk has no size",
                "web                             | 2 | there is neither a disk nor anything to boot from",
                "web --disk 1G --memory 0        | 2 | the memory '0' is zero",
                "web --disk 1G --memory 12X      | 2 | the memory '12X' has the unknown unit 'X'",
                "web --disk 1G --vcpus 0         | 2 | a machine needs at least one processor",
                "web --disk 1G --firmware open   | 2 | the firmware cannot be 'open'",
                "web --disk 1G --graphics x11    | 2 | --graphics cannot be 'x11'",
                "web --disk 1G --pool nowhere    | 3 | no pool 'nowhere' on test:///default",
                "web --disk 1G --network nowhere | 3 | no network 'nowhere' on test:///default",
                "web --disk 1G --network default,mac=1 | 2 | the MAC address '1' is not one",
                "web --disk 1G --network default,mac=01:00:00:00:00:00 | 2 | the MAC address '01:00:00:00:00:00' is a multicast address",
                "web --disk 1G --cdrom /no.iso   | 3 | the ISO image /no.iso does not exist",
                "web --location /no              | 3 | the tree /no does not exist",
                "web --image /no.qcow2           | 3 | the image /no.qcow2 does not exist",
                "web --import /no.qcow2          | 3 | the disk /no.qcow2 does not exist",
                "web --disk 1G --backed          | 2 | --backed needs an image",
                "web --disk 1G -x quiet          | 2 | --extra-args needs --location",
                "web --disk 1G --pxe --cdrom /a  | 2 | --cdrom, --location, --pxe, --import and --image exclude each other",
                "web --disk 1G --pxe --network none | 2 | --pxe needs a network",
                "web --disk 1G --dir /tmp --pool a | 2 | --pool and --dir do not go together",
                "web --disk 1G --dir /no/where   | 3 | the directory /no/where does not exist",
                "web --disk none --disk 1G       | 2 | --disk none does not go with another --disk",
                "web --disk 1G --wait=x          | 2 | --wait cannot be 'x'",
                "web --disk 1G,preallocation=metadata | 2 | preallocation metadata is not available in pool 'default-pool'",
            })
    void refusesBadInput(String line, int exit, String message) {
        List<String> args = new ArrayList<>(List.of("create"));
        args.addAll(List.of(line.strip().split(" +")));
        JvirtRun run = jvirt(args.toArray(new String[0]));
        assertThat(run.err()).startsWith("jvirt: " + message).containsPattern("(?m)^hint: .+");
        assertThat(run.exit()).isEqualTo(exit);
        assertThat(run.out()).isEmpty();
        assertThat(volumes()).isEmpty();
        assertThat(host.domainNamed("web")).isNull();
    }

    @Test
    void refusesALineBreakInANameOnOneLine() {
        JvirtRun run = jvirt("create", "--name", "a\nb", "--disk", "1G");
        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.err()).startsWith("jvirt: the name 'a\\nb' has a line break in it\n");
    }

    @Test
    void takesOnlyImagesThatAreWholeByThemselves() throws IOException {
        Path secret = Files.writeString(directory.resolve("secret.raw"), "not the guest's".repeat(100));
        Path image = directory.resolve("image.qcow2");
        DiskImages.create(new CreateRequest(
                image,
                ImageFormat.QCOW2,
                1 << 20,
                Preallocation.OFF,
                Qcow2Options.defaults().withBacking(secret.toString(), "raw")));
        for (String backed : List.of("", "--backed")) {
            List<String> line = new ArrayList<>(List.of("create", "web", "--image", image.toString(), "--disk", "1G"));
            line.addAll(backed.isEmpty() ? List.of() : List.of(backed));
            JvirtRun run = jvirt(line.toArray(new String[0]));
            assertThat(run.exit()).isEqualTo(4);
            assertThat(run.err())
                    .startsWith("jvirt: the image " + image + " names a backing file '" + secret + "'")
                    .contains("hint: if you trust it");
        }
        assertThat(host.domainNamed("web")).isNull();
    }

    @Test
    void namesTheImageThatCannotBeRead() throws IOException {
        Path junk = directory.resolve("junk.qcow2");
        byte[] bytes = new byte[4096];
        System.arraycopy(new byte[] {'Q', 'F', 'I', (byte) 0xfb, 23}, 0, bytes, 0, 5);
        Files.write(junk, bytes);
        JvirtRun run = jvirt("create", "web", "--image", junk.toString());
        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.err())
                .startsWith("jvirt: the image " + junk + " cannot be used: ")
                .contains("\nhint: ");
    }

    @Test
    void refusesAPoolThatIsOff() {
        try (Pool pool = Pool.find(host, "default-pool")) {
            pool.stop();
            JvirtRun run = jvirt("create", "web", "--disk", "1G", "--pool", "default-pool");
            assertThat(run.exit()).isEqualTo(1);
            assertThat(run.err())
                    .isEqualTo("jvirt: pool 'default-pool' is not active\nhint: jvirt pool start default-pool\n");
            pool.start();
        }
    }

    @Test
    void takesBackTheDiskWhenTheDefinitionIsRefused() {
        JvirtRun run = jvirt("create", "web", "--disk", "1G", "--disk", "2G", "--cpu", "no-such-cpu,+", "--start");
        assertThat(run.exit()).isEqualTo(2);
        run = jvirt(
                "create",
                "web",
                "--disk",
                "1G",
                "--disk",
                "2G,bus=ide",
                "--disk",
                "2G,bus=ide",
                "--disk",
                "2G,bus=ide",
                "--disk",
                "2G,bus=ide",
                "--disk",
                "2G,bus=ide",
                "--disk",
                "2G,bus=ide",
                "--title",
                "a\u0001");
        assertThat(run.exit()).isNotZero();
        assertThat(volumes()).isEmpty();
        assertThat(host.domainNamed("web")).isNull();
    }

    @Test
    void asksBeforeItDeletes() {
        jvirt("create", "web", "--disk", "1G");
        JvirtRun piped = jvirt("delete", "web", "--purge");
        assertThat(piped.exit()).isEqualTo(4);
        assertThat(piped.err()).contains("Delete 'web' with /default-pool/web.qcow2 for good?", "--yes");
        assertThat(JvirtRun.onTerminal("n\n", "-c", URI, "delete", "web", "--purge")
                        .exit())
                .isEqualTo(4);
        assertThat(volumes()).containsExactly("web.qcow2");
        assertThat(jvirt("delete", "web", "--dry-run", "--purge").out())
                .contains("remove volume web.qcow2 from pool 'default-pool'");
        assertThat(JvirtRun.onTerminal("y\n", "-c", URI, "delete", "web", "--purge")
                        .exit())
                .isZero();
        assertThat(volumes()).isEmpty();
        assertThat(jvirt("delete", "web", "--yes").exit()).isEqualTo(3);
    }

    @Test
    void refusesADiskThatAnotherDomainUses() throws IOException {
        Path disk = Files.write(directory.resolve("shared.img"), new byte[1 << 20]);
        assertThat(jvirt("create", "one", "--import", disk.toString(), "--no-start")
                        .exit())
                .isZero();
        JvirtRun second = jvirt("create", "two", "--import", disk.toString(), "--no-start");
        assertThat(second.exit()).isEqualTo(4);
        assertThat(second.err()).contains("the disk " + disk + " is used by domain 'one'");
    }

    @Test
    void refusesTwoWaysToRecover() {
        JvirtRun run = jvirt("recover", "--resume", "--rollback");
        assertThat(run.exit()).isEqualTo(2);
        assertThat(jvirt("recover", "create-00000000").exit()).isEqualTo(3);
    }

    private static void refused(JvirtRun run, int exit, String message, String hint) {
        assertThat(run).isEqualTo(new JvirtRun(exit, "", "jvirt: " + message + "\nhint: " + hint + "\n"));
    }

    @Test
    void anImageAndADiskThatDoNotGoTogether() throws IOException {
        Path image = directory.resolve("cloud.qcow2");
        DiskImages.create(io.jvirt.storage.CreateRequest.qcow2(image, 10 << 20));
        String into = directory.toString();
        refused(
                jvirt("create", "--name", "small", "--image", image.toString(), "--disk", "1M", "--dir", into),
                2,
                "the image " + image + " has 10 MiB and does not fit into a disk of 1 MiB",
                "give a larger --disk, or none to keep the image's size");
        refused(
                jvirt(
                        "create",
                        "--name",
                        "raw",
                        "--image",
                        image.toString(),
                        "--backed",
                        "--disk",
                        "10M,format=raw",
                        "--dir",
                        into),
                2,
                "a disk on top of an image cannot be raw",
                "leave --format out: it is qcow2");
        refused(
                jvirt("create", "--name", "pooled", "--image", image.toString()),
                1,
                "an image can only be copied into a directory of this machine, and pool 'default-pool' is none",
                "choose a directory pool with --pool, or --dir DIRECTORY");
    }

    /** The machine is made and runs on: only the waiting is over. */
    @Test
    void waitingHasAnEnd() {
        JvirtRun run = jvirt("create", "--name", "endless", "--pxe", "--wait=0s");
        assertThat(run.err())
                .endsWith(
                        "jvirt: domain 'endless' is still running after 0 s\nhint: look at it: jvirt console endless\n");
        assertThat(run.exit()).isEqualTo(1);
        try (Domain made = host.findDomain("endless")) {
            assertThat(made.isActive()).isTrue();
        }
    }

    /** Nothing is made where there is nothing to wait for. */
    @Test
    void waitingForWhatDoesNotStart() {
        refused(
                jvirt("create", "--name", "idle", "--disk", "1M", "--wait"),
                2,
                "there is nothing to wait for: the machine is not started",
                "add --start");
        assertThat(jvirt("info", "idle").exit()).isEqualTo(3);
    }
}
