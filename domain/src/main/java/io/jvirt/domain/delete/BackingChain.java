// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.delete;

import io.jvirt.storage.DiskImages;
import io.jvirt.storage.FileName;
import io.jvirt.storage.ImageDescription;
import io.jvirt.storage.OpenRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The images below an image, as their headers name them; only headers are read. */
final class BackingChain {
    /** A chain that is longer is a cycle. */
    private static final int MAX_LENGTH = 200;

    private BackingChain() {}

    /** Nearest first. What cannot be read ends the chain. */
    static List<String> of(Path image) {
        List<String> chain = new ArrayList<>();
        Path at = image;
        while (chain.size() < MAX_LENGTH && Files.isRegularFile(at)) {
            try {
                ImageDescription found = DiskImages.describe(OpenRequest.of(at).forceShare());
                String backing =
                        found.qcow2() == null ? null : found.qcow2().header().backingFile();
                if (backing == null) {
                    break;
                }
                at = FileName.resolve(at, backing);
                chain.add(at.toString());
            } catch (IOException e) {
                break;
            }
        }
        return chain;
    }
}
