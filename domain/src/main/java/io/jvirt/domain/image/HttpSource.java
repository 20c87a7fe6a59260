// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.image;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Requests to web servers. Redirects are followed here, so that a loop and a step down from https have errors of their own. */
final class HttpSource {
    private static final int MOST_REDIRECTS = 10;
    private static final int MOST_LIST_BYTES = 4 << 20;
    private static final long POLL_MILLIS = 100;

    private final HttpClient client;
    private final Patience patience;
    private final Cancellation cancellation;

    HttpSource(Map<String, String> environment, Patience patience, Cancellation cancellation) {
        this.patience = patience;
        this.cancellation = cancellation;
        // 1.1 alone: what a break of a connection and a Range mean is the same at every server.
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(patience.connect())
                .proxy(new ProxySettings(environment))
                .build();
    }

    /** The answer of the last server in the line of redirects; its body is open. */
    HttpResponse<InputStream> send(String method, URI first, Map<String, String> headers) throws IOException {
        URI uri = first;
        Set<URI> seen = new HashSet<>();
        while (true) {
            if (!seen.add(uri) || seen.size() > MOST_REDIRECTS) {
                throw JvirtException.failed(
                        "the server sends " + first + " round in circles: " + seen.size() + " redirects",
                        "is the URL right? open it in a browser");
            }
            HttpResponse<InputStream> response = sendOnce(method, uri, headers);
            int status = response.statusCode();
            Optional<String> location = response.headers().firstValue("Location");
            boolean redirects = status >= 301 && status <= 308 && status != 304 && location.isPresent();
            if (!redirects) {
                return response;
            }
            response.body().close();
            URI next = uri.resolve(location.get().strip());
            boolean isWeb = "http".equals(next.getScheme()) || "https".equals(next.getScheme());
            boolean stepsDown = "https".equals(uri.getScheme()) && !"https".equals(next.getScheme());
            if (!isWeb || stepsDown) {
                throw JvirtException.refused(
                        uri + " leads to " + next + ", which is not as safe as what was asked for",
                        "give that URL itself if you trust it, with --checksum");
            }
            uri = next;
        }
    }

    private HttpResponse<InputStream> sendOnce(String method, URI uri, Map<String, String> headers) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .method(method, HttpRequest.BodyPublishers.noBody())
                .header("User-Agent", "jvirt")
                .header("Accept-Encoding", "identity");
        headers.forEach(request::header);
        CompletableFuture<HttpResponse<InputStream>> answer =
                client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        long deadline = System.nanoTime() + patience.silence().toNanos();
        while (true) {
            try {
                return answer.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (cancellation.isRequested() || System.nanoTime() > deadline) {
                    answer.cancel(true);
                    cancellation.check();
                    throw new IOException(
                            uri.getHost() + " did not answer in "
                                    + patience.silence().toSeconds() + " s",
                            e);
                }
            } catch (ExecutionException e) {
                Throwable cause = e.getCause();
                if (cause instanceof IOException io) {
                    throw new IOException(reason(io, uri), io);
                }
                throw new IOException(String.valueOf(cause), cause);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }
    }

    private static String reason(IOException e, URI uri) {
        if (e instanceof java.net.ConnectException) {
            Throwable cause = e.getCause();
            return cause instanceof java.nio.channels.UnresolvedAddressException
                    ? "there is no host '" + uri.getHost() + "', or no network"
                    : "no connection to " + uri.getAuthority();
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    /** A small text; null where the server has none (404, 410, 403). */
    @Nullable
    String text(URI uri) throws IOException {
        HttpResponse<InputStream> response = send("GET", uri, Map.of());
        try (InputStream body = guarded(response)) {
            int status = response.statusCode();
            if (status == 404 || status == 410 || status == 403) {
                return null;
            }
            if (status != 200) {
                throw new IOException("the server answers " + status);
            }
            byte[] bytes = body.readNBytes(MOST_LIST_BYTES + 1);
            if (bytes.length > MOST_LIST_BYTES) {
                throw JvirtException.failed(uri + " is too large to be a list of checksums", "is it the right URL?");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    /** The body, which does not keep its reader for ever. */
    InputStream guarded(HttpResponse<InputStream> response) {
        return new StallGuard(response.body(), patience.silence(), cancellation);
    }

    Patience patience() {
        return patience;
    }

    Cancellation cancellation() {
        return cancellation;
    }
}
