// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A definition that cannot start, and one that can. */
class DomainLockTest {
    private static final String PLAIN = "<domain type='kvm'>\n  <name>web</name>\n</domain>\n";
    private static final String WITH_ARGUMENTS = """
            <domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
              <name>web</name>
              <qemu:commandline>
                <qemu:arg value='-no-hpet'/>
              </qemu:commandline>
            </domain>
            """;

    @Test
    void qemuIsGivenAnArgumentThatItRefuses() {
        String locked = DomainLock.locked(PLAIN);
        assertThat(locked).contains("http://libvirt.org/schemas/domain/qemu/1.0", DomainLock.ARGUMENT, "lock");
        assertThat(DomainLock.isLocked(locked)).isTrue();
        assertThat(DomainLock.isLocked(PLAIN)).isFalse();
    }

    @Test
    void argumentsThatAreThereStay() {
        assertThat(DomainLock.isLocked(WITH_ARGUMENTS)).isFalse();
        String locked = DomainLock.locked(WITH_ARGUMENTS);
        assertThat(locked).contains("-no-hpet", DomainLock.ARGUMENT);
        assertThat(DomainLock.isLocked(locked)).isTrue();
        assertThat(DomainLock.locked(locked)).isEqualTo(locked);
    }
}
