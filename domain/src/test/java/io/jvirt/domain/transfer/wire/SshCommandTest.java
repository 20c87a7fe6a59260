// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.domain.ShellWord;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SshCommandTest {
    @Test
    void theSamePlaceThereIsNamedFromTheRoot() {
        String place = Path.of("jvirt").toAbsolutePath().toString();
        for (String launcher : new String[] {"./jvirt", "jvirt", place}) {
            assertThat(SshCommand.remoteCommand(Map.of("JVIRT_LAUNCHER", launcher)))
                    .as(launcher)
                    .endsWith("exec \"$0\" wire; fi' " + ShellWord.quoted(place));
        }
    }

    @Test
    void withoutALauncherThePathOfTheShellThereDecides() {
        assertThat(SshCommand.remoteCommand(Map.of())).endsWith("fi' jvirt");
    }

    @Test
    void theUserNamesTheProgram() {
        assertThat(SshCommand.remoteCommand(Map.of("JVIRT_REMOTE", "/opt/my jvirt", "JVIRT_LAUNCHER", "./jvirt")))
                .isEqualTo("exec '/opt/my jvirt' wire");
    }
}
