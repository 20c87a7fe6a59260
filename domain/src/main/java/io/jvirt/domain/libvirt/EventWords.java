// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import org.jspecify.annotations.Nullable;

/** The words for the numbers in libvirt's events; the order of each list is that of libvirt's enumeration. */
final class EventWords {
    private static final String[] LIFECYCLE = {
        "defined", "undefined", "started", "suspended", "resumed", "stopped", "shutdown", "pmsuspended", "crashed"
    };
    private static final String[][] LIFECYCLE_DETAILS = {
        {"added", "updated", "renamed", "from-snapshot"},
        {"removed", "renamed"},
        {"booted", "migrated", "restored", "from-snapshot", "wakeup", "recovered"},
        {
            "paused",
            "migrated",
            "ioerror",
            "watchdog",
            "restored",
            "from-snapshot",
            "api-error",
            "postcopy",
            "postcopy-failed"
        },
        {"unpaused", "migrated", "from-snapshot", "postcopy", "postcopy-failed"},
        {"shutdown", "destroyed", "crashed", "migrated", "saved", "failed", "from-snapshot", "recovered"},
        {"finished", "guest", "host"},
        {"memory", "disk"},
        {"panicked", "crashloaded"}
    };
    private static final String[] NETWORK = {"defined", "undefined", "started", "stopped"};
    private static final String[] POOL = {"defined", "undefined", "started", "stopped", "created", "deleted"};
    private static final String[] WATCHDOG = {"none", "pause", "reset", "poweroff", "shutdown", "debug", "inject-nmi"};
    private static final String[] IO_ERROR = {"none", "pause", "report"};
    private static final String[] TRAY = {"opened", "closed"};
    private static final String[] AGENT = {"unknown", "connected", "disconnected"};
    private static final String[] AGENT_REASON = {"unknown", "domain-started", "channel-event"};
    private static final String[] DISK_CHANGE = {"changed", "dropped"};
    private static final String[] BLOCK_JOB = {"unknown", "pull", "copy", "commit", "active-commit", "backup"};
    private static final String[] BLOCK_JOB_STATUS = {"completed", "failed", "canceled", "ready"};
    private static final String[] METADATA = {"description", "title", "element"};

    private EventWords() {}

    static String lifecycle(int event) {
        return word(LIFECYCLE, event);
    }

    static @Nullable String lifecycleDetail(int event, int detail) {
        return event >= 0 && event < LIFECYCLE_DETAILS.length ? word(LIFECYCLE_DETAILS[event], detail) : null;
    }

    static String network(int event) {
        return word(NETWORK, event);
    }

    static String pool(int event) {
        return word(POOL, event);
    }

    static String watchdog(int action) {
        return word(WATCHDOG, action);
    }

    static String ioError(int action) {
        return word(IO_ERROR, action);
    }

    static String tray(int reason) {
        return word(TRAY, reason);
    }

    static String agent(int state) {
        return word(AGENT, state);
    }

    static String agentReason(int reason) {
        return word(AGENT_REASON, reason);
    }

    static String diskChange(int reason) {
        return word(DISK_CHANGE, reason);
    }

    static String blockJob(int type) {
        return word(BLOCK_JOB, type);
    }

    static String blockJobStatus(int status) {
        return word(BLOCK_JOB_STATUS, status);
    }

    static String metadata(int type) {
        return word(METADATA, type);
    }

    /** A newer libvirt may know more than these lists. */
    private static String word(String[] words, int number) {
        return number >= 0 && number < words.length ? words[number] : Integer.toString(number);
    }
}
