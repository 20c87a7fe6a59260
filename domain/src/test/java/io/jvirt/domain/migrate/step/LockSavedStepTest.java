// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.SavedImage;
import io.jvirt.domain.step.AloneContext;
import io.jvirt.domain.transfer.Fingerprint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The source's saved memory: locked unless the machine has gone on from it, and unlocked again where the move is undone. */
class LockSavedStepTest {
    private static final String GONE_ON = "domain 'web' went on from its saved memory while it was moved";

    @TempDir
    Path directory;

    private final Host host = Host.open("test:///default");
    private Path file;
    private LockSavedStep step;

    @BeforeEach
    void save() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put("LibvirtQemudSave".getBytes(StandardCharsets.US_ASCII))
                .putInt(2)
                .putInt(1000);
        file = Files.write(directory.resolve("web.save"), bytes.array());
        step = step("11111111-1111-4111-8111-111111111111");
    }

    @AfterEach
    void close() {
        host.close();
    }

    private LockSavedStep step(String uuid) throws IOException {
        return LockSavedStep.read(new LockSavedStep(file, "web", uuid, Fingerprint.of(file)).plan());
    }

    @Test
    void isLockedOnceAndUnlockedWhenUndone() throws Exception {
        step.perform(new AloneContext(host));
        assertThat(SavedImage.read(file).isLocked()).isTrue();
        // After a break, though the lock has changed the file.
        step.perform(new AloneContext(host));
        assertThat(SavedImage.read(file).isLocked()).isTrue();
        step.undo(new AloneContext(host));
        assertThat(SavedImage.read(file).isLocked()).isFalse();
        step.undo(new AloneContext(host));
        assertThat(SavedImage.read(file).isLocked()).isFalse();
    }

    @Test
    void isRefusedWhereTheMachineHasUsedItUp() throws Exception {
        Files.delete(file);
        assertThatThrownBy(() -> step.perform(new AloneContext(host)))
                .isInstanceOf(JvirtException.class)
                .hasMessage(GONE_ON);
        step.undo(new AloneContext(host));
        assertThat(file).doesNotExist();
    }

    @Test
    void isRefusedWhereItWasSavedAnew() throws IOException {
        Files.write(file, new byte[1], java.nio.file.StandardOpenOption.APPEND);
        assertThatThrownBy(() -> step.perform(new AloneContext(host))).hasMessage(GONE_ON);
        assertThat(SavedImage.read(file).isLocked()).isFalse();
    }

    @Test
    void isRefusedWhereItStartedBeforeTheLockWasThere() throws IOException {
        String running;
        try (Domain domain = host.findDomain("test")) {
            running = domain.uuid();
        }
        LockSavedStep late = step(running);
        assertThatThrownBy(() -> late.perform(new AloneContext(host))).hasMessage(GONE_ON);
    }

    @Test
    void inTheTrashItIsUnlocked() throws Exception {
        step.perform(new AloneContext(host));
        UnlockTrashedStep trashed = UnlockTrashedStep.read(new UnlockTrashedStep(file).plan());
        trashed.perform(new AloneContext(host));
        assertThat(SavedImage.read(file).isLocked()).isFalse();
        Files.delete(file);
        trashed.perform(new AloneContext(host));
        assertThat(file).doesNotExist();
    }
}
