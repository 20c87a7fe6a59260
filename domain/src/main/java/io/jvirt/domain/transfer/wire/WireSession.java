// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer.wire;

import io.jvirt.storage.file.WidePipe;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A connection to jvirt on another host. One file at a time; one thread asks. */
public final class WireSession implements Closeable {
    private static final long PING_SECONDS = 4;
    private static final int MOST_ERROR_BYTES = 2000;

    private final FrameStream frames;
    private final @Nullable Process ssh;
    private final BlockingQueue<Frame> answers = new LinkedBlockingQueue<>();
    /** Of pieces, which are asked about beside other things. */
    private final BlockingQueue<Frame> confirmations = new LinkedBlockingQueue<>();

    private final StringBuilder errors = new StringBuilder();
    private volatile boolean isOver;
    private String peer = "";

    private WireSession(FrameStream frames, @Nullable Process ssh) {
        this.frames = frames;
        this.ssh = ssh;
    }

    /** Connects as libvirt's URI leads; fails where that is not over ssh, or there is no jvirt of this protocol. */
    public static WireSession open(String libvirtUri) throws IOException {
        SshCommand command = SshCommand.of(libvirtUri);
        if (command == null) {
            throw new WireUnavailableException(libvirtUri + " does not lead over ssh", null);
        }
        Process ssh;
        try {
            ssh = command.start(System.getenv());
        } catch (IOException e) {
            throw new WireUnavailableException("ssh cannot be started: " + e.getMessage(), e);
        }
        return connect(ssh.getInputStream(), ssh.getOutputStream(), ssh);
    }

    /** Over streams to a {@link WireServer}. */
    public static WireSession connect(InputStream in, OutputStream out, @Nullable Process ssh) throws IOException {
        FileChannel pipe = ssh == null ? null : WidePipe.into(ssh);
        FrameStream frames = pipe == null ? new FrameStream(in, out) : new FrameStream(in, out, pipe);
        WireSession session = new WireSession(frames, ssh);
        try {
            session.greet();
            return session;
        } catch (IOException | RuntimeException e) {
            session.close();
            throw e;
        }
    }

    private void greet() throws IOException {
        Process process = ssh;
        if (process != null) {
            daemon("ssh-errors", () -> collect(process.getErrorStream()));
        }
        Frame hello;
        try {
            hello = frames.skipToMagic() ? frames.receive() : null;
        } catch (IOException e) {
            throw new WireUnavailableException(reason("ssh ended: " + e.getMessage()), e);
        }
        if (hello == null || hello.type() != Frame.HELLO) {
            throw new WireUnavailableException(reason("jvirt does not answer there"), null);
        }
        int version = hello.body().getInt();
        peer = hello.line();
        if (version != Frame.VERSION) {
            throw new WireUnavailableException(
                    "jvirt " + peer + " there speaks version " + version + " of the protocol, this one "
                            + Frame.VERSION,
                    null);
        }
        frames.send(Frame.HELLO, ByteBuffer.allocate(4).putInt(Frame.VERSION));
        daemon("wire-reader", this::read);
        daemon("wire-ping", this::ping);
    }

    private static void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void collect(InputStream from) {
        try {
            byte[] bytes = new byte[MOST_ERROR_BYTES];
            for (int got = from.read(bytes); got >= 0; got = from.read(bytes)) {
                synchronized (errors) {
                    if (errors.length() < MOST_ERROR_BYTES) {
                        errors.append(new String(bytes, 0, got, StandardCharsets.UTF_8));
                    }
                }
            }
        } catch (IOException e) {
            return;
        }
    }

    /** What ssh said last, or what is known without it. */
    private String reason(String otherwise) {
        Process process = ssh;
        if (process == null) {
            return otherwise;
        }
        try {
            process.waitFor(1, TimeUnit.SECONDS);
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (errors) {
            String said = errors.toString().strip();
            return said.isEmpty()
                    ? otherwise
                    : said.substring(said.lastIndexOf('\n') + 1).strip();
        }
    }

    private void read() {
        try {
            for (Frame frame = frames.receive(); frame != null; frame = frames.receive()) {
                if (frame.type() == Frame.STORED || frame.type() == Frame.FAILED) {
                    confirmations.add(frame);
                }
                if (frame.type() != Frame.STORED) {
                    answers.add(frame);
                }
            }
        } catch (IOException e) {
            // The end of the stream says the same.
        } finally {
            isOver = true;
            Frame end = new Frame((byte) 0, ByteBuffer.allocate(0));
            answers.add(end);
            confirmations.add(end);
        }
    }

    private void ping() {
        while (!isOver) {
            try {
                Thread.sleep(PING_SECONDS * 1000);
                frames.sendLongs(Frame.PING);
            } catch (InterruptedException | IOException e) {
                return;
            }
        }
    }

    /** jvirt's version there. */
    public String peer() {
        return peer;
    }

    boolean isOver() {
        return isOver;
    }

    void send(byte type, ByteBuffer fields, ByteBuffer bytes) throws IOException {
        try {
            frames.send(type, fields, bytes);
        } catch (IOException e) {
            throw afterBreak(e);
        }
    }

    void sendLongs(byte type, long... values) throws IOException {
        try {
            frames.sendLongs(type, values);
        } catch (IOException e) {
            throw afterBreak(e);
        }
    }

    /** The other side may have said why before it hung up. */
    private IOException afterBreak(IOException broken) {
        try {
            for (Frame frame = answers.poll(1, TimeUnit.SECONDS);
                    frame != null && frame.type() != 0;
                    frame = answers.poll(1, TimeUnit.SECONDS)) {
                if (frame.type() == Frame.FAILED) {
                    return new WireFailedException(frame.line());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return new WireBrokenException(reason("ssh ended"), broken);
    }

    /** The next answer, of the type that is due. */
    Frame await(byte type) throws IOException {
        Frame frame;
        try {
            frame = queueOf(type).take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        return checked(frame, type);
    }

    /** The same where it is there already, else null. */
    @Nullable
    Frame poll(byte type) throws IOException {
        Frame frame = queueOf(type).poll();
        return frame == null ? null : checked(frame, type);
    }

    private BlockingQueue<Frame> queueOf(byte type) {
        return type == Frame.STORED ? confirmations : answers;
    }

    private Frame checked(Frame frame, byte type) throws IOException {
        if (frame.type() == type || (frame.type() == Frame.FAR && type == Frame.DIGESTED)) {
            return frame;
        }
        if (frame.type() == Frame.FAILED) {
            throw new WireFailedException(frame.line());
        }
        if (frame.type() == 0) {
            queueOf(type).add(frame);
            throw new WireBrokenException(reason("ssh ended"), null);
        }
        close();
        throw new IOException("jvirt there gave an answer of type " + frame.type() + " where " + type + " was due");
    }

    /** Waits for jvirt there to end, which gives back what it holds. */
    @Override
    public void close() {
        close(false);
    }

    /**
     * For one that has nothing open there: does not wait for it. The JVM gives a thread that reads from a pipe 300 ms to come
     * back before it exits, so the pipe is closed first.
     */
    void end() {
        if (!isOver) {
            close(true);
        }
    }

    private void close(boolean isDone) {
        isOver = true;
        Process process = ssh;
        if (process != null) {
            try {
                frames.close();
                process.getOutputStream().close();
                if (isDone) {
                    process.destroy();
                }
                process.waitFor(1, TimeUnit.SECONDS);
            } catch (IOException e) {
                // It has ended.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            process.destroy();
        }
    }
}
