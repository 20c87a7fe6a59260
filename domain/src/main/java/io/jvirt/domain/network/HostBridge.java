// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.network;

import java.nio.file.Files;
import java.nio.file.Path;

/** Network devices of this machine. */
public final class HostBridge {
    private static final Path DEVICES = Path.of("/sys/class/net");

    private HostBridge() {}

    /** Whether a device of that name is a bridge that guests can be plugged into. */
    public static boolean exists(String name) {
        if (name.isEmpty() || name.contains("/")) {
            return false;
        }
        Path device = DEVICES.resolve(name);
        // An Open vSwitch bridge is a plain device to the kernel.
        return Files.isDirectory(device.resolve("bridge"))
                || (Files.exists(device) && Files.exists(DEVICES.resolve("ovs-system")));
    }

    /** Whether there is any device of that name. */
    public static boolean isTaken(String name) {
        return !name.isEmpty() && !name.contains("/") && Files.exists(DEVICES.resolve(name));
    }
}
