// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The help texts: one file for the tool and one for each verb, beside the classes. */
final class Help {
    private Help() {}

    static int general(Console console) throws IOException {
        return print(console, "general");
    }

    static int verb(Console console, String verb) throws IOException {
        return print(console, verb);
    }

    private static int print(Console console, String topic) throws IOException {
        try (InputStream text = Help.class.getResourceAsStream("help/" + topic + ".txt")) {
            if (text == null) {
                throw new IOException("no help for '" + topic + "'");
            }
            console.print(
                    new String(text.readAllBytes(), StandardCharsets.UTF_8).replace("PROGRAM", console.program()));
        }
        return 0;
    }
}
