// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.qcow2.Qcow2Image;
import io.jvirt.storage.qcow2.format.Snapshot;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The argument of {@code -l}: an id or a name, or {@code snapshot.id=…,snapshot.name=…}. */
final class SnapshotName {
    private final Console console;
    private @Nullable String idOrName;
    private @Nullable String id;
    private @Nullable String name;

    private SnapshotName(Console console) {
        this.console = console;
    }

    static SnapshotName parse(Console console, String text) {
        SnapshotName parsed = new SnapshotName(console);
        if (!text.startsWith("snapshot.")) {
            parsed.idOrName = text;
            return parsed;
        }
        for (OptionList.Pair pair : OptionList.parse(text, null)) {
            switch (pair.name()) {
                case "snapshot.id" -> parsed.id = pair.value();
                case "snapshot.name" -> parsed.name = pair.value();
                default -> {
                    console.error("Invalid parameter '" + pair.name() + "'");
                    throw console.fail("Failed in parsing snapshot param '" + text + "'");
                }
            }
        }
        return parsed;
    }

    /** The same text for the same snapshot. */
    @Override
    public String toString() {
        return "snapshot " + idOrName + " " + id + " " + name;
    }

    /** Whether it was given as an id or name alone, which is for one source only. */
    boolean isPlain() {
        return idOrName != null;
    }

    /** The disk as it was when the snapshot was taken; the image given is closed with it, or at once on failure. */
    DiskImage open(DiskImage image) throws IOException {
        try {
            if (!(image instanceof Qcow2Image qcow2)) {
                throw new StorageException("Block format '" + image.format().id()
                        + "' used by device '' does not support temporarily loading internal snapshots");
            }
            Snapshot found = find(qcow2);
            if (found == null) {
                throw new StorageException("Can't find snapshot");
            }
            return qcow2.view(found);
        } catch (IOException e) {
            image.close();
            throw console.failed("Failed to load snapshot: ", e);
        }
    }

    private @Nullable Snapshot find(Qcow2Image image) throws IOException {
        if (idOrName != null) {
            return image.snapshots().find(idOrName);
        }
        for (Snapshot snapshot : image.snapshots().list()) {
            if ((id == null || snapshot.id().equals(id))
                    && (name == null || snapshot.name().equals(name))) {
                return snapshot;
            }
        }
        return null;
    }
}
