// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

class ProcessPriorityTest {
    /** The 19th field of {@code stat}; the second one is a name in parentheses. */
    private static int nice() throws Exception {
        String stat = Files.readString(Path.of("/proc/thread-self/stat"));
        return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[16]);
    }

    /** On a thread of its own, as a lowered priority is not raised again. */
    private static <T> T onThread(Callable<T> work) throws Exception {
        FutureTask<T> task = new FutureTask<>(work);
        new Thread(task).start();
        return task.get();
    }

    @Test
    void threadsThatAreStartedLaterYieldToo() throws Exception {
        int before = nice();
        int[] lowered = onThread(() -> {
            ProcessPriority.yieldToOthers();
            return new int[] {nice(), onThread(ProcessPriorityTest::nice)};
        });
        assertEquals(19, lowered[0]);
        assertEquals(19, lowered[1]);
        assertEquals(before, nice());
    }
}
