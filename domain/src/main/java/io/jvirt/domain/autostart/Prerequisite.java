// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.autostart;

import org.jspecify.annotations.Nullable;

/** What must be there before a machine starts. */
public sealed interface Prerequisite {
    /** For people, as on the command line. */
    String text();

    /**
     * Another machine, ready.
     *
     * @param name its name when this was set
     * @param uuid its UUID: a rename does not lose it
     * @param probe what this machine needs of it beyond its own readiness; null for nothing
     */
    record AfterDomain(String name, String uuid, @Nullable Probe probe) implements Prerequisite {
        @Override
        public String text() {
            return probe == null ? name : name + ":" + probe.text();
        }
    }

    /** A virtual network, active; it is started where it is not. */
    record NeedsNetwork(String name) implements Prerequisite {
        @Override
        public String text() {
            return "network:" + name;
        }
    }

    /** A storage pool, active; it is started where it is not. */
    record NeedsPool(String name) implements Prerequisite {
        @Override
        public String text() {
            return "pool:" + name;
        }
    }

    /** A directory of this machine on which something is mounted. */
    record NeedsMount(String path) implements Prerequisite {
        @Override
        public String text() {
            return "mount:" + path;
        }
    }
}
