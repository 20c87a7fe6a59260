// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.power.PowerOn;
import io.jvirt.domain.power.PowerResult;
import io.jvirt.domain.xml.DomainXml;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** jvirt's element on documents and on libvirt's test driver. */
class VmMetadataTest {
    private static final StartLock LOCK =
            new StartLock("migrate-0a1b2c3d", "it is being moved to kvm2", "jvirt recover", "2026-01-31T08:00:00Z");
    private static final String XML = "<domain type='test'><name>web</name><memory>8192</memory>"
            + "<metadata><jvirt:vm xmlns:jvirt=\"https://jvirt.io/xmlns/domain/1\" createdBy=\"jvirt\">"
            + "<jvirt:future a=\"1\"><x:y xmlns:x=\"urn:x\">kept &amp; kept</x:y></jvirt:future></jvirt:vm>"
            + "<o:other xmlns:o=\"urn:other\"/></metadata><os><type>hvm</type></os></domain>";

    private final Host host = Host.open("test:///default");

    @AfterEach
    void close() {
        host.close();
    }

    @Test
    void changesADocument() {
        DomainXml document = DomainXml.parse(XML);
        VmMetadata metadata = VmMetadata.in(document);
        assertThat(StartLock.of(metadata)).isNull();
        LOCK.writeTo(metadata);
        assertThat(document.text()).contains("<jvirt:lock operation='migrate-0a1b2c3d' reason='it is being moved");
        assertThat(StartLock.of(VmMetadata.in(DomainXml.parse(document.text()))))
                .isEqualTo(LOCK);
        StartLock.remove(metadata);
        assertThat(document.text()).isEqualTo(XML);
    }

    /** As another program, or another version, may have written it. */
    @Test
    void aLockThatSaysNothing() {
        VmMetadata metadata = VmMetadata.in(DomainXml.parse(XML));
        new StartLock("migrate-1", "", "", "").writeTo(metadata);
        assertThatThrownBy(() -> StartGuard.check("web", metadata)).isInstanceOfSatisfying(JvirtException.class, e -> {
            assertThat(e).hasMessage("domain 'web' must not start: it is locked");
            assertThat(e.hint()).isEqualTo("jvirt recover shows what is unfinished");
            assertThat(e.kind()).isEqualTo(JvirtException.Kind.REFUSED);
        });
    }

    @Test
    void whatItDoesNotKnowSurvivesInADomain() {
        try (Domain domain = host.defineDomain(XML, false)) {
            VmMetadata.change(domain, LOCK::writeTo);
            assertThat(StartLock.of(VmMetadata.of(domain))).isEqualTo(LOCK);
            VmMetadata.change(domain, StartLock::remove);
            assertThat(StartLock.of(VmMetadata.of(domain))).isNull();
            assertThat(domain.inactiveXml())
                    .containsSubsequence(
                            "<jvirt:vm xmlns:jvirt=\"https://jvirt.io/xmlns/domain/1\" createdBy=\"jvirt\">",
                            "<jvirt:future a=\"1\">",
                            "<x:y xmlns:x=\"urn:x\">kept &amp; kept</x:y>",
                            "</jvirt:vm>")
                    .contains("<o:other xmlns:o=\"urn:other\"/>")
                    .doesNotContain("jvirt:lock");
        }
    }

    @Test
    void aRunningMachineAndItsDefinitionChangeTogether() {
        try (Domain domain = host.findDomain("test")) {
            VmMetadata.change(domain, LOCK::writeTo);
            assertThat(domain.xml()).contains("jvirt:lock");
            assertThat(domain.inactiveXml()).contains("jvirt:lock");
            VmMetadata.change(domain, StartLock::remove);
            assertThat(domain.xml()).doesNotContain("jvirt");
            assertThat(domain.inactiveXml()).doesNotContain("jvirt");
        }
    }

    @Test
    void aLockedDomainDoesNotStart() {
        try (Domain domain = host.defineDomain(XML, false)) {
            VmMetadata.change(domain, LOCK::writeTo);
            assertThatThrownBy(() -> PowerOn.start(host, "web", false))
                    .isInstanceOf(JvirtException.class)
                    .hasMessage("domain 'web' must not start: it is being moved to kvm2 (since 2026-01-31T08:00:00Z)")
                    .extracting(e -> ((JvirtException) e).hint(), e -> ((JvirtException) e).kind())
                    .containsExactly("jvirt recover", JvirtException.Kind.REFUSED);
            assertThat(domain.isActive()).isFalse();
            VmMetadata.change(domain, StartLock::remove);
            assertThat(PowerOn.start(host, "web", false).result()).isEqualTo(PowerResult.Outcome.STARTED);
        }
    }

    @Test
    void aTemplateDoesNotStart() {
        try (Domain domain = host.defineDomain(XML, false)) {
            VmMetadata.change(domain, metadata -> new TemplateMark("2026-01-31T08:00:00Z").writeTo(metadata));
            assertThatThrownBy(() -> PowerOn.start(host, "web", false))
                    .hasMessage("domain 'web' must not start: it is a template")
                    .extracting(e -> ((JvirtException) e).hint())
                    .isEqualTo("jvirt clone web NEW makes a machine of it");
            VmMetadata.change(domain, TemplateMark::remove);
            assertThat(TemplateMark.of(VmMetadata.of(domain))).isNull();
        }
    }

    @Test
    void twoChangesAtOnceLoseNothing() throws InterruptedException {
        try (Domain domain = host.defineDomain(XML, false)) {
            Thread other = new Thread(() -> {
                for (int i = 0; i < 20; i++) {
                    VmMetadata.change(domain, LOCK::writeTo);
                    VmMetadata.change(domain, StartLock::remove);
                }
            });
            other.start();
            for (int i = 0; i < 20; i++) {
                VmMetadata.change(domain, m -> new TemplateMark("now").writeTo(m));
                assertThat(TemplateMark.of(VmMetadata.of(domain))).isNotNull();
                VmMetadata.change(domain, TemplateMark::remove);
            }
            other.join();
        }
    }
}
