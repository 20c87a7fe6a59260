// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.trash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.jvirt.domain.JvirtException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A record that somebody damaged, or that another version wrote. */
class TrashRecordTest {
    @TempDir
    Path home;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<entry version='99'/> | its version is '99'",
                "<entry version='1'><file trash='/t'/></entry> | a file has no kind",
                "no XML | XML line 1, column 1: text before the document's start",
            })
    void isNamed(String text, String reason) throws IOException {
        Path record = home.resolve(TrashRecord.FILE);
        Files.writeString(record, text);
        JvirtException e = catchThrowableOfType(JvirtException.class, () -> TrashRecord.read(home));
        assertThat(e).hasMessage("the trash's record " + record + " cannot be read: " + reason);
        assertThat(e.hint()).isEqualTo("the files beside it are a deleted machine's; look at them by hand");
        assertThat(e.kind()).isEqualTo(JvirtException.Kind.FAILED);
    }

    @Test
    void isNone() throws IOException {
        assertThat(TrashRecord.read(home)).isNull();
        try (Stream<Path> files = Files.list(home)) {
            assertThat(files).isEmpty();
        }
    }
}
