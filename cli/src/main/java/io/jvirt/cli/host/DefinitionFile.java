// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.cli.CommandContext;
import io.jvirt.domain.JvirtException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** XML that a user hands in, from a file or from standard input. */
final class DefinitionFile {
    private DefinitionFile() {}

    static String read(CommandContext context, String file) throws IOException {
        if (file.equals("-")) {
            return new String(context.stdio().in().readAllBytes(), StandardCharsets.UTF_8);
        }
        Path path = Path.of(file);
        if (!Files.isReadable(path) || Files.isDirectory(path)) {
            throw JvirtException.notFound(
                    "cannot read " + file, "name a file with libvirt's XML, or - for standard input");
        }
        return Files.readString(path);
    }
}
