// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.device.Tpm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What an emulated TPM remembers: a directory of files that libvirt keeps for the system's domains. */
final class TpmState {
    private static final String HOME = "/var/lib/libvirt/swtpm";

    private TpmState() {}

    static Path directory(String uuid) {
        return Path.of(HOME, uuid);
    }

    /** Its files; none where there is no emulated TPM, or it has never run. */
    static List<Path> files(Move move) throws IOException {
        Path directory = directory(move.uuid());
        if (!isEmulated(move.xml()) || !Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> found = Files.walk(directory)) {
            return found.filter(Files::isRegularFile)
                    .filter(file -> !String.valueOf(file.getFileName()).equals(".lock"))
                    .sorted()
                    .toList();
        }
    }

    private static boolean isEmulated(DomainXml xml) {
        return xml.tpms().stream().anyMatch(tpm -> "emulator".equals(tpm.get(Tpm.BACKEND)));
    }
}
