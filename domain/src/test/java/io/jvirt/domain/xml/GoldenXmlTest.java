// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.xml;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.domain.xml.device.Disk;
import io.jvirt.domain.xml.device.Graphics;
import io.jvirt.domain.xml.device.Interface;
import io.jvirt.domain.xml.device.Rng;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.libvirt.Connect;
import org.libvirt.Domain;
import org.xmlunit.builder.DiffBuilder;
import org.xmlunit.diff.Comparison;

/** Inputs as virt-manager, virsh and an editor write them, and what a change makes of them. {@code -Djvirt.goldens=write} rewrites. */
class GoldenXmlTest {
    private record Change(String name, Consumer<DomainXml> change) {}

    private static final List<Change> CHANGES = List.of(
            new Change("renamed", d -> d.set(DomainXml.NAME, "other").set(DomainXml.TITLE, "A < B & C")),
            new Change(
                    "resized",
                    d -> d.set(DomainXml.MEMORY_BYTES, 8L << 30)
                            .set(DomainXml.CURRENT_MEMORY_BYTES, 8L << 30)
                            .set(DomainXml.VCPUS, 8L)),
            new Change("devices", d -> {
                Disk disk = d.addDevice(Disk.ELEMENT, Disk::new);
                disk.set(Disk.TYPE, "file").set(Disk.DEVICE, "disk").set(Disk.DRIVER_NAME, "qemu");
                disk.set(Disk.FORMAT, "qcow2").set(Disk.SOURCE_FILE, "/var/lib/libvirt/images/a & b.qcow2");
                disk.set(Disk.TARGET, "vdz").set(Disk.BUS, "virtio").set(Disk.SERIAL, "S1");
                Rng rng = d.addDevice(Rng.ELEMENT, Rng::new);
                rng.set(Rng.MODEL, "virtio").set(Rng.BACKEND_MODEL, "random").set(Rng.BACKEND, "/dev/urandom");
                d.interfaces().get(0).set(Interface.MAC, "52:54:00:00:00:99").set(Interface.MODEL, "e1000");
                d.graphics().forEach(Graphics::remove);
                d.disks().get(0).set(Disk.CACHE, "none");
            }));

    static Stream<Path> inputs() throws IOException {
        try (Stream<Path> files = Files.list(DomainXmlTest.SAMPLES)) {
            return files.filter(f -> f.toString().endsWith(".xml")).sorted().toList().stream();
        }
    }

    static Stream<Path> all() throws IOException {
        try (Stream<Path> files = Files.walk(DomainXmlTest.SAMPLES)) {
            return files.filter(f -> f.toString().endsWith(".xml")).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("inputs")
    void changesOnlyWhatIsNamed(Path input) throws IOException {
        for (Change c : CHANGES) {
            DomainXml domain = DomainXml.parse(Files.readString(input));
            c.change().accept(domain);
            Path golden = DomainXmlTest.SAMPLES.resolve(c.name()).resolve(input.getFileName());
            if ("write".equals(System.getProperty("jvirt.goldens"))) {
                Files.createDirectories(golden.getParent());
                Files.writeString(golden, domain.text());
            }
            assertThat(domain.text()).as(golden.toString()).isEqualTo(Files.readString(golden));
        }
    }

    @ParameterizedTest
    @MethodSource("inputs")
    void aRenameIsOneDifferenceInCanonicalForm(Path input) throws IOException {
        DomainXml domain = DomainXml.parse(Files.readString(input));
        domain.set(DomainXml.NAME, "other");
        int differences = 0;
        for (var d : DiffBuilder.compare(Files.readString(input))
                .withTest(domain.text())
                .build()
                .getDifferences()) {
            Comparison.Detail at = d.getComparison().getControlDetails();
            assertThat(at.getXPath()).isEqualTo("/domain[1]/name[1]/text()[1]");
            differences++;
        }
        assertThat(differences).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("all")
    void libvirtDefinesEach(Path file) throws Exception {
        Connect connect = new Connect("test:///default");
        try {
            Domain domain = connect.domainDefineXML(Files.readString(file));
            assertThat(domain.getName())
                    .isEqualTo(DomainXml.parse(Files.readString(file)).get(DomainXml.NAME));
            domain.undefine();
            domain.free();
        } finally {
            connect.close();
        }
    }

    @Test
    void thereAreGoldensForEachInput() throws IOException {
        assertThat(all().count()).isEqualTo(inputs().count() * (CHANGES.size() + 1));
    }
}
