// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Images from a web server that cuts, changes, lies and stalls: what comes is whole, or nothing is taken. */
class ImageSourceTest {
    private static final String PATH = "/images/disk.img";
    private static final Patience SHORT =
            new Patience(Duration.ofSeconds(5), Duration.ofSeconds(5), 3, Duration.ofMillis(1));

    @TempDir
    Path cacheDirectory;

    private final byte[] image = random(300_000);
    private final List<String> notes = Collections.synchronizedList(new ArrayList<>());
    private final Cancellation cancellation = new Cancellation();
    private ImageServer server;
    /** When bytes of an image have come. */
    private volatile Runnable onBytes = () -> {};

    @BeforeEach
    void start() throws IOException {
        server = new ImageServer().put(PATH, image);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static byte[] random(int bytes) {
        byte[] made = new byte[bytes];
        new Random(bytes).nextBytes(made);
        return made;
    }

    private static String sum(String algorithm, byte[] bytes) {
        return HexFormat.of().formatHex(Checksum.digest(algorithm).digest(bytes));
    }

    private ImageSource source(Patience patience) {
        ImageListener listener = new ImageListener() {
            @Override
            public void progress(String job, long doneBytes, long totalBytes) {
                assertThat(doneBytes).isNotNegative();
                if (doneBytes > 0) {
                    onBytes.run();
                }
            }

            @Override
            public void note(String line) {
                notes.add(line);
            }
        };
        return new ImageSource(new ImageCache(cacheDirectory), Map.of(), listener, cancellation, patience);
    }

    private ImageFile get(String location, String checksum, String list) throws IOException {
        return source(SHORT).get(new ImageRequest(location, checksum, list));
    }

    private ImageFile get() throws IOException {
        return get(server.url(PATH), null, null);
    }

    private JvirtException fails(String location, String checksum, String list) {
        return catchThrowableOfType(JvirtException.class, () -> get(location, checksum, list));
    }

    private long requests(String line) {
        return server.requests.stream().filter(line::equals).count();
    }

    @Test
    void whatWasFetchedOnceIsUsedAgain() throws IOException {
        ImageFile first = get();
        assertThat(first.file()).hasBinaryContent(image).hasFileName("disk.img");
        assertThat(first.verification()).contains("NOT compared", sum("sha256", image));
        assertThat(get().file()).isEqualTo(first.file());
        assertThat(requests("GET " + PATH)).isEqualTo(1);

        server.close();
        assertThat(get().file()).hasBinaryContent(image);
        assertThat(notes).last().asString().contains("cannot be asked whether disk.img has changed", "is used");
        // With its checksum nobody needs to be asked.
        notes.clear();
        get(server.url(PATH), "sha256:" + sum("sha256", image), null);
        get(server.url(PATH), "sha512:" + sum("sha512", image), null);
        assertThat(notes).isEmpty();

        ImageCache cache = new ImageCache(cacheDirectory);
        assertThat(cache.list()).hasSize(1).first().satisfies(cached -> {
            assertThat(cached.url()).isEqualTo(server.url(PATH));
            assertThat(cached.path()).isEqualTo(first.file().toString());
        });
        // One that somebody has written to is none.
        Files.setLastModifiedTime(first.file(), FileTime.fromMillis(0));
        assertThat(fails(server.url(PATH), null, null)).hasMessageContaining("cannot fetch");
    }

    @Test
    void aChangeAtTheSourceIsSeen() throws IOException {
        get();
        server.etag = "\"two\"";
        byte[] other = random(200_000);
        server.put(PATH, other);
        assertThat(get().file()).hasBinaryContent(other);
        assertThat(notes).anySatisfy(note -> assertThat(note).contains("has changed at its source since"));
    }

    @Test
    void aCutConnectionIsContinued() throws IOException {
        server.cutAfter = 90_000;
        server.cuts = 3;
        assertThat(get().file()).hasBinaryContent(image);
        // How much of what was sent before the cut arrives is the network's affair; each request goes on where that
        // ended.
        List<Long> starts = server.requests.stream()
                .filter(request -> request.matches("GET " + PATH + "( bytes=.*)?"))
                .map(request -> Long.parseLong("0" + request.replaceAll("GET [^ ]*( bytes=)?|-$", "")))
                .toList();
        assertThat(starts).hasSize(4).startsWith(0L);
        for (int i = 1; i < starts.size(); i++) {
            assertThat(starts.get(i)).isBetween(starts.get(i - 1), starts.get(i - 1) + server.cutAfter);
        }
        assertThat(starts.get(3)).isPositive();
        assertThat(notes).isEmpty();
    }

    @Test
    void aServerThatNeverSendsAllOfItIsGivenUpAndThePartKept() throws IOException {
        server.cutAt = 40_000;
        JvirtException e = fails(server.url(PATH), null, null);
        assertThat(e).hasMessageContaining("cannot fetch " + server.url(PATH));
        assertThat(e.hint()).contains("are kept: the same command goes on from there");
        assertThat(part()).hasBinaryContent(Arrays.copyOf(image, 40_000));
        server.cutAt = -1;
        assertThat(get().file()).hasBinaryContent(image);
        assertThat(server.requests).last().isEqualTo("GET " + PATH + " bytes=40000-");
    }

    private Path part() throws IOException {
        try (var files = Files.walk(cacheDirectory)) {
            return files.filter(f -> f.endsWith("part")).findFirst().orElseThrow();
        }
    }

    @Test
    void anotherFileIsNotPutTogetherWithThePart() throws IOException {
        server.cutAfter = 90_000;
        server.cuts = 1;
        byte[] other = random(310_000);
        server.onCut = () -> {
            server.etag = "\"two\"";
            server.put(PATH, other);
        };
        assertThat(get(server.url(PATH), "none", null).file()).hasBinaryContent(other);
        assertThat(notes).anySatisfy(note -> assertThat(note).contains("has changed at its source meanwhile"));
    }

    @Test
    void withoutRangesItStartsAnew() throws IOException {
        server.knowsRanges = false;
        server.cutAfter = 90_000;
        server.cuts = 1;
        assertThat(get().file()).hasBinaryContent(image);
        assertThat(notes).anySatisfy(note -> assertThat(note).contains("cannot go on in the middle"));
        // Without a validator nothing proves that the rest is of the same file: no range is asked for.
        server.etag = null;
        server.put("/plain.img", image);
        server.cuts = 1;
        assertThat(get(server.url("/plain.img"), null, null).file()).hasBinaryContent(image);
        assertThat(server.requests).last().isEqualTo("GET /plain.img");
    }

    @Test
    void redirectsAreFollowedAndLoopsAreNot() throws IOException {
        server.redirect("/latest.img", "/a/b").redirect("/a/b", server.url(PATH));
        assertThat(get(server.url("/latest.img"), null, null).file()).hasFileName("latest.img");
        server.redirect("/loop.img", "/loop2").redirect("/loop2", "/loop.img");
        assertThat(fails(server.url("/loop.img"), null, null)).hasMessageContaining("round in circles");
        server.redirect("/file.img", "file:///etc/passwd");
        assertThat(fails(server.url("/file.img"), null, null)).hasMessageContaining("not as safe");
    }

    @Test
    void answersOfErrorAreSaid() throws IOException {
        JvirtException none = fails(server.url("/none.img"), null, null);
        assertThat(none).hasMessageContaining("there is no " + server.url("/none.img"));
        assertThat(none.kind()).isEqualTo(JvirtException.Kind.NOT_FOUND);
        server.status = 403;
        assertThat(fails(server.url(PATH), null, null)).hasMessageContaining("does not give it to everybody");
        server.status = 503;
        assertThat(fails(server.url(PATH), null, null)).hasMessageContaining("the server answers 503");
        server.close();
        assertThat(fails(server.url("/other.img"), null, null)).hasMessageContaining("no connection to 127.0.0.1");
        assertThat(fails("ftp://host/x.img", null, null)).hasMessageContaining("not fetched by ftp");
        assertThat(fails("https://me:secret@host/x.img", null, null)).hasMessageContaining("password");
        assertThat(fails("https://host/", null, null)).hasMessageContaining("names no file");
    }

    @Test
    void aSilentServerIsLeftAndCtrlCKeepsThePart() throws Exception {
        server.pauseMillis = 60_000;
        Patience hasty = new Patience(Duration.ofSeconds(5), Duration.ofSeconds(3), 1, Duration.ofMillis(1));
        JvirtException silent = catchThrowableOfType(
                JvirtException.class, () -> source(hasty).get(new ImageRequest(server.url(PATH), "none", null)));
        assertThat(silent).hasMessageContaining("nothing came for");

        server.pauseMillis = 30;
        onBytes = () -> CompletableFuture.runAsync(cancellation::request);
        assertThat(fails(server.url(PATH), null, null).kind()).isEqualTo(JvirtException.Kind.INTERRUPTED);
        long kept = Files.size(part());
        assertThat(kept).isPositive().isLessThan(image.length);
    }

    @Test
    void checksumsDecide() throws IOException {
        JvirtException wrong = fails(server.url(PATH), "sha256:" + "0".repeat(64), null);
        assertThat(wrong.kind()).isEqualTo(JvirtException.Kind.REFUSED);
        assertThat(wrong).hasMessageContaining("is not what --checksum says: sha256 " + "0".repeat(64));
        assertThat(new ImageCache(cacheDirectory).list())
                .allSatisfy(i -> assertThat(i.path()).isNull());

        // A list beside the image is found, and what it does not prove is said.
        server.put("/images/SHA512SUMS", (sum("sha512", image) + "  disk.img\n").getBytes(StandardCharsets.UTF_8));
        assertThat(get().verification()).contains("SHA512SUMS", "same server");
        server.put("/images/SHA512SUMS", ("1".repeat(128) + " *disk.img\n").getBytes(StandardCharsets.UTF_8));
        new ImageCache(cacheDirectory).prune(null);
        assertThat(fails(server.url(PATH), null, null)).hasMessageContaining("SHA512SUMS says");
        assertThat(get(server.url(PATH), "none", null).verification()).contains("NOT compared");

        // A list of the user's own, as Fedora writes it.
        Path list = cacheDirectory.resolve("Fedora-CHECKSUM");
        Files.writeString(
                list,
                "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n# disk.img: 300000 bytes\nSHA256 (disk.img) = "
                        + sum("sha256", image) + "\n-----BEGIN PGP SIGNATURE-----\n");
        assertThat(get(server.url(PATH), null, list.toString()).verification()).endsWith(list.toString());
        Files.writeString(list, "d41d8cd98f00b204e9800998ecf8427e  disk.img\n");
        assertThat(fails(server.url(PATH), null, list.toString())).hasMessageContaining("has no SHA-256 or SHA-512");
        assertThat(fails(server.url(PATH), null, server.url("/no/SUMS")))
                .hasMessageContaining("no list of checksums at");
        assertThat(fails(server.url(PATH), "md5:" + "0".repeat(32), null)).hasMessageContaining("proves anything");
        assertThat(fails(server.url(PATH), "sha256:12", null)).hasMessageContaining("64 hexadecimal digits");
        assertThat(fails(server.url(PATH), "sha256:" + "0".repeat(64), "list"))
                .hasMessageContaining("do not go together");
    }

    @Test
    void aListThatCannotBeAskedIsNoObstacleForWhatItProvedBefore() throws IOException {
        String list = server.url("/SUMS");
        server.put("/SUMS", (sum("sha256", image) + "  disk.img\n").getBytes(StandardCharsets.UTF_8));
        get(server.url(PATH), null, list);
        server.close();
        assertThat(get(server.url(PATH), null, list).file()).hasBinaryContent(image);
        assertThat(notes).last().asString().contains("which was compared with it then");
        assertThat(fails(server.url("/other.img"), null, list))
                .hasMessageContaining("list of checksums cannot be fetched");
    }

    @Test
    void packedImagesAreUnpacked() throws IOException {
        byte[] sparse = Arrays.copyOf(image, 5_000_000);
        ByteArrayOutputStream xz = new ByteArrayOutputStream();
        try (XZOutputStream out = new XZOutputStream(xz, new LZMA2Options(0))) {
            out.write(sparse);
        }
        ByteArrayOutputStream gz = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(gz)) {
            out.write(sparse);
        }
        server.put("/d.raw.xz", xz.toByteArray()).put("/d.raw.gz", gz.toByteArray());
        ImageFile unpacked = get(server.url("/d.raw.xz"), "sha256:" + sum("sha256", xz.toByteArray()), null);
        assertThat(unpacked.file()).hasFileName("d.raw").hasBinaryContent(sparse);
        assertThat(get(server.url("/d.raw.gz"), null, null).file()).hasBinaryContent(sparse);
        get(server.url("/d.raw.xz"), "sha256:" + sum("sha256", xz.toByteArray()), null);
        assertThat(requests("GET /d.raw.xz")).isEqualTo(1);

        // A file of this machine too, and again where it has changed.
        Path local = cacheDirectory.resolve("local.img.gz");
        Files.write(local, gz.toByteArray());
        assertThat(ImageSource.isPlainFile(new ImageRequest(local.toString(), null, null)))
                .isFalse();
        assertThat(get(local.toString(), null, null).file())
                .hasFileName("local.img")
                .hasBinaryContent(sparse);
        assertThat(get(local.toUri().toString(), null, null).file()).hasBinaryContent(sparse);

        server.put("/cut.xz", Arrays.copyOf(xz.toByteArray(), 200_000));
        assertThat(fails(server.url("/cut.xz"), null, null)).hasMessageContaining("cut.xz is damaged");
        server.put("/x.zst", new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, 0, 0, 0});
        assertThat(fails(server.url("/x.zst"), null, null)).hasMessageContaining("packed with zstd");
    }

    @Test
    void oneFetchesAndTheOtherWaits() throws Exception {
        server.pauseMillis = 20;
        CountDownLatch begun = new CountDownLatch(1);
        onBytes = begun::countDown;
        CompletableFuture<ImageFile> first = CompletableFuture.supplyAsync(() -> {
            try {
                return get();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        assertThat(begun.await(1, TimeUnit.MINUTES)).isTrue();
        assertThat(new ImageCache(cacheDirectory).prune(null)).isEmpty();
        assertThat(get().file()).isEqualTo(first.get().file());
        assertThat(requests("GET " + PATH)).isEqualTo(1);
        assertThat(notes).anySatisfy(note -> assertThat(note).contains("is being fetched by", "waiting for it"));
    }

    @Test
    void theEnvironmentNamesProxies() {
        ProxySettings proxies = new ProxySettings(
                Map.of("https_proxy", "http://proxy:3128", "HTTP_PROXY", "p2:80", "no_proxy", "corp.example,.lan"));
        assertThat(proxies.select(java.net.URI.create("https://a.org/x")).toString())
                .contains("proxy", "3128");
        assertThat(proxies.select(java.net.URI.create("http://a.org/x")).toString())
                .contains("p2");
        assertThat(proxies.select(java.net.URI.create("https://h.lan/x"))).containsExactly(java.net.Proxy.NO_PROXY);
        assertThat(proxies.select(java.net.URI.create("http://127.0.0.1:1/x")))
                .containsExactly(java.net.Proxy.NO_PROXY);
    }
}
