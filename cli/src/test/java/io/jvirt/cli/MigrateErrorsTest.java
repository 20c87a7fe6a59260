// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.cli.vm.TestDriver;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainSnapshot;
import io.jvirt.domain.libvirt.Network;
import io.jvirt.domain.libvirt.Pool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stands against a move to another host, each with what to do about it: {@code golden/errors-migrate.txt}. */
class MigrateErrorsTest {
    private static final String UUID = "11111111-1111-4111-8111-111111111111";

    /** The other host: a machine, a pool with one file, and one that is full but for 1 KiB. */
    private static final String NODE = """
            <node>
              <domain type='test'><name>there</name><uuid>%1$s</uuid><memory>65536</memory><os><type>hvm</type></os>
                <devices><interface type='user'><mac address='52:54:00:00:00:01'/></interface></devices></domain>
              <pool type='dir'><name>default</name><target><path>%2$s</path></target>
                <volume><name>taken.qcow2</name><capacity>1048576</capacity></volume></pool>
              <pool type='dir'><name>full</name><target><path>/full</path></target>
                <volume><name>large</name><capacity unit='KiB'>104857599</capacity>
                  <allocation unit='KiB'>104857599</allocation></volume></pool>
            </node>
            """;

    private static final String SNAPSHOT = """
            <domainsnapshot><name>odd</name><state>running</state><creationTime>1</creationTime>
            <memory snapshot='external' file='/nosuch/memory'/><disks><disk name='vda' snapshot='external' type='file'>
            <source file='/nosuch/overlay.qcow2'/></disk></disks>%s</domainsnapshot>""";

    @TempDir
    Path directory;

    private final TestDriver libvirt = new TestDriver();

    @BeforeEach
    void give() throws IOException {
        Files.writeString(directory.resolve("node.xml"), NODE.formatted(UUID, directory));
        Files.writeString(directory.resolve("key"), "x");
        disk("base.qcow2", "1M");
        disk("taken.qcow2", "1M");
        disk("top.qcow2", "-b", directory + "/base.qcow2", "-F", "qcow2");
        disk("lost.qcow2", "-u", "-b", "gone.qcow2", "-F", "qcow2", "1M");
        disk("loop.qcow2", "-u", "-b", "loop.qcow2", "-F", "qcow2", "1M");
        disk("vmdk.qcow2", "-u", "-b", "x.vmdk", "-F", "vmdk", "1M");
        disk("outside.qcow2", "-o", "data_file=" + directory + "/data.raw", "1M");
        unname("unnamed.qcow2", "outside.qcow2", 0x44415441);
        unname("formatless.qcow2", "top.qcow2", 0xe2792aca);
        for (String image :
                new String[] {"base", "taken", "top", "lost", "loop", "vmdk", "outside", "unnamed", "formatless"}) {
            define(image, "", file(directory + "/" + image + ".qcow2"));
        }
        define("device", "", file("/dev/null"));
        define("vmx", "", file(directory + "/base.qcow2").replace("'qcow2'", "'vmdk'"));
        define("afar", "", "<disk type='volume'><source pool='nosuch' volume='a.raw'/><target dev='vda'/></disk>");
        define("folder", "", "<disk type='dir'><source dir='/srv'/><target dev='vda'/></disk>");
        define("twin", "<uuid>" + UUID + "</uuid>", "");
        define("kernel", "<os><type>hvm</type><kernel>/nosuch/linux</kernel><initrd>/nosuch/initrd</initrd></os>", "");
        define(
                "usb",
                "",
                "<hostdev mode='subsystem' type='usb'><source><vendor id='0x1234'/><product id='0xabcd'/>"
                        + "</source></hostdev>");
        define("shared", "", "<filesystem type='mount'><source dir='/nosuch/srv'/><target dir='srv'/></filesystem>");
        define(
                "tpm",
                "",
                "<tpm model='tpm-tis'><backend type='passthrough'><device path='/dev/tpm0'/></backend></tpm>");
        define("direct", "", "<interface type='direct'><source dev='nosuch0' mode='bridge'/></interface>");
        define(
                "locked",
                "<metadata><jvirt:vm xmlns:jvirt='https://jvirt.io/xmlns/domain/1'><jvirt:lock operation='x'"
                        + " reason='it is being moved' next='jvirt recover'/></jvirt:vm></metadata>",
                "");
        define("cd", "", "<disk type='file' device='cdrom'><source file='/nosuch/a.iso'/><target dev='sda'/></disk>");
        define("mac", "", "<interface type='user'><mac address='52:54:00:00:00:01'/></interface>");
        define("net", "", "<interface type='network'><source network='lan'/></interface>");
        define("bridge", "", "<interface type='bridge'><source bridge='nosuch0'/></interface>");
        define("shots", "", file(directory + "/base.qcow2"));
        try (Domain shots = libvirt.host().findDomain("shots")) {
            DomainSnapshot.redefine(shots, SNAPSHOT.formatted(shots.inactiveXml()), true)
                    .close();
        }
        libvirt.run("snapshot", "create", "base", "one");
        define("null", "", file("/dev/null").replace("'qcow2'", "'raw'"));
        libvirt.run("start", "null");
        for (String running : new String[] {"other", "overlaid"}) {
            define(running, "", file(directory + "/base.qcow2"));
            libvirt.run("start", running);
        }
        libvirt.run(
                "define",
                Files.writeString(directory.resolve("other.xml"), xml("other").replace("base.q", "top.q"))
                        .toString());
        Files.createFile(directory.resolve("base.qcow2.jvirt-presync"));
    }

    private void disk(String name, String... more) {
        Stream<String> made = Stream.of(
                "disk", "create", "-q", "-f", "qcow2", directory.resolve(name).toString());
        String[] line = Stream.concat(made, Stream.of(more)).toArray(String[]::new);
        assertThat(JvirtRun.of(line)).isEqualTo(new JvirtRun(0, "", ""));
    }

    /** A copy of an image with a header extension (qcow2.rst, "Header extensions") of a type that nobody knows instead. */
    private void unname(String copy, String image, int extension) throws IOException {
        byte[] bytes = Files.readAllBytes(directory.resolve(image));
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        byte[] type = java.nio.ByteBuffer.allocate(4).putInt(extension).array();
        int at = text.indexOf(new String(type, StandardCharsets.ISO_8859_1));
        bytes[at] = 0x11;
        Files.write(directory.resolve(copy), bytes);
    }

    private String xml(String name) {
        try (Domain domain = libvirt.host().findDomain(name)) {
            return domain.inactiveXml();
        }
    }

    private static String file(String path) {
        return "<disk type='file'><driver name='qemu' type='qcow2'/><source file='" + path
                + "'/><target dev='vda' bus='virtio'/></disk>";
    }

    private void define(String name, String more, String devices) {
        libvirt.host()
                .defineDomain(
                        "<domain type='test'><name>" + name + "</name><memory>65536</memory>"
                                + (more.contains("<os>") ? more : more + "<os><type>hvm</type></os>") + "<devices>"
                                + devices + "</devices></domain>",
                        false)
                .close();
    }

    @AfterEach
    void close() {
        libvirt.close();
    }

    @Test
    void whatIsOffThere() throws IOException {
        String xml = "<domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'><name>web</name>"
                + "<memory>65536</memory><os><type>hvm</type></os><test:runstate>5</test:runstate><devices>"
                + file(directory + "/base.qcow2")
                + "<interface type='network'><source network='lan'/></interface></devices></domain>";
        Path node = Files.writeString(directory.resolve("here.xml"), "<node>" + xml + "</node>");
        Network.define(libvirt.host(), "<network><name>lan</name></network>").close();
        Pool.define(
                        libvirt.host(),
                        "<pool type='dir'><name>off</name><target><path>" + directory + "</path></target></pool>")
                .close();
        JvirtRun run = JvirtRun.of("-c", "test://" + node, "migrate", "web", "--yes", "--to", TestDriver.URI);
        assertThat(run)
                .isEqualTo(new JvirtRun(
                        4,
                        "",
                        "jvirt: cannot move 'web': network 'lan' on the target is inactive; pool 'off' on the target is not"
                                + " active\nhint: jvirt -c test:///default net start lan; jvirt -c test:///default pool start"
                                + " off\n"));
    }

    @Test
    void eachSaysWhatStandsInTheWay() throws IOException {
        new Transcript(libvirt, directory).check("errors-migrate.txt");
    }
}
