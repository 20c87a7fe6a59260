// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.journal;

import java.nio.file.Path;
import java.util.Map;

/** Where jvirt keeps what must survive it. */
public final class StateDirectory {
    /** Overrides the directory. */
    public static final String VARIABLE = "JVIRT_STATE";

    private StateDirectory() {}

    /** {@code $JVIRT_STATE}, else {@code /var/lib/jvirt} for root and {@code ~/.local/state/jvirt} for others. */
    public static Path of(Map<String, String> environment, String userName, String home) {
        String named = environment.get(VARIABLE);
        if (named != null && !named.isBlank()) {
            return Path.of(named).toAbsolutePath();
        }
        if (userName.equals("root")) {
            return Path.of("/var/lib/jvirt");
        }
        String xdg = environment.get("XDG_STATE_HOME");
        Path base = xdg != null && xdg.startsWith("/") ? Path.of(xdg) : Path.of(home, ".local", "state");
        return base.resolve("jvirt");
    }

    public static Path current() {
        return of(System.getenv(), System.getProperty("user.name", ""), System.getProperty("user.home", "/"));
    }
}
