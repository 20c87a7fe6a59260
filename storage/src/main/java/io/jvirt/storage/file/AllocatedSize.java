// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.file;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What the host has set aside for a file, by asking {@code stat}: Java knows no other way without native code, and loading
 * that takes four times as long as starting the small program, which a command that only informs would feel.
 */
final class AllocatedSize {
    private static final Path STAT = Path.of("/usr/bin/stat");
    private static final int BLOCK_BYTES = 512;

    private AllocatedSize() {}

    /**
     * Lines {@code DEVICE:INODE BLOCKS} from a stat(1) that the launcher ran before it started Java, which is the cheapest
     * time to run one.
     */
    private static final String ASKED_BEFORE = "JVIRT_STAT";

    /** The size in bytes, or -1 where {@code stat} gives no answer. */
    static long of(Path file) {
        long known = askedBefore(file);
        if (known >= 0 || !Files.isExecutable(STAT)) {
            return known;
        }
        try {
            Process stat = new ProcessBuilder(STAT.toString(), "-L", "-c", "%b", "--", file.toString())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            stat.getOutputStream().close();
            byte[] answer = stat.getInputStream().readAllBytes();
            return Long.parseLong(new String(answer, StandardCharsets.US_ASCII).strip()) * BLOCK_BYTES;
        } catch (IOException | NumberFormatException e) {
            return -1;
        }
    }

    private static long askedBefore(Path file) {
        String answers = System.getenv(ASKED_BEFORE);
        if (answers == null) {
            return -1;
        }
        try {
            Map<String, Object> identity = Files.readAttributes(file, "unix:dev,ino");
            String key = identity.get("dev") + ":" + identity.get("ino") + " ";
            for (String line : answers.split("\n", -1)) {
                if (line.startsWith(key)) {
                    return Long.parseLong(line.substring(key.length())) * BLOCK_BYTES;
                }
            }
            return -1;
        } catch (IOException | NumberFormatException e) {
            return -1;
        }
    }
}
