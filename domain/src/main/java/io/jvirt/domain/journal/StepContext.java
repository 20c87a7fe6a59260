// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.journal;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.libvirt.Host;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What a step has while it runs. */
public interface StepContext {
    /** The host that the operation works on. */
    Host host();

    /** Another host, by its URI; it stays connected until the operation ends. */
    Host host(String uri);

    /** Set when the user asks to stop; long steps ask it on the way. Never set while undoing. */
    Cancellation cancellation();

    /** Writes down and syncs something that undoing the step will need. */
    void note(String name, String value) throws IOException;

    /** Writes down how far the step is: a power cut may lose the last second of it, and then that much is done again. */
    default void noteProgress(String name, String value) throws IOException {
        note(name, value);
    }

    /** What was noted for this step, before a crash too; null where nothing was. */
    @Nullable
    String noted(String name);

    /** Tells the user how far a long step is. */
    void progress(long doneBytes, long totalBytes);

    /** Tells the user how many bytes need not travel, so far. */
    default void saved(long bytes) {}

    /** Tells the user something that the step found. */
    void report(String line);
}
