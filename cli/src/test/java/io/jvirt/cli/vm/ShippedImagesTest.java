// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.jvirt.cli.JvirtRun;
import io.jvirt.domain.template.file.MachineTemplate;
import io.jvirt.domain.template.file.TemplateFiles;
import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImages;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each shipped template with an image, fetched from a web server that stands for its publisher: the same paths below the
 * publisher's name, and lists of checksums in the form that each publishes ({@code resources/publisher}).
 */
class ShippedImagesTest {
    private final TestDriver libvirt = new TestDriver();
    private final Map<String, byte[]> files = new ConcurrentHashMap<>();
    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());

    @TempDir
    Path directory;

    private HttpServer server;
    private byte[] image = {};

    @BeforeEach
    void serve() throws IOException {
        Path file = directory.resolve("published.qcow2");
        DiskImages.create(CreateRequest.qcow2(file, 8 << 20));
        image = Files.readAllBytes(file);
        Files.createDirectory(directory.resolve("disks"));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            requests.add(path);
            byte[] body = files.get(path);
            exchange.sendResponseHeaders(body == null ? 404 : 200, body == null ? -1 : body.length);
            if (body != null) {
                exchange.getResponseBody().write(body);
            }
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void close() {
        server.stop(0);
        libvirt.close();
    }

    static List<String> withImages() throws IOException {
        List<String> names = new ArrayList<>();
        for (String name : CreateFromTemplateTest.shipped()) {
            if (Files.readString(shippedFile(name)).contains("\nimage: ")) {
                names.add(name);
            }
        }
        return names;
    }

    private static Path shippedFile(String name) {
        return Path.of("../templates").resolve(name + ".yaml");
    }

    private static String sum(String algorithm, byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Puts the image and its list where the template says, and the template where it is asked for first. */
    private MachineTemplate publish(String name, byte[] published) throws IOException {
        MachineTemplate template = new TemplateFiles(Map.<String, String>of()::get).load(name);
        String here = "http://127.0.0.1:" + server.getAddress().getPort() + "/";
        String text = Files.readString(shippedFile(name)).replace("https://", here);
        String own = template.text("checksum");
        if (own != null) {
            text = text.replace(own, "sha256:" + sum("SHA-256", published));
        } else {
            String list = new String(
                    Objects.requireNonNull(getClass().getResourceAsStream("/publisher/" + name), name)
                            .readAllBytes(),
                    StandardCharsets.UTF_8);
            byte[] other = {1};
            String filled = list.replace("{sha256}", sum("SHA-256", published))
                    .replace("{sha512}", sum("SHA-512", published))
                    .replace("{other256}", sum("SHA-256", other))
                    .replace("{other512}", sum("SHA-512", other));
            files.put(path(template.place("checksums")), filled.getBytes(StandardCharsets.UTF_8));
        }
        files.put(path(template.place("image")), image);
        Files.writeString(directory.resolve(name + ".yaml"), text);
        return template;
    }

    /** Where this server has an address. */
    private static String path(String address) {
        URI uri = URI.create(address);
        assertThat(uri.getScheme()).as(address).isEqualTo("https");
        return "/" + uri.getHost() + uri.getPath();
    }

    private JvirtRun create(String name, String... more) {
        List<String> line =
                new ArrayList<>(List.of("create", "-c", TestDriver.URI, "--template", name, "--name", "w1"));
        line.addAll(List.of("--dir", directory.resolve("disks").toString()));
        line.addAll(List.of(more));
        return JvirtRun.with(
                Map.of(
                        TemplateFiles.VARIABLE,
                        directory.toString(),
                        "JVIRT_CACHE",
                        directory.resolve("cache").toString()),
                line.toArray(String[]::new));
    }

    @ParameterizedTest
    @MethodSource("withImages")
    void itsImageIsFetchedAndCompared(String name) throws IOException {
        MachineTemplate template = publish(name, image);
        JvirtRun dry = create(name, "--dry-run");
        assertThat(dry.exit()).as(dry.err()).isZero();
        assertThat(requests).isEmpty();

        JvirtRun made = create(name);
        assertThat(made.exit()).as(made.err()).isZero();
        assertThat(made.err()).contains("checksum is that of ").doesNotContain("NOT compared");
        assertThat(requests).contains(path(template.place("image")));
        assertThat(directory.resolve("disks/w1.qcow2")).exists();
        assertThat(libvirt.isActive("w1")).isTrue();
    }

    @Test
    void anotherImageThanThatOfTheListIsRefused() throws IOException {
        for (String name : withImages()) {
            publish(name, new byte[] {2});
            JvirtRun refused = create(name);
            assertThat(refused.exit()).as(name + ": " + refused.err()).isEqualTo(4);
            assertThat(refused.err()).as(name).contains("is not what ", "hint: ");
            assertThat(directory.resolve("disks")).isEmptyDirectory();
            assertThat(libvirt.host().domainNamed("w1")).isNull();
        }
    }
}
