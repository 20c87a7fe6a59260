// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.file;

import com.sun.jna.LastErrorException;
import io.jvirt.storage.StorageException;
import java.util.Map;

/** How urgent this process's work is to the host. */
public final class ProcessPriority {
    private static final int PRIO_PROCESS = 0;
    private static final int LEAST_NICE = 19;
    private static final int IOPRIO_WHO_PROCESS = 1;
    private static final int IOPRIO_IDLE = 3 << 13;
    private static final Map<String, Long> IOPRIO_SET_CALL = Map.of("amd64", 251L, "aarch64", 30L);

    private ProcessPriority() {}

    /**
     * Lets everybody else go first, at the processors and at the disks: the lowest priority, and the idle I/O class. Holds for
     * the calling thread and for those that it starts from now on.
     */
    public static void yieldToOthers() throws StorageException {
        try {
            LibC.setpriority(PRIO_PROCESS, 0, LEAST_NICE);
            Long call = IOPRIO_SET_CALL.get(System.getProperty("os.arch", ""));
            if (call != null) {
                LibC.syscall(call, IOPRIO_WHO_PROCESS, 0, IOPRIO_IDLE);
            }
        } catch (LastErrorException e) {
            throw new StorageException(
                    "Could not lower the priority: " + LibC.strerror(e.getErrorCode()), "leave out --nice", e);
        }
    }
}
