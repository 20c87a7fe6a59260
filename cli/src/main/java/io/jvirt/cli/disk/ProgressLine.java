// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.copy.CopyProgress;

/** The progress of {@code -p}: {@code (12.34/100%)}, rewritten on one line of standard output. */
final class ProgressLine implements CopyProgress {
    private final Console console;
    private final boolean shown;
    private final float stepPercent;
    private boolean countsData;
    private float printedPercent;

    /** Prints at once that nothing is done yet. A new line only after so many percent more. */
    ProgressLine(Console console, boolean shown, float stepPercent) {
        this.console = console;
        this.shown = shown;
        this.stepPercent = stepPercent;
        print(0);
    }

    /** The line of a copy, which shows what part of the data is copied, and the end of that too. */
    static ProgressLine ofData(Console console, boolean shown) {
        ProgressLine line = new ProgressLine(console, shown, 1);
        line.countsData = shown;
        return line;
    }

    @Override
    public boolean countsData() {
        return countsData;
    }

    @Override
    public synchronized void done(long doneBytes, long totalBytes) {
        if (shown && totalBytes > 0) {
            float percent = 100f * doneBytes / totalBytes;
            if (percent < 100 ? percent > printedPercent + stepPercent : countsData) {
                print(percent);
            }
        }
    }

    /** The same for work that is told in few steps, of which the last one is shown too. */
    void step(long done, long total) {
        if (done == total) {
            complete();
        } else {
            done(done, total);
        }
    }

    private void print(float percent) {
        printedPercent = percent;
        if (shown) {
            console.print("    (" + Numbers.fixed(percent, 2) + "/100%)\r");
            console.flush();
        }
    }

    /** Everything is done. */
    void complete() {
        print(100);
    }

    /** The last line of it, also after a failure. */
    void end() {
        if (shown) {
            console.print("\n");
        }
    }
}
