// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.power;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainState;

/** Refuses, with the way out that libvirt's own errors do not name, what only a machine in a certain state can do. */
public final class Running {
    private Running() {}

    /** FAILED where it is off. */
    public static void check(Domain domain) {
        if (!domain.isActive()) {
            throw JvirtException.failed(
                    "domain '" + domain.name() + "' is not running", "jvirt start " + ShellWord.quoted(domain.name()));
        }
    }

    /** FAILED where it is off, or its guest stands still and hears nothing. */
    public static void checkGoing(Domain domain, String what) {
        check(domain);
        DomainState state = domain.status().state();
        if (state == DomainState.PAUSED || state == DomainState.PM_SUSPENDED) {
            throw JvirtException.failed(
                    "domain '" + domain.name() + "' is " + state.text() + ": its guest cannot " + what,
                    "jvirt resume " + ShellWord.quoted(domain.name()) + ", or jvirt reset "
                            + ShellWord.quoted(domain.name()));
        }
    }

    /** FAILED where it is off, or goes on anyway. */
    public static void checkHalted(Domain domain) {
        check(domain);
        DomainState state = domain.status().state();
        if (state == DomainState.RUNNING) {
            throw JvirtException.failed(
                    "domain '" + domain.name() + "' is not paused: it is running",
                    "jvirt suspend " + ShellWord.quoted(domain.name()) + " pauses it");
        }
    }
}
