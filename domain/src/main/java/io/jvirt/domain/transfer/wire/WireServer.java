// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer.wire;

import com.github.luben.zstd.Zstd;
import io.jvirt.storage.copy.DigestTree;
import io.jvirt.storage.file.EarlyWriteBack;
import io.jvirt.storage.file.PageBuffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The other side: writes the file that it is told to, and answers. What is asked of stored data is answered by a second
 * thread, so that reading back does not keep what comes next waiting.
 */
public final class WireServer {
    /** Without a word for so long, the other end is gone; a connection that is cut may never say so. */
    static final long IDLE_NANOS = 20_000_000_000L;

    private static final int QUEUED = 64;

    /** So many blocks' hashes are in one answer. */
    private static final int HASHES_AT_ONCE = 1024;

    /** An answer now and then, so that nobody takes a long digest for a broken connection. */
    private static final long FAR_NANOS = 500_000_000L;

    private final FrameStream frames;
    private final BlockingQueue<Frame> questions = new ArrayBlockingQueue<>(QUEUED);
    private final AtomicLong lastHeard = new AtomicLong(System.nanoTime());
    private @Nullable WireStore store;
    private @Nullable EarlyWriteBack writeBack;
    private @Nullable ByteBuffer plain;
    private volatile @Nullable IOException failure;
    private volatile boolean isAnswering;

    private WireServer(FrameStream frames) {
        this.frames = frames;
    }

    /**
     * Serves until the other end is done or gone.
     *
     * @param version jvirt's own, which the other side shows
     * @param whenIdle called, on another thread, when the other end seems to be gone: it has to end the process
     */
    public static void serve(InputStream in, OutputStream out, String version, Runnable whenIdle) throws IOException {
        FrameStream frames = new FrameStream(in, out);
        frames.sendMagic();
        byte[] words = version.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        frames.send(Frame.HELLO, ByteBuffer.allocate(4).putInt(Frame.VERSION), ByteBuffer.wrap(words));
        WireServer server = new WireServer(frames);
        try {
            server.run(whenIdle);
        } catch (IOException | RuntimeException e) {
            String reason = e.getMessage() == null ? e.toString() : e.getMessage();
            frames.sendText(Frame.FAILED, reason);
        } finally {
            server.close();
        }
    }

    private void run(Runnable whenIdle) throws IOException {
        daemon("wire-answers", this::answer);
        daemon("wire-watch", () -> watch(whenIdle));
        Frame hello = frames.receive();
        if (hello == null || hello.type() != Frame.HELLO) {
            throw new IOException("the other side did not say which protocol it speaks");
        }
        int version = hello.body().getInt();
        if (version != Frame.VERSION) {
            throw new IOException("this jvirt speaks version " + Frame.VERSION + " of the protocol, the other side "
                    + version + ": install the same jvirt on both hosts");
        }
        for (Frame frame = frames.receive(); frame != null; frame = frames.receive()) {
            lastHeard.set(System.nanoTime());
            IOException broken = failure;
            if (broken != null) {
                throw broken;
            }
            take(frame);
        }
    }

    private void take(Frame frame) throws IOException {
        ByteBuffer body = frame.body();
        switch (frame.type()) {
            case Frame.OPEN -> open(body);
            case Frame.DATA -> data(body);
            case Frame.ZERO -> {
                long offset = body.getLong();
                long length = body.getLong();
                opened().zero(checked(offset, length), length);
            }
            case Frame.PING -> {}
            case Frame.PIECE -> {
                opened();
                frames.sendLongs(Frame.STORED, body.getLong(), body.getLong());
            }
            case Frame.CLOSE, Frame.HASH, Frame.DIGEST, Frame.READ -> {
                opened();
                try {
                    questions.put(frame);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IOException("interrupted", e);
                }
                if (frame.type() == Frame.CLOSE) {
                    settle();
                    close();
                    frames.sendLongs(Frame.CLOSED);
                }
            }
            default -> throw new IOException("unknown frame of type " + frame.type());
        }
    }

    private void open(ByteBuffer body) throws IOException {
        if (store != null) {
            throw new IOException("a file is open already");
        }
        byte format = body.get();
        byte mode = body.get();
        long length = body.getLong();
        if (length < 0 || mode < Frame.KEEP || mode > Frame.LOOK || (format != Frame.BYTES && format != Frame.QCOW2)) {
            throw new IOException("no such file can be opened");
        }
        try {
            Path path = Path.of(new Frame(Frame.OPEN, body).text());
            store = WireStore.open(path, format, mode, length);
            if (mode != Frame.LOOK) {
                writeBack = EarlyWriteBack.of(path);
            }
        } catch (InvalidPathException e) {
            throw new IOException("no path: " + e.getMessage(), e);
        }
        frames.sendLongs(Frame.OPENED, opened().lengthBytes());
    }

    private void data(ByteBuffer body) throws IOException {
        long offset = body.getLong();
        boolean isCompressed = body.get() != 0;
        int length = body.getInt();
        if (length < 0 || length > Frame.MOST_DATA_BYTES) {
            throw new IOException("a piece of " + length + " bytes is not of this protocol");
        }
        checked(offset, length);
        ByteBuffer bytes = body;
        if (isCompressed) {
            bytes = plain().clear().limit(length);
            long got = Zstd.decompressDirectByteBuffer(bytes, 0, length, body, body.position(), body.remaining());
            if (Zstd.isError(got) || got != length) {
                throw new IOException("compressed data at " + offset + " is damaged");
            }
        } else if (body.remaining() != length) {
            throw new IOException("data at " + offset + " is not as long as it says");
        }
        opened().write(offset, bytes);
    }

    private ByteBuffer plain() {
        ByteBuffer made = plain;
        if (made == null) {
            made = PageBuffer.allocate(Frame.MOST_DATA_BYTES);
            plain = made;
        }
        return made;
    }

    private long checked(long offset, long length) throws IOException {
        if (offset < 0 || length < 0 || length > opened().lengthBytes() - offset) {
            throw new IOException("offset " + offset + " is outside of the file");
        }
        return offset;
    }

    private WireStore opened() throws IOException {
        if (store == null) {
            throw new IOException("no file is open");
        }
        return store;
    }

    /** Until all questions are answered. */
    private void settle() throws IOException {
        while ((!questions.isEmpty() || isAnswering) && failure == null) {
            pause(1);
        }
        IOException broken = failure;
        if (broken != null) {
            throw broken;
        }
    }

    private void answer() {
        try {
            while (true) {
                while (questions.peek() == null) {
                    pause(1);
                }
                isAnswering = true;
                answer(questions.remove());
                isAnswering = false;
            }
        } catch (IOException | RuntimeException e) {
            failure = e instanceof IOException io ? io : new IOException(e);
            try {
                frames.sendText(Frame.FAILED, String.valueOf(e.getMessage()));
            } catch (IOException gone) {
                return;
            }
        }
    }

    private void answer(Frame frame) throws IOException {
        WireStore asked = opened();
        ByteBuffer body = frame.body();
        switch (frame.type()) {
            case Frame.HASH -> hashes(asked, body.getLong(), body.getLong());
            case Frame.DIGEST -> {
                DigestTree tree = new DigestTree(asked.lengthBytes());
                long[] last = {System.nanoTime()};
                BlockHashes.visit(asked, 0, asked.lengthBytes(), tree::add, at -> {
                    if (System.nanoTime() - last[0] > FAR_NANOS) {
                        last[0] = System.nanoTime();
                        frames.sendLongs(Frame.FAR, at);
                    }
                });
                frames.send(Frame.DIGESTED, ByteBuffer.allocate(0), ByteBuffer.wrap(tree.bytes()));
            }
            case Frame.READ -> {
                long offset = body.getLong();
                int length = Math.min(Frame.MOST_DATA_BYTES, body.getInt());
                byte[] bytes = new byte[(int) Math.max(0, Math.min(length, asked.lengthBytes() - offset))];
                asked.read(offset, ByteBuffer.wrap(bytes));
                frames.send(Frame.CONTENT, ByteBuffer.allocate(0), ByteBuffer.wrap(bytes));
            }
            default -> asked.sync();
        }
    }

    private void hashes(WireStore asked, long from, long to) throws IOException {
        ByteBuffer found = ByteBuffer.allocate(1 + HASHES_AT_ONCE * 40).put((byte) 0);
        BlockHashes.Visitor visitor = (index, hash) -> {
            if (found.remaining() < 40) {
                frames.send(Frame.HASHES, found.duplicate());
                found.position(1);
            }
            found.putLong(index).put(hash);
        };
        BlockHashes.visit(asked, from, to, visitor, at -> {});
        frames.send(Frame.HASHES, found.put(0, (byte) 1));
    }

    private void watch(Runnable whenIdle) {
        while (System.nanoTime() - lastHeard.get() < IDLE_NANOS) {
            pause(1000);
        }
        whenIdle.run();
    }

    private void close() throws IOException {
        if (writeBack != null) {
            writeBack.close();
            writeBack = null;
        }
        if (store != null) {
            store.close();
            store = null;
        }
    }

    private static void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
