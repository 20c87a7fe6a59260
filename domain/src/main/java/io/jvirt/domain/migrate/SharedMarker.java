// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.libvirt.Stream;
import io.jvirt.domain.libvirt.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.Arrays;

/** Proves that both hosts see the same directory: one writes a file, the other reads it. */
final class SharedMarker {
    private static final int BYTES = 512;

    private SharedMarker() {}

    /** @param pool the target's pool of the same directory */
    static boolean isShared(Host target, String pool, Path directory) throws IOException {
        SecureRandom random = new SecureRandom();
        byte[] content = new byte[BYTES];
        random.nextBytes(content);
        Path marker = directory.resolve(".jvirt-marker-" + Long.toHexString(random.nextLong()));
        try {
            Files.write(marker, content, StandardOpenOption.CREATE_NEW, StandardOpenOption.SYNC);
            try (Pool there = Pool.find(target, pool)) {
                there.refresh();
                try (Volume seen = there.volume(String.valueOf(marker.getFileName()))) {
                    return seen != null && Arrays.equals(content, read(target, seen));
                }
            }
        } finally {
            Files.deleteIfExists(marker);
            try (Pool there = Pool.find(target, pool)) {
                there.refresh();
            }
        }
    }

    private static byte[] read(Host target, Volume volume) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(2 * BYTES);
        try (Stream stream = volume.download(target, 0, BYTES, false)) {
            while (bytes.hasRemaining() && stream.receive(bytes) > 0) {
                continue;
            }
            stream.finish();
        }
        byte[] found = new byte[bytes.flip().remaining()];
        bytes.get(found);
        return found;
    }
}
