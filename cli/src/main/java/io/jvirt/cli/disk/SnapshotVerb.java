// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.CorruptImageException;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.ImageDescription;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.qcow2.Qcow2Image;
import io.jvirt.storage.qcow2.format.HeaderExtension;
import io.jvirt.storage.qcow2.format.Snapshot;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/** {@code snapshot}: internal snapshots. */
final class SnapshotVerb extends Verb {
    @Override
    int run(String[] args) throws IOException {
        int action = 0;
        String snapshot = "";
        boolean imageOpts = false;
        boolean shared = false;
        GetOpt options = new GetOpt(args, "la:c:d:hqU", HELP_OPTION, OBJECT_OPTION, IMAGE_OPTS_OPTION, SHARE_OPTION);
        for (int option = next(options); option != GetOpt.END; option = next(options)) {
            switch (option) {
                case 'l', 'a', 'c', 'd' -> {
                    if (action != 0) {
                        throw console().usage("Cannot mix '-l', '-a', '-c', '-d'");
                    }
                    action = option;
                    snapshot = option == 'l' ? "" : options.argument();
                }
                case 'q' -> {}
                case 'U' -> shared = true;
                default -> imageOpts = true;
            }
        }
        String file = fileOperand(options);
        Images images = new Images(console(), secrets());
        images.allowBeside(file);
        ImageName name = images.name(file, null, imageOpts);
        if (action == 'l') {
            list(images, name, shared);
            return 0;
        }
        try (DiskImage image = images.open(name, Images.Access.write(shared))) {
            switch (action) {
                case 'c' -> create(image, snapshot);
                case 'a' -> apply(image, snapshot);
                case 'd' -> delete(image, snapshot);
                default -> {}
            }
        }
        return 0;
    }

    private void create(DiskImage image, String name) {
        String prefix = "Could not create snapshot '" + name + "': ";
        if (!(image instanceof Qcow2Image qcow2)) {
            throw console().fail(prefix + "-95 (Operation not supported)");
        }
        try {
            qcow2.snapshots().create(name, Instant.now());
        } catch (StorageException e) {
            if (console().isDropIn()) {
                console().tellEvent(e);
                throw console().fail(prefix + number(e));
            }
            throw console().failed(prefix, e);
        } catch (IOException e) {
            throw console().failed(prefix, e);
        }
    }

    /** As qemu-img has it: the number of the system's error, and its text. */
    private static String number(StorageException failure) {
        if (CorruptImageException.eventBehind(failure) != null) {
            return "-5 (Input/output error)";
        }
        String cause = failure.getCause() == null
                ? ""
                : String.valueOf(failure.getCause().getMessage());
        return switch (cause) {
            case "Operation not supported" -> "-95 (Operation not supported)";
            case "File too large" -> "-27 (File too large)";
            case "Resource temporarily unavailable" -> "-11 (Resource temporarily unavailable)";
            default -> "-22 (Invalid argument)";
        };
    }

    private void apply(DiskImage image, String idOrName) {
        String prefix = "Could not apply snapshot '" + idOrName + "': ";
        if (!(image instanceof Qcow2Image qcow2)) {
            throw console().fail(prefix + "Block driver does not support snapshots");
        }
        try {
            if (qcow2.header().extension(HeaderExtension.BITMAPS) != null) {
                throw new StorageException("Device has active dirty bitmaps");
            }
            Snapshot snapshot = qcow2.snapshots().find(idOrName);
            if (snapshot == null) {
                throw new StorageException("Failed to load snapshot: No such file or directory");
            }
            try {
                qcow2.snapshots().apply(snapshot);
            } catch (StorageException e) {
                console().damagedTable(e, "Failed to load snapshot");
                throw e;
            }
        } catch (IOException e) {
            throw console().failed(prefix, e);
        }
    }

    private void delete(DiskImage image, String name) {
        String prefix = "Could not delete snapshot '" + name + "': ";
        try {
            Snapshot snapshot =
                    image instanceof Qcow2Image qcow2 ? qcow2.snapshots().findByName(name) : null;
            if (snapshot == null) {
                throw new StorageException("snapshot not found");
            }
            ((Qcow2Image) image).snapshots().delete(snapshot);
        } catch (IOException e) {
            throw console().failed(prefix, e);
        }
    }

    private void list(Images images, ImageName name, boolean shared) throws IOException {
        // Opened as the other verbs do, so that a broken chain or a lock is reported as there.
        images.open(name, Images.Access.read(shared)).close();
        ImageDescription image;
        try {
            image = images.describe(name, shared);
        } catch (IOException e) {
            throw console().failed("Could not open '" + name.typed() + "': ", e);
        }
        Object snapshots = ImageInfo.tree(name, image, null).get("snapshots");
        if (snapshots instanceof List<?> list) {
            console().allowSnapshots(list.size());
            console().println("Snapshot list:\n" + SnapshotTable.HEADING);
            for (Object snapshot : list) {
                console().println(SnapshotTable.row((java.util.Map<?, ?>) snapshot));
            }
        }
    }
}
