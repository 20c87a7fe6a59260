// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.OpenPolicy;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.FreshFile;
import io.jvirt.storage.file.HostFile;
import io.jvirt.storage.file.ImageInUseException;
import io.jvirt.storage.file.LockRequest;
import io.jvirt.storage.qcow2.Qcow2Image;
import io.jvirt.storage.qcow2.check.CheckResult;
import io.jvirt.storage.qcow2.check.Qcow2Check;
import io.jvirt.storage.qcow2.check.Repair;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * A copy into a new image that goes on where it was cut short. The unfinished image lies beside its target as {@code
 * .NAME.resume}, and {@code .NAME.resume.journal} says how much of it is good: a window is copied, synced, and only then
 * written down. What the journal says is verified before it is trusted.
 *
 * <p>The journal is text of three lines: {@code jvirt-copy 1}, what is copied and how, how many bytes are done.
 */
public final class ResumableCopy {
    private static final String MAGIC = "jvirt-copy 1";
    private static final long VERIFIED_BYTES = 16 << 20;
    private static final int MAX_JOURNAL_BYTES = 1 << 20;

    private final CreateRequest request;
    private final String what;
    private final long windowBytes;
    private final Path partial;
    private final Path journal;
    private long resumedAt;

    /**
     * @param request the new image
     * @param what identifies source and options; where it differs from what an unfinished copy was made of, the copy begins
     *     anew
     * @param windowBytes so much is copied between two entries of the journal; a multiple of the cluster size
     */
    public ResumableCopy(CreateRequest request, String what, long windowBytes) {
        this.request = request;
        this.what = what.replace('\n', ' ');
        this.windowBytes = windowBytes;
        Path name = request.file().getFileName();
        partial = request.file().resolveSibling("." + name + ".resume");
        journal = request.file().resolveSibling("." + name + ".resume.journal");
    }

    /** Where the copy went on from, 0 where it began anew. */
    public long resumedAt() {
        return resumedAt;
    }

    /** Tells whether the source is still what it was. */
    @FunctionalInterface
    public interface Unchanged {
        boolean test() throws IOException;
    }

    /** Copies what is missing. The image has its name, and is on the disk, when this returns. */
    public void run(DiskImage source, CopySettings settings, Unchanged unchanged) throws IOException {
        long size = source.sizeBytes();
        long done = trusted(source, settings);
        if (done < 0) {
            begin();
            done = 0;
        }
        resumedAt = done;
        try (DiskImage target = open()) {
            for (long at = done; at < size; at += windowBytes) {
                long length = Math.min(windowBytes, size - at);
                copyWindow(source, target, at, length, within(settings, at, size));
                target.flush();
                write(at + length);
            }
            target.flush();
        }
        if (!unchanged.test()) {
            Files.deleteIfExists(journal);
            throw new StorageException(
                    "the source was changed while it was copied", "stop what writes it, and begin again");
        }
        Files.move(partial, request.file(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        HostFile.syncDirectory(request.file());
        Files.deleteIfExists(journal);
    }

    private static void copyWindow(DiskImage source, DiskImage target, long at, long length, CopySettings settings)
            throws IOException {
        DiskImage window = new WindowImage(source, at, length);
        if (settings.compress() && target instanceof Qcow2Image qcow2) {
            ImageCopies.toCompressedImage(window, length, qcow2, at, settings);
        } else {
            ImageCopies.toImage(window, length, new WindowImage(target, at, length), false, settings);
        }
    }

    private static CopySettings within(CopySettings all, long at, long size) {
        return new CopySettings(
                all.threads(),
                all.sparseBytes(),
                all.bytesPerSecond(),
                all.targetReadsAsZeros(),
                false,
                Long.MAX_VALUE,
                all.compress(),
                all.unreadable(),
                (done, total) -> all.progress().done(at + done, size));
    }

    private void begin() throws IOException {
        Files.deleteIfExists(journal);
        refuseIfInUse();
        DiskImages.create(new CreateRequest(
                partial, request.format(), request.virtualSizeBytes(), request.preallocation(), request.qcow2()));
        write(0);
    }

    private void refuseIfInUse() throws IOException {
        if (Files.exists(partial)) {
            try (HostFile file = HostFile.open(partial, false)) {
                file.lock(LockRequest.WRITE_FORMAT);
            }
        }
    }

    private DiskImage open() throws IOException {
        return DiskImages.open(OpenRequest.of(partial)
                .withFormat(request.format())
                .withPolicy(OpenPolicy.nothing())
                .writable());
    }

    /** How much of an unfinished copy is good, or -1 where there is none that fits. */
    private long trusted(DiskImage source, CopySettings settings) throws IOException {
        if (!Files.isRegularFile(journal) || !Files.isRegularFile(partial) || Files.size(journal) > MAX_JOURNAL_BYTES) {
            return -1;
        }
        String[] lines = Files.readString(journal, StandardCharsets.UTF_8).split("\n", -1);
        if (lines.length != 4 || !lines[0].equals(MAGIC) || !lines[1].equals(what)) {
            return -1;
        }
        long done;
        try {
            done = Long.parseLong(lines[2]);
        } catch (NumberFormatException e) {
            return -1;
        }
        return done >= 0 && done <= source.sizeBytes() && isSound() && endIsSame(source, done, settings) ? done : -1;
    }

    private boolean isSound() throws IOException {
        if (request.format() != ImageFormat.QCOW2) {
            return true;
        }
        try (HostFile file = HostFile.open(partial, false)) {
            file.lock(LockRequest.WRITE_FORMAT);
            CheckResult check = Qcow2Check.run(file, Repair.LEAKS, finding -> {});
            return check.failure() == null && check.corruptions() == 0 && check.checkErrors() == 0;
        } catch (StorageException e) {
            if (e instanceof ImageInUseException) {
                throw e;
            }
            return false;
        }
    }

    /** What was written last is compared: it is what a crash would have taken. */
    private boolean endIsSame(DiskImage source, long done, CopySettings settings) throws IOException {
        try (DiskImage target = open()) {
            if (target.sizeBytes() < source.sizeBytes()) {
                return false;
            }
            long length = Math.min(done, VERIFIED_BYTES);
            return ImageComparison.compare(
                                    new WindowImage(source, done - length, length),
                                    new WindowImage(target, done - length, length),
                                    false,
                                    settings.threads(),
                                    CopyProgress.NONE)
                            .outcome()
                    == ImageComparison.Outcome.IDENTICAL;
        }
    }

    private void write(long done) throws IOException {
        try (FreshFile fresh = FreshFile.beside(journal)) {
            String text = MAGIC + "\n" + what + "\n" + done + "\n";
            fresh.file().write(0, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
            fresh.commit(true);
        }
    }
}
