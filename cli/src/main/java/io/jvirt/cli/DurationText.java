// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import io.jvirt.domain.JvirtException;
import java.time.Duration;

/** Durations as options take them: {@code 90}, {@code 90s}, {@code 5m}, {@code 1h}, {@code 7d}, {@code 500ms}. */
public final class DurationText {
    private static final long MAX_MILLIS = Duration.ofDays(3650).toMillis();

    private DurationText() {}

    /** The shortest text that reads back as the same: {@code 5m}, {@code 90s}, {@code 500ms}. */
    public static String of(Duration duration) {
        long millis = duration.toMillis();
        if (millis % 1000 != 0) {
            return millis + "ms";
        }
        return millis % 60_000 == 0 && millis > 0 ? millis / 60_000 + "m" : millis / 1000 + "s";
    }

    /** @param option named in the error */
    public static Duration parse(String option, String text) {
        int digits = 0;
        while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
            digits++;
        }
        long unitMillis = switch (text.substring(digits)) {
            case "ms" -> 1;
            case "", "s" -> 1000;
            case "m", "min" -> 60_000;
            case "h" -> 3_600_000;
            case "d" -> 86_400_000;
            default -> 0;
        };
        if (digits == 0
                || digits > 9
                || unitMillis == 0
                || Long.parseLong(text.substring(0, digits)) > MAX_MILLIS / unitMillis) {
            throw JvirtException.usage(
                    option + " '" + text + "' is no duration", "write 90 (seconds), 500ms, 5m, 1h or 7d");
        }
        return Duration.ofMillis(Long.parseLong(text.substring(0, digits)) * unitMillis);
    }
}
