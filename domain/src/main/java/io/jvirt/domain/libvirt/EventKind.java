// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What an event can be about, in libvirt's words. */
public enum EventKind {
    AGENT_LIFECYCLE,
    BALLOON_CHANGE,
    BLOCK_JOB,
    CONTROL_ERROR,
    DEVICE_ADDED,
    DEVICE_REMOVAL_FAILED,
    DEVICE_REMOVED,
    DISK_CHANGE,
    IO_ERROR,
    LIFECYCLE,
    METADATA_CHANGE,
    MIGRATION_ITERATION,
    NETWORK,
    PM_SUSPEND,
    PM_WAKEUP,
    POOL,
    REBOOT,
    RTC_CHANGE,
    TRAY_CHANGE,
    WATCHDOG;

    /** As it is printed: {@code block-job}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** All of them as they are printed. */
    public static List<String> texts() {
        return Arrays.stream(values()).map(EventKind::text).toList();
    }
}
