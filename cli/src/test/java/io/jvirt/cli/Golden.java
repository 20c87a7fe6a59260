// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Expected texts under src/test/resources/golden. {@code -Djvirt.golden=write} rewrites them: read the diff before committing. */
public final class Golden {
    private static final Path ROOT = Path.of("src/test/resources/golden");

    public static void check(String file, String actual) throws IOException {
        Path path = ROOT.resolve(file);
        if ("write".equals(System.getProperty("jvirt.golden"))) {
            Files.createDirectories(path.getParent());
            Files.writeString(path, actual);
            return;
        }
        assertThat(path)
                .as("a golden file; 'mvn -pl cli -am test -Djvirt.golden=write' makes it")
                .exists();
        assertThat(actual).as("compared with " + path).isEqualTo(Files.readString(path));
    }

    private Golden() {}
}
