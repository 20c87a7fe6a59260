// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.jvirt.cli.Golden;
import io.jvirt.cli.JvirtRun;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.Preallocation;
import io.jvirt.storage.qcow2.Qcow2Options;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code create --image URL} and the verbs of the cache. */
class ImageCommandsTest {
    private final TestDriver driver = new TestDriver();

    @TempDir
    Path directory;

    private HttpServer server;
    private String url;
    private String sum;

    @BeforeEach
    void serve() throws Exception {
        Path image = directory.resolve("web.qcow2");
        DiskImages.create(
                new CreateRequest(image, ImageFormat.QCOW2, 8 << 20, Preallocation.OFF, Qcow2Options.defaults()));
        byte[] bytes = Files.readAllBytes(image);
        sum = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            byte[] body = path.equals("/web.qcow2") ? bytes : new byte[0];
            exchange.sendResponseHeaders(body.length == 0 ? 404 : 200, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        url = "http://127.0.0.1:" + server.getAddress().getPort() + "/web.qcow2";
    }

    @AfterEach
    void close() {
        server.stop(0);
        driver.close();
    }

    private JvirtRun jvirt(String... args) {
        String[] all = new String[args.length + 2];
        System.arraycopy(args, 0, all, 2, args.length);
        all[0] = "-c";
        all[1] = TestDriver.URI;
        return JvirtRun.with(Map.of("JVIRT_CACHE", directory.resolve("cache").toString()), all);
    }

    private String masked(String text) {
        return text.replace(directory.toString(), "/DIR")
                .replace(sum, "SUM")
                .replaceAll("127.0.0.1:[0-9]+", "127.0.0.1:PORT")
                .replaceAll("\\b[0-9a-f]{16}\\b", "ID")
                .replaceAll("\"bytes\" : [0-9]+", "\"bytes\" : N")
                .replaceAll("[0-9-]{10}T[0-9:]{8}Z", "TIME");
    }

    @Test
    void pullsListsAndRemoves() throws IOException {
        JvirtRun pull = jvirt("image", "pull", url, "--checksum", "sha256:" + sum, "-o", "json");
        assertThat(pull.exit()).as(pull.err()).isZero();
        Golden.check("image-pull.json", masked(pull.out()));
        Golden.check(
                "image-list.json", masked(jvirt("image", "list", "-o", "json").out()));
        assertThat(jvirt("image", "list").out()).contains("URL", url, sum.substring(0, 12), "yes");
        assertThat(jvirt("image", "rm", "nothing").exit()).isEqualTo(3);
        Golden.check(
                "image-rm.json", masked(jvirt("image", "rm", url, "-o", "json").out()));

        jvirt("image", "pull", url, "--checksum", "none");
        assertThat(jvirt("image", "prune").exit()).isEqualTo(4);
        assertThat(jvirt("image", "prune", "--older-than", "-1", "--yes").exit())
                .isEqualTo(2);
        assertThat(jvirt("image", "prune", "--older-than", "1", "--yes").out()).isEqualTo("Nothing to remove\n");
        Golden.check(
                "image-prune.json",
                masked(jvirt("image", "prune", "--yes", "-o", "json").out()));
        assertThat(jvirt("image", "list").out()).doesNotContain(url);
    }

    @Test
    void createsFromAUrl() throws IOException {
        Path list = directory.resolve("CHECKSUM");
        Files.writeString(list, "SHA256 (web.qcow2) = " + sum + "\n");
        String dir = directory.resolve("disks").toString();
        Files.createDirectory(Path.of(dir));
        JvirtRun dry = jvirt("create", "web", "--image", url, "--disk", "1G", "--dir", dir, "--dry-run");
        assertThat(dry.err()).contains("the image is not looked at");
        assertThat(dry.out()).contains("as a copy of web.qcow2");
        assertThat(directory.resolve("cache")).doesNotExist();

        JvirtRun made = jvirt(
                "create",
                "web",
                "--image",
                url,
                "--checksum-file",
                list.toString(),
                "--disk",
                "1G",
                "--dir",
                dir,
                "--no-start");
        assertThat(made.exit()).as(made.err()).isZero();
        assertThat(made.err()).contains("image web.qcow2: its checksum is that of " + list);
        Path disk = Path.of(dir, "web.qcow2");
        assertThat(DiskImages.describe(OpenRequest.of(disk)).virtualSizeBytes()).isEqualTo(1L << 30);
        try (var domain = driver.host().findDomain("web")) {
            assertThat(DomainXml.parse(domain.inactiveXml()).disks()).hasSize(1);
        }
        jvirt("delete", "web", "--yes", "--purge");
    }

    @Test
    void refusesBeforeItFetches() {
        String[] create = {"create", "web2", "--image", url, "--dir", directory.toString(), "--no-start"};
        assertThat(jvirt("create", "test", "--image", url).err()).contains("the name 'test' is in use");
        assertThat(directory.resolve("cache")).doesNotExist();
        JvirtRun wrong = jvirt(with(create, "--checksum", "sha256:" + "0".repeat(64)));
        assertThat(wrong.exit()).isEqualTo(4);
        assertThat(wrong.err()).contains("is not what --checksum says", "hint: it was damaged or replaced");
        assertThat(jvirt(with(create, "--backed")).err()).contains("--backed needs an image that stays as it is");
        assertThat(jvirt("create", "w", "--disk", "1G", "--checksum", "none").err())
                .contains("are for an image");
        assertThat(jvirt("image", "pull", "ftp://h/x.img", "--checksum-file", "none")
                        .err())
                .contains("not fetched by ftp");
    }

    private static String[] with(String[] command, String... more) {
        String[] all = java.util.Arrays.copyOf(command, command.length + more.length);
        System.arraycopy(more, 0, all, command.length, more.length);
        return all;
    }

    @Test
    void refusesImagesThatAreNotWhatTheySay() throws IOException {
        Path image = directory.resolve("web.qcow2");
        // Something to cut off.
        byte[] data = new byte[1 << 20];
        java.util.Arrays.fill(data, (byte) 7);
        try (var disk = DiskImages.open(OpenRequest.of(image).writable())) {
            disk.write(0, java.nio.ByteBuffer.wrap(data));
            disk.flush();
        }
        byte[] bytes = Files.readAllBytes(image);
        Path cut = directory.resolve("cut.qcow2");
        Files.write(cut, java.util.Arrays.copyOf(bytes, bytes.length / 2));
        JvirtRun run = jvirt("create", "w3", "--image", cut.toString(), "--dir", directory.toString());
        assertThat(run.exit()).isEqualTo(4);
        assertThat(run.err()).contains("cut.qcow2 is cut off", "jvirt disk check");

        Path page = directory.resolve("page.qcow2");
        Files.writeString(page, "<html>404</html>");
        run = jvirt("create", "w3", "--image", page.toString(), "--dir", directory.toString());
        assertThat(run.exit()).isEqualTo(4);
        assertThat(run.err()).contains("is named qcow2, and its content is not");
    }
}
