// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

/**
 * The end of a connection to another host. libvirt waits there for the other side to hear of it, and where that is gone,
 * until keepalive gives up (half a minute); but what was to be done is done.
 */
final class ConnectionClose {
    private static final long PATIENCE_MILLIS = 2000;

    private ConnectionClose() {}

    /** Closes, and where that takes long ends the ssh that leads to the host, which libvirt takes for the answer. */
    static void run(String host, Runnable close) {
        Thread closing = new Thread(close, "libvirt-close");
        closing.setDaemon(true);
        closing.start();
        try {
            closing.join(PATIENCE_MILLIS);
            if (closing.isAlive()) {
                endTunnels(host);
                closing.join(PATIENCE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Left alone, an ssh on a dead link stays for a quarter of an hour behind the command that it served. */
    private static void endTunnels(String host) {
        ProcessHandle.current()
                .children()
                .filter(child -> isTunnel(child.info(), host))
                .forEach(ProcessHandle::destroy);
    }

    private static boolean isTunnel(ProcessHandle.Info info, String host) {
        String[] arguments = info.arguments().orElse(new String[0]);
        for (String argument : arguments) {
            if (argument.equals(host)) {
                return info.command().orElse("").endsWith("/ssh");
            }
        }
        return false;
    }
}
