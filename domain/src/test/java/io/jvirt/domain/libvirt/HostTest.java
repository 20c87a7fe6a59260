// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.domain.JvirtException;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against libvirt's own in-process test driver. */
class HostTest {
    private Host host;

    @BeforeEach
    void open() {
        host = Host.open("test:///default");
    }

    @AfterEach
    void close() {
        host.close();
    }

    @Test
    void knowsItself() {
        assertThat(host.uri()).isEqualTo("test:///default");
        assertThat(host.hypervisor()).isEqualTo("TEST");
        assertThat(host.hostname()).isNotEmpty();
        assertThat(host.isRemote()).isFalse();
        assertThat(host.isAlive()).isTrue();
        assertThat(Host.libraryVersion()).isGreaterThan(new Version(4, 0, 0));
        assertThat(host.capabilities()).contains("<capabilities>");
        assertThat(host.node().cpus()).isEqualTo(16);
        assertThat(host.node().memoryBytes()).isEqualTo(3_221_225_472L);
    }

    @Test
    void listsTheDomain() {
        List<DomainSummary> domains = host.listDomains();
        assertThat(domains).hasSize(1);
        DomainSummary test = domains.get(0);
        assertThat(test.name()).isEqualTo("test");
        assertThat(test.id()).isEqualTo(1);
        assertThat(test.uuid()).isEqualTo("6695eb01-f6a4-8304-79aa-97f2502e193f");
        assertThat(test.status().state()).isEqualTo(DomainState.RUNNING);
        assertThat(test.persistent()).isTrue();
        assertThat(test.autostart()).isFalse();
    }

    @Test
    void findsADomainByNameUuidAndNumber() {
        for (String wanted : new String[] {"test", "6695eb01-f6a4-8304-79aa-97f2502e193f", "1"}) {
            try (Domain domain = host.findDomain(wanted)) {
                assertThat(domain.name()).isEqualTo("test");
            }
        }
    }

    @Test
    void anUnknownDomainIsNotFound() {
        assertThatThrownBy(() -> host.findDomain("nosuch")).isInstanceOfSatisfying(JvirtException.class, e -> {
            assertThat(e.kind()).isEqualTo(JvirtException.Kind.NOT_FOUND);
            assertThat(e).hasMessage("no domain 'nosuch' on test:///default");
            assertThat(e.hint()).isEqualTo("jvirt list shows the domains");
        });
        assertThat(host.domainNamed("nosuch")).isNull();
        assertThat(host.domainWithUuid("00000000-0000-0000-0000-000000000000")).isNull();
    }

    @Test
    void aSlipOfTheFingersIsToldTheNameThatWasMeant() {
        assertThatThrownBy(() -> host.findDomain("tset"))
                .isInstanceOfSatisfying(
                        JvirtException.class,
                        e -> assertThat(e.hint()).isEqualTo("did you mean 'test'? jvirt list shows the domains"));
    }

    @Test
    void aDomainLivesAndGoes() {
        String xml = "<domain type='test'><name>zwölf ☃</name><memory>8192</memory>"
                + "<os><type>hvm</type></os><title>one</title></domain>";
        try (Domain domain = host.defineDomain(xml, false)) {
            assertThat(domain.name()).isEqualTo("zwölf ☃");
            assertThat(domain.isPersistent()).isTrue();
            assertThat(domain.id()).isEqualTo(-1);
            assertThat(domain.status().state()).isEqualTo(DomainState.SHUTOFF);
            assertThat(domain.title()).isEqualTo("one");
            assertThat(domain.description()).isNull();

            domain.setAutostart(true);
            assertThat(domain.autostart()).isTrue();
            domain.start();
            assertThat(domain.status()).isEqualTo(new DomainStatus(DomainState.RUNNING, 1));
            assertThat(domain.status().reason()).isEqualTo("booted");
            assertThat(host.listDomains()).extracting(DomainSummary::autostart).containsExactly(false, true);
            domain.suspend();
            assertThat(domain.status().state()).isEqualTo(DomainState.PAUSED);
            domain.resume();
            domain.destroy();
            assertThat(domain.status().reason()).isEqualTo("destroyed");
            domain.undefine(EnumSet.of(UndefineOption.MANAGED_SAVE, UndefineOption.SNAPSHOTS_METADATA));
        }
        assertThat(host.domainNamed("zwölf ☃")).isNull();
    }

    @Test
    void metadataIsKeptByNamespace() {
        try (Domain domain = host.findDomain("test")) {
            assertThat(domain.metadata("urn:x")).isNull();
            domain.setMetadata("urn:x", "x", "<lock by='me'/>", Scope.LIVE);
            assertThat(domain.metadata("urn:x")).contains("<lock").contains("me");
            domain.setMetadata("urn:x", "x", null, Scope.LIVE);
            assertThat(domain.metadata("urn:x")).isNull();
        }
    }

    @Test
    void aFailureKeepsLibvirtsNumberAndWords() {
        try (Domain domain = host.findDomain("test")) {
            assertThatThrownBy(domain::start).isInstanceOfSatisfying(LibvirtException.class, e -> {
                assertThat(e.number()).isEqualTo(ErrorNumber.INTERNAL_ERROR);
                assertThat(e.kind()).isEqualTo(JvirtException.Kind.FAILED);
                assertThat(e).hasMessageStartingWith("cannot start domain 'test': ");
                assertThat(e.reason()).isNotEmpty();
            });
        }
    }

    @Test
    void aClosedObjectIsRefusedBeforeLibvirtCrashes() {
        Domain domain = host.findDomain("test");
        domain.close();
        domain.close();
        assertThatThrownBy(domain::status).isInstanceOf(IllegalStateException.class);
    }
}
