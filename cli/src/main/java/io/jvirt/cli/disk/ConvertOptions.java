// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The command line of {@code convert} as it was given. */
final class ConvertOptions {
    static final long STANDARD_SPARSE_BYTES = 4096;

    @Nullable
    String sourceFormat;

    @Nullable
    String targetFormat;

    @Nullable
    String backingFile;

    @Nullable
    String backingFormat;

    @Nullable
    String optionText;

    @Nullable
    SnapshotName snapshot;

    String cache = "unsafe";
    String sourceCache = "writeback";
    long sparseBytes = STANDARD_SPARSE_BYTES;
    boolean sparseGiven;
    long bytesPerSecond;
    int threads;
    boolean copyRange;
    boolean compress;
    boolean progress;
    boolean quiet;
    boolean targetExists;
    boolean shared;
    boolean imageOpts;
    boolean targetImageOpts;
    boolean salvage;
    boolean targetIsZero;
    boolean bitmaps;
    boolean skipBrokenBitmaps;
    boolean digest;
    boolean sync;
    boolean resume;
    boolean reflink = true;
    List<String> sources = new ArrayList<>();
    String target = "";

    /** The one source is standard input. */
    boolean fromStream() {
        return !imageOpts && sources.contains("-");
    }

    /** The target is standard output. */
    boolean toStream() {
        return !targetImageOpts && target.equals("-");
    }

    boolean progressShown() {
        return progress && !quiet;
    }

    /** What is written must have reached the disk at the end. */
    boolean durable() {
        return sync || CacheMode.isDurable(cache);
    }
}
