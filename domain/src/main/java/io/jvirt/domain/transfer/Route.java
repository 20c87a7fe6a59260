// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer;

/**
 * How bytes get to the other host.
 *
 * @param compression of no effect where libvirt carries them
 */
public record Route(Way way, Compression compression) {
    /** What carries them. */
    public enum Way {
        /** ssh where jvirt answers there, else libvirt. */
        AUTO,
        /** libvirt's storage streams: nothing need be installed there. */
        LIBVIRT,
        /** ssh to jvirt there. */
        SSH
    }

    public static final Route AUTO = new Route(Way.AUTO, Compression.AUTO);
}
