// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import java.io.IOException;
import java.util.logging.LogManager;

/**
 * The JDK's logging without a configuration: jvirt logs nothing, but JNA asks for a logger as it is loaded, and the JDK then
 * reads a file and searches all jars for another implementation, which took a third of the time of {@code list}. The launcher
 * names this class.
 */
public final class QuietLogging extends LogManager {
    /** Refuses: the JDK goes on without, and skips the search too, which comes after the reading. */
    @Override
    public void readConfiguration() throws IOException {
        throw new IOException("nothing is configured");
    }
}
