// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.file.ByteStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** A store in memory that records what was written between which syncs, to show what a crash could leave; it can also fail. */
public final class RecordingStore implements ByteStore {
    private static final int SECTOR_BYTES = 512;

    /** A write, or a truncation where {@code bytes} is null, or a sync where {@code at} is negative. */
    private record Event(long at, byte[] bytes) {}

    private final List<Event> events = new ArrayList<>();
    private final byte[] initial;
    private final Bytes content;
    private long writesUntilFailure = Long.MAX_VALUE;
    private int readCount;
    private boolean device;

    public RecordingStore(byte[] initial) {
        this.initial = initial.clone();
        this.content = new Bytes(initial);
    }

    /** Makes it stand for a device, which has its size; that nothing is written behind it is for the test to see. */
    public RecordingStore asDevice() {
        device = true;
        return this;
    }

    @Override
    public boolean isDevice() {
        return device;
    }

    /** After so many more writes each one fails, as on a full or broken disk. */
    void failAfter(long writes) {
        writesUntilFailure = writes;
    }

    public int eventCount() {
        return events.size();
    }

    int readCount() {
        return readCount;
    }

    int syncCount() {
        return (int) events.stream().filter(event -> event.at < 0).count();
    }

    long writtenBytes() {
        return events.stream()
                .mapToLong(event -> event.bytes == null ? 0 : event.bytes.length)
                .sum();
    }

    public byte[] content() {
        return content.copy();
    }

    /**
     * What may be on the disk when the power goes after so many events: all that a later sync has made to last, and of
     * the rest whatever the dice say, sector by sector.
     */
    public byte[] afterCrash(int eventsDone, Random random) {
        return afterCrash(eventsDone, random.nextInt(4), random);
    }

    /** The same; of what is not synced all is kept (0), nothing (1), or about one sector in {@code fate}. */
    byte[] afterCrash(int eventsDone, int fate, Random random) {
        int synced = 0;
        for (int i = 0; i < eventsDone; i++) {
            synced = events.get(i).at < 0 ? i + 1 : synced;
        }
        Bytes disk = new Bytes(initial);
        for (int i = 0; i < eventsDone; i++) {
            Event event = events.get(i);
            if (event.at < 0) {
                continue;
            }
            if (event.bytes == null) {
                disk.resize((int) event.at);
                continue;
            }
            for (int from = 0; from < event.bytes.length; ) {
                int length =
                        Math.min(event.bytes.length - from, SECTOR_BYTES - (int) ((event.at + from) % SECTOR_BYTES));
                boolean kept = i < synced || (fate == 0 || fate != 1 && random.nextInt(fate) == 0);
                if (kept) {
                    disk.put(event.at + from, event.bytes, from, length);
                }
                from += length;
            }
        }
        return disk.copy();
    }

    /** Bytes that grow. */
    private static final class Bytes {
        private byte[] array;
        private int length;

        Bytes(byte[] initial) {
            array = initial.clone();
            length = initial.length;
        }

        void resize(int newLength) {
            if (newLength > array.length) {
                array = Arrays.copyOf(array, Math.max(newLength, array.length * 2));
            } else if (newLength < length) {
                Arrays.fill(array, newLength, length, (byte) 0);
            }
            length = newLength;
        }

        void put(long at, byte[] bytes, int from, int count) {
            if (at + count > length) {
                resize((int) at + count);
            }
            System.arraycopy(bytes, from, array, (int) at, count);
        }

        byte[] copy() {
            return Arrays.copyOf(array, length);
        }
    }

    @Override
    public String name() {
        return "recording";
    }

    @Override
    public boolean isReadOnly() {
        return false;
    }

    @Override
    public long sizeBytes() {
        return content.length;
    }

    @Override
    public synchronized int readUpTo(long hostOffset, ByteBuffer target) {
        readCount++;
        int count = (int) Math.max(0, Math.min(target.remaining(), content.length - hostOffset));
        if (count > 0) {
            target.put(content.array, (int) hostOffset, count);
        }
        return count;
    }

    @Override
    public synchronized void write(long hostOffset, ByteBuffer source) throws IOException {
        if (writesUntilFailure-- <= 0) {
            throw new IOException("No space left on device");
        }
        byte[] bytes = new byte[source.remaining()];
        source.get(bytes);
        record(hostOffset, bytes);
    }

    private void record(long at, byte[] bytes) {
        events.add(new Event(at, bytes));
        content.put(at, bytes, 0, bytes.length);
    }

    @Override
    public synchronized void truncate(long sizeBytes) {
        events.add(new Event(sizeBytes, null));
        content.resize((int) sizeBytes);
    }

    @Override
    public void allocate(long hostOffset, long lengthBytes) {
        if (content.length < hostOffset + lengthBytes) {
            truncate(hostOffset + lengthBytes);
        }
    }

    @Override
    public synchronized boolean punchHole(long hostOffset, long lengthBytes) {
        int count = (int) Math.max(0, Math.min(lengthBytes, content.length - hostOffset));
        if (count > 0) {
            record(hostOffset, new byte[count]);
        }
        return true;
    }

    @Override
    public void zeroRange(long hostOffset, long lengthBytes) {
        record(hostOffset, new byte[(int) lengthBytes]);
    }

    @Override
    public long nextData(long hostOffset) {
        return hostOffset;
    }

    @Override
    public long nextHole(long hostOffset) {
        return content.length;
    }

    @Override
    public long allocatedBytes() {
        return content.length;
    }

    @Override
    public synchronized void sync() {
        events.add(new Event(-1, null));
    }

    @Override
    public void close() {}
}
