// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.CommandContext;
import io.jvirt.domain.JvirtException;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The user's editor: $VISUAL, $EDITOR, else vi; these may have arguments, so a shell takes them apart. */
final class Editor {
    private Editor() {}

    static void open(CommandContext context, Path file) throws IOException {
        String editor = firstOf(context.environment("VISUAL"), context.environment("EDITOR"));
        try {
            int exit = new ProcessBuilder("sh", "-c", editor + " \"$0\"", file.toString())
                    .inheritIO()
                    .start()
                    .waitFor();
            if (exit != 0) {
                throw JvirtException.failed(
                        "the editor '" + editor + "' ended with status " + exit + ", nothing was changed",
                        "set VISUAL or EDITOR to one that works here");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JvirtException(JvirtException.Kind.INTERRUPTED, "interrupted", null, e);
        }
    }

    private static String firstOf(@Nullable String visual, @Nullable String editor) {
        if (visual != null && !visual.isBlank()) {
            return visual;
        }
        return editor != null && !editor.isBlank() ? editor : "vi";
    }
}
