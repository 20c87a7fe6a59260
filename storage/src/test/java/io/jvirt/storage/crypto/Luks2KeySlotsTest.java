// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.crypto;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.storage.QemuTools;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.HostFile;
import io.jvirt.storage.qcow2.RecordingStore;
import io.jvirt.storage.raw.RawImage;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Key slots of LUKS2 headers that cryptsetup has made, added and erased here; cryptsetup judges what is left. */
class Luks2KeySlotsTest {
    private static final String FIRST = "first";
    private static final String SECOND = "second";
    private static final int LUKS_BYTES = 16 << 20;

    @TempDir
    Path directory;

    private Path volume;

    @BeforeEach
    void makeFiles() throws IOException {
        volume = directory.resolve("volume");
        try (RandomAccessFile file = new RandomAccessFile(volume.toFile(), "rw")) {
            file.setLength(LUKS_BYTES + (1 << 16));
        }
        for (String secret : List.of(FIRST, SECOND, "third")) {
            Files.writeString(directory.resolve(secret), secret);
        }
    }

    private String key(String secret) {
        return directory.resolve(secret).toString();
    }

    private QemuTools.Outcome cryptsetup(String... words) {
        List<String> command = new ArrayList<>(List.of("cryptsetup", "-q"));
        command.addAll(List.of(words));
        return QemuTools.run(command);
    }

    private void format(String kdf) {
        List<String> words = new ArrayList<>(List.of("luksFormat", "--type", "luks2", "--pbkdf", kdf));
        if (kdf.equals("pbkdf2")) {
            words.addAll(List.of("--pbkdf-force-iterations", "1000"));
        } else {
            words.addAll(List.of("--pbkdf-memory", "1024", "--pbkdf-parallel", "1", "--pbkdf-force-iterations", "4"));
        }
        words.addAll(List.of(volume.toString(), key(FIRST)));
        ok(words.toArray(new String[0]));
    }

    private String ok(String... words) {
        QemuTools.Outcome outcome = cryptsetup(words);
        assertThat(outcome.status()).as(outcome.output()).isZero();
        return outcome.output();
    }

    private boolean opens(String secret) {
        return cryptsetup("open", "--test-passphrase", "--key-file", key(secret), volume.toString())
                        .status()
                == 0;
    }

    @FunctionalInterface
    private interface Change {
        void of(KeySlots slots) throws IOException;
    }

    private void change(String secret, Change change) throws IOException {
        try (LuksImage image = LuksImage.open(new RawImage(HostFile.open(volume, false)), secret.getBytes(UTF_8))) {
            change.of(image.keySlots());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"argon2id", "argon2i", "pbkdf2"})
    void cryptsetupOpensWhatIsAddedAndNotWhatIsErased(String kdf) throws IOException {
        format(kdf);
        change(FIRST, slots -> slots.addKeySlot(FIRST.getBytes(UTF_8), SECOND.getBytes(UTF_8), -1, null, false));
        assertThat(opens(FIRST)).isTrue();
        assertThat(opens(SECOND)).isTrue();
        String dump = ok("luksDump", volume.toString());
        assertThat(dump).contains("1: luks2").contains("PBKDF:      " + kdf);
        change(SECOND, slots -> slots.eraseKeySlot(0, false));
        assertThat(opens(FIRST)).isFalse();
        assertThat(opens(SECOND)).isTrue();
        assertThat(ok("luksDump", volume.toString())).doesNotContain("0: luks2");
        ok(
                "luksAddKey",
                "--key-file",
                key(SECOND),
                "--pbkdf",
                "pbkdf2",
                "--pbkdf-force-iterations",
                "1000",
                volume.toString(),
                key("third"));
        change("third", slots -> slots.addKeySlot("third".getBytes(UTF_8), FIRST.getBytes(UTF_8), 31, 5L, false));
        assertThat(opens(FIRST)).isTrue();
        change(FIRST, slots -> slots.eraseKeySlots(SECOND.getBytes(UTF_8), false));
        assertThat(opens(SECOND)).isFalse();
        assertThat(opens("third")).isTrue();
        assertThat(ok("luksDump", volume.toString())).contains("31: luks2");
    }

    /** Either copy of the header is whole for cryptsetup. */
    @Test
    void bothCopiesAreWritten() throws IOException {
        format("pbkdf2");
        change(FIRST, slots -> slots.addKeySlot(FIRST.getBytes(UTF_8), SECOND.getBytes(UTF_8), 7, null, false));
        byte[] whole = Files.readAllBytes(volume);
        for (int copy : new int[] {0, 16384}) {
            byte[] damaged = whole.clone();
            damaged[copy + 4096 + 10] ^= 1;
            Files.write(volume, damaged);
            assertThat(opens(SECOND)).as("header at %d damaged", copy).isTrue();
            Files.write(volume, damaged);
            // What is left of it is written anew, too.
            change(SECOND, slots -> slots.eraseKeySlot(0, false));
            byte[] again = Files.readAllBytes(volume);
            again[16384 - copy + 4096 + 10] ^= 1;
            Files.write(volume, again);
            assertThat(opens(SECOND)).isTrue();
            assertThat(opens(FIRST)).isFalse();
        }
    }

    @Test
    void whatWouldLoseTheVolumeOrCannotBeIsRefused() throws IOException {
        format("pbkdf2");
        byte[] first = FIRST.getBytes(UTF_8);
        byte[] second = SECOND.getBytes(UTF_8);
        change(FIRST, slots -> {
            assertThatThrownBy(() -> slots.eraseKeySlot(0, false))
                    .hasMessage("Attempt to erase the only active keyslot 0 which will erase all the data in the image"
                            + " irreversibly - refusing operation");
            assertThatThrownBy(() -> slots.eraseKeySlots(first, false))
                    .hasMessageStartingWith("All the active keyslots match the (old) password");
            assertThatThrownBy(() -> slots.eraseKeySlot(3, false))
                    .hasMessage("Given keyslot 3 is already erased (inactive) ");
            assertThatThrownBy(() -> slots.addKeySlot(first, second, 0, null, false))
                    .hasMessage("Refusing to overwrite active keyslot 0 - please erase it first");
            assertThatThrownBy(() -> slots.addKeySlot(first, second, 32, null, false))
                    .hasMessage("Invalid keyslot 32 specified, must be between 0 and 31");
            assertThatThrownBy(() -> slots.addKeySlot(second, second, -1, null, false))
                    .hasMessage("Failed to retrieve the master key");
        });
        assertThat(opens(FIRST)).isTrue();
        change(FIRST, slots -> slots.addKeySlot(first, second, 0, null, true));
        assertThat(opens(FIRST)).isFalse();
        assertThat(opens(SECOND)).isTrue();
        change(SECOND, slots -> slots.eraseKeySlot(0, true));
        assertThat(opens(SECOND)).isFalse();
        assertThat(ok("luksDump", volume.toString())).doesNotContain("0: luks2");
    }

    /** After a crash at each write the old passphrase opens, and the new one where the header says so. */
    @Test
    void aCrashAtAnyPointLeavesOneWholeHeader() throws Exception {
        format("pbkdf2");
        byte[] before = Files.readAllBytes(volume);
        RecordingStore store = new RecordingStore(before);
        Luks2KeySlots slots = Luks2KeySlots.read(storage(store));
        slots.addKeySlot(FIRST.getBytes(UTF_8), SECOND.getBytes(UTF_8), -1, 1L, false);
        int added = store.eventCount();
        slots.eraseKeySlot(0, FIRST.getBytes(UTF_8), false);
        Random random = new Random(1);
        boolean firstOpened = true;
        boolean secondOpened = false;
        for (int events = 0; events <= store.eventCount(); events++) {
            for (int i = 0; i < 4; i++) {
                byte[] left = store.afterCrash(events, random);
                Luks2KeySlots found = Luks2KeySlots.read(storage(new RecordingStore(left)));
                boolean first = opens(found, FIRST);
                boolean second = opens(found, SECOND);
                assertThat(events <= added ? first : second)
                        .as("after %d events", events)
                        .isTrue();
                firstOpened &= first;
                secondOpened |= second;
            }
        }
        assertThat(firstOpened).isFalse();
        assertThat(secondOpened).isTrue();
        Files.write(volume, store.content());
        assertThat(opens(SECOND)).isTrue();
        assertThat(opens(FIRST)).isFalse();
    }

    private static boolean opens(Luks2KeySlots slots, String secret) throws IOException {
        try {
            slots.unlock(secret.getBytes(UTF_8));
            return true;
        } catch (StorageException e) {
            assertThat(e).hasMessage("Invalid password, cannot unlock any keyslot");
            return false;
        }
    }

    private static HeaderStorage storage(RecordingStore store) {
        return new HeaderStorage() {
            @Override
            public long sizeBytes() {
                return store.sizeBytes();
            }

            @Override
            public void read(long offset, ByteBuffer target) throws IOException {
                store.read(offset, target);
            }

            @Override
            public void write(long offset, ByteBuffer source) throws IOException {
                store.write(offset, source);
            }

            @Override
            public void flush() {
                store.sync();
            }
        };
    }

    @FunctionalInterface
    private interface Edit {
        void of(Map<String, Object> tree, Luks2Header header) throws IOException;
    }

    /** A header whose JSON text somebody else has changed. */
    private RecordingStore edited(Edit edit) throws IOException {
        RecordingStore store = new RecordingStore(Files.readAllBytes(volume));
        Luks2Header header = Luks2Header.read(storage(store));
        edit.of(header.tree(), header);
        header.write(storage(store));
        return store;
    }

    @Test
    void nothingOutsideOfTheKeySlotsAreaIsWritten() throws IOException {
        format("pbkdf2");
        byte[] first = FIRST.getBytes(UTF_8);
        change(FIRST, slots -> slots.addKeySlot(first, SECOND.getBytes(UTF_8), 1, null, false));
        String[] offsets = {"0", "16384", Integer.toString(LUKS_BYTES), "32768", "9223372036854771712"};
        for (String offset : offsets) {
            RecordingStore store = edited((tree, header) -> {
                Map<String, Object> area = member(member(header.objects("keyslots"), "1"), "area");
                area.put("offset", offset);
            });
            byte[] before = store.content();
            Luks2KeySlots slots = Luks2KeySlots.read(storage(store));
            assertThatThrownBy(() -> slots.eraseKeySlot(1, false))
                    .as("area at %s", offset)
                    .hasMessage("LUKS2 header is damaged: the area of 'keyslots.1.' is not for its key alone");
            assertThat(Arrays.equals(store.content(), before)).isTrue();
        }
        RecordingStore full = edited((tree, header) -> member(tree, "config").put("keyslots_size", "520192"));
        Luks2KeySlots slots = Luks2KeySlots.read(storage(full));
        assertThatThrownBy(() -> slots.addKeySlot(first, first, -1, null, false))
                .hasMessage("The LUKS2 header has no room for another key slot");
        RecordingStore required = edited(
                (tree, header) -> member(tree, "config").put("requirements", Map.of("mandatory", List.of("future"))));
        Luks2KeySlots unknown = Luks2KeySlots.read(storage(required));
        assertThatThrownBy(() -> unknown.addKeySlot(first, first, -1, null, false))
                .hasMessage("The LUKS2 header asks for 'future', so its key slots are not changed here");
    }

    /** A slot may hold a key that is not the volume's; its passphrase does not open the volume. */
    @Test
    void aSlotWithAnotherKeyOpensNothingAndDoesNotCountAsTheLast() throws IOException {
        format("pbkdf2");
        ok(
                "luksAddKey",
                "--unbound",
                "--key-size",
                "512",
                "--key-slot",
                "5",
                "--pbkdf",
                "pbkdf2",
                "--pbkdf-force-iterations",
                "1000",
                volume.toString(),
                key(SECOND));
        assertThatThrownBy(() -> change(SECOND, slots -> {})).hasMessage("Invalid password, cannot unlock any keyslot");
        change(FIRST, slots -> {
            assertThatThrownBy(() -> slots.eraseKeySlot(0, false))
                    .hasMessageStartingWith("Attempt to erase the only active keyslot 0");
            slots.eraseKeySlot(5, false);
        });
        assertThat(opens(FIRST)).isTrue();
        assertThat(ok("luksDump", volume.toString())).doesNotContain("5: luks2");
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> member(Map<String, Object> object, String name) {
        return (Map<String, Object>) object.get(name);
    }
}
