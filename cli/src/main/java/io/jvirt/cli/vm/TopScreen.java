// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStyle;
import org.jline.utils.Display;
import org.jline.utils.InfoCmp.Capability;
import org.jline.utils.NonBlockingReader;

/** The terminal of {@code top}: the only class that loads JLine. What was on the screen comes back when it closes. */
final class TopScreen implements AutoCloseable {
    /** No key within the time. */
    static final int NONE = -2;
    /** The terminal is gone. */
    static final int END = -1;

    static final int UP = 0x110000;
    static final int DOWN = 0x110001;

    private static final int ESCAPE = 0x1b;
    private static final long SEQUENCE_MILLIS = 50;

    private final Terminal terminal;
    private final Attributes saved;
    private final Display display;
    private boolean isClosed;

    private TopScreen(Terminal terminal) {
        this.terminal = terminal;
        this.saved = terminal.enterRawMode();
        terminal.puts(Capability.enter_ca_mode);
        terminal.puts(Capability.cursor_invisible);
        this.display = new Display(terminal, true);
    }

    static TopScreen open(Cancellation cancellation) throws IOException {
        Terminal terminal = TerminalBuilder.builder()
                .system(true)
                .provider("exec")
                .nativeSignals(false)
                .dumb(true)
                .build();
        if (terminal.getType().startsWith(Terminal.TYPE_DUMB)) {
            terminal.close();
            throw JvirtException.failed(
                    "this terminal cannot be drawn on (TERM=" + System.getenv("TERM") + ")", "jvirt top --once");
        }
        TopScreen screen = new TopScreen(terminal);
        cancellation.onRequest(screen::close);
        return screen;
    }

    int rows() {
        return Math.max(5, terminal.getHeight());
    }

    /** Waits for a key for so long; {@link #NONE} where none came. */
    int read(long millis) throws IOException {
        NonBlockingReader reader = terminal.reader();
        int key = reader.read(millis);
        if (key != ESCAPE) {
            return key == 'k' ? UP : key == 'j' ? DOWN : key;
        }
        int bracket = reader.read(SEQUENCE_MILLIS);
        if (bracket != '[' && bracket != 'O') {
            return NONE;
        }
        return switch (reader.read(SEQUENCE_MILLIS)) {
            case 'A' -> UP;
            case 'B' -> DOWN;
            default -> NONE;
        };
    }

    /** @param chosen the index of the line that is shown in reverse; -1 for none */
    void draw(String title, List<String> lines, int chosen, String message, String keys) {
        int columns = Math.max(20, terminal.getWidth());
        int rows = rows();
        List<AttributedString> screen = new ArrayList<>();
        screen.add(new AttributedString(cut(title, columns), AttributedStyle.BOLD));
        for (int i = 0; i < lines.size(); i++) {
            AttributedStyle style =
                    i == chosen ? AttributedStyle.INVERSE : i == 0 ? AttributedStyle.BOLD : AttributedStyle.DEFAULT;
            String line = cut(lines.get(i), columns);
            screen.add(new AttributedString(i == chosen ? line + " ".repeat(columns - line.length()) : line, style));
        }
        while (screen.size() < rows - 2) {
            screen.add(AttributedString.EMPTY);
        }
        screen.add(new AttributedString(cut(message, columns)));
        screen.add(new AttributedString(cut(keys, columns), AttributedStyle.DEFAULT.faint()));
        synchronized (this) {
            if (!isClosed) {
                display.resize(rows, columns);
                display.update(screen, 0);
            }
        }
    }

    private static String cut(String line, int columns) {
        return line.length() <= columns ? line : line.substring(0, columns);
    }

    /** Also called when the process is asked to stop, hence more than once. */
    @Override
    public synchronized void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        terminal.puts(Capability.cursor_visible);
        terminal.puts(Capability.exit_ca_mode);
        terminal.flush();
        terminal.setAttributes(saved);
        try {
            terminal.close();
        } catch (IOException e) {
            // The terminal is gone: there is nothing left to restore.
            return;
        }
    }
}
