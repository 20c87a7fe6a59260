// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import io.jvirt.domain.JvirtException;
import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How far a long job is, on standard error: a bar on a terminal, a JSON line a second with {@code --progress json}, nothing
 * otherwise. Workers of several threads may report; whoever reports pays for the drawing, at most ten times a second.
 */
public final class Progress implements AutoCloseable {
    /** The values of {@code --progress}. */
    public enum Mode {
        AUTO,
        JSON,
        NONE;

        static Mode parse(String value) {
            return switch (value) {
                case "auto" -> AUTO;
                case "json" -> JSON;
                case "none" -> NONE;
                default ->
                    throw JvirtException.usage(
                            "unknown progress mode '" + value + "'", "--progress takes auto, json or none");
            };
        }
    }

    private static final int BAR_CELLS = 24;
    private static final long BAR_INTERVAL_NANOS = 100_000_000L;
    private static final long JSON_INTERVAL_NANOS = 1_000_000_000L;

    private final @Nullable PrintStream target;
    private final boolean isJson;
    private final String job;
    private final long totalBytes;
    private final LongSupplier nanoClock;
    private final long startNanos;
    private long doneBytes;
    private long lastNanos;
    private boolean hasDrawn;
    private @Nullable Whole whole;
    private long savedBytes;

    /**
     * A job of several parts, of which this is one.
     *
     * @param startNanos when the first part began
     * @param beforeBytes what the parts before it had
     */
    public record Whole(long startNanos, long beforeBytes, long totalBytes) {}

    private Progress(
            @Nullable PrintStream target, boolean isJson, String job, long totalBytes, LongSupplier nanoClock) {
        this.target = target;
        this.isJson = isJson;
        this.job = job;
        this.totalBytes = totalBytes;
        this.nanoClock = nanoClock;
        this.startNanos = nanoClock.getAsLong();
        this.lastNanos = startNanos;
    }

    static Progress start(Stdio stdio, GlobalOptions options, String job, long totalBytes, LongSupplier nanoClock) {
        boolean isJson = options.progress() == Mode.JSON;
        boolean isBar = options.progress() == Mode.AUTO && stdio.isErrTerminal() && !options.isQuiet();
        return new Progress(isJson || isBar ? stdio.err() : null, isJson, job, totalBytes, nanoClock);
    }

    /** Shows the whole beside this part of it. */
    public Progress within(Whole all) {
        whole = all;
        return this;
    }

    /** So many bytes need not be moved at all, so far; shown with the next drawing. */
    public void setSaved(long bytes) {
        synchronized (this) {
            savedBytes = bytes;
        }
    }

    /** So many bytes more are done. */
    public void advance(long bytes) {
        if (target == null) {
            return;
        }
        synchronized (this) {
            doneBytes += bytes;
            drawIfDue();
        }
    }

    /** So many bytes are done in all. */
    public void setDone(long bytes) {
        if (target == null) {
            return;
        }
        synchronized (this) {
            doneBytes = bytes;
            drawIfDue();
        }
    }

    private void drawIfDue() {
        long now = nanoClock.getAsLong();
        if (now - lastNanos >= (isJson ? JSON_INTERVAL_NANOS : BAR_INTERVAL_NANOS)) {
            lastNanos = now;
            draw(now);
        }
    }

    private void draw(long now) {
        PrintStream err = target;
        if (err == null) {
            return;
        }
        double seconds = (now - startNanos) / 1e9;
        long bytesPerSecond = seconds > 0 ? (long) (doneBytes / seconds) : 0;
        long left = Math.max(0, totalBytes - doneBytes);
        long secondsLeft = bytesPerSecond > 0 ? (left + bytesPerSecond - 1) / bytesPerSecond : -1;
        if (isJson) {
            err.println("{\"job\":\"" + job.replace("\\", "\\\\").replace("\"", "\\\"") + "\",\"doneBytes\":"
                    + doneBytes
                    + ",\"totalBytes\":" + totalBytes + ",\"bytesPerSecond\":" + bytesPerSecond + ",\"secondsLeft\":"
                    + (secondsLeft < 0 ? "null" : Long.toString(secondsLeft)) + wholeJson(now) + "}");
        } else {
            int cells = totalBytes > 0 ? (int) Math.min(BAR_CELLS, doneBytes * BAR_CELLS / totalBytes) : 0;
            err.print("\r" + job + " [" + "#".repeat(cells) + " ".repeat(BAR_CELLS - cells) + "] "
                    + ByteText.of(doneBytes)
                    + " of " + ByteText.of(totalBytes) + "  " + ByteText.of(bytesPerSecond) + "/s  "
                    + (secondsLeft < 0 ? "" : clock(secondsLeft) + " left") + wholeText(now) + "\033[K");
        }
        err.flush();
        hasDrawn = true;
    }

    private String wholeText(long now) {
        Whole all = whole;
        String saved = savedBytes > 0 ? "  " + ByteText.of(savedBytes) + " saved" : "";
        if (all == null || all.totalBytes() <= totalBytes) {
            return saved;
        }
        long done = Math.min(all.totalBytes(), all.beforeBytes() + doneBytes);
        long left = secondsLeft(all, done, now);
        return saved + "  all: " + done * 100 / all.totalBytes() + "% of " + ByteText.of(all.totalBytes())
                + (left < 0 ? "" : ", " + clock(left) + " left");
    }

    private String wholeJson(long now) {
        Whole all = whole;
        if (all == null) {
            return "";
        }
        long done = Math.min(all.totalBytes(), all.beforeBytes() + doneBytes);
        long left = secondsLeft(all, done, now);
        return ",\"savedBytes\":" + savedBytes + ",\"all\":{\"doneBytes\":" + done + ",\"totalBytes\":"
                + all.totalBytes() + ",\"secondsLeft\":" + (left < 0 ? "null" : Long.toString(left)) + "}";
    }

    private static long secondsLeft(Whole all, long done, long now) {
        double rate = done / Math.max(1e-9, (now - all.startNanos()) / 1e9);
        return done <= 0 ? -1 : (long) Math.ceil((all.totalBytes() - done) / rate);
    }

    private static String clock(long seconds) {
        return String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60);
    }

    /** Takes the bar away, or prints the last JSON line. */
    @Override
    public synchronized void close() {
        PrintStream err = target;
        if (err == null) {
            return;
        }
        if (isJson) {
            draw(nanoClock.getAsLong());
        } else if (hasDrawn) {
            err.print("\r\033[K");
            err.flush();
        }
    }
}
