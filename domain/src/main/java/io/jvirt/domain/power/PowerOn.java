// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.power;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.clone.BaseProtection;
import io.jvirt.domain.journal.DomainLock;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainState;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.metadata.StartGuard;
import org.jspecify.annotations.Nullable;

/** Starts domains. */
public final class PowerOn {
    private PowerOn() {}

    /**
     * Starts a domain that is off; one that runs already is no failure.
     *
     * @param paused its processors wait until it is resumed
     */
    public static PowerResult start(Host host, String name, boolean paused) {
        try (Domain domain = host.findDomain(name);
                DomainLock lock = DomainLock.take("start", host, domain)) {
            DomainState state = domain.status().state();
            switch (state) {
                case RUNNING, BLOCKED -> {
                    return new PowerResult(domain.name(), PowerResult.Outcome.ALREADY_RUNNING);
                }
                case PAUSED, PM_SUSPENDED, SHUTDOWN ->
                    throw JvirtException.failed(
                            "domain '" + domain.name() + "' is " + state.text() + ", not off",
                            hintFor(state, domain.name()));
                default -> {}
            }
            StartGuard.check(domain);
            BaseProtection.beforeStart(host, domain);
            SavedLock.release(host, domain);
            if (paused) {
                domain.startPaused();
            } else {
                domain.start();
            }
            return new PowerResult(domain.name(), PowerResult.Outcome.STARTED);
        } catch (LibvirtException e) {
            String hint = hintFor(e.reason(), name);
            throw hint == null ? e : new JvirtException(e.kind(), String.valueOf(e.getMessage()), hint, e);
        }
    }

    static String hintFor(DomainState state, String name) {
        return switch (state) {
            case PAUSED -> "jvirt resume " + ShellWord.quoted(name);
            case PM_SUSPENDED -> "the guest sleeps: jvirt resume " + ShellWord.quoted(name) + " wakes it";
            default -> "wait until it is off, or jvirt stop --force " + ShellWord.quoted(name);
        };
    }

    static @Nullable String hintFor(String reason, String name) {
        if (reason.contains("network '") && reason.contains("is not active")) {
            int start = reason.indexOf('\'') + 1;
            return "jvirt net start " + ShellWord.quoted(reason.substring(start, reason.indexOf('\'', start)));
        }
        if (reason.contains("storage pool '") && reason.contains("is not active")) {
            int start = reason.indexOf('\'') + 1;
            return "jvirt pool start " + ShellWord.quoted(reason.substring(start, reason.indexOf('\'', start)));
        }
        if (reason.contains(SavedLock.REFUSAL)) {
            return "its saved memory came from another host and is still locked: jvirt start " + ShellWord.quoted(name)
                    + ", on its host itself, unlocks it";
        }
        if (reason.contains("annot access storage file") || reason.contains("annot access backing file")) {
            return "jvirt info " + ShellWord.quoted(name)
                    + " shows its disks; is the file there, and may QEMU's user read it?";
        }
        if (reason.contains("failed to initialize kvm") || reason.contains("KVM kernel module")) {
            return "guests do not run under KVM here: jvirt host check says why; <domain type='qemu'> is emulated: jvirt edit "
                    + ShellWord.quoted(name);
        }
        if (reason.contains("Cannot get interface MTU") || reason.contains("No such device")) {
            return "jvirt info " + ShellWord.quoted(name) + " shows its networks; is the bridge there?";
        }
        if (reason.contains("cannot set up guest memory") || reason.contains("Cannot allocate memory")) {
            return "the host has too little free memory for it: jvirt top shows who has it; or jvirt set "
                    + ShellWord.quoted(name) + " --memory SIZE";
        }
        if (reason.contains("Failed to get \"write\" lock")) {
            return "another domain, a program or a machine of another host has one of its disks open: jvirt doctor finds"
                    + " domains, lsof FILE programs";
        }
        return null;
    }
}
