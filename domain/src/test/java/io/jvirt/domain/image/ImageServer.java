// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.image;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A web server on the loopback interface that misbehaves as it is told. */
final class ImageServer implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, byte[]> files = new ConcurrentHashMap<>();
    private final Map<String, String> redirects = new ConcurrentHashMap<>();

    /** Method, path and Range of each request. */
    final List<String> requests = Collections.synchronizedList(new ArrayList<>());

    volatile String etag = "\"one\"";
    volatile boolean knowsRanges = true;
    /** Bodies end after so many bytes, so often. */
    volatile int cutAfter = -1;

    volatile int cuts;
    /** When an answer that will be cut has been chosen. */
    volatile Runnable onCut = () -> {};
    /** No body goes beyond this byte of the file. */
    volatile int cutAt = -1;

    /** Before each piece of a body. */
    volatile long pauseMillis;

    volatile int status = 200;

    ImageServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    ImageServer put(String path, byte[] bytes) {
        files.put(path, bytes);
        return this;
    }

    ImageServer redirect(String path, String to) {
        redirects.put(path, to);
        return this;
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String range = exchange.getRequestHeaders().getFirst("Range");
        requests.add(exchange.getRequestMethod() + " " + path + (range == null ? "" : " " + range));
        try (exchange) {
            String to = redirects.get(path);
            byte[] bytes = files.get(path);
            if (to != null) {
                exchange.getResponseHeaders().set("Location", to);
                exchange.sendResponseHeaders(302, -1);
            } else if (status != 200 || bytes == null) {
                exchange.sendResponseHeaders(status == 200 ? 404 : status, -1);
            } else {
                file(exchange, bytes, range);
            }
        } catch (IOException e) {
            // The other end has gone, or this one cut it off.
            exchange.close();
        }
    }

    private void file(HttpExchange exchange, byte[] bytes, String range) throws IOException {
        if (etag != null) {
            exchange.getResponseHeaders().set("ETag", etag);
        }
        String none = exchange.getRequestHeaders().getFirst("If-None-Match");
        if (none != null && none.equals(etag)) {
            exchange.sendResponseHeaders(304, -1);
            return;
        }
        String ifRange = exchange.getRequestHeaders().getFirst("If-Range");
        int from = 0;
        if (range != null && knowsRanges && (ifRange == null || ifRange.equals(etag))) {
            from = Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + (bytes.length - 1) + "/" + bytes.length);
        }
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(bytes.length));
            exchange.sendResponseHeaders(200, -1);
            return;
        }
        boolean isPart = exchange.getResponseHeaders().containsKey("Content-Range");
        exchange.sendResponseHeaders(isPart ? 206 : 200, bytes.length - from);
        int to = bytes.length;
        synchronized (this) {
            if (cuts > 0) {
                cuts--;
                onCut.run();
                to = Math.min(to, from + cutAfter);
            }
        }
        to = cutAt < 0 ? to : Math.min(to, cutAt);
        OutputStream body = exchange.getResponseBody();
        // Newer JDKs keep the head back until there is something of the body: a pause would be one before the answer.
        body.flush();
        for (int at = from; at < to; at += 10_000) {
            pause();
            body.write(Arrays.copyOfRange(bytes, at, Math.min(to, at + 10_000)));
            body.flush();
        }
        if (to == bytes.length) {
            body.close();
        }
        // Else the exchange's own end finds a body that is too short, and closes the connection.
    }

    private void pause() {
        try {
            Thread.sleep(pauseMillis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
