// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import io.jvirt.storage.CorruptImageException;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.Extent;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.copy.RunSplitter.Action;
import io.jvirt.storage.file.PageBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Copies the guest-visible content of an image into a target. */
final class ImageCopy {
    private static final int READ_BYTES = 512 << 10;
    private static final int SECTOR_BYTES = 512;
    private static final int PIECE_BYTES = 2 << 20;
    private static final int QUEUED_RUNS_PER_THREAD = 256;

    private final DiskImage source;
    private final long sizeBytes;
    private final CopyTarget target;
    private final CopySettings settings;
    private final int readBytes;
    private final RateLimit rate;
    private final @Nullable DataProgress dataProgress;
    private long doneBytes;

    /** @param sizeBytes how much to copy; beyond the source's end there are zeros */
    ImageCopy(DiskImage source, long sizeBytes, CopyTarget target, CopySettings settings) {
        this.source = source;
        this.sizeBytes = sizeBytes;
        this.target = target;
        this.settings = settings;
        this.readBytes = Math.max(READ_BYTES, target.blockBytes());
        this.rate = new RateLimit(settings.bytesPerSecond());
        long piece = settings.compress() ? target.blockBytes() : PIECE_BYTES;
        this.dataProgress = settings.progress().countsData() ? new DataProgress(settings.progress(), piece) : null;
    }

    void run() throws IOException {
        boolean share = settings.share() && settings.sparseBytes() != 0;
        try (BlockSharing sharing = share ? new BlockSharing(source, target) : null) {
            run(sharing);
        }
    }

    private void run(@Nullable BlockSharing sharing) throws IOException {
        if (dataProgress != null) {
            source.map(0, source.sizeBytes(), extent -> {
                if (action(extent) == Action.READ) {
                    dataProgress.expect(extent.lengthBytes());
                }
            });
        }
        RunQueue<Run> queue = new RunQueue<>(settings.threads() * QUEUED_RUNS_PER_THREAD);
        RunSplitter splitter = new RunSplitter(target.blockBytes(), readBytes, sizeBytes, queue::put);
        Workers.run(settings.threads(), queue, () -> work(queue), () -> feed(splitter, sharing));
        target.finish();
        if (dataProgress == null) {
            settings.progress().done(sizeBytes, sizeBytes);
        } else {
            dataProgress.finish();
        }
    }

    private void feed(RunSplitter splitter, @Nullable BlockSharing sharing) throws IOException {
        try {
            source.map(0, source.sizeBytes(), extent -> {
                if (sharing == null || action(extent) != Action.READ || !share(extent, splitter, sharing)) {
                    splitter.add(extent.guestOffset(), extent.endOffset(), action(extent));
                }
            });
        } catch (CorruptImageException e) {
            if (e.guestOffset() < 0) {
                throw e;
            }
            throw CopyException.of("error while reading block status at offset " + e.guestOffset(), e);
        }
        if (sizeBytes > source.sizeBytes()) {
            splitter.add(source.sizeBytes(), sizeBytes, settings.sparseBytes() == 0 ? Action.READ : Action.SKIP);
        }
        splitter.finish();
    }

    /** Lets the target share the extent's whole blocks, and has only the rest of it read; false where it can share none. */
    private boolean share(Extent extent, RunSplitter splitter, BlockSharing sharing) throws IOException {
        int block = target.blockBytes();
        long from = (extent.guestOffset() + block - 1) / block * block;
        long to = extent.endOffset() / block * block;
        StoredRange stored = to > from ? sharing.rangeOf(extent, from) : null;
        if (stored == null) {
            return false;
        }
        splitter.add(extent.guestOffset(), from, Action.READ);
        splitter.share(from, to, stored);
        splitter.add(to, extent.endOffset(), Action.READ);
        return true;
    }

    private Action action(Extent extent) {
        if (settings.overBacking()) {
            if (extent.depth() > 0 || extent.kind() == Extent.Kind.UNALLOCATED) {
                return Action.SKIP;
            }
        }
        if (!extent.kind().readsAsZero() || settings.sparseBytes() == 0) {
            return Action.READ;
        }
        if (settings.overBacking()) {
            // Behind the end of the backing file nothing shines through.
            return extent.guestOffset() >= settings.backingSizeBytes() ? Action.SKIP : Action.ZERO;
        }
        return settings.targetReadsAsZeros() ? Action.SKIP : Action.ZERO;
    }

    private void work(RunQueue<Run> queue) throws IOException {
        int block = target.blockBytes();
        ByteBuffer data = PageBuffer.allocate(readBytes + block).order(ByteOrder.nativeOrder());
        boolean[] wanted = new boolean[(readBytes + block) / target.scanBytes()];
        try (CopyTarget.Worker worker = target.newWorker()) {
            for (Run run = queue.take(); run != null; run = queue.take()) {
                StoredRange stored = run.stored();
                if (!run.zero() && stored == null) {
                    read(run, data);
                    choose(run, data, wanted);
                    worker.prepare(run, data, wanted);
                    rate.pass(run.lengthBytes());
                }
                try {
                    queue.awaitTurn(run.ticket());
                    worker.place(run);
                    if (dataProgress != null) {
                        dataProgress.placed(run);
                    }
                    queue.turnDone();
                    if (stored == null) {
                        worker.store(run, data);
                    } else {
                        worker.share(run, stored);
                    }
                } catch (IOException e) {
                    throw CopyException.of("error while writing at byte " + run.guestOffset(), e);
                }
                progress(run);
            }
        }
    }

    private synchronized void progress(Run run) {
        if (dataProgress != null) {
            return;
        }
        doneBytes = Math.max(doneBytes, run.endOffset());
        settings.progress().done(doneBytes, sizeBytes);
    }

    /** Reads a run and fills the rest of its last block with zeros. */
    private void read(Run run, ByteBuffer data) throws IOException {
        int length = (int) run.lengthBytes();
        int inSource = (int) Math.max(0, Math.min(length, source.sizeBytes() - run.guestOffset()));
        if (inSource > 0) {
            try {
                source.read(run.guestOffset(), data.clear().limit(inSource));
            } catch (IOException e) {
                CopySettings.@Nullable UnreadableSectors unreadable = settings.unreadable();
                if (unreadable == null) {
                    throw CopyException.of("error while reading at byte " + run.guestOffset(), e);
                }
                salvage(run.guestOffset(), inSource, data, unreadable);
            }
        }
        int blocks = (length + target.blockBytes() - 1) / target.blockBytes();
        zeroFill(data, inSource, blocks * target.blockBytes());
        data.clear();
    }

    private void salvage(long guestOffset, int length, ByteBuffer data, CopySettings.UnreadableSectors unreadable) {
        for (int at = 0; at < length; at += SECTOR_BYTES) {
            int end = Math.min(length, at + SECTOR_BYTES);
            try {
                source.read(guestOffset + at, data.clear().limit(end).position(at));
            } catch (IOException e) {
                synchronized (this) {
                    unreadable.replacedByZeros(guestOffset + at, e);
                }
                zeroFill(data, at, end);
            }
        }
    }

    private static void zeroFill(ByteBuffer data, int from, int to) {
        data.clear();
        int at = from;
        for (; at + Long.BYTES <= to; at += Long.BYTES) {
            data.putLong(at, 0);
        }
        for (; at < to; at++) {
            data.put(at, (byte) 0);
        }
    }

    /** Finds what to store: what is not zero, and runs of zeros that are too short to leave out. */
    private void choose(Run run, ByteBuffer data, boolean[] wanted) {
        int unit = target.scanBytes();
        int units = (int) ((run.lengthBytes() + unit - 1) / unit);
        if (settings.sparseBytes() == 0) {
            Arrays.fill(wanted, true);
            return;
        }
        Arrays.fill(wanted, false);
        int zeros = 0;
        boolean begun = false;
        for (int i = 0; i < units; i++) {
            if (ZeroScan.isZero(data, i * unit, unit)) {
                zeros++;
                continue;
            }
            wanted[i] = true;
            if (begun && (long) zeros * unit < settings.sparseBytes() && !settings.compress()) {
                Arrays.fill(wanted, i - zeros, i, true);
            }
            begun = true;
            zeros = 0;
        }
        if (!settings.compress()) {
            widen(run, unit, units, wanted);
        }
    }

    /** Holes begin and end at multiples of the shortest hole, so that units smaller than that go together. */
    private void widen(Run run, int unit, int units, boolean[] wanted) {
        int together = (int) (Long.highestOneBit(settings.sparseBytes()) / unit);
        int first = together <= 1 ? units : -(int) (run.guestOffset() / unit % together);
        for (int group = first; group < units; group += together) {
            int from = Math.max(0, group);
            int to = Math.min(units, group + together);
            boolean any = false;
            for (int i = from; i < to; i++) {
                any |= wanted[i];
            }
            Arrays.fill(wanted, from, to, any);
        }
    }

    /** Names what failed and where; what the engine or the system said is behind it. */
    static final class CopyException extends StorageException {
        private static final long serialVersionUID = 1;

        private CopyException(String message, @Nullable String hint, Throwable cause) {
            super(message, hint, cause);
        }

        static IOException of(String where, IOException cause) {
            if (cause instanceof CopyException) {
                return cause;
            }
            String hint = cause instanceof StorageException storage ? storage.hint() : null;
            return new CopyException(where + ": " + CorruptImageException.reason(cause), hint, cause);
        }
    }
}
