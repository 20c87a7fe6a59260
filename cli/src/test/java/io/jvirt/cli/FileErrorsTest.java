// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.cli.vm.TestDriver;
import io.jvirt.domain.libvirt.Pool;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are not what the user takes them for, in all verbs that take one: {@code golden/errors-files.txt}. */
class FileErrorsTest {
    /** Files of text that no reader takes. */
    private static final List<String[]> TEXTS = List.of(
            new String[] {"doctype.xml", "<!DOCTYPE domain>\n<domain/>"},
            new String[] {"deep.xml", "<a>".repeat(257)},
            new String[] {"late.xml", "<domain/>\n<?xml version='1.0'?>"},
            new String[] {"bell.xml", "<domain><name>a\u0007</name></domain>"},
            new String[] {"remark.xml", "<domain><!-- \u0007 --></domain>"},
            new String[] {"ampersand.xml", "<domain><title>you & me</title></domain>"},
            new String[] {
                "deep.yaml", "a: ".concat("{a: ".repeat(17)).concat("1").concat("}".repeat(17))
            },
            new String[] {"key.yaml", "? [memory]\n: 2G\n"});

    @TempDir
    Path directory;

    private final TestDriver libvirt = new TestDriver();

    @BeforeEach
    void give() throws IOException {
        Files.createDirectory(directory.resolve("sub"));
        Files.write(directory.resolve("junk.bin"), new byte[] {(byte) 0xff, (byte) 0xfe, 0x1b, 0, 1});
        Files.writeString(directory.resolve("empty"), "");
        Files.writeString(directory.resolve("id"), "-----BEGIN OPENSSH PRIVATE KEY-----\n");
        Files.writeString(directory.resolve("odd.pub"), "no \u001b[31mkey\n");
        Files.writeString(directory.resolve("list"), "d41d8cd98f00b204e9800998ecf8427e  other.raw\n");
        Files.writeString(directory.resolve("disk.raw.bz2"), "BZh91AY&SY");
        Files.write(directory.resolve("disk.raw.xz"), new byte[] {(byte) 0xfd, '7', 'z', 'X', 'Z', 0, 0, 4, 1, 2, 3});
        Files.write(directory.resolve("huge"), new byte[17 << 20]);
        for (String[] text : TEXTS) {
            Files.writeString(directory.resolve(text[0]), text[1]);
        }
        Files.writeString(directory.resolve("node.xml"), "<node/>");
        Files.createDirectory(directory.resolve("tree"));
        Files.writeString(directory.resolve("tree/linux"), "kernel");
        Files.writeString(directory.resolve("tree/initrd.gz"), "initrd");
        Files.write(directory.resolve("disk.raw.gz"), packedArchive());
        Files.write(directory.resolve("raw.qcow2"), new byte[4096]);
        disk("base.qcow2", "1M");
        Files.copy(directory.resolve("base.qcow2"), directory.resolve("qcow2.raw"));
        disk("alone.qcow2", "1M");
        disk("over.qcow2", "-b", directory + "/alone.qcow2", "-F", "qcow2");
        disk("outside.qcow2", "-o", "data_file=" + directory + "/data.raw", "1M");
        disk("top.qcow2", "-b", directory + "/base.qcow2", "-F", "qcow2");
        disk("lost.qcow2", "-u", "-b", "gone.qcow2", "-F", "qcow2", "1M");
        disk(
                "sealed.qcow2",
                "--object",
                "secret,id=s,data=word",
                "-o",
                "encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10",
                "1M");
        byte[] whole = Files.readAllBytes(directory.resolve("base.qcow2"));
        Files.write(directory.resolve("cut.qcow2"), java.util.Arrays.copyOf(whole, 70_000));
        // The first entry of the only refcount block: the header's cluster (qcow2.rst, "Host cluster management").
        whole[2 * 65536 + 1] = 0;
        Files.write(directory.resolve("damaged.qcow2"), whole);
        try (Pool pool = Pool.define(
                libvirt.host(),
                "<pool type='dir'><name>files</name><target><path>" + directory + "</path></target></pool>")) {
            pool.start();
            for (String name : List.of("base.qcow2", "alone.qcow2", "over.qcow2")) {
                pool.createVolume("<volume><name>" + name + "</name><capacity>1048576</capacity><target><format"
                                + " type='qcow2'/></target></volume>")
                        .close();
            }
        }
        define("chained", file("qcow2", directory + "/top.qcow2"));
        define("sealed", file("qcow2", directory + "/sealed.qcow2"));
        define("cut", file("qcow2", directory + "/cut.qcow2"));
        define("broken", file("qcow2", directory + "/lost.qcow2"));
        define("alien", file("vmdk", directory + "/junk.bin"));
        define("null", file("raw", "/dev/null"));
        define(
                "afar",
                "<disk type='volume'><driver name='qemu' type='raw'/><source pool='nosuch' volume='a.raw'/>"
                        + "<target dev='vda' bus='virtio'/></disk>");
        define(
                "net",
                "<disk type='network'><driver name='qemu' type='raw'/><source protocol='rbd' name='pool/image'>"
                        + "<host name='mon' port='6789'/></source><target dev='vda' bus='virtio'/></disk>");
    }

    /** A tar archive's first block, which has its mark at byte 257 (POSIX, ustar). */
    private static byte[] packedArchive() throws IOException {
        byte[] block = new byte[512];
        System.arraycopy("ustar".getBytes(StandardCharsets.US_ASCII), 0, block, 257, 5);
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(block);
        }
        return packed.toByteArray();
    }

    private void disk(String name, String... more) {
        Stream<String> made = Stream.of(
                "disk", "create", "-q", "-f", "qcow2", directory.resolve(name).toString());
        String[] line = Stream.concat(made, Stream.of(more)).toArray(String[]::new);
        assertThat(JvirtRun.of(line)).isEqualTo(new JvirtRun(0, "", ""));
    }

    private static String file(String format, String path) {
        return "<disk type='file'><driver name='qemu' type='" + format + "'/><source file='" + path
                + "'/><target dev='vda' bus='virtio'/></disk>";
    }

    private void define(String name, String devices) {
        libvirt.host()
                .defineDomain(
                        "<domain type='test'><name>" + name
                                + "</name><memory>65536</memory><os><type>hvm</type></os><devices>" + devices
                                + "</devices></domain>",
                        false)
                .close();
    }

    @AfterEach
    void close() {
        libvirt.close();
    }

    @Test
    void eachIsNamedAndNothingIsLeft() throws IOException {
        String domains = libvirt.host().listDomains().toString();
        String files = files();
        new Transcript(libvirt, directory).check("errors-files.txt");
        assertThat(libvirt.host().listDomains().toString()).isEqualTo(domains);
        assertThat(files()).isEqualTo(files);
    }

    private String files() throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            List<String> names = all.map(Path::toString).sorted().toList();
            return String.join("\n", names);
        }
    }

    @Test
    void standardInputThatIsNoText() {
        for (String verb : List.of("define", "pool define", "net define")) {
            JvirtRun run = JvirtRun.onTerminal(
                    new String(new byte[] {1, 2}, StandardCharsets.ISO_8859_1),
                    (verb + " - -c " + TestDriver.URI).split(" "));
            assertThat(run.exit()).as(verb).isEqualTo(1);
            assertThat(run.err())
                    .as(verb)
                    .startsWith("jvirt: ")
                    .contains("\nhint: ")
                    .doesNotContain("Exception");
        }
    }
}
