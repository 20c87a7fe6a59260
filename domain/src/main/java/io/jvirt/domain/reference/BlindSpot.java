// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.reference;

/**
 * A place that could not be looked at: what is in there may use anything.
 *
 * @param place a pool, a directory or an image
 * @param reason why
 */
public record BlindSpot(String place, String reason) {
    @Override
    public String toString() {
        return place + ": " + reason;
    }
}
