// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.create.BootSource;
import io.jvirt.domain.create.Create;
import io.jvirt.domain.create.CreateRequest;
import io.jvirt.domain.create.DiskRequest;
import io.jvirt.domain.create.GuestHardware;
import io.jvirt.domain.delete.Delete;
import io.jvirt.domain.delete.DeleteOptions;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.trash.Trash;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code create} and {@code delete} cut off before and after every record of the journal, with real disks and a domain. */
@Tag("one-jdk")
class CreateCrashTest {
    private static final Operation.Listener QUIET = (plan, undoing) -> {};
    private static final String NAME = "crash";

    @TempDir
    Path state;

    @TempDir
    Path disks;

    private Host host;

    @BeforeEach
    void open() {
        host = Host.open("test:///default");
    }

    @AfterEach
    void close() {
        host.close();
    }

    private Journal journal(int crashAt) {
        return CrashingJournal.at(crashAt, state);
    }

    private CreateRequest request() {
        return new CreateRequest(
                NAME,
                List.of(DiskRequest.parse("8M"), DiskRequest.parse("8M,format=raw")),
                null,
                null,
                disks.toString(),
                null,
                64L << 20,
                1,
                null,
                null,
                GuestHardware.PLAIN,
                List.of(),
                null,
                new BootSource.Nothing(),
                null,
                null,
                null,
                null,
                true,
                true,
                null);
    }

    private boolean createCrashes(int n) throws Exception {
        Create create = new Create(host, journal(n));
        try {
            create.perform(create.plan(request()), new Cancellation(), QUIET);
            return false;
        } catch (CrashingJournal.Crash e) {
            return true;
        }
    }

    private boolean deleteCrashes(int n) throws Exception {
        Delete delete = new Delete(host, journal(n), new Trash(state));
        try {
            delete.perform(delete.plan(NAME, new DeleteOptions(true, false, true)), new Cancellation(), QUIET);
            return false;
        } catch (CrashingJournal.Crash e) {
            return true;
        }
    }

    private List<String> files() throws IOException {
        try (Stream<Path> found = Files.list(disks)) {
            return found.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }

    private boolean isDefined() {
        try (Domain domain = host.domainNamed(NAME)) {
            return domain != null;
        }
    }

    private void assertNothing(int n) throws IOException {
        assertThat(files()).as("cut at %d", n).isEmpty();
        assertThat(isDefined()).as("cut at %d", n).isFalse();
    }

    private void assertWhole(int n) throws IOException {
        assertThat(files()).as("cut at %d", n).containsExactly("crash-2.raw", "crash.qcow2");
        try (Domain domain = host.domainNamed(NAME)) {
            assertThat(domain).as("cut at %d", n).isNotNull();
            assertThat(domain.isActive()).as("cut at %d", n).isTrue();
            assertThat(domain.autostart()).as("cut at %d", n).isTrue();
        }
    }

    private void removeWhole() throws Exception {
        assertThat(deleteCrashes(Integer.MAX_VALUE)).isFalse();
        assertNothing(-1);
    }

    @Test
    void aCreationThatIsCutOffIsUndone() throws Exception {
        int n = 0;
        for (; createCrashes(n); n++) {
            CrashingJournal.recover(state, host, false);
            if (isDefined()) {
                // Cut off after its last record: it was complete.
                assertWhole(n);
                removeWhole();
            }
            assertNothing(n);
        }
        assertThat(n).isGreaterThan(20);
        removeWhole();
    }

    @Test
    void aCreationThatIsCutOffIsFinished() throws Exception {
        int n = 0;
        for (; createCrashes(n); n++) {
            CrashingJournal.recover(state, host, true);
            if (isDefined()) {
                assertWhole(n);
                removeWhole();
            } else {
                // Cut off before the first record was there: it had not begun.
                assertThat(n).isLessThan(2);
                assertNothing(n);
            }
        }
        removeWhole();
    }

    @Test
    void aDeletionThatIsCutOffIsFinished() throws Exception {
        int n = 0;
        while (true) {
            assertThat(createCrashes(Integer.MAX_VALUE)).isFalse();
            boolean crashed = deleteCrashes(n);
            CrashingJournal.recover(state, host, true);
            if (isDefined()) {
                assertThat(n).isLessThan(2);
                assertWhole(n);
                removeWhole();
            }
            assertNothing(n);
            if (!crashed) {
                break;
            }
            n++;
        }
        assertThat(n).isGreaterThan(10);
    }

    @Test
    void aFileThatTookTheNameIsNotTouched() throws Exception {
        Create create = new Create(host, journal(Integer.MAX_VALUE));
        var plan = create.plan(request());
        Files.writeString(disks.resolve("crash-2.raw"), "precious");
        assertThat(org.assertj.core.api.Assertions.catchThrowable(
                        () -> create.perform(plan, new Cancellation(), QUIET)))
                .isInstanceOf(JvirtException.class)
                .hasMessageContaining("has appeared meanwhile and was not touched");
        assertThat(files()).containsExactly("crash-2.raw");
        assertThat(disks.resolve("crash-2.raw")).hasContent("precious");
        assertThat(isDefined()).isFalse();
    }
}
