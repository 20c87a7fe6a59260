// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.QemuTools;
import io.jvirt.storage.file.HostFile;
import io.jvirt.storage.qcow2.check.CheckResult;
import io.jvirt.storage.qcow2.check.Qcow2Check;
import io.jvirt.storage.qcow2.check.Repair;
import io.jvirt.storage.qcow2.format.HeaderReader;
import io.jvirt.storage.qcow2.format.Snapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The power goes while snapshots are taken, applied and deleted. The disk and each snapshot are what they were before or
 * after the step, and check finds no error: at most leaked clusters.
 */
@Tag("one-jdk")
class SnapshotCrashTest {
    private static final int SIZE = 1 << 20;

    /** How qemu-img check ends when leaked clusters are all that it found. */
    private static final int LEAKS = 3;

    @TempDir
    Path directory;

    /** What the disk and the snapshots hold once so many events have happened. */
    private record State(int eventCount, byte[] disk, Map<String, byte[]> snapshots) {}

    private final List<State> states = new ArrayList<>();

    @ParameterizedTest
    @CsvSource({"512, 2, 1", "4096, 3, 2", "65536, 3, 3", "16384, 3, 4"})
    void leavesWhatWasOrWhatWillBe(int cluster, int version, long seed) throws Exception {
        Random random = new Random(seed);
        Path image = directory.resolve("crash.qcow2");
        DiskImages.create(CreateRequest.qcow2(image, SIZE)
                .withQcow2(Qcow2Options.defaults()
                        .withVersion(version)
                        .withClusterBytes(cluster)
                        .withExtendedL2(cluster == 16384)));
        RecordingStore store = new RecordingStore(Files.readAllBytes(image));
        try (Qcow2Image disk = Qcow2Opener.open(store, HeaderReader.read(store), null, null, 0)) {
            byte[] model = new byte[SIZE];
            Map<String, byte[]> snapshots = new TreeMap<>();
            write(disk, model, random);
            remember(disk, store, model, snapshots);
            for (String name : List.of("one", "two", "three")) {
                disk.snapshots().create(name, Instant.EPOCH);
                snapshots.put(name, model.clone());
                remember(disk, store, model, snapshots);
                write(disk, model, random);
                remember(disk, store, model, snapshots);
            }
            disk.snapshots().apply(named(disk, "one"));
            System.arraycopy(snapshots.get("one"), 0, model, 0, SIZE);
            remember(disk, store, model, snapshots);
            for (String name : List.of("two", "one", "three")) {
                disk.snapshots().delete(named(disk, name));
                snapshots.remove(name);
                remember(disk, store, model, snapshots);
            }
        }
        // At each write: all of what no sync has covered is lost, or kept, or half of it or a third is kept.
        Set<Integer> seen = new HashSet<>();
        for (int events = states.get(0).eventCount; events <= store.eventCount(); events++) {
            for (int fate = 0; fate < 4; fate++) {
                byte[] left = store.afterCrash(events, fate, new Random(31L * events + fate));
                if (!seen.add(Arrays.hashCode(left))) {
                    continue;
                }
                Files.write(image, left);
                try {
                    expectHarmless(image, events);
                    expectContent(left, events);
                } catch (Throwable e) {
                    throw new AssertionError("seed " + seed + ", crash after " + events + " events, fate " + fate, e);
                }
            }
        }
    }

    private void remember(Qcow2Image disk, RecordingStore store, byte[] model, Map<String, byte[]> snapshots)
            throws IOException {
        disk.flush();
        states.add(new State(store.eventCount(), model.clone(), new TreeMap<>(snapshots)));
    }

    private static Snapshot named(Qcow2Image disk, String name) throws IOException {
        Snapshot found = disk.snapshots().findByName(name);
        assertThat(found).as(name).isNotNull();
        return found;
    }

    private static void write(Qcow2Image disk, byte[] model, Random random) throws IOException {
        for (int i = 0; i < 6; i++) {
            byte[] data = new byte[1 + random.nextInt(150_000)];
            random.nextBytes(data);
            int offset = random.nextInt(SIZE - data.length);
            disk.write(offset, ByteBuffer.wrap(data));
            System.arraycopy(data, 0, model, offset, data.length);
        }
    }

    /** The peer judges each step's last states and some of the others; for the rest its likeness here will do. */
    private void expectHarmless(Path image, int events) throws IOException {
        List<String> findings = new ArrayList<>();
        CheckResult result;
        try (HostFile file = HostFile.open(image, true)) {
            result = Qcow2Check.run(file, Repair.NONE, findings::add);
        }
        assertThat(result.failure()).isNull();
        assertThat(result.corruptions() + result.checkErrors())
                .as(String.join("\n", findings))
                .isZero();
        boolean last = states.stream().anyMatch(state -> Math.abs(state.eventCount - events) <= 3);
        if (last || events % 20 == 0) {
            QemuTools.Outcome outcome = QemuTools.run(List.of("qemu-img", "check", "-f", "qcow2", image.toString()));
            assertThat(outcome.status()).as(outcome.output()).isIn(0, LEAKS);
        }
    }

    private void expectContent(byte[] left, int events) throws IOException {
        int before = 0;
        while (before + 1 < states.size() && states.get(before + 1).eventCount <= events) {
            before++;
        }
        State was = states.get(before);
        State will = states.get(Math.min(before + 1, states.size() - 1));
        boolean writing = was.snapshots.keySet().equals(will.snapshots.keySet())
                && !will.snapshots.values().stream().anyMatch(content -> Arrays.equals(content, will.disk));
        RecordingStore store = new RecordingStore(left);
        try (Qcow2Image disk = Qcow2Opener.open(store, HeaderReader.read(store), null, null, 0)) {
            if (!writing) {
                assertThat(read(disk))
                        .as("disk")
                        .satisfiesAnyOf(
                                found -> assertThat(found).isEqualTo(was.disk),
                                found -> assertThat(found).isEqualTo(will.disk));
            }
            for (Map.Entry<String, byte[]> snapshot : was.snapshots.entrySet()) {
                if (will.snapshots.containsKey(snapshot.getKey())) {
                    assertThat(read(disk.view(named(disk, snapshot.getKey()))))
                            .as("snapshot " + snapshot.getKey())
                            .isEqualTo(snapshot.getValue());
                }
            }
        }
    }

    private static byte[] read(Qcow2Image disk) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(SIZE);
        disk.read(0, content);
        return content.array();
    }
}
