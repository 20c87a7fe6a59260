// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.power;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.domain.libvirt.DomainState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said to libvirt's and QEMU's words for a start that failed. */
class StartHintTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "network 'lab' is not active | jvirt net start lab",
                "storage pool 'data' is not active | jvirt pool start data",
                "Cannot access storage file '/d/a' (as uid:64055, gid:108): No such file or directory"
                        + " | jvirt info web shows its disks; is the file there, and may QEMU's user read it?",
                "Cannot access backing file '/d/b' of storage file '/d/a' (as uid:64055): Permission denied"
                        + " | jvirt info web shows its disks; is the file there, and may QEMU's user read it?",
                "failed to initialize kvm: Permission denied | guests do not run under KVM here: jvirt host check says why;"
                        + " <domain type='qemu'> is emulated: jvirt edit web",
                "Could not access KVM kernel module: No such file or directory | guests do not run under KVM here: jvirt host"
                        + " check says why; <domain type='qemu'> is emulated: jvirt edit web",
                "Cannot get interface MTU on 'br7': No such device | jvirt info web shows its networks; is the bridge there?",
                "cannot set up guest memory 'pc.ram': Cannot allocate memory | the host has too little free memory for it:"
                        + " jvirt top shows who has it; or jvirt set web --memory SIZE",
                "Failed to get ~write~ lock | another domain, a program or a machine of another host has one of"
                        + " its disks open: jvirt doctor finds"
                        + " domains, lsof FILE programs",
                "something else | ",
            })
    void whatAStartFailedOf(String reason, String hint) {
        assertThat(PowerOn.hintFor(reason.replace('~', '"'), "web")).isEqualTo(hint);
    }

    @Test
    void savedMemoryThatIsLocked() {
        assertThat(PowerOn.hintFor("x " + SavedLock.REFUSAL + " y", "my web"))
                .isEqualTo(
                        "its saved memory came from another host and is still locked: jvirt start 'my web', on its host"
                                + " itself, unlocks it");
    }

    @Test
    void whatIsNeitherOnNorOff() {
        assertThat(PowerOn.hintFor(DomainState.PAUSED, "web")).isEqualTo("jvirt resume web");
        assertThat(PowerOn.hintFor(DomainState.PM_SUSPENDED, "web"))
                .isEqualTo("the guest sleeps: jvirt resume web wakes it");
        assertThat(PowerOn.hintFor(DomainState.SHUTDOWN, "web"))
                .isEqualTo("wait until it is off, or jvirt stop --force web");
    }
}
