// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.autostart;

import io.jvirt.domain.metadata.VmMetadata;
import io.jvirt.domain.xml.Property;

/** What a start that watches the console notes in the machine's metadata, so that it survives this process. */
final class StartMarks {
    private static final String START = "metadata/jvirt:vm/jvirt:start";
    private static final Property<Boolean> STARTING = Property.yesNo(START + "/@paused");
    /** Only in the running machine: its console has said what its probe waits for, which nobody can see again. */
    private static final Property<String> CONSOLE_SEEN = Property.text(START + "/@consoleSeen");

    private StartMarks() {}

    /** Written before a machine is started paused, so that one left paused by a killed run is told from a suspended one. */
    static void markStarting(VmMetadata metadata, boolean isStarting) {
        metadata.set(STARTING, isStarting ? Boolean.TRUE : null);
    }

    static boolean isStarting(VmMetadata running) {
        return Boolean.TRUE.equals(running.get(STARTING));
    }

    static void markConsoleSeen(VmMetadata running, String text) {
        running.set(CONSOLE_SEEN, text);
    }

    static boolean isConsoleSeen(VmMetadata running, String text) {
        return text.equals(running.get(CONSOLE_SEEN));
    }
}
