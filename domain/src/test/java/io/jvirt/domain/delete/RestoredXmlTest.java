// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.delete;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.domain.trash.TrashedFile;
import io.jvirt.domain.trash.TrashedFile.Kind;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What has its old place is another machine's by now: a definition that came back must not name it. */
class RestoredXmlTest {
    private static final String XML = "<domain><name>web</name><uuid>1</uuid><devices>\n"
            + "<disk type='volume'><source pool='default' volume='web.qcow2'/></disk>\n"
            + "<disk type='volume'><source pool='other' volume='web.qcow2'/></disk>\n"
            + "<disk type='volume'><source pool='kept' volume='web.qcow2'/></disk>\n"
            + "<disk type='file'><source file='/images//sub/../web.qcow2'/></disk>\n"
            + "<disk type='volume'><source pool='default' volume='stays.qcow2'/></disk></devices></domain>";

    @Test
    void theFilesAreNamedWhereTheyAreNow() {
        Map<TrashedFile, Path> targets = Map.of(
                file("/images/web.qcow2", "default"), Path.of("/images/web-2.qcow2"),
                file("/more/web.qcow2", "other"), Path.of("/more/web-3.qcow2"),
                file("/images/stays.qcow2", "default"), Path.of("/images/stays.qcow2"));
        assertThat(new RestoredXml("web", "1", targets).definition(XML))
                .isEqualTo(XML.replace("'default' volume='web.qcow2'", "'default' volume='web-2.qcow2'")
                        .replace("'other' volume='web.qcow2'", "'other' volume='web-3.qcow2'")
                        .replace("/images//sub/../web.qcow2", "/images/web-2.qcow2"));
    }

    private static TrashedFile file(String origin, String pool) {
        return new TrashedFile(Kind.DISK, Path.of(origin), Path.of("/trash/0"), pool);
    }
}
