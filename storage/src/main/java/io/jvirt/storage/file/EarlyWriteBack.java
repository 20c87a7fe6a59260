// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Keeps the disk busy while a file is filled: what has been written so far goes out at once, where the system would leave all
 * of it for the sync at the end. It makes nothing last: the sync stays, and has little left to do.
 */
public final class EarlyWriteBack implements Closeable {
    private static final int PAUSE_MILLIS = 20;

    private final HostFile file;
    private final Thread thread;

    private EarlyWriteBack(HostFile file) {
        this.file = file;
        this.thread = new Thread(this::run, "write-back");
        thread.setDaemon(true);
        thread.start();
    }

    /** Begins; the file is there. Until it is closed. */
    public static EarlyWriteBack of(Path path) throws IOException {
        return new EarlyWriteBack(HostFile.open(path, false));
    }

    private void run() {
        try {
            do {
                Thread.sleep(PAUSE_MILLIS);
            } while (file.startWriteBack());
        } catch (InterruptedException | IOException e) {
            // It ends, or the sync at the end does it all.
        }
    }

    @Override
    public void close() throws IOException {
        thread.interrupt();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        file.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
