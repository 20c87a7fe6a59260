// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.domain.JvirtException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The terminal in raw mode: each key goes to the guest as it is, Ctrl-C too. stty(1) sets the mode and restores it. */
final class RawTerminal implements AutoCloseable {
    private final String saved;
    private boolean restored;

    private RawTerminal(String saved) {
        this.saved = saved;
    }

    static RawTerminal enter() {
        String saved = stty("-g");
        RawTerminal terminal = new RawTerminal(saved);
        stty("raw", "-echo");
        return terminal;
    }

    /** Also called when the process is asked to stop, hence more than once. */
    @Override
    public synchronized void close() {
        if (!restored) {
            restored = true;
            stty(saved);
        }
    }

    private static String stty(String... arguments) {
        List<String> command = new ArrayList<>(List.of("stty"));
        command.addAll(List.of(arguments));
        try {
            Process stty = new ProcessBuilder(command)
                    .redirectInput(ProcessBuilder.Redirect.INHERIT)
                    .redirectErrorStream(true)
                    .start();
            String output = new String(stty.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (stty.waitFor() != 0) {
                throw failed(output);
            }
            return output;
        } catch (IOException e) {
            throw failed(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("interrupted");
        }
    }

    private static JvirtException failed(String reason) {
        return JvirtException.failed(
                "cannot set the terminal to raw mode: " + reason, "in a pipe it needs none: jvirt console NAME | cat");
    }
}
