// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Who runs an operation. The boot and the start time tell a process from another one with the same number.
 *
 * @param pid process id
 * @param startTicks start of the process in clock ticks after boot (proc(5), stat, field 22)
 * @param bootId the kernel's random id of this boot
 * @param hostname the machine
 * @param command the verb with its domain, for people
 */
public record Owner(long pid, long startTicks, String bootId, String hostname, String command) {
    static Owner current(String command) {
        long pid = ProcessHandle.current().pid();
        return new Owner(pid, startTicksOf(pid), bootIdOfThisMachine(), hostnameOfThisMachine(), command);
    }

    /** False where the process is proved to be gone: other boot of this machine, no such process, or another one. */
    public boolean mayBeAlive() {
        if (!hostname.equals(hostnameOfThisMachine())) {
            return !bootId.equals(bootIdOfThisMachine()) || isRunning();
        }
        return bootId.equals(bootIdOfThisMachine()) && isRunning();
    }

    private boolean isRunning() {
        long ticks = startTicksOf(pid);
        return ticks >= 0 && ticks == startTicks;
    }

    boolean isThisProcess() {
        return pid == ProcessHandle.current().pid() && mayBeAlive();
    }

    /** -1 where there is no such process, or only its zombie. */
    private static long startTicksOf(long pid) {
        String stat = read("/proc/" + pid + "/stat");
        // The second field is the command's name in parentheses and may hold anything.
        int end = stat.lastIndexOf(')');
        if (end < 0) {
            return -1;
        }
        String[] fields = stat.substring(end + 2).split(" ", -1);
        return fields[0].equals("Z") || fields[0].equals("X") ? -1 : Long.parseLong(fields[19]);
    }

    private static String bootIdOfThisMachine() {
        return read("/proc/sys/kernel/random/boot_id");
    }

    static String hostnameOfThisMachine() {
        return read("/proc/sys/kernel/hostname");
    }

    private static String read(String file) {
        try {
            return Files.readString(Path.of(file)).strip();
        } catch (IOException e) {
            return "";
        }
    }
}
