// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer;

import io.jvirt.storage.copy.DigestTree;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The hashes of a file's blocks as they were read to be sent, so that the digest of what a guest sees of an image need not
 * read them once more: a cluster of a qcow2 image is a block of its file, or several. Filled by one thread, then only read.
 */
public final class FileHashes {
    private static final int HASH_BYTES = 32;
    private static final int PAGE_BLOCKS = 4096;

    /** Of 64 GiB; they take 40 MiB of memory. Of larger files nothing is kept. */
    private static final int MOST_BLOCKS = 1 << 20;

    private static final Map<Path, Known> KNOWN = new ConcurrentHashMap<>();

    private record Known(String fingerprint, FileHashes hashes) {}

    private final List<long[]> indexes = new ArrayList<>();
    private final List<byte[]> hashes = new ArrayList<>();
    private int count;
    private boolean isTooLarge;

    /** Adds a block that is not zero; in ascending order. */
    void add(long index, byte[] hash) {
        if (count == MOST_BLOCKS || isTooLarge) {
            isTooLarge = true;
            indexes.clear();
            hashes.clear();
            return;
        }
        int at = count % PAGE_BLOCKS;
        if (at == 0) {
            indexes.add(new long[PAGE_BLOCKS]);
            hashes.add(new byte[PAGE_BLOCKS * HASH_BYTES]);
        }
        indexes.get(count / PAGE_BLOCKS)[at] = index;
        System.arraycopy(hash, 0, hashes.get(count / PAGE_BLOCKS), at * HASH_BYTES, HASH_BYTES);
        count++;
    }

    /** All blocks of the file have been added: remembers them for as long as the process lives. */
    void remember(Path file, String fingerprint) {
        if (!isTooLarge) {
            KNOWN.put(normalized(file), new Known(fingerprint, this));
        }
    }

    /** Null where they are not known, or the file may have changed since. */
    static @Nullable FileHashes of(Path file) throws IOException {
        Known known = KNOWN.get(normalized(file));
        return known == null || !known.fingerprint.equals(Fingerprint.of(file)) ? null : known.hashes;
    }

    private static Path normalized(Path file) {
        return file.toAbsolutePath().normalize();
    }

    /** The hash of a block; null where it is zeros. */
    byte @Nullable [] hash(long index) {
        int low = 0;
        int high = count - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            long found = indexes.get(middle / PAGE_BLOCKS)[middle % PAGE_BLOCKS];
            if (found == index) {
                byte[] hash = new byte[HASH_BYTES];
                int at = middle % PAGE_BLOCKS * HASH_BYTES;
                System.arraycopy(hashes.get(middle / PAGE_BLOCKS), at, hash, 0, HASH_BYTES);
                return hash;
            }
            if (found < index) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return null;
    }

    static long blockOf(long offset) {
        return offset / DigestTree.LEAF_BYTES;
    }
}
