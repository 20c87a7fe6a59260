// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.host;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Bounded;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.LibvirtException;
import java.time.Duration;

/**
 * Finds out whether guests really run under KVM. A device file proves nothing: the processor's virtualisation may be
 * emulated below us, and a guest then hangs or crawls. So a guest of a few megabytes without disks runs its firmware under
 * KVM; the firmware writes to the serial port, finds nothing to boot, and resets, which ends the guest. It asks for System
 * Management Mode, which the virtualisation of a processor has and that of a paravirtualised host lacks: there firmware runs
 * at full speed, and kernels hang.
 */
public final class KvmProbe {
    /** Hardware needs a fraction of a second for the firmware; emulation of the same below 1 s as well. */
    private static final Duration FAST = Duration.ofMillis(1500);

    private static final Duration LIMIT = Duration.ofSeconds(5);
    /** Starting a guest makes libvirt ask QEMU what it can do, which takes long on a host with odd permissions. */
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    private KvmProbe() {}

    /** The verdict for a host; remembered until the next boot where the host is this machine. */
    public static KvmVerdict of(Host host) {
        return of(host, KvmVerdictCache.ofThisMachine());
    }

    static KvmVerdict of(Host host, KvmVerdictCache cache) {
        String uri = host.uri();
        if (!uri.startsWith("qemu")) {
            return new KvmVerdict(false, "the hypervisor is not QEMU");
        }
        boolean local = !host.isRemote();
        if (local && DeviceFile.isMissing()) {
            return new KvmVerdict(false, "there is no /dev/kvm");
        }
        if (local && DeviceFile.isClosedToQemu(uri)) {
            return new KvmVerdict(
                    false, "QEMU may not open /dev/kvm (chgrp kvm /dev/kvm; chmod 660 /dev/kvm lets its user in)");
        }
        KvmVerdict known = local ? cache.find(uri) : null;
        if (known != null) {
            return known;
        }
        KvmVerdict verdict = probe(host);
        if (local) {
            cache.remember(uri, verdict);
        }
        return verdict;
    }

    private static KvmVerdict probe(Host host) {
        String arch = host.node().cpuModel();
        try {
            host.domainCapabilities(arch, null, "kvm");
        } catch (LibvirtException e) {
            return new KvmVerdict(false, explain(e.reason()));
        }
        if (!arch.equals("x86_64") && !arch.equals("i686")) {
            return new KvmVerdict(true, "libvirt offers it; no probe guest exists for " + arch);
        }
        FirmwareRun kvm = run(host, arch, "kvm");
        if (!kvm.ended()) {
            return new KvmVerdict(false, kvm.failure());
        }
        if (kvm.duration().compareTo(FAST) <= 0) {
            return new KvmVerdict(true, "a probe guest ran in " + kvm.duration().toMillis() + " ms");
        }
        // A busy host is slow either way: then emulation is slower by far. By a little it may be by chance.
        FirmwareRun emulated = run(host, arch, "qemu");
        String times = kvm.duration().toMillis() + " ms, emulated "
                + emulated.duration().toMillis() + " ms";
        return kvm.duration().multipliedBy(2).compareTo(emulated.duration()) <= 0
                ? new KvmVerdict(true, "a probe guest ran in " + times)
                : new KvmVerdict(false, "a probe guest was not twice as fast as under emulation: " + times);
    }

    private static FirmwareRun run(Host host, String arch, String type) {
        try {
            FirmwareRun result = Bounded.call(
                    "kvm-probe", START_LIMIT.plus(LIMIT), () -> FirmwareRun.of(host, arch, type, LIMIT), late -> {});
            return result == null ? FirmwareRun.failed("a probe guest did not start", START_LIMIT) : result;
        } catch (JvirtException e) {
            String reason = e instanceof LibvirtException l ? l.reason() : String.valueOf(e.getMessage());
            return FirmwareRun.failed(explain(reason), LIMIT);
        }
    }

    /** QEMU's words on a host without System Management Mode would not tell an admin why this host has none. */
    static String explain(String failure) {
        return failure.contains("System Management Mode not supported")
                ? "it has no System Management Mode: it is not the processor's own, and guests hang under such a KVM"
                : firstFailure(failure);
    }

    /** libvirt appends QEMU's whole log, warnings first: the first line that is none is enough. */
    private static String firstFailure(String reason) {
        return reason.lines()
                .filter(line -> !line.contains("warning: "))
                .findFirst()
                .or(() -> reason.lines().findFirst())
                .orElse("")
                .strip();
    }
}
