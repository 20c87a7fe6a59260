// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.image;

import java.time.Duration;

/**
 * How long a download waits.
 *
 * @param connect for a connection
 * @param silence for the next bytes of a server
 * @param tries in a row that bring nothing, before it is given up
 * @param pause before the second try; twice as long before each further one
 */
record Patience(Duration connect, Duration silence, int tries, Duration pause) {
    static final Patience STANDARD =
            new Patience(Duration.ofSeconds(20), Duration.ofSeconds(60), 5, Duration.ofMillis(500));
}
