// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.JvirtException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of an image that does not come, whole: text, next command, kind of failure. */
class ImageErrorsTest {
    private static final String BROWSER = "check the URL in a browser";
    private static final String NETWORK = "is the network up? with a proxy, set http_proxy and https_proxy";
    private static final Patience SHORT =
            new Patience(Duration.ofSeconds(5), Duration.ofSeconds(5), 2, Duration.ofMillis(1));

    @TempDir
    Path cache;

    private final List<String> notes = new ArrayList<>();
    private ImageServer server;

    @BeforeEach
    void start() throws IOException {
        server = new ImageServer().put("/disk.img", new byte[100_000]);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private ImageFile get(String location, String checksum, String list) throws IOException {
        ImageListener listener = new ImageListener() {
            @Override
            public void progress(String job, long doneBytes, long totalBytes) {}

            @Override
            public void note(String line) {
                notes.add(line.replaceAll("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z", "DATE"));
            }
        };
        return new ImageSource(new ImageCache(cache), Map.of(), listener, new Cancellation(), SHORT)
                .get(new ImageRequest(location, checksum, list));
    }

    private void fails(String location, String list, Kind kind, String message, String hint) {
        JvirtException e = catchThrowableOfType(JvirtException.class, () -> get(location, null, list));
        assertThat(e).hasMessage(message);
        assertThat(e.hint()).isEqualTo(hint);
        assertThat(e.kind()).isEqualTo(kind);
    }

    @Test
    void answersOfTheServer() {
        String disk = server.url("/disk.img");
        fails(
                server.url("/none.img"),
                null,
                Kind.NOT_FOUND,
                "there is no " + server.url("/none.img") + ": the server answers 404",
                BROWSER);
        server.status = 401;
        fails(
                disk,
                null,
                Kind.FAILED,
                "the server of " + disk + " does not give it to everybody: it answers 401",
                "download it with a tool that logs in, then --image FILE");
        server.status = 418;
        fails(disk, null, Kind.FAILED, "the server of " + disk + " answers 418", BROWSER);
        server.status = 503;
        fails(disk, null, Kind.FAILED, "cannot fetch " + disk + ": the server answers 503", NETWORK);
    }

    @Test
    void aHostThatIsNone() {
        String url = "http://no-such-host.invalid/disk.img";
        fails(
                url,
                null,
                Kind.FAILED,
                "cannot fetch " + url + ": there is no host 'no-such-host.invalid', or no network",
                NETWORK);
    }

    @Test
    void redirects() {
        server.redirect("/loop.img", "/loop2").redirect("/loop2", "/loop.img").redirect("/file.img", "file:///etc/x");
        fails(
                server.url("/loop.img"),
                null,
                Kind.FAILED,
                "the server sends " + server.url("/loop.img") + " round in circles: 2 redirects",
                "is the URL right? open it in a browser");
        fails(
                server.url("/file.img"),
                null,
                Kind.REFUSED,
                server.url("/file.img") + " leads to file:///etc/x, which is not as safe as what was asked for",
                "give that URL itself if you trust it, with --checksum");
    }

    @Test
    void lists() throws IOException {
        String list = server.url("/SUMS");
        fails(server.url("/disk.img"), list, Kind.NOT_FOUND, "there is no list of checksums at " + list, BROWSER);
        server.put("/SUMS", new byte[5 << 20]);
        fails(
                server.url("/disk.img"),
                list,
                Kind.FAILED,
                list + " is too large to be a list of checksums",
                "is it the right URL?");
        server.status = 500;
        fails(
                server.url("/disk.img"),
                list,
                Kind.FAILED,
                "the list of checksums cannot be fetched: the server answers 500",
                NETWORK);
    }

    @Test
    void whatStopsInTheMiddle() throws IOException {
        String disk = server.url("/disk.img");
        server.cutAt = 51_200;
        JvirtException e = catchThrowableOfType(JvirtException.class, () -> get(disk, "none", null));
        assertThat(e).hasMessageStartingWith("cannot fetch " + disk + ": ");
        assertThat(e.hint()).isEqualTo("50 KiB of it are kept: the same command goes on from there");
        server.cutAt = -1;
        server.knowsRanges = false;
        get(disk, "none", null);
        assertThat(notes).containsExactly("the server cannot go on in the middle; disk.img is fetched from the start");
        notes.clear();
        server.cutAfter = 51_200;
        server.cuts = 1;
        server.onCut = () -> server.etag = "\"two\"";
        server.put("/other.img", new byte[100_000]);
        get(server.url("/other.img"), "none", null);
        assertThat(notes)
                .containsExactly("other.img has changed at its source meanwhile; it is fetched from the start");
    }

    @Test
    void notesOnTheWay() throws IOException {
        String disk = server.url("/disk.img");
        server.put("/SUMS", (sum() + "  disk.img\n").getBytes(StandardCharsets.UTF_8));
        get(disk, null, server.url("/SUMS"));
        server.status = 500;
        get(disk, null, server.url("/SUMS"));
        get(disk, null, null);
        server.status = 200;
        server.put("/SUMS", ("0".repeat(64) + "  disk.img\n").getBytes(StandardCharsets.UTF_8));
        assertThat(catchThrowableOfType(JvirtException.class, () -> get(disk, null, server.url("/SUMS"))))
                .hasMessageContaining("is not what");
        assertThat(notes)
                .containsExactly(
                        "the list of checksums cannot be asked (the server answers 500): the copy of DATE, which was"
                                + " compared with it then, is used",
                        "the server cannot be asked whether disk.img has changed (it answers 500): the copy of DATE is"
                                + " used",
                        "the copy of disk.img in the cache is not the one of " + server.url("/SUMS")
                                + "; it is fetched anew");
    }

    private static String sum() {
        return java.util.HexFormat.of().formatHex(Checksum.digest("sha256").digest(new byte[100_000]));
    }

    @Test
    void anImageThatAnotherOneFetches() throws IOException {
        get(server.url("/disk.img"), "none", null);
        CacheEntry entry = new ImageCache(cache).entry(server.url("/disk.img"), "disk.img");
        try (CacheLock held = CacheLock.take(entry)) {
            JvirtException e = catchThrowableOfType(JvirtException.class, () -> CacheLock.take(entry));
            assertThat(e).hasMessageMatching("the image disk.img is in use by .+");
            assertThat(e.hint()).isEqualTo("try again when that has ended");
            assertThat(e.kind()).isEqualTo(Kind.REFUSED);
        }
    }

    @Test
    void noSpace() throws IOException {
        CacheEntry entry = new ImageCache(cache).entry(server.url("/disk.img"), "disk.img");
        Files.createDirectories(entry.directory());
        JvirtException e = catchThrowableOfType(JvirtException.class, () -> entry.checkSpace(1L << 60, "it"));
        assertThat(e)
                .hasMessageStartingWith("no space for it in " + entry.directory() + ": 1 EiB needed, ")
                .hasMessageEndingWith(" free");
        assertThat(e.hint()).isEqualTo("make room there: jvirt image prune, or name another place with JVIRT_CACHE");
        assertThat(e.kind()).isEqualTo(Kind.FAILED);
    }
}
