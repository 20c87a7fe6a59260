// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.power;

/**
 * What switching a domain on or off came to.
 *
 * @param name the domain
 * @param result how it ended
 */
public record PowerResult(String name, Outcome result) {
    /** How it ended. */
    public enum Outcome {
        STARTED,
        ALREADY_RUNNING,
        /** The guest powered itself off. */
        STOPPED,
        /** The guest did not in time, and the plug was pulled. */
        FORCED,
        ALREADY_OFF
    }

    /** A sentence for people. */
    public String sentence() {
        return "Domain '" + name + "' "
                + switch (result) {
                    case STARTED -> "started";
                    case ALREADY_RUNNING -> "is already running";
                    case STOPPED -> "is off";
                    case FORCED -> "was forced off";
                    case ALREADY_OFF -> "is already off";
                };
    }
}
