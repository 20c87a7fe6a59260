// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.nbd;

import io.jvirt.storage.StorageException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Where a server listens and which of its exports is meant. Written as {@code nbd://HOST[:PORT]/EXPORT},
 * {@code nbd+unix:///EXPORT?socket=PATH}, or in QEMU's older way {@code nbd:HOST:PORT[:exportname=EXPORT]} and
 * {@code nbd:unix:PATH[:exportname=EXPORT]}.
 *
 * @param host the server's host, or null with a Unix socket
 * @param port its port
 * @param socketPath the Unix socket, or null with a host
 * @param export the export's name; empty for the default one
 * @param tls what is expected of the server in a TLS session, or null for a connection without
 */
public record NbdAddress(
        @Nullable String host,
        int port,
        @Nullable String socketPath,
        String export,
        @Nullable TlsPeer tls) {
    public static final int DEFAULT_PORT = 10809;

    private static final int MAX_PORT = 65535;
    private static final int CONNECT_MILLISECONDS = 10_000;
    private static final String EXPORT_MARK = ":exportname=";

    NbdAddress(@Nullable String host, int port, @Nullable String socketPath, String export) {
        this(host, port, socketPath, export, null);
    }

    /** The same place, reached with TLS. */
    public NbdAddress withTls(TlsPeer peer) {
        return new NbdAddress(host, port, socketPath, export, peer);
    }

    /** Whether a name is an NBD address and no file. */
    public static boolean isNbd(String name) {
        return name.startsWith("nbd:") || name.startsWith("nbd+unix:") || name.startsWith("nbd+tcp:");
    }

    public static NbdAddress parse(String name) throws StorageException {
        if (name.startsWith("nbd:") && !name.startsWith("nbd://")) {
            return parseOld(name);
        }
        URI uri;
        try {
            // Written without an export's name, as QEMU does, the path is missing too.
            uri = new URI(name.replaceFirst("^nbd\\+unix://\\?", "nbd+unix:///?"));
        } catch (URISyntaxException e) {
            throw invalid(name, e);
        }
        String path = uri.getPath() == null ? "" : uri.getPath();
        String export = path.startsWith("/") ? path.substring(1) : path;
        if ("nbd+unix".equals(uri.getScheme())) {
            String socket = null;
            String query = uri.getRawQuery();
            for (String part : (query == null ? "" : query).split("&", -1)) {
                if (part.startsWith("socket=")) {
                    // A plus is no space in a path.
                    socket = URLDecoder.decode(
                            part.substring("socket=".length()).replace("+", "%2B"), StandardCharsets.UTF_8);
                }
            }
            if (socket == null || socket.isEmpty()) {
                throw invalid(name, null);
            }
            return new NbdAddress(null, 0, socket, export);
        }
        String host = uri.getHost();
        if (host == null) {
            throw invalid(name, null);
        }
        if (uri.getPort() > MAX_PORT) {
            throw invalid(name, null);
        }
        return new NbdAddress(host, uri.getPort() <= 0 ? DEFAULT_PORT : uri.getPort(), null, export);
    }

    private static NbdAddress parseOld(String name) throws StorageException {
        String rest = name.substring("nbd:".length());
        String export = "";
        int mark = rest.indexOf(EXPORT_MARK);
        if (mark >= 0) {
            export = rest.substring(mark + EXPORT_MARK.length());
            rest = rest.substring(0, mark);
        }
        if (rest.startsWith("unix:")) {
            return new NbdAddress(null, 0, rest.substring("unix:".length()), export);
        }
        int colon = rest.lastIndexOf(':');
        try {
            int port = Integer.parseInt(rest.substring(colon + 1));
            String host = rest.substring(0, Math.max(colon, 0));
            if (host.startsWith("[") && host.endsWith("]")) {
                host = host.substring(1, host.length() - 1);
            }
            return new NbdAddress(host, port, null, export);
        } catch (NumberFormatException e) {
            throw invalid(name, e);
        }
    }

    private static StorageException invalid(String name, @Nullable Throwable cause) {
        boolean old = name.startsWith("nbd:") && !name.startsWith("nbd://");
        return new NbdException(
                "'" + name + "' is not an NBD address",
                old ? "error parsing address '" + name.substring("nbd:".length()) + "'" : "No valid URL specified",
                "write nbd://HOST:PORT/EXPORT or nbd+unix:///EXPORT?socket=PATH",
                cause);
    }

    SocketChannel connect() throws IOException {
        SocketChannel channel = null;
        try {
            if (socketPath != null) {
                return SocketChannel.open(UnixDomainSocketAddress.of(socketPath));
            }
            channel = SocketChannel.open();
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            InetSocketAddress server = new InetSocketAddress(String.valueOf(host), port);
            if (server.isUnresolved()) {
                throw new StorageException(
                        "address resolution failed for " + place() + ": Name or service not known",
                        "check the server's name");
            }
            channel.socket().connect(server, CONNECT_MILLISECONDS);
            return channel;
        } catch (IOException | RuntimeException e) {
            if (channel != null) {
                channel.close();
            }
            if (e instanceof StorageException unresolved) {
                throw unresolved;
            }
            String reason = e.getMessage();
            throw new StorageException(
                    "Failed to connect to '" + place() + "': "
                            + (reason == null ? e.getClass().getSimpleName() : reason),
                    "check that an NBD server listens there",
                    e);
        }
    }

    private String place() {
        return socketPath != null ? socketPath : host + ":" + port;
    }

    /** The address as a URI. */
    @Override
    public String toString() {
        if (socketPath != null) {
            return "nbd+unix://" + (export.isEmpty() ? "" : "/" + export) + "?socket=" + socketPath;
        }
        String shown = host != null && host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
        return "nbd://" + shown + ":" + port + (export.isEmpty() ? "" : "/" + export);
    }
}
