// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage;

import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How to open an image.
 *
 * @param file the image, as the user named it
 * @param format its format, or null to probe (a raw image that is probed could pass for another format: name it where
 *     the image is known to be raw)
 * @param readOnly whether it is only read
 * @param backingOpened whether the backing chain is opened; without it unallocated clusters read as zeros
 * @param locking how it is locked against other processes
 * @param policy which files that the image names may be opened
 * @param passphrase what opens the image where it is encrypted, or null
 * @param repairs takes the findings, in QEMU's words, when an image that a crash left dirty is repaired on opening
 * @param backing the opened image to use in place of the backing file that the image names, or null; closed with it
 * @param dataFile the file to use in place of the data file that the image names, or null
 */
@SuppressWarnings("ArrayRecordComponent") // requests are not compared
public record OpenRequest(
        Path file,
        @Nullable ImageFormat format,
        boolean readOnly,
        boolean backingOpened,
        Locking locking,
        OpenPolicy policy,
        byte @Nullable [] passphrase,
        Consumer<String> repairs,
        @Nullable DiskImage backing,
        @Nullable Path dataFile) {

    /** No lambda: the first one of a process takes 6 ms, which a short command would feel. */
    private static final Consumer<String> UNHEARD = new Consumer<>() {
        @Override
        public void accept(String finding) {}
    };

    /** How an image is locked against other processes. */
    public enum Locking {
        /** As QEMU does: a reader excludes writers, a writer everyone. */
        LOCKED,
        /** {@code -U}: read beside a writer; what is read may be inconsistent. */
        FORCE_SHARE
    }

    /** Reads, probes the format, opens the backing chain within the image's own directory, locks. */
    public static OpenRequest of(Path file) {
        return new OpenRequest(
                file, null, true, true, Locking.LOCKED, OpenPolicy.ownDirectory(), null, UNHEARD, null, null);
    }

    public OpenRequest withFormat(@Nullable ImageFormat changed) {
        return new OpenRequest(
                file, changed, readOnly, backingOpened, locking, policy, passphrase, repairs, backing, dataFile);
    }

    public OpenRequest writable() {
        return new OpenRequest(
                file, format, false, backingOpened, locking, policy, passphrase, repairs, backing, dataFile);
    }

    public OpenRequest withoutBacking() {
        return new OpenRequest(file, format, readOnly, false, locking, policy, passphrase, repairs, backing, dataFile);
    }

    public OpenRequest forceShare() {
        return new OpenRequest(
                file,
                format,
                readOnly,
                backingOpened,
                Locking.FORCE_SHARE,
                policy,
                passphrase,
                repairs,
                backing,
                dataFile);
    }

    public OpenRequest withPolicy(OpenPolicy changed) {
        return new OpenRequest(
                file, format, readOnly, backingOpened, locking, changed, passphrase, repairs, backing, dataFile);
    }

    public OpenRequest withPassphrase(byte @Nullable [] changed) {
        return new OpenRequest(
                file, format, readOnly, backingOpened, locking, policy, changed, repairs, backing, dataFile);
    }

    public OpenRequest reportingRepairs(Consumer<String> changed) {
        return new OpenRequest(
                file, format, readOnly, backingOpened, locking, policy, passphrase, changed, backing, dataFile);
    }

    public OpenRequest withBacking(DiskImage changed) {
        return new OpenRequest(
                file, format, readOnly, backingOpened, locking, policy, passphrase, repairs, changed, dataFile);
    }

    public OpenRequest withDataFile(Path changed) {
        return new OpenRequest(
                file, format, readOnly, backingOpened, locking, policy, passphrase, repairs, backing, changed);
    }

    OpenRequest withFile(Path changed) {
        return new OpenRequest(
                changed, format, readOnly, backingOpened, locking, policy, passphrase, repairs, backing, dataFile);
    }
}
