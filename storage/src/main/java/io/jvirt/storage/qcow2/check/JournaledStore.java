// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.check;

import io.jvirt.storage.file.ByteStore;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A store that saves what it is about to overwrite. */
public final class JournaledStore implements ByteStore {
    private final ByteStore store;
    private final UndoJournal journal;

    public JournaledStore(ByteStore store, UndoJournal journal) {
        this.store = store;
        this.journal = journal;
    }

    @Override
    public String name() {
        return store.name();
    }

    @Override
    public boolean isReadOnly() {
        return store.isReadOnly();
    }

    @Override
    public long sizeBytes() throws IOException {
        return store.sizeBytes();
    }

    @Override
    public boolean isDevice() {
        return store.isDevice();
    }

    @Override
    public int readUpTo(long hostOffset, ByteBuffer target) throws IOException {
        return store.readUpTo(hostOffset, target);
    }

    @Override
    public void write(long hostOffset, ByteBuffer source) throws IOException {
        journal.save(hostOffset, source.remaining());
        store.write(hostOffset, source);
    }

    @Override
    public void truncate(long sizeBytes) throws IOException {
        long size = store.sizeBytes();
        if (sizeBytes < size) {
            journal.save(sizeBytes, size - sizeBytes);
        }
        store.truncate(sizeBytes);
    }

    @Override
    public void allocate(long hostOffset, long lengthBytes) throws IOException {
        store.allocate(hostOffset, lengthBytes);
    }

    @Override
    public boolean punchHole(long hostOffset, long lengthBytes) throws IOException {
        journal.save(hostOffset, lengthBytes);
        return store.punchHole(hostOffset, lengthBytes);
    }

    @Override
    public void zeroRange(long hostOffset, long lengthBytes) throws IOException {
        journal.save(hostOffset, lengthBytes);
        store.zeroRange(hostOffset, lengthBytes);
    }

    @Override
    public long nextData(long hostOffset) throws IOException {
        return store.nextData(hostOffset);
    }

    @Override
    public long nextHole(long hostOffset) throws IOException {
        return store.nextHole(hostOffset);
    }

    @Override
    public long allocatedBytes() throws IOException {
        return store.allocatedBytes();
    }

    @Override
    public void sync() throws IOException {
        store.sync();
    }

    @Override
    public void close() throws IOException {
        store.close();
    }
}
