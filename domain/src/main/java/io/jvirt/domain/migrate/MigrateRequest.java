// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.domain.transfer.Route;
import io.jvirt.storage.ImageFormat;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How domains are to be moved.
 *
 * @param targetUri libvirt's URI of the other host
 * @param chain what becomes of backing chains
 * @param sharing what the user says about the storage; checked, never believed
 * @param poolMap pools of the target for pools of the source
 * @param networkMap networks of the target for networks of the source
 * @param rename another name on the target, or null
 * @param keepsSource the source's disks stay
 * @param isVerified what the target stores is read back
 * @param isDelta files of the same names on the target are older copies, to be overwritten with what differs
 * @param format of disks on the target; null for the one that they have
 * @param isCompacted qcow2 images are made anew, without what they do not use
 * @param route what carries the bytes
 * @param presync how a running domain is moved: copied while it runs, shut down, updated; null for one that is off
 * @param live a running domain is moved as it runs; null for other ways
 * @param takesSavedMemory a machine whose memory libvirt has saved goes on from it there
 * @param bytesPerSecond how fast bytes may travel; 0 for as fast as they can
 */
public record MigrateRequest(
        String targetUri,
        Chain chain,
        Sharing sharing,
        Map<String, String> poolMap,
        Map<String, String> networkMap,
        @Nullable String rename,
        boolean keepsSource,
        boolean isVerified,
        boolean isDelta,
        @Nullable ImageFormat format,
        boolean isCompacted,
        Route route,
        @Nullable Presync presync,
        @Nullable Live live,
        boolean takesSavedMemory,
        long bytesPerSecond) {
    /**
     * A copy while it runs.
     *
     * @param stopSeconds how long the guest may take to shut down
     */
    public record Presync(long stopSeconds) {}

    /**
     * As it runs.
     *
     * @param downtimeMillis how long the guest may stand still in the end; 0 for what QEMU allows by itself
     */
    public record Live(long downtimeMillis) {}

    /** Whether the domain has to run. */
    boolean isOfRunning() {
        return presync != null || live != null;
    }

    /** What becomes of a chain of images. */
    public enum Chain {
        /** The same images on the target. */
        KEEP,
        /** One image. */
        FLATTEN
    }

    /** What the user says about the disks. */
    public enum Sharing {
        /** Nothing: it is found out, disk by disk. */
        UNKNOWN,
        /** Both hosts see the same disks. */
        SHARED,
        /** They do not. */
        COPIED
    }

    public MigrateRequest {
        Map<String, String> plain = new HashMap<>();
        poolMap.forEach((from, to) -> plain.put(plain(from), plain(to)));
        poolMap = Map.copyOf(plain);
        networkMap = Map.copyOf(networkMap);
    }

    /** Copied to the other host as it is, and verified. */
    public static MigrateRequest plainCopy(String targetUri, Sharing sharing) {
        return new MigrateRequest(
                targetUri,
                Chain.KEEP,
                sharing,
                Map.of(),
                Map.of(),
                null,
                false,
                true,
                false,
                null,
                false,
                Route.AUTO,
                null,
                null,
                false,
                0);
    }

    /** A directory without a slash at its end; a pool's name as it is. */
    private static String plain(String pool) {
        return pool.startsWith("/") ? Path.of(pool).normalize().toString() : pool;
    }
}
