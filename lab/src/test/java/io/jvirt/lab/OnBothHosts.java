// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import org.junit.jupiter.api.extension.RegisterExtension;

/** What the tests on both hosts have in common: the first one, here, is where a machine starts from. */
abstract class OnBothHosts {
    static final LabHost HERE = LabHost.KVM1;
    static final LabHost THERE = LabHost.KVM2;

    final Jvirt jvirt = new Jvirt(HERE);
    final Jvirt jvirtThere = new Jvirt(THERE);
    final Virsh here = new Virsh(HERE);
    final Virsh there = new Virsh(THERE);

    @RegisterExtension
    final Sandbox sandbox = new Sandbox(HERE, THERE);
}
