// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import org.jspecify.annotations.Nullable;

/** The versions of what runs. */
public final class Version {
    private static final String UNPACKAGED = "development";

    /** jvirt's own, from its jar's manifest. */
    public static String jvirt() {
        @Nullable String packaged = Version.class.getPackage().getImplementationVersion();
        return packaged == null ? UNPACKAGED : packaged;
    }

    private Version() {}
}
