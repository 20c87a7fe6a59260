// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.domain.ShellWord;
import io.jvirt.domain.SizeText;
import io.jvirt.domain.migrate.MigrateRequest.Sharing;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The target's directories that the domain's files go to: which, whether the source shares them, whether there is room. */
final class TargetPlaces {
    private final Move move;
    private final Findings findings;
    private final HostStorage here;
    private final Map<String, Boolean> sharedDirectories = new HashMap<>();
    private final Map<String, Long> needOfDirectory = new LinkedHashMap<>();

    TargetPlaces(Move move, Findings findings) {
        this.move = move;
        this.findings = findings;
        this.here = new HostStorage(move.source());
    }

    /**
     * Where the files of a directory go: as --pool-map says, else into the pool of the same name, else to the same path.
     *
     * @param path the file that is asked for, for what is said about it
     * @return null where they cannot go, which is then a blocker
     */
    HostStorage.@Nullable Place of(String directory, String path) {
        String poolHere = here.poolOf(directory);
        String mapped = poolHere == null ? null : move.request().poolMap().get(poolHere);
        if (mapped == null) {
            mapped = move.request().poolMap().get(directory);
        }
        if (mapped != null) {
            String there = mapped.startsWith("/") ? mapped : move.storage().directoryOf(mapped);
            if (there == null) {
                findings.blocker(
                        "pool",
                        "the target has no pool '" + mapped + "' of a directory",
                        "jvirt -c " + ShellWord.quoted(move.request().targetUri()) + " pool list");
                return null;
            }
            if (!there.equals(directory)) {
                findings.remap("pool", path + " goes to " + there + " on the target");
            }
            return move.storage().at(there);
        }
        if (poolHere != null && move.storage().poolOf(directory) == null) {
            String sameName = move.storage().directoryOf(poolHere);
            if (sameName != null) {
                findings.remap(
                        "pool", "pool '" + poolHere + "' is " + sameName + " on the target: " + path + " goes there");
                return move.storage().at(sameName);
            }
            findings.note(
                    "pool",
                    "the target has no pool '" + poolHere + "': the files go to " + directory
                            + " all the same (--pool-map " + poolHere + "=POOL takes another one)");
        }
        HostStorage.Place place = move.storage().at(directory);
        if (!place.exists()) {
            findings.note("directory", directory + " is made on the target");
        }
        return place;
    }

    /** Whether what is written into the directory here is seen there: proved with a marker, once for each directory. */
    boolean isShared(HostStorage.Place place, String directory) throws IOException {
        Boolean known = sharedDirectories.get(directory);
        if (known == null) {
            try {
                known = SharedMarker.isShared(move.target(), place.pool(), Path.of(directory));
            } catch (FileSystemException e) {
                findings.note("disk", "whether " + directory + " is shared cannot be proved: " + e.getMessage());
                known = false;
            }
            sharedDirectories.put(directory, known);
        }
        return known;
    }

    /** Whether the file is as --shared or --copy says that it is; else that is a blocker. */
    boolean isAsAsserted(String path, boolean shared) {
        Sharing said = move.request().sharing();
        if (said == Sharing.SHARED && !shared) {
            findings.blocker(
                    "disk",
                    path + " is not shared: the target does not see what is written beside it here",
                    "leave --shared out to copy it");
            return false;
        }
        if (said == Sharing.COPIED && shared) {
            findings.blocker(
                    "disk",
                    path + " is shared: the target sees what is written beside it here",
                    "leave --copy out to move the definition alone");
            return false;
        }
        return true;
    }

    /** Adds to what has to fit into a directory. */
    void need(String directory, long bytes) {
        needOfDirectory.merge(directory, bytes, Long::sum);
    }

    /** Makes a blocker of each directory whose file system is too full for what goes there. */
    void checkSpace() {
        needOfDirectory.forEach((directory, bytes) -> {
            HostStorage.Place place = move.storage().at(directory);
            if (place.availableBytes() >= 0 && place.exists() && place.availableBytes() < bytes) {
                findings.blocker(
                        "space",
                        directory + " on the target has " + SizeText.of(place.availableBytes()) + " left, "
                                + SizeText.of(bytes) + " are needed",
                        "make room there, or take another pool: --pool-map");
            }
        });
    }
}
