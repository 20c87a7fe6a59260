// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.ImageDescription;
import java.io.IOException;
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
        try (DiskImage image = images.open(name, Images.Access.WRITE)) {
            if (action == 0) {
                return 0;
            }
            throw new UnsupportedOperationException("snapshot -" + (char) action);
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
            console().println("Snapshot list:\n" + SnapshotTable.HEADING);
            for (Object snapshot : list) {
                console().println(SnapshotTable.row((java.util.Map<?, ?>) snapshot));
            }
        }
    }
}
