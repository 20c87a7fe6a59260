// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.nbd;

import io.jvirt.storage.StorageException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * The fixed newstyle negotiation: TLS where it is asked for, structured replies, block status of {@code base:allocation}, then
 * NBD_OPT_GO.
 */
final class NbdHandshake {
    /** Replies in the handshake are short; a longer one is not NBD. */
    private static final int MAX_REPLY_BYTES = 64 * 1024;

    private final SocketChannel connection;
    private final NbdAddress address;
    private ByteChannel channel;

    private long sizeBytes = -1;
    private final String context;
    private int flags;
    private int minBlockBytes = 1;
    private int maxBlockBytes = NbdProtocol.DEFAULT_MAX_BLOCK_BYTES;
    private long allocationContext = -1;

    NbdHandshake(SocketChannel connection, NbdAddress address, String context) {
        this.context = context;
        this.connection = connection;
        channel = connection;
        this.address = address;
    }

    /** What goes on after it: the connection, or the TLS session on it. */
    ByteChannel channel() {
        return channel;
    }

    NbdExport run() throws IOException {
        try {
            return negotiate();
        } catch (StorageException e) {
            throw e;
        } catch (IOException e) {
            if (channel == connection) {
                throw e instanceof EOFException
                        ? new StorageException("The NBD server at '" + address + "' closed the connection", null, e)
                        : e;
            }
            // A server tells so that it does not want this client; how, depends on who is faster.
            throw new NbdException(
                    "The NBD server at '" + address + "' ended the TLS session that had begun",
                    "Failed to read option reply: Cannot read from TLS channel: Software caused connection abort",
                    "it may want another client certificate than client-cert.pem, or to be told of it",
                    e);
        }
    }

    private NbdExport negotiate() throws IOException {
        ByteBuffer greeting = receive(18);
        if (greeting.getLong() != NbdProtocol.MAGIC) {
            throw new StorageException("'" + address + "' is not served by an NBD server");
        }
        long style = greeting.getLong();
        if (style == NbdProtocol.OLD_STYLE_MAGIC || style != NbdProtocol.OPTION_MAGIC) {
            throw new StorageException(
                    "The NBD server at '" + address + "' speaks the old protocol without options",
                    "serve the disk with a current qemu-nbd or nbdkit");
        }
        int serverFlags = greeting.getShort();
        if ((serverFlags & NbdProtocol.HANDSHAKE_FIXED_NEWSTYLE) == 0) {
            throw new StorageException("The NBD server at '" + address + "' lacks the fixed newstyle handshake");
        }
        send(ByteBuffer.allocate(4)
                .putInt(serverFlags & (NbdProtocol.HANDSHAKE_FIXED_NEWSTYLE | NbdProtocol.HANDSHAKE_NO_ZEROES)));
        TlsPeer tls = address.tls();
        if (tls != null) {
            option(NbdProtocol.OPTION_STARTTLS, new byte[0], true);
            channel = tls.handshake(connection, address);
        }
        boolean structured = option(NbdProtocol.OPTION_STRUCTURED_REPLY, new byte[0], false);
        if (structured) {
            option(NbdProtocol.OPTION_SET_META_CONTEXT, contextQuery(), false);
        }
        option(NbdProtocol.OPTION_GO, goRequest(), true);
        if (sizeBytes < 0) {
            throw new StorageException("The NBD server at '" + address + "' does not tell the export's size");
        }
        return new NbdExport(sizeBytes, flags, minBlockBytes, maxBlockBytes, structured, allocationContext);
    }

    private byte[] contextQuery() {
        byte[] export = address.export().getBytes(StandardCharsets.UTF_8);
        byte[] wanted = context.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(12 + export.length + wanted.length)
                .putInt(export.length)
                .put(export)
                .putInt(1)
                .putInt(wanted.length)
                .put(wanted)
                .array();
    }

    private byte[] goRequest() {
        byte[] export = address.export().getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + export.length)
                .putInt(export.length)
                .put(export)
                .putShort((short) 1)
                .putShort((short) NbdProtocol.EXPORT_BLOCK_SIZES)
                .array();
    }

    /** Sends an option and takes its replies; true when the server agreed. */
    private boolean option(int option, byte[] data, boolean required) throws IOException {
        send(ByteBuffer.allocate(16 + data.length)
                .putLong(NbdProtocol.OPTION_MAGIC)
                .putInt(option)
                .putInt(data.length)
                .put(data));
        while (true) {
            ByteBuffer head = receive(20);
            if (head.getLong() != NbdProtocol.OPTION_REPLY_MAGIC || head.getInt() != option) {
                throw new StorageException("The NBD server at '" + address + "' breaks the protocol's handshake");
            }
            int type = head.getInt();
            int length = head.getInt();
            if (length < 0 || length > MAX_REPLY_BYTES) {
                throw new StorageException("The NBD server at '" + address + "' sends a handshake reply of "
                        + Integer.toUnsignedString(length) + " bytes");
            }
            ByteBuffer payload = receive(length);
            if (type == NbdProtocol.REPLY_ACK) {
                return true;
            }
            if (type < 0) {
                if (required) {
                    String text = StandardCharsets.UTF_8.decode(payload).toString();
                    throw option == NbdProtocol.OPTION_STARTTLS ? plainOnly(type, text) : refused(type, text);
                }
                return false;
            }
            if (type == NbdProtocol.REPLY_INFO) {
                takeFacts(payload);
            } else if (type == NbdProtocol.REPLY_META_CONTEXT && length >= 4) {
                long number = Integer.toUnsignedLong(payload.getInt());
                if (context.contentEquals(StandardCharsets.UTF_8.decode(payload))) {
                    allocationContext = number;
                }
            }
        }
    }

    private void takeFacts(ByteBuffer payload) throws StorageException {
        int kind = payload.remaining() < 2 ? -1 : payload.getShort();
        if (kind == NbdProtocol.EXPORT_FACTS && payload.remaining() == 10) {
            sizeBytes = payload.getLong();
            flags = Short.toUnsignedInt(payload.getShort());
            if (sizeBytes < 0) {
                throw new StorageException("The NBD server at '" + address + "' tells a size of "
                        + Long.toUnsignedString(sizeBytes) + " bytes");
            }
        } else if (kind == NbdProtocol.EXPORT_BLOCK_SIZES && payload.remaining() == 12) {
            int min = payload.getInt();
            payload.getInt();
            int max = payload.getInt();
            if (Integer.bitCount(min) != 1 || min < 0 || min > 64 * 1024) {
                throw new StorageException("The NBD server at '" + address + "' tells a minimum block size of "
                        + Integer.toUnsignedString(min));
            }
            minBlockBytes = min;
            if (max >= min) {
                maxBlockBytes = Math.min(max, NbdProtocol.DEFAULT_MAX_BLOCK_BYTES) / min * min;
            }
        }
    }

    private NbdException refused(int type, String message) {
        String reason = switch (type) {
            case NbdProtocol.REPLY_ERROR_UNKNOWN_EXPORT -> "it has no export '" + address.export() + "'";
            case NbdProtocol.REPLY_ERROR_TLS_REQUIRED -> "it wants TLS";
            case NbdProtocol.REPLY_ERROR_UNSUPPORTED -> "it does not know NBD_OPT_GO";
            default -> "error " + (type & ~NbdProtocol.REPLY_ERROR);
        };
        String told = "The NBD server at '" + address + "' refuses the export: " + reason
                + (message.isEmpty() ? "" : " (" + message + ")");
        String peers = switch (type) {
            case NbdProtocol.REPLY_ERROR_UNKNOWN_EXPORT -> "Requested export not available";
            case NbdProtocol.REPLY_ERROR_TLS_REQUIRED ->
                "TLS negotiation required before option 7 (go)\nDid you forget a valid tls-creds?";
            default -> null;
        };
        return new NbdException(
                told,
                peers == null ? told : peers + (message.isEmpty() ? "" : "\nserver reported: " + message),
                type == NbdProtocol.REPLY_ERROR_TLS_REQUIRED
                        ? "name certificates: --object tls-creds-x509,id=t,endpoint=client,dir=DIR --image-opts"
                                + " driver=nbd,…,tls-creds=t"
                        : "qemu-nbd --list shows what a server exports",
                null);
    }

    private NbdException plainOnly(int type, String message) {
        String peers = type == NbdProtocol.REPLY_ERROR_POLICY
                ? "Denied by server for option 5 (starttls)"
                : "Server don't support STARTTLS";
        return new NbdException(
                "The NBD server at '" + address + "' does not take TLS" + (message.isEmpty() ? "" : ": " + message),
                peers + (message.isEmpty() ? "" : "\nserver reported: " + message),
                "start it with TLS (qemu-nbd --tls-creds), or leave tls-creds out",
                null);
    }

    private void send(ByteBuffer full) throws IOException {
        full.flip();
        while (full.hasRemaining()) {
            channel.write(full);
        }
    }

    private ByteBuffer receive(int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) {
                throw new EOFException();
            }
        }
        return bytes.flip();
    }
}
