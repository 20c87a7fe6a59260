// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.image;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.SizeText;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Brings a URL's file into a part, going on with what an earlier run has left there. The server has to prove by If-Range that
 * it still is the same file; else the part starts anew.
 */
final class Download {
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d+)-(\\d+)/(\\d+|\\*)");
    private static final int BUFFER_BYTES = 1 << 17;

    private final HttpSource http;
    private final URI uri;
    private final CacheEntry entry;
    private final ImageListener listener;

    Download(HttpSource http, URI uri, CacheEntry entry, ImageListener listener) {
        this.http = http;
        this.uri = uri;
        this.entry = entry;
        this.listener = listener;
    }

    /** Fills the part, synced; returns what the server said of the file. After a failure the part is kept. */
    Validators run() throws IOException {
        int fruitless = 0;
        while (true) {
            long before = partBytes();
            IOException failure;
            try {
                Validators done = attempt(before);
                if (done != null) {
                    return done;
                }
                failure = new IOException("the connection was closed early");
            } catch (IOException e) {
                failure = e;
            }
            http.cancellation().check();
            fruitless = partBytes() > before ? 1 : fruitless + 1;
            if (fruitless >= http.patience().tries()) {
                throw givenUp(failure);
            }
            pause(fruitless);
        }
    }

    private JvirtException givenUp(IOException failure) throws IOException {
        long bytes = partBytes();
        return new JvirtException(
                JvirtException.Kind.FAILED,
                "cannot fetch " + uri + ": " + failure.getMessage(),
                bytes == 0
                        ? "is the network up? with a proxy, set http_proxy and https_proxy"
                        : SizeText.of(bytes) + " of it are kept: the same command goes on from there",
                failure);
    }

    private void pause(int fruitless) {
        long until = System.nanoTime() + (http.patience().pause().toNanos() << Math.min(fruitless - 1, 6));
        while (System.nanoTime() < until) {
            http.cancellation().check();
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private long partBytes() throws IOException {
        return Files.exists(entry.part()) ? Files.size(entry.part()) : 0;
    }

    /** One request. Null where the body ended before its time. */
    private @Nullable Validators attempt(long have) throws IOException {
        Validators known = have == 0 ? null : entry.partValidators();
        if (known != null && known.totalBytes() == have) {
            return known;
        }
        Map<String, String> headers = new LinkedHashMap<>();
        String ifRange = known == null ? null : known.ifRange();
        if (ifRange != null) {
            headers.put("Range", "bytes=" + have + "-");
            headers.put("If-Range", ifRange);
        }
        HttpResponse<InputStream> response = http.send("GET", uri, headers);
        try (InputStream body = http.guarded(response)) {
            int status = response.statusCode();
            if (status == 206 && known != null) {
                long total = continued(response, known, have);
                if (total != have) {
                    return receive(body, have, known.withTotal(total));
                }
            }
            if (status == 206 || status == 416) {
                // Not what was asked for: from the start at the next try.
                Files.deleteIfExists(entry.part());
                throw new IOException("the server answers with another range than was asked for");
            }
            if (status == 200) {
                Validators fresh = Validators.of(response);
                if (have > 0) {
                    listener.note(
                            known != null && known.ifRange() != null && !known.isSameAs(fresh)
                                    ? entry.name()
                                            + " has changed at its source meanwhile; it is fetched from the start"
                                    : "the server cannot go on in the middle; " + entry.name()
                                            + " is fetched from the start");
                }
                Files.deleteIfExists(entry.part());
                entry.writePartValidators(fresh);
                return receive(body, 0, fresh);
            }
            throw refused(status);
        }
    }

    private IOException refused(int status) {
        switch (status) {
            case 404, 410 ->
                throw JvirtException.notFound(
                        "there is no " + uri + ": the server answers " + status, "check the URL in a browser");
            case 401, 403, 407 ->
                throw JvirtException.failed(
                        "the server of " + uri + " does not give it to everybody: it answers " + status,
                        "download it with a tool that logs in, then --image FILE");
            default -> {}
        }
        if (status != 429 && status < 500) {
            throw JvirtException.failed("the server of " + uri + " answers " + status, "check the URL in a browser");
        }
        return new IOException("the server answers " + status);
    }

    /** The whole file's size, or what there is already where the answer does not fit it. */
    private static long continued(HttpResponse<?> response, Validators known, long have) {
        Matcher range = CONTENT_RANGE.matcher(
                response.headers().firstValue("Content-Range").orElse(""));
        if (!range.matches()
                || Long.parseLong(range.group(1)) != have
                || range.group(3).equals("*")) {
            return have;
        }
        long total = Long.parseLong(range.group(3));
        Validators now = Validators.of(response).withTotal(total);
        boolean says = now.etag() != null || now.lastModified() != null;
        boolean isAnother = says && !known.isSameAs(now);
        boolean isOtherSize = known.totalBytes() >= 0 && known.totalBytes() != total;
        return isAnother || isOtherSize ? have : total;
    }

    private @Nullable Validators receive(InputStream body, long start, Validators of) throws IOException {
        long total = of.totalBytes();
        entry.checkSpace(total < 0 ? 0 : total - start, uri.toString());
        byte[] buffer = new byte[BUFFER_BYTES];
        long at = start;
        String job = "fetch " + entry.name();
        try (FileChannel part = FileChannel.open(entry.part(), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            part.position(start);
            listener.progress(job, at, total);
            for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
                write(part, buffer, n);
                at += n;
                listener.progress(job, at, total);
                http.cancellation().check();
            }
            part.force(true);
        }
        if (total >= 0 && at < total) {
            return null;
        }
        return of.withTotal(at);
    }

    private void write(FileChannel part, byte[] bytes, int count) {
        try {
            ByteBuffer from = ByteBuffer.wrap(bytes, 0, count);
            while (from.hasRemaining()) {
                part.write(from);
            }
        } catch (IOException e) {
            // Another try would end at the same place.
            throw new JvirtException(
                    JvirtException.Kind.FAILED,
                    "cannot write " + entry.part() + ": " + e.getMessage(),
                    "make room there: jvirt image prune, or name another place with JVIRT_CACHE",
                    e);
        }
    }
}
