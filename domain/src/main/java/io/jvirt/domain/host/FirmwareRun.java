// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.host;

import io.jvirt.domain.libvirt.Bounded;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainState;
import io.jvirt.domain.libvirt.DomainStatus;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.LibvirtException;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A transient guest without disks that runs its firmware to the end.
 *
 * @param ended the firmware spoke on the serial port and reset the machine
 * @param duration from the first instruction to the end
 * @param failure what happened instead, where it did not end
 */
record FirmwareRun(boolean ended, Duration duration, String failure) {
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);
    private static final long POLL_MILLIS = 25;

    static FirmwareRun failed(String failure, Duration duration) {
        return new FirmwareRun(false, duration, failure);
    }

    static FirmwareRun of(Host host, String arch, String type, Duration limit) {
        String name = "jvirt-probe-" + UUID.randomUUID().toString().substring(0, 13);
        // Paused at first, so that nobody misses what the firmware says.
        try (Domain guest = host.createTransient(xml(name, arch, type), true, true)) {
            SerialListener console = null;
            try {
                console = new SerialListener(guest.openConsole(host, null, true));
                return watch(guest, console, limit);
            } finally {
                Boolean stopped = Bounded.call("kvm-probe-stop", STOP_LIMIT, () -> stop(guest), late -> {});
                assert stopped == null || stopped;
                if (console != null) {
                    console.closeAfterTheGuest();
                }
            }
        }
    }

    private static FirmwareRun watch(Domain guest, SerialListener console, Duration limit) {
        long start = System.nanoTime();
        guest.resume();
        if (!console.hasSpoken(limit)) {
            return failed(
                    "a probe guest started and did not run: nothing on its serial port in " + limit.toSeconds() + " s"
                            + paused(guest),
                    elapsed(start));
        }
        while (elapsed(start).compareTo(limit) < 0) {
            DomainStatus status = status(guest);
            if (status == null) {
                return new FirmwareRun(true, elapsed(start), "");
            }
            if (status.state() == DomainState.PAUSED) {
                return failed("a probe guest was stopped: " + status.reason(), elapsed(start));
            }
            pause();
        }
        return failed("a probe guest did not get through its firmware in " + limit.toSeconds() + " s", elapsed(start));
    }

    private static String paused(Domain guest) {
        DomainStatus status = status(guest);
        return status != null && status.state() == DomainState.PAUSED ? " (paused: " + status.reason() + ")" : "";
    }

    /** Null once the guest is gone. */
    private static @Nullable DomainStatus status(Domain guest) {
        try {
            DomainStatus status = guest.status();
            return status.state().isActive() ? status : null;
        } catch (LibvirtException e) {
            return null;
        }
    }

    private static boolean stop(Domain guest) {
        try {
            guest.destroy();
        } catch (LibvirtException e) {
            // It has ended by itself, or the connection's end will end it.
            return true;
        }
        return true;
    }

    private static Duration elapsed(long startNanos) {
        return Duration.ofNanos(System.nanoTime() - startNanos);
    }

    private static void pause() {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** With ACPI: without it, QEMU's i440fx machine does not look whether there is System Management Mode. */
    private static String xml(String name, String arch, String type) {
        return """
                <domain type='%s'>
                  <name>%s</name>
                  <memory unit='MiB'>16</memory>
                  <vcpu>1</vcpu>
                  <os>
                    <type arch='%s' machine='pc'>hvm</type>
                    <bios useserial='yes' rebootTimeout='0'/>
                  </os>
                  <features>
                    <acpi/>
                    <smm state='on'/>
                  </features>
                  <on_reboot>destroy</on_reboot>
                  <on_crash>destroy</on_crash>
                  <devices>
                    <controller type='usb' model='none'/>
                    <serial type='pty'/>
                    <console type='pty'/>
                    <memballoon model='none'/>
                  </devices>
                </domain>
                """.formatted(type, name, arch);
    }
}
