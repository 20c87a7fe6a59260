// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.StorageException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The options that every block node of QEMU may have ({@code BlockdevOptions}), and what qcow2 and files add that changes nothing
 * here: caches and tuning. Their values are checked, so that a mistyped {@code read-only} is not taken for {@code off}.
 */
final class NodeOptions {
    static final String READ_ONLY = "read-only";
    static final String FORCE_SHARE = "force-share";
    static final String LOCKING = "locking";
    static final String DIRECT = "cache.direct";

    private static final String INTERVAL = "cache-clean-interval";

    private static final Set<String> OF_ALL = Set.of(
            "node-name",
            READ_ONLY,
            "auto-read-only",
            FORCE_SHARE,
            "discard",
            "detect-zeroes",
            DIRECT,
            "cache.no-flush");

    private static final Set<String> OF_FILE = Set.of("aio", LOCKING);

    private static final Set<String> SIZES =
            Set.of("cache-size", "l2-cache-size", "l2-cache-entry-size", "refcount-cache-size");

    private static final Set<String> SWITCHES = Set.of(
            READ_ONLY,
            FORCE_SHARE,
            DIRECT,
            "auto-read-only",
            "cache.no-flush",
            "lazy-refcounts",
            "pass-discard-request",
            "pass-discard-snapshot",
            "pass-discard-other");

    private static final Map<String, List<String>> WORDS = Map.of(
            "discard",
            List.of("ignore", "off", "unmap", "on"),
            "detect-zeroes",
            List.of("off", "on", "unmap"),
            LOCKING,
            List.of("auto", "on", "off"),
            "aio",
            List.of("threads", "native", "io_uring"),
            "overlap-check",
            List.of("none", "constant", "cached", "all"));

    private NodeOptions() {}

    /** @param name without {@code file.} */
    static boolean isOfFile(String name, boolean nbd) {
        return OF_ALL.contains(name) || (!nbd && OF_FILE.contains(name));
    }

    /** @param driver null where it is not known yet */
    static boolean isOfFormat(String name, @Nullable String driver) {
        return OF_ALL.contains(name) || (isOfQcow2(name) && (driver == null || driver.equals("qcow2")));
    }

    static boolean isOfQcow2(String name) {
        return !OF_ALL.contains(name)
                && (SWITCHES.contains(name)
                        || SIZES.contains(name)
                        || name.equals(INTERVAL)
                        || name.equals("overlap-check"));
    }

    /** Whether it matters later how an image is opened here, or that it is qcow2. */
    static boolean isKept(String name) {
        return List.of(READ_ONLY, FORCE_SHARE, LOCKING, DIRECT).contains(name) || isOfQcow2(name);
    }

    /** The value, of a switch as {@code on} or {@code off}; refuses one that the option cannot have. */
    static String checked(String name, String value) throws StorageException {
        if (SWITCHES.contains(name)) {
            return switch (value) {
                case "on", "yes", "true", "y" -> "on";
                case "off", "no", "false", "n" -> "off";
                default -> throw new StorageException("Parameter '" + name + "' expects 'on' or 'off'");
            };
        }
        if (SIZES.contains(name)) {
            OptionSet.size(name, value);
        } else if (name.equals(INTERVAL) && !value.matches("\\d{1,18}")) {
            throw new StorageException("Parameter '" + name + "' expects a number");
        }
        List<String> words = WORDS.get(name);
        if (words != null && !words.contains(value)) {
            throw new StorageException(
                    switch (name) {
                        case "discard" -> "Invalid discard option";
                        case "overlap-check" ->
                            "Unsupported value '" + value + "' for qcow2 option 'overlap-check'. Allowed are any of the"
                                    + " following: none, constant, cached, all";
                        default -> "invalid parameter value: " + value;
                    });
        }
        return value;
    }

    /** Of what is said of an image and of its file: {@code on} where one of the two says so. */
    static String either(String one, String other) {
        return one.equals("on") ? one : other;
    }

    /** Refuses an image that is to be shared and writable at once. */
    static void checkTogether(Map<String, String> options) throws StorageException {
        if ("on".equals(options.get(FORCE_SHARE)) && "off".equals(options.get(READ_ONLY))) {
            throw sharedWriter();
        }
    }

    /** Refuses to write an image that is said to be read-only or shared. */
    static void checkWritable(Map<String, String> options, boolean shared) throws StorageException {
        if ("on".equals(options.get(READ_ONLY))) {
            throw new StorageException("Block node is read-only");
        }
        if (shared || "on".equals(options.get(FORCE_SHARE))) {
            throw sharedWriter();
        }
    }

    private static StorageException sharedWriter() {
        return new StorageException("force-share=on can only be used with read-only images");
    }
}
