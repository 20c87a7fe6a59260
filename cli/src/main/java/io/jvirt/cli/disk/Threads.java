// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

/** The number of threads that {@code -m} sets. */
final class Threads {
    private static final int MOST = 16;

    private Threads() {}

    static int option(Console console, String text) {
        int threads = 0;
        try {
            threads = Integer.decode(text.strip());
        } catch (NumberFormatException e) {
            // Reported as out of range below.
            threads = 0;
        }
        if (threads < 1 || threads > MOST) {
            throw console.fail("Invalid number of coroutines. Allowed number of coroutines is between 1 and " + MOST);
        }
        return threads;
    }
}
