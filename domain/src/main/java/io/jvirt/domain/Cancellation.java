// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain;

import java.util.ArrayList;
import java.util.List;

/**
 * The user's wish to stop (Ctrl-C, SIGTERM). A verb asks {@link #check()} between its steps; what it has done so far is
 * then rolled back by the same code that rolls back after any other failure. Threads are not interrupted: an interrupt
 * would close the file channels that the rollback still needs.
 */
public final class Cancellation {
    private final List<Runnable> actions = new ArrayList<>();
    private volatile boolean requested;
    private volatile boolean isWatched;

    /** The running verb asks {@link #check()} from now on: the process waits for its rollback before it ends. */
    public void watch() {
        isWatched = true;
    }

    public boolean isWatched() {
        return isWatched;
    }

    public boolean isRequested() {
        return requested;
    }

    /** Ends the verb where the user asked for it. */
    public void check() {
        if (requested) {
            throw new JvirtException(JvirtException.Kind.INTERRUPTED, "interrupted", null);
        }
    }

    /** Runs {@code action} when the user asks to stop: for waits that cannot ask {@link #check()}. */
    public void onRequest(Runnable action) {
        synchronized (actions) {
            if (!requested) {
                actions.add(action);
                return;
            }
        }
        action.run();
    }

    /** Asks the running verb to stop. */
    public void request() {
        List<Runnable> due;
        synchronized (actions) {
            requested = true;
            due = List.copyOf(actions);
            actions.clear();
        }
        for (Runnable action : due) {
            action.run();
        }
    }
}
