// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.storage.Qemu;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.file.HostFile;
import io.jvirt.storage.qcow2.RecordingStore;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("one-jdk")
class Qcow2CheckTest {
    private static final Pattern FIELD = Pattern.compile("\"([a-z-]+)\": (\\d+)");

    @TempDir
    Path directory;

    private Path image;

    @BeforeEach
    void nameImage() {
        image = directory.resolve("image.qcow2");
    }

    /** Text and numbers, in qemu-img's terms. */
    private record Answer(List<String> lines, Map<String, Long> numbers, boolean failed) {}

    private Answer qemu(String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of("qemu-img", "check", "-f", "qcow2", "--output=json"));
        command.addAll(List.of(options));
        command.add(image.toString());
        String output = Qemu.run(directory, command.toArray(new String[0])).output();
        List<String> lines = new ArrayList<>();
        Map<String, Long> numbers = new TreeMap<>();
        boolean failed = false;
        for (String line : output.split("\n")) {
            Matcher field = FIELD.matcher(line);
            if (field.find()) {
                numbers.put(field.group(1), Long.parseLong(field.group(2)));
            } else if (line.startsWith("qemu-img: ")) {
                failed |= line.contains("Check failed") || line.contains("Could not open");
            } else if (!line.startsWith("{") && !line.startsWith("}") && !line.contains("\"")) {
                lines.add(line);
            }
        }
        return new Answer(lines, numbers, failed);
    }

    private Answer ours(Repair repair) throws IOException {
        try (HostFile file = HostFile.open(image, repair == Repair.NONE)) {
            List<String> lines = new ArrayList<>();
            CheckResult result = Qcow2Check.run(file, repair, lines::add);
            return new Answer(lines, numbers(result), result.failure() != null || result.checkErrors() > 0);
        }
    }

    private static Map<String, Long> numbers(CheckResult result) {
        Map<String, Long> numbers = new TreeMap<>();
        numbers.put("check-errors", result.checkErrors());
        putUnlessZero(numbers, "corruptions", result.corruptions());
        putUnlessZero(numbers, "leaks", result.leaks());
        putUnlessZero(numbers, "corruptions-fixed", result.corruptionsFixed());
        putUnlessZero(numbers, "leaks-fixed", result.leaksFixed());
        putUnlessZero(numbers, "image-end-offset", result.imageEndOffset());
        putUnlessZero(numbers, "total-clusters", result.totalClusters());
        putUnlessZero(numbers, "allocated-clusters", result.allocatedClusters());
        putUnlessZero(numbers, "fragmented-clusters", result.fragmentedClusters());
        putUnlessZero(numbers, "compressed-clusters", result.compressedClusters());
        return numbers;
    }

    private static void putUnlessZero(Map<String, Long> numbers, String name, long value) {
        if (value != 0) {
            numbers.put(name, value);
        }
    }

    private void create(String options, String size) throws IOException {
        List<String> command = new ArrayList<>(List.of("qemu-img", "create", "-q", "-f", "qcow2"));
        if (!options.isEmpty()) {
            command.addAll(List.of("-o", options));
        }
        command.addAll(List.of(image.toString(), size));
        Qemu.ok(directory, command.toArray(new String[0]));
    }

    private void write(String... commands) throws IOException {
        Qemu.io(directory, List.of("-f", "qcow2", image.toString()), commands);
    }

    private long readLong(long offset) throws IOException {
        try (FileChannel channel = FileChannel.open(image, StandardOpenOption.READ)) {
            ByteBuffer value = ByteBuffer.allocate(8);
            channel.read(value, offset);
            return value.getLong(0);
        }
    }

    private void poke(long offset, long value) throws IOException {
        try (FileChannel channel = FileChannel.open(image, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(8).putLong(value).flip(), offset);
        }
    }

    private void assertSameAsQemu() throws IOException {
        Answer expected = qemu();
        Answer found = ours(Repair.NONE);
        assertSameLines("check", found.lines(), expected.lines());
        assertThat(found.numbers()).isEqualTo(expected.numbers());
    }

    private static void assertSameLines(String what, List<String> found, List<String> expected) {
        if (!found.isEmpty() && found.get(found.size() - 1).endsWith("more findings are not shown")) {
            assertThat(expected)
                    .as(what)
                    .startsWith(found.subList(0, found.size() - 1).toArray(new String[0]));
            return;
        }
        for (int i = 0; i < Math.min(found.size(), expected.size()); i++) {
            assertThat(found.get(i)).as(what + ", line " + i).isEqualTo(expected.get(i));
        }
        assertThat(found).as(what).hasSize(expected.size());
    }

    /** An image with data, snapshots, zero clusters, compressed clusters and a bitmap. */
    private void createBusyImage(String options, boolean snapshots, boolean bitmap) throws IOException {
        create(options, "12M");
        write("write -P 1 0 1M", "write -P 2 3M 300k", "write -z 2M 128k", "discard 256k 128k");
        if (snapshots) {
            Qemu.ok(directory, "qemu-img", "snapshot", "-c", "one", image.toString());
            write("write -P 3 100k 500k", "write -z -u 3M 64k");
            Qemu.ok(directory, "qemu-img", "snapshot", "-c", "two", image.toString());
            write("write -P 4 5M 70k");
        }
        if (bitmap) {
            Qemu.ok(directory, "qemu-img", "bitmap", "--add", image.toString(), "b0");
            write("write -P 5 6M 1M");
        }
        if (!options.contains("data_file") && !options.contains("preallocation")) {
            write("write -c -P 7 8M 2M");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'', true, true",
        "compat=0.10, true, false",
        "'cluster_size=512', true, false",
        "'cluster_size=512,refcount_bits=64', true, true",
        "'cluster_size=4k,refcount_bits=2', true, true",
        "'cluster_size=64k,refcount_bits=1', false, true",
        "'cluster_size=64k,refcount_bits=8', true, true",
        "'cluster_size=64k,refcount_bits=32', true, true",
        "'cluster_size=2M', true, true",
        "'extended_l2=on,cluster_size=16k', true, true",
        "'extended_l2=on,cluster_size=128k', true, true",
        "preallocation=metadata, true, true",
        "preallocation=full, false, false",
        "compression_type=zstd, false, false",
        "'data_file=data.raw', false, true",
        "'data_file=data.raw,data_file_raw=on', false, false",
        "lazy_refcounts=on, true, false",
    })
    void soundImagesHaveQemusNumbers(String options, boolean snapshots, boolean bitmap) throws IOException {
        createBusyImage(
                options.replace("data.raw", directory.resolve("data.raw").toString()), snapshots, bitmap);
        assertSameAsQemu();
        assertThat(ours(Repair.NONE).numbers()).doesNotContainKeys("corruptions", "leaks");
    }

    private static final long OFFSET_MASK = 0x00ff_ffff_ffff_fe00L;

    /** Where a structure is damaged, and the value that is put there. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "leak",
                "lost",
                "low",
                "l1reserved",
                "l1unaligned",
                "l2reserved",
                "l2unaligned",
                "l2outside",
                "zerounaligned",
                "copied-l1",
                "copied-l2",
                "reftable-reserved",
                "reftable-unaligned",
                "reftable-outside",
                "reftable-far",
                "crosslink",
                "compressed-copied",
                "snapshot-l1",
                "refblock-twice"
            })
    void damagedImagesAreToldAndRepairedAsQemuDoes(String damage) throws IOException {
        // No bitmap: QEMU 7.2 forgets all snapshots when it repairs an image that has both.
        createBusyImage("", true, false);
        long l1 = readLong(40);
        long l2 = readLong(l1) & OFFSET_MASK;
        long refTable = readLong(48);
        long refBlock = readLong(refTable);
        switch (damage) {
            case "leak" -> poke(refBlock + 2 * 60, 0x0001_0003_0001_0001L);
            case "lost" -> poke(refBlock + 2 * 6, 0);
            case "low" -> poke(l2 + 8 * 100, readLong(l2 + 8 * 50));
            case "l1reserved" -> poke(l1, readLong(l1) | 1L << 60 | 2);
            case "l1unaligned" -> poke(l1, readLong(l1) + 512);
            case "l2reserved" -> poke(l2 + 8, readLong(l2 + 8) | 1L << 58);
            case "l2unaligned" -> poke(l2 + 8, readLong(l2 + 8) + 1024);
            case "l2outside" -> poke(l2 + 8, 1L << 63 | 1L << 40);
            case "zerounaligned" -> poke(l2 + 8, readLong(l2 + 8) + 1024 | 1);
            case "copied-l1" -> poke(l1, readLong(l1) ^ 1L << 63);
            case "copied-l2" -> poke(l2 + 8 * 51, readLong(l2 + 8 * 51) ^ 1L << 63);
            case "reftable-reserved" -> poke(refTable, refBlock | 4);
            case "reftable-unaligned" -> poke(refTable, refBlock + 512);
            case "reftable-outside" -> poke(refTable + 8, Files.size(image) + 65536 & -65536L);
            case "reftable-far" -> poke(refTable + 8, 1L << 50);
            case "crosslink" -> poke(l2 + 8 * 120, 1L << 63 | l1);
            case "compressed-copied" -> poke(l2 + 8 * 128, readLong(l2 + 8 * 128) | 1L << 63);
            case "snapshot-l1" -> poke(readLong(64), 513);
            case "refblock-twice" -> poke(refTable + 8, refBlock);
            default -> throw new IllegalArgumentException(damage);
        }
        assertSameAsQemu();
        Path damaged = directory.resolve("damaged");
        Files.copy(image, damaged);
        for (Repair repair : List.of(Repair.LEAKS, Repair.ALL)) {
            Files.copy(damaged, image, StandardCopyOption.REPLACE_EXISTING);
            Answer expected = qemu("-r", repair == Repair.ALL ? "all" : "leaks");
            Answer remaining = qemu();
            Files.copy(damaged, image, StandardCopyOption.REPLACE_EXISTING);
            Answer repaired = ours(repair);
            if (!expected.failed())
                assertThat(List.of(
                                repaired.numbers().getOrDefault("corruptions-fixed", 0L),
                                repaired.numbers().getOrDefault("leaks-fixed", 0L)))
                        .as(repair + "\n" + repaired.lines() + "\n" + expected.lines())
                        .isEqualTo(List.of(
                                expected.numbers().getOrDefault("corruptions-fixed", 0L),
                                expected.numbers().getOrDefault("leaks-fixed", 0L)));
            Answer after = qemu();
            assertThat(after.numbers().getOrDefault("corruptions", 0L))
                    .isLessThanOrEqualTo(remaining.numbers().getOrDefault("corruptions", 0L));
            assertThat(after.numbers().getOrDefault("leaks", 0L))
                    .isLessThanOrEqualTo(remaining.numbers().getOrDefault("leaks", 0L));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void randomDamageIsToldAsQemuTellsIt(long seed) throws IOException {
        Random random = new Random(seed);
        createBusyImage(seed == 3 ? "extended_l2=on" : "", true, false);
        Path sound = directory.resolve("sound");
        Files.copy(image, sound);
        long l1 = readLong(40);
        long l2 = readLong(l1) & OFFSET_MASK;
        long refTable = readLong(48);
        long[] places = {l1, l2, refTable, readLong(refTable)};
        for (int round = 0; round < 25; round++) {
            Files.copy(sound, image, StandardCopyOption.REPLACE_EXISTING);
            for (int i = 0; i <= random.nextInt(3); i++) {
                int place = random.nextInt(places.length);
                long at = places[place] + 8 * random.nextInt(place == 0 || place == 2 ? 1 : 128);
                long value = readLong(at);
                poke(at, random.nextBoolean() ? value ^ 1L << random.nextInt(64) : value ^ 1L << random.nextInt(24));
            }
            Answer expected = qemu();
            Answer found = ours(Repair.NONE);
            assertThat(found.numbers()).as("seed " + seed + " round " + round).isEqualTo(expected.numbers());
            assertSameLines("seed " + seed + " round " + round, found.lines(), expected.lines());
        }
    }

    /** A device neither grows nor shrinks: what is written anew has its place behind the last cluster in use. */
    @Test
    void refcountsAreRebuiltWithinADevice() throws IOException {
        byte[] damaged = withoutFirstRefcounts(1 << 20);
        RecordingStore store = new RecordingStore(damaged).asDevice();
        assertThat(Qcow2Check.run(store, Repair.ALL, line -> {}).isClean()).isTrue();
        assertThat(store.content()).hasSize(damaged.length);
        Files.write(image, store.content());
        assertThat(qemu().numbers()).doesNotContainKeys("corruptions", "leaks");
        Qemu.io(directory, List.of("-f", "qcow2", image.toString()), "read -P 7 0 64k");
    }

    @Test
    void refcountsThatHaveNoRoomWithinADeviceAreToldSo() throws IOException {
        byte[] damaged = withoutFirstRefcounts(0);
        RecordingStore store = new RecordingStore(damaged).asDevice();
        assertThatThrownBy(() -> Qcow2Check.run(store, Repair.ALL, line -> {}))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("has no room for new refcount structures of");
        assertThat(store.content()).isEqualTo(damaged);
    }

    @Test
    void subclustersOfAnUnalignedClusterKeepTheirBitmap() throws IOException {
        Path base = directory.resolve("base.raw");
        byte[] ones = new byte[128 << 10];
        Arrays.fill(ones, (byte) 1);
        Files.write(base, ones);
        create("extended_l2=on,backing_fmt=raw,backing_file=" + base, "128k");
        write("write -P 2 4k 2k", "write -z 4k 2k");
        long l2 = readLong(readLong(40)) & OFFSET_MASK;
        poke(l2, readLong(l2) + 512);
        assertThat(ours(Repair.ALL).numbers().get("corruptions-fixed")).isEqualTo(1);
        Qemu.io(
                directory,
                List.of("-f", "qcow2", image.toString()),
                "read -P 1 0 4k",
                "read -P 0 4k 2k",
                "read -P 1 6k 122k");
    }

    /** What tables a device can hold follows from its size: the system counts no blocks of it. */
    @Test
    void manyTablesOnADeviceAreWalked() throws IOException {
        create("preallocation=metadata", "256G");
        long l2 = readLong(readLong(40)) & OFFSET_MASK;
        poke(l2, readLong(l2) & OFFSET_MASK);
        try (HostFile file = HostFile.open(image, true)) {
            ByteStore device = (ByteStore) Proxy.newProxyInstance(
                    getClass().getClassLoader(), new Class<?>[] {ByteStore.class}, (proxy, method, arguments) -> {
                        return switch (method.getName()) {
                            case "isDevice" -> true;
                            case "allocatedBytes" -> 0L;
                            default -> method.invoke(file, arguments);
                        };
                    });
            assertThat(Qcow2Check.run(device, Repair.NONE, line -> {}).corruptions())
                    .isEqualTo(1);
        }
    }

    /** An image with data and a refcount block that lacks its first counts, in so many bytes at least. */
    private byte[] withoutFirstRefcounts(int deviceBytes) throws IOException {
        Qemu.ok(
                directory,
                "qemu-img",
                "create",
                "-q",
                "-f",
                "qcow2",
                "-o",
                "cluster_size=512",
                image.toString(),
                "64M");
        Qemu.ok(directory, "qemu-io", "-f", "qcow2", "-c", "write -P 7 0 64k", image.toString());
        poke(readLong(readLong(48)), 0);
        byte[] content = Files.readAllBytes(image);
        return Arrays.copyOf(content, Math.max(content.length, deviceBytes));
    }

    @Test
    void aRepairCanBeTakenBack() throws IOException {
        createBusyImage("", true, true);
        long refTable = readLong(48);
        poke(refTable, readLong(refTable) + 512);
        byte[] damaged = Files.readAllBytes(image);
        Path undo = directory.resolve("undo");
        try (HostFile file = HostFile.open(image, false);
                UndoJournal journal = UndoJournal.create(undo, file)) {
            CheckResult result = Qcow2Check.run(new JournaledStore(file, journal), Repair.ALL, line -> {});
            assertThat(result.corruptionsFixed()).isPositive();
            assertThat(result.isClean()).isTrue();
            assertThat(journal.isEmpty()).isFalse();
            journal.finish();
        }
        assertThat(qemu().numbers()).doesNotContainKeys("corruptions", "leaks");
        assertThatThrownBy(() -> UndoJournal.create(undo, HostFile.open(image, true)))
                .isInstanceOf(StorageException.class)
                .hasMessageEndingWith("holds what an earlier repair changed");
        byte[] repaired = Files.readAllBytes(image);
        poke(refTable, 1);
        poke(16, 1);
        try (HostFile file = HostFile.open(image, false)) {
            assertThatThrownBy(() -> UndoJournal.undo(undo, file)).hasMessageContaining("was written since the repair");
        }
        Files.write(image, repaired);
        try (HostFile file = HostFile.open(image, false)) {
            UndoJournal.undo(undo, file);
        }
        assertThat(Files.readAllBytes(image)).isEqualTo(damaged);
        Files.write(undo, new byte[5]);
        try (HostFile file = HostFile.open(image, false)) {
            assertThatThrownBy(() -> UndoJournal.undo(undo, file))
                    .hasMessageContaining("is not the journal of a repair");
        }
    }

    @Test
    void tablesThatReferToEachOtherEndInTime() throws IOException {
        create("cluster_size=512", "512M");
        long l1 = readLong(40);
        write("write 0 512");
        long l2 = readLong(l1) & OFFSET_MASK;
        try (FileChannel channel = FileChannel.open(image, StandardOpenOption.WRITE)) {
            int entries = (int) (readLong(32) & 0xffffffffL);
            ByteBuffer table = ByteBuffer.allocate(entries * 8);
            for (int i = 0; i < entries; i++) {
                table.putLong(l2 | 1L << 63);
            }
            channel.write(table.flip(), l1);
            ByteBuffer self = ByteBuffer.allocate(512);
            while (self.hasRemaining()) {
                self.putLong(l2 | 1L << 63);
            }
            channel.write(self.flip(), l2);
        }
        Answer answer = ours(Repair.NONE);
        assertThat(answer.numbers().get("corruptions")).isPositive();
        assertThat(answer.lines().stream().mapToLong(String::length).sum()).isLessThan(1 << 20);
    }
}
