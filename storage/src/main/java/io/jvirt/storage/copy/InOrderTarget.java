// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Another target, to which each run is written when its place is decided, and so in the order of the disk. */
final class InOrderTarget implements CopyTarget {
    private final CopyTarget target;

    InOrderTarget(CopyTarget target) {
        this.target = target;
    }

    @Override
    public int blockBytes() {
        return target.blockBytes();
    }

    @Override
    public int scanBytes() {
        return target.scanBytes();
    }

    @Override
    public Worker newWorker() {
        return new InOrderWorker(target.newWorker());
    }

    @Override
    public void finish() throws IOException {
        target.finish();
    }

    @Override
    public void close() throws IOException {
        target.close();
    }

    private static final class InOrderWorker implements Worker {
        private final Worker worker;
        private ByteBuffer data = ByteBuffer.allocate(0);

        InOrderWorker(Worker worker) {
            this.worker = worker;
        }

        @Override
        public void prepare(Run run, ByteBuffer runData, boolean[] wanted) throws IOException {
            data = runData;
            worker.prepare(run, runData, wanted);
        }

        @Override
        public void place(Run run) throws IOException {
            worker.place(run);
            worker.store(run, data);
        }

        @Override
        public void store(Run run, ByteBuffer runData) {}

        @Override
        public void close() {
            worker.close();
        }
    }
}
