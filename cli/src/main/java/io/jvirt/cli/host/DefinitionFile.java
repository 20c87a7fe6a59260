// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.cli.CommandContext;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.UserFile;
import io.jvirt.domain.xml.XmlDocument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** XML that a user hands in, from a file or from standard input. */
final class DefinitionFile {
    private DefinitionFile() {}

    /** @param root the element that it must be: {@code pool} */
    static String read(CommandContext context, String file, String root) throws IOException {
        String text = text(context, file);
        String found = XmlDocument.parse(text).root().name();
        if (!found.equals(root)) {
            throw JvirtException.failed(
                    "this is the XML of a <" + found + ">, not of a <" + root + ">",
                    root.equals("pool")
                            ? "jvirt pool list shows the pools; virsh pool-dumpxml writes such a file"
                            : "jvirt net list shows the networks; virsh net-dumpxml writes such a file");
        }
        return text;
    }

    private static String text(CommandContext context, String file) throws IOException {
        if (file.equals("-")) {
            return UserFile.text(context.stdio().in(), "standard input");
        }
        Path path = Path.of(file);
        if (!Files.exists(path)) {
            throw JvirtException.notFound(
                    "the file " + file + " does not exist", "name a file with libvirt's XML, or - for standard input");
        }
        return UserFile.text(path, "file");
    }
}
