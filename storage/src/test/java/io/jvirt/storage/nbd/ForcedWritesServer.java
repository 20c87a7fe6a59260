// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.nbd;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** An NBD server of one client that says which ways it has to make changes last, and writes down what it is asked. */
final class ForcedWritesServer implements AutoCloseable {
    private static final long SIZE = 1 << 20;

    private final ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final List<String> asked = new ArrayList<>();
    private final Thread thread = new Thread(this::serve);
    private final int flags;

    /** {@code flags} of the export are FLAG_FUA, FLAG_FLUSH, both or none. */
    ForcedWritesServer(int flags) throws IOException {
        this.flags = flags;
        thread.start();
    }

    NbdAddress address() throws IOException {
        return NbdAddress.parse("nbd://127.0.0.1:" + socket.getLocalPort());
    }

    /** "COMMAND FLAGS" for each request, once the client has gone. */
    List<String> asked() throws InterruptedException {
        thread.join();
        return asked;
    }

    private void serve() {
        try (Socket client = socket.accept();
                DataInputStream in = new DataInputStream(client.getInputStream());
                DataOutputStream out = new DataOutputStream(client.getOutputStream())) {
            out.writeLong(NbdProtocol.MAGIC);
            out.writeLong(NbdProtocol.OPTION_MAGIC);
            out.writeShort(NbdProtocol.HANDSHAKE_FIXED_NEWSTYLE);
            in.readInt();
            options(in, out);
            requests(in, out);
        } catch (EOFException e) {
            asked.add("gone without a word");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void options(DataInputStream in, DataOutputStream out) throws IOException {
        int option = 0;
        while (option != NbdProtocol.OPTION_GO) {
            in.readLong();
            option = in.readInt();
            in.readNBytes(in.readInt());
            if (option == NbdProtocol.OPTION_GO) {
                reply(out, option, NbdProtocol.REPLY_INFO, 12);
                out.writeShort(NbdProtocol.EXPORT_FACTS);
                out.writeLong(SIZE);
                out.writeShort(1 | flags | NbdProtocol.FLAG_TRIM | NbdProtocol.FLAG_WRITE_ZEROES);
                reply(out, option, NbdProtocol.REPLY_ACK, 0);
            } else {
                reply(out, option, NbdProtocol.REPLY_ERROR_UNSUPPORTED, 0);
            }
        }
    }

    private static void reply(DataOutputStream out, int option, int type, int length) throws IOException {
        out.writeLong(NbdProtocol.OPTION_REPLY_MAGIC);
        out.writeInt(option);
        out.writeInt(type);
        out.writeInt(length);
    }

    private void requests(DataInputStream in, DataOutputStream out) throws IOException {
        while (in.readInt() == NbdProtocol.REQUEST_MAGIC) {
            int flags = in.readShort();
            int command = in.readShort();
            long cookie = in.readLong();
            in.readLong();
            int length = in.readInt();
            if (command == NbdProtocol.DISCONNECT) {
                return;
            }
            asked.add(command + " " + flags);
            if (command == NbdProtocol.WRITE) {
                in.readNBytes(length);
            }
            out.writeInt(NbdProtocol.SIMPLE_REPLY_MAGIC);
            out.writeInt(0);
            out.writeLong(cookie);
            out.write(new byte[command == NbdProtocol.READ ? length : 0]);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
