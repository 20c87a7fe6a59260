// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain;

import java.nio.file.Path;
import java.util.regex.Pattern;

/** Words of a command line that a shell is to read. */
public final class ShellWord {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

    private ShellWord() {}

    /** In single quotes where a shell would see more in it than letters. */
    public static String quoted(String word) {
        return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    public static String quoted(Path path) {
        return quoted(path.toString());
    }
}
