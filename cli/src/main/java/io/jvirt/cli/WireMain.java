// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import io.jvirt.domain.transfer.wire.WireServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;

/** {@code jvirt wire}: what another host's {@code jvirt migrate} starts here over ssh. Not for people. */
final class WireMain {
    private WireMain() {}

    static int run(InputStream in, OutputStream out, PrintStream err) {
        try {
            WireServer.serve(
                    in, out, Version.jvirt(), () -> Runtime.getRuntime().halt(ExitCode.FAILED.value()));
            return ExitCode.DONE.value();
        } catch (IOException e) {
            ErrorText.print(err, "the connection to the other host ended: " + e.getMessage(), null);
            return ExitCode.FAILED.value();
        }
    }
}
