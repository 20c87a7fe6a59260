// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Map;

/** The table of internal snapshots. */
final class SnapshotTable {
    static final String HEADING = "ID        TAG               VM SIZE                DATE     VM CLOCK     ICOUNT";

    private static final long NANOS_PER_MILLI = 1_000_000;

    private SnapshotTable() {}

    /** A line for a snapshot as {@link ImageInfo} describes it. */
    static String row(Map<?, ?> snapshot) {
        long seconds = number(snapshot, "vm-clock-sec");
        String clock = two(seconds / 3600) + ":" + two(seconds / 60 % 60) + ":" + two(seconds % 60) + "."
                + three(number(snapshot, "vm-clock-nsec") / NANOS_PER_MILLI);
        Object icount = snapshot.get("icount");
        return Numbers.leftInBytes(String.valueOf(snapshot.get("id")), 9)
                + " " + Numbers.leftInBytes(String.valueOf(snapshot.get("name")), 16)
                + " " + Numbers.right(Sizes.human(number(snapshot, "vm-state-size")), 8)
                + Numbers.right(date(number(snapshot, "date-sec")), 20)
                + Numbers.right(clock, 13)
                + Numbers.right(icount == null ? "" : icount.toString(), 11);
    }

    private static long number(Map<?, ?> snapshot, String key) {
        return snapshot.get(key) instanceof Number number ? number.longValue() : 0;
    }

    private static String date(long seconds) {
        LocalDateTime local = LocalDateTime.ofInstant(Instant.ofEpochSecond(seconds), ZoneId.systemDefault());
        return local.getYear() + "-" + two(local.getMonthValue()) + "-" + two(local.getDayOfMonth()) + " "
                + two(local.getHour()) + ":" + two(local.getMinute()) + ":" + two(local.getSecond());
    }

    private static String two(long value) {
        return value < 10 ? "0" + value : Long.toString(value);
    }

    private static String three(long value) {
        return value < 100 ? "0" + two(value) : Long.toString(value);
    }
}
