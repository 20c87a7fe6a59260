// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

/**
 * State and its reason.
 *
 * @param reasonNumber libvirt's number of the reason, whose meaning depends on the state
 */
public record DomainStatus(DomainState state, int reasonNumber) {
    private static final String[] RUNNING = {
        "unknown",
        "booted",
        "migrated",
        "restored",
        "from snapshot",
        "unpaused",
        "migration canceled",
        "save canceled",
        "event wakeup",
        "crashed",
        "post-copy",
        "post-copy failed"
    };
    private static final String[] PAUSED = {
        "unknown",
        "user",
        "migrating",
        "saving",
        "dumping",
        "I/O error",
        "watchdog",
        "from snapshot",
        "shutting down",
        "creating snapshot",
        "crashed",
        "starting up",
        "post-copy",
        "post-copy failed"
    };
    private static final String[] SHUTDOWN = {"unknown", "user"};
    private static final String[] SHUTOFF = {
        "unknown", "shutdown", "destroyed", "crashed", "migrated", "saved", "failed", "from snapshot", "daemon"
    };
    private static final String[] CRASHED = {"unknown", "panicked"};
    private static final String[] NONE = {"unknown"};

    /** The reason in words, {@code unknown} where libvirt gives none. */
    public String reason() {
        String[] words = switch (state) {
            case RUNNING -> RUNNING;
            case PAUSED -> PAUSED;
            case SHUTDOWN -> SHUTDOWN;
            case SHUTOFF -> SHUTOFF;
            case CRASHED -> CRASHED;
            default -> NONE;
        };
        return reasonNumber >= 0 && reasonNumber < words.length ? words[reasonNumber] : "unknown";
    }
}
