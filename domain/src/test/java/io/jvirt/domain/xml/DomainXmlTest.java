// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.xml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.domain.xml.device.Disk;
import io.jvirt.domain.xml.device.Graphics;
import io.jvirt.domain.xml.device.Interface;
import io.jvirt.domain.xml.device.Memballoon;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DomainXmlTest {
    static final Path SAMPLES = Path.of("src/test/resources/xml");

    static String sample(String name) throws IOException {
        return Files.readString(SAMPLES.resolve(name), StandardCharsets.UTF_8);
    }

    static List<Property<?>> declared() throws IllegalAccessException {
        List<Property<?>> found = new ArrayList<>();
        for (Field f : DomainXml.class.getDeclaredFields()) {
            if (Modifier.isStatic(f.getModifiers()) && f.getType() == Property.class) {
                found.add((Property<?>) f.get(null));
            }
        }
        return found;
    }

    @Test
    void readsWhatVirtManagerWrote() throws IOException {
        DomainXml domain = DomainXml.parse(sample("virt-manager.xml"));
        assertThat(domain.get(DomainXml.NAME)).isEqualTo("debian12");
        assertThat(domain.get(DomainXml.MEMORY_BYTES)).isEqualTo(4L << 30);
        assertThat(domain.get(DomainXml.VCPUS)).isEqualTo(2);
        assertThat(domain.get(DomainXml.MACHINE)).isEqualTo("pc-q35-7.2");
        assertThat(domain.get(DomainXml.ACPI)).isTrue();
        assertThat(domain.get(DomainXml.PAE)).isNull();
        assertThat(domain.get(DomainXml.OS_ID)).isEqualTo("http://debian.org/debian/12");
        assertThat(domain.disks()).hasSize(2);
        Disk disk = domain.disks().get(0);
        assertThat(disk.isDisk()).isTrue();
        assertThat(disk.sourcePath()).isEqualTo("/var/lib/libvirt/images/debian12.qcow2");
        assertThat(disk.get(Disk.FORMAT)).isEqualTo("qcow2");
        assertThat(domain.disks().get(1).get(Disk.READONLY)).isTrue();
        assertThat(domain.disks().get(1).isDisk()).isFalse();
        assertThat(domain.controllers()).hasSize(8);
        assertThat(domain.interfaces().get(0).get(Interface.SOURCE_NETWORK)).isEqualTo("default");
        assertThat(domain.memballoon()).isNotNull();
        assertThat(domain.memballoon().get(Memballoon.STATS_PERIOD_S)).isEqualTo(5);
    }

    @Test
    void readsWhatWasWrittenByHand() throws IOException {
        DomainXml domain = DomainXml.parse(sample("by-hand.xml"));
        assertThat(domain.get(DomainXml.MEMORY_BYTES)).isEqualTo(256L << 20);
        assertThat(domain.get(DomainXml.UUID).trim()).isEqualTo("c7a5fdbd-cdaf-9455-926a-d65c16db1809");
        assertThat(domain.get(DomainXml.KERNEL_ARGUMENTS)).isEqualTo("root=/dev/vda1 a<b&c console=ttyS0");
        assertThat(domain.disks().get(1).sourcePath()).isEqualTo("/data/café.img");
        assertThat(domain.graphics().get(0).get(Graphics.PASSWORD)).isEqualTo("a\"b'c");
    }

    @Test
    void findsItsNamespacesUnderAnyPrefix() {
        DomainXml domain = DomainXml.parse("<domain type='qemu'><metadata><x:vm xmlns:x='"
                + Namespace.JVIRT.uri()
                + "' createdBy='1'/><jvirt:vm xmlns:jvirt='other' createdBy='2'/></metadata></domain>");
        assertThat(domain.get(DomainXml.CREATED_BY)).isEqualTo("1");
        domain.set(DomainXml.CREATED_BY, "3");
        assertThat(domain.text()).contains("createdBy='3'", "xmlns:jvirt='other' createdBy='2'");
    }

    @Test
    void declaresItsNamespaceWhereItWrites() {
        DomainXml domain = DomainXml.parse("<domain type='qemu'>\n  <name>a</name>\n</domain>\n");
        domain.set(DomainXml.CREATED_BY, "0.1").set(DomainXml.OS_ID, "http://debian.org/debian/12");
        assertThat(domain.text()).isEqualTo("""
                        <domain type='qemu'>
                          <name>a</name>
                          <metadata>
                            <jvirt:vm xmlns:jvirt='https://jvirt.io/xmlns/domain/1' createdBy='0.1'/>
                            <libosinfo:libosinfo xmlns:libosinfo='http://libosinfo.org/xmlns/libvirt/domain/1.0'>
                              <libosinfo:os id='http://debian.org/debian/12'/>
                            </libosinfo:libosinfo>
                          </metadata>
                        </domain>
                        """);
    }

    @Test
    void keepsTheUnitWhereTheSizeFitsIt() {
        DomainXml domain =
                DomainXml.parse("<domain><memory unit='MiB'>512</memory><currentMemory>1</currentMemory></domain>");
        domain.set(DomainXml.MEMORY_BYTES, 1L << 30).set(DomainXml.CURRENT_MEMORY_BYTES, 3000L);
        assertThat(domain.text())
                .isEqualTo("<domain><memory unit='MiB'>1024</memory>"
                        + "<currentMemory unit='bytes'>3000</currentMemory></domain>");
    }

    @ParameterizedTest
    @MethodSource("declared")
    void settingWhatIsThereChangesNothing(Property<?> property) throws IOException {
        for (String name : List.of("virt-manager.xml", "virsh.xml", "by-hand.xml")) {
            String source = sample(name);
            DomainXml domain = DomainXml.parse(source);
            setToItself(domain, property);
            assertThat(domain.text()).isEqualTo(source);
        }
    }

    private static <T> void setToItself(DomainXml domain, Property<T> property) {
        domain.set(property, domain.get(property));
    }

    @ParameterizedTest
    @MethodSource("declared")
    void settingAndRemovingLeavesTheRest(Property<?> property) throws IOException {
        for (String name : List.of("virt-manager.xml", "virsh.xml", "by-hand.xml")) {
            if (DomainXml.parse(sample(name)).get(property) == null) {
                DomainXml domain = withSomething(sample(name), property);
                domain.set(property, null);
                assertThat(domain.text()).isEqualTo(sample(name));
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static DomainXml withSomething(String source, Property<?> property) {
        for (Object value : new Object[] {"some", 4096L, true}) {
            DomainXml domain = DomainXml.parse(source);
            try {
                domain.set((Property<Object>) property, value);
                assertThat((Object) domain.get(property)).isEqualTo(value);
                return domain;
            } catch (ClassCastException e) {
                continue;
            }
        }
        throw new AssertionError("no value fits");
    }

    @Test
    void saysWhatCannotBeRead() {
        DomainXml domain = DomainXml.parse("<domain><vcpu>two</vcpu><memory unit='pages'>1</memory></domain>");
        assertThatThrownBy(() -> domain.get(DomainXml.VCPUS))
                .hasMessage("the XML has 'two' at vcpu where a number is expected");
        assertThatThrownBy(() -> domain.get(DomainXml.MEMORY_BYTES))
                .hasMessage("the XML has '1' at memory where a size is expected")
                .extracting(e -> ((io.jvirt.domain.JvirtException) e).hint())
                .isEqualTo("correct the definition with: virsh edit");
        assertThatThrownBy(() -> DomainXml.parse("<network/>")).hasMessage("<network> is not a domain's definition");
    }
}
