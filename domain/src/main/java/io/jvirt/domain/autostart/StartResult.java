// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.autostart;

import org.jspecify.annotations.Nullable;

/**
 * What became of a machine in a run.
 *
 * @param reason why it did not start or get ready; null where it did
 * @param tookMillis from its turn until it was ready, its delay included
 */
public record StartResult(
        String name, int order, Outcome result, @Nullable String reason, long tookMillis) {
    /** How it ended. */
    public enum Outcome {
        /** And ready, where it has a probe. */
        STARTED,
        /** And ready. */
        ALREADY_RUNNING,
        /** It runs, but its probe did not pass. */
        NOT_READY,
        /** libvirt did not start it. */
        FAILED,
        /** Something that it needs is not there; it was left off. */
        LEFT_OFF
    }

    /** What depends on the machine may start. */
    public boolean isReady() {
        return result == Outcome.STARTED || result == Outcome.ALREADY_RUNNING;
    }

    /** A sentence for people. */
    public String sentence() {
        String took = tookMillis >= 1000 ? " (" + (tookMillis + 500) / 1000 + " s)" : "";
        return "domain '" + name + "' "
                + switch (result) {
                    case STARTED -> "started" + took;
                    case ALREADY_RUNNING -> "is already running";
                    case NOT_READY -> "runs but is not ready: " + reason;
                    case FAILED -> "failed: " + reason;
                    case LEFT_OFF -> "was left off: " + reason;
                };
    }
}
