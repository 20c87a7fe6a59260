// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

/** Hears how far a job is. Called on worker threads, one at a time. */
@FunctionalInterface
public interface CopyProgress {
    /** No lambda: class archives do not hold the ones of an interface, and to link one at each start takes 10 ms. */
    CopyProgress NONE = new CopyProgress() {
        @Override
        public void done(long doneBytes, long totalBytes) {}
    };

    /** {@code doneBytes} of {@code totalBytes} are dealt with. */
    void done(long doneBytes, long totalBytes);

    /** Whether a copy is to count first what it has to read, and then tell of that alone; costs one more look at the map. */
    default boolean countsData() {
        return false;
    }
}
