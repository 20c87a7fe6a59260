// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A plan holds for the domain as it was looked at, and for no other. */
class SeenDomainTest {
    private static final String XML =
            "<domain type='test'><name>web</name><uuid>11111111-1111-4111-8111-111111111111</uuid>"
                    + "<memory>65536</memory><os><type>hvm</type></os></domain>";

    private final Host host = Host.open("test:///default");
    private Domain domain;
    private SeenDomain seen;

    @BeforeEach
    void see() {
        domain = host.defineDomain(XML, false);
        seen = SeenDomain.of(domain);
        seen.refuseChanged(host);
    }

    @AfterEach
    void close() {
        domain.close();
        host.close();
    }

    private void refused(String what, String hint) {
        assertThatThrownBy(() -> seen.refuseChanged(host)).isInstanceOfSatisfying(JvirtException.class, e -> {
            assertThat(e).hasMessage("domain 'web' " + what + " meanwhile; nothing was done");
            assertThat(e.hint()).isEqualTo(hint);
            assertThat(e.kind()).isEqualTo(JvirtException.Kind.FAILED);
        });
    }

    @Test
    void itWasStarted() {
        domain.start();
        refused("was started", "look at it (jvirt info web) and try again");
    }

    @Test
    void itGotAnotherDefinition() {
        host.defineDomain(XML.replace("65536", "131072"), false).close();
        refused("got another definition", "look at it (jvirt info web) and try again");
    }

    @Test
    void itWasRenamed() {
        domain.rename("web-2");
        refused("was renamed", "jvirt list shows the domains");
    }

    @Test
    void itWasRemoved() {
        domain.undefine(java.util.EnumSet.noneOf(io.jvirt.domain.libvirt.UndefineOption.class));
        refused("was removed", "jvirt list shows the domains");
    }
}
