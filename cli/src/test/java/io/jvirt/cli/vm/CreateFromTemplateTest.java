// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.cli.Golden;
import io.jvirt.cli.JvirtRun;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.template.file.TemplateFiles;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.device.Disk;
import io.jvirt.domain.xml.device.Interface;
import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.Preallocation;
import io.jvirt.storage.qcow2.Qcow2Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code create --template}: the shipped ones, options over them, and what is no template. */
class CreateFromTemplateTest {
    private TestDriver libvirt;

    @TempDir
    Path directory;

    @BeforeEach
    void open() throws IOException {
        libvirt = new TestDriver();
        DiskImages.create(CreateRequest.qcow2(directory.resolve("image.qcow2"), 1 << 20));
    }

    @AfterEach
    void close() {
        libvirt.close();
    }

    private JvirtRun create(String... args) {
        String[] all = Stream.concat(
                        Stream.of("create", "-c", TestDriver.URI, "--dir", directory.toString()), Stream.of(args))
                .toArray(String[]::new);
        return JvirtRun.with(Map.of(TemplateFiles.VARIABLE, directory.toString()), all);
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(directory.resolve(name + ".yaml"), text);
    }

    private DomainXml made(String... args) {
        JvirtRun run = create(args);
        assertThat(run.err()).isEmpty();
        try (Domain domain = libvirt.host().findDomain("w1")) {
            return DomainXml.parse(domain.inactiveXml());
        }
    }

    static List<String> shipped() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("../templates"))) {
            return files.map(f -> f.getFileName().toString())
                    .filter(f -> f.endsWith(".yaml"))
                    .map(f -> f.substring(0, f.length() - ".yaml".length()))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void theShippedOnesAreThoseOfTheReadme() throws IOException {
        String readme = Files.readString(Path.of("../templates/README.md"));
        assertThat(shipped())
                .hasSizeGreaterThan(15)
                .allSatisfy(name -> assertThat(readme).contains("`" + name + "`"));
    }

    /** Its definition is golden, and libvirt takes it; nothing is fetched for that. */
    @ParameterizedTest
    @MethodSource("shipped")
    void eachShippedOneIsGolden(String name) throws IOException {
        String[] line = {"--template", name, "--name", "w1"};
        JvirtRun dry =
                create(Stream.concat(Stream.of(line), Stream.of("--dry-run")).toArray(String[]::new));
        assertThat(dry.exit()).as(dry.err()).isZero();
        assertThat(dry.out()).startsWith("Domain 'w1' would be created; nothing is changed:");
        JvirtRun xml =
                create(Stream.concat(Stream.of(line), Stream.of("--print-xml")).toArray(String[]::new));
        libvirt.host().defineDomain(xml.out(), true).close();
        Golden.check(
                "template/" + name + ".xml",
                xml.out()
                        .replaceAll("<uuid>.*</uuid>", "<uuid>UUID</uuid>")
                        .replaceAll("<mac address='.*'/>", "<mac address='MAC'/>")
                        .replace(directory.toString(), "/DIRECTORY"));
    }

    @Test
    void theOptionsWin() throws IOException {
        write("web", """
                memory: 4G
                vcpus: 4
                firmware: uefi
                tpm: emulator
                graphics: vnc
                video: vga
                os: http://debian.org/debian/11
                disks:
                  - {size: 20G, format: raw, bus: scsi, cache: none}
                  - {size: 5G}
                networks:
                  - {network: default, model: e1000}
                """);
        DomainXml plain = made("--template", "web", "--name", "w1");
        assertThat(plain.get(DomainXml.MEMORY_BYTES)).isEqualTo(4L << 30);
        assertThat(plain.disks()).extracting(d -> d.get(Disk.BUS)).containsExactly("scsi", "virtio");
        assertThat(plain.disks()).extracting(d -> d.get(Disk.FORMAT)).containsExactly("raw", "qcow2");
        assertThat(plain.interfaces().get(0).get(Interface.MODEL)).isEqualTo("e1000");
        assertThat(plain.tpms()).hasSize(1);
        assertThat(plain.get(DomainXml.OS_ID)).isEqualTo("http://debian.org/debian/11");
        libvirt.run("delete", "w1", "--yes", "--purge");
        DomainXml xml = made(
                "--template",
                "web",
                "--name",
                "w1",
                "--memory",
                "1G",
                "--vcpus",
                "1",
                "--firmware",
                "bios",
                "--tpm",
                "none",
                "--video",
                "virtio",
                "--disk",
                "30G,bus=virtio",
                "--format",
                "qcow2",
                "--network",
                "default,mac=52:54:00:00:00:07",
                "--os-variant",
                "generic");
        assertThat(xml.get(DomainXml.MEMORY_BYTES)).isEqualTo(1L << 30);
        assertThat(xml.get(DomainXml.VCPUS)).isEqualTo(1);
        assertThat(xml.get(DomainXml.FIRMWARE)).isNull();
        assertThat(xml.get(DomainXml.OS_ID)).isNull();
        assertThat(xml.tpms()).isEmpty();
        assertThat(xml.videos().get(0).toString()).contains("virtio");
        assertThat(xml.disks()).extracting(d -> d.get(Disk.BUS)).containsExactly("virtio", "virtio");
        assertThat(xml.disks()).extracting(d -> d.get(Disk.CACHE)).containsExactly("none", null);
        assertThat(xml.disks()).extracting(d -> d.get(Disk.FORMAT)).containsExactly("qcow2", "qcow2");
        assertThat(xml.interfaces().get(0).get(Interface.MODEL)).isEqualTo("e1000");
        assertThat(xml.interfaces().get(0).get(Interface.MAC)).isEqualTo("52:54:00:00:00:07");
    }

    @Test
    void anImportedDiskIsTheSystemsDisk() throws IOException {
        write("two", "disks: [{size: 1G}, {size: 2M}]\n");
        DomainXml xml = made(
                "--template",
                "two",
                "w1",
                "--import",
                directory.resolve("image.qcow2").toString());
        assertThat(xml.disks())
                .extracting(Disk::sourcePath)
                .containsExactly(
                        directory.resolve("image.qcow2").toString(),
                        directory.resolve("w1-2.qcow2").toString());
    }

    @Test
    void theTemplatesImageIsBesideIt() throws IOException {
        write("app", "image: image.qcow2\ndisks: [{size: 2M}]\nnetworks: []\n");
        DomainXml xml = made("--template", "app", "w1");
        assertThat(xml.interfaces()).isEmpty();
        assertThat(DiskImages.describe(OpenRequest.of(directory.resolve("w1.qcow2")))
                        .virtualSizeBytes())
                .isEqualTo(2L << 20);
        assertThat(libvirt.isActive("w1")).isTrue();
    }

    @Test
    void theDisksMayLieOnBases() throws IOException {
        write("golden", "disks:\n  - base: image.qcow2\n  - {base: image.qcow2, size: 3M}\n");
        DomainXml xml = made("--template", directory.resolve("golden.yaml").toString(), "w1");
        assertThat(xml.disks()).hasSize(2);
        for (String file : List.of("w1.qcow2", "w1-2.qcow2")) {
            var description = DiskImages.describe(OpenRequest.of(directory.resolve(file)));
            assertThat(description.qcow2().header().backingFile())
                    .isEqualTo(directory.resolve("image.qcow2").toString());
        }
        assertThat(libvirt.isActive("w1")).isTrue();
    }

    /** Whoever wrote the image may want a file of this host in the guest. */
    @Test
    void anImageThatNamesAFileOfTheHostIsRefusedHoweverItIsNamed() throws IOException {
        Path secret = Files.writeString(directory.resolve("secret"), "not the guest's".repeat(100));
        Qcow2Options plain = Qcow2Options.defaults();
        Map<String, Qcow2Options> hostile = Map.of(
                "backing file", plain.withBacking(secret.toString(), "raw"),
                "external data file",
                        plain.withDataFile(directory.resolve("data").toString(), false));
        for (Map.Entry<String, Qcow2Options> each : hostile.entrySet()) {
            Path image = directory.resolve("hostile.qcow2");
            DiskImages.create(new CreateRequest(image, ImageFormat.QCOW2, 1 << 20, Preallocation.OFF, each.getValue()));
            for (String says : List.of("image: hostile.qcow2", "disks: [{base: hostile.qcow2}]")) {
                write("bad", says + "\n");
                JvirtRun run = create("--template", "bad", "w1");
                assertThat(run.exit()).as(says + run.err()).isEqualTo(4);
                assertThat(run.err())
                        .startsWith("jvirt: the image " + image + " names a")
                        .contains(
                                each.getKey(),
                                "only an image that is whole by itself is taken",
                                "hint: if you trust it");
            }
            // Under the name of another format it is not believed either.
            Files.move(image, directory.resolve("hostile.raw"));
            write("bad", "image: hostile.raw\n");
            assertThat(create("--template", "bad", "w1").err())
                    .startsWith("jvirt: the image " + directory.resolve("hostile.raw")
                            + " is named raw, and its content is qcow2\nhint: ");
            Files.delete(directory.resolve("hostile.raw"));
        }
        assertThat(libvirt.host().domainNamed("w1")).isNull();
        assertThat(directory.resolve("w1.qcow2")).doesNotExist();
    }

    @Test
    void whatIsWrongIsSaidWithItsLineAndNothingIsMade() throws IOException {
        write("bad", "vcpus: 1\nmemroy: 2G\n");
        assertThat(create("--template", "bad", "w1"))
                .isEqualTo(new JvirtRun(
                        1,
                        "",
                        "jvirt: " + directory.resolve("bad.yaml") + ":2: a template has no key 'memroy'\n"
                                + "hint: did you mean 'memory'?\n"));
        assertThat(create("--template", "debain-13", "w1"))
                .isEqualTo(new JvirtRun(
                        3,
                        "",
                        "jvirt: there is no template 'debain-13'\n"
                                + "hint: did you mean 'debian-13'? jvirt template list shows what there is\n"));
        assertThat(create("--template", "minimal", "w1", "--tpm", "yes"))
                .isEqualTo(new JvirtRun(2, "", "jvirt: --tpm cannot be 'yes'\nhint: it is none or emulator\n"));
        assertThat(create("--template", "minimal", "w1", "--firmware", "coreboot")
                        .err())
                .isEqualTo("jvirt: the firmware cannot be 'coreboot'\nhint: it is one of bios, uefi, uefi-secure\n");
        write("lost", "disks: [{base: nowhere.qcow2}]\n");
        assertThat(create("--template", "lost", "w1"))
                .isEqualTo(new JvirtRun(
                        3,
                        "",
                        "jvirt: the image " + directory.resolve("nowhere.qcow2") + " does not exist\n"
                                + "hint: check the path\n"));
        write("moved", "firmware: uefi\nnvram: gone_VARS.fd\ndisks: [{size: 1M}]\n");
        assertThat(create("--template", "moved", "w1"))
                .isEqualTo(new JvirtRun(
                        3,
                        "",
                        "jvirt: the firmware's variables " + directory.resolve("gone_VARS.fd") + " do not exist\n"
                                + "hint: nvram: none in a template that extends it starts with the firmware's own\n"));
        assertThat(libvirt.host().domainNamed("w1")).isNull();
        // Other firmware has other variables.
        for (String other : List.of("bios", "uefi-secure")) {
            assertThat(create("--template", "moved", "w1", "--firmware", other, "--dry-run")
                            .exit())
                    .isZero();
        }
    }
}
