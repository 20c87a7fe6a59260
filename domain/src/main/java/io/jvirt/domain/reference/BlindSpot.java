// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.reference;

/**
 * A place that could not be looked at: what is in there may use anything.
 *
 * @param place a pool, a directory or an image
 * @param reason why
 * @param isImage it is one image, which is damaged or names what is none of this machine's files; nothing else is hidden
 */
public record BlindSpot(String place, String reason, boolean isImage) {
    BlindSpot(String place, String reason) {
        this(place, reason, false);
    }

    @Override
    public String toString() {
        return place + ": " + reason;
    }
}
