// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.cloudinit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.domain.JvirtException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.codec.digest.Sha2Crypt;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The seed's files, and the image that holds them. */
class CloudInitTest {
    /** Of {@code sesame}, by {@code openssl passwd -6 -salt saltsalt}. */
    private static final String HASH =
            "$6$saltsalt$" + "g3uPFdehVnKoLXdidvSAg1zlVgYomPr0X/xgdXSBn2LuxZUOGgYW4IULZkguZ77fzYteIur49AGHmF9iek6Sf1";

    @TempDir
    Path directory;

    private static CloudInit of(
            @Nullable Path userData, @Nullable Path metaData, List<String> keys, @Nullable String password) {
        return new CloudInit(userData, metaData, null, keys, password, null, false);
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    @Test
    void keysCannotBreakOutAndPasswordsAreHashed() throws IOException {
        Map<String, String> files =
                of(null, null, List.of("ssh-ed25519 \"A: #\nA\" me"), HASH).files("web server_1", "id-1");
        assertThat(files.get("meta-data")).isEqualTo("instance-id: id-1\nlocal-hostname: web-server-1\n");
        assertThat(files.get("user-data")).isEqualTo("""
                        #cloud-config
                        {
                          "ssh_authorized_keys" : [ "ssh-ed25519 \\"A: #\\nA\\" me" ],
                          "password" : "%s",
                          "chpasswd" : {
                            "expire" : false
                          },
                          "ssh_pwauth" : true
                        }
                        """.formatted(HASH));
        assertThat(files).doesNotContainKey("network-config");
    }

    @Test
    void aPasswordIsInTheSeedAsItsHashAlone() throws IOException {
        String userData =
                of(null, null, List.of(), "se same").files("web", "id").get("user-data");
        assertThat(userData).doesNotContain("se same");
        Matcher made = Pattern.compile("\"password\" : \"([$]6[$].+?[$][./A-Za-z0-9]{86})\"")
                .matcher(userData);
        assertThat(made.find()).as(userData).isTrue();
        assertThat(Sha2Crypt.sha512Crypt("se same".getBytes(StandardCharsets.UTF_8), made.group(1)))
                .isEqualTo(made.group(1));
        assertThat(Sha2Crypt.sha512Crypt("sesame".getBytes(StandardCharsets.UTF_8), HASH))
                .isEqualTo(HASH);
        // No hash, whatever it looks like.
        assertThat(of(null, null, List.of(), "$6$short").files("web", "id").get("user-data"))
                .doesNotContain("$6$short\"");
        assertThatThrownBy(() -> of(null, null, List.of(), "").files("web", "id"))
                .hasMessage("the password is empty");
    }

    @Test
    void filesAreTakenAsTheyAre() throws IOException {
        Path user = file("user", "#!/bin/sh\necho\n");
        Path meta = file("meta", "local-hostname: other\n");
        Path network = file("network", "version: 2\n");
        Map<String, String> files =
                new CloudInit(user, meta, network, List.of(), null, null, false).files("web", "id-1");
        assertThat(files)
                .containsEntry("user-data", "#!/bin/sh\necho\n")
                .containsEntry("meta-data", "instance-id: id-1\nlocal-hostname: other\n")
                .containsEntry("network-config", "version: 2\n");
    }

    @Test
    void whatWouldBeIgnoredIsRefused() throws IOException {
        Path user = file("user", "packages: [vim]\n");
        assertThatThrownBy(() -> of(user, null, List.of(), null).files("web", "id"))
                .isInstanceOf(JvirtException.class)
                .hasMessage(
                        "the user-data " + user + " would be ignored: its first line is none that cloud-init knows");
        assertThatThrownBy(() -> of(user, null, List.of(), "x").files("web", "id"))
                .hasMessage("ssh-key and password do not go with user-data, which says it all")
                .extracting(e -> ((JvirtException) e).hint())
                .isEqualTo("put them into " + user);
        Path large = file("large", "#".repeat((1 << 20) + 1));
        assertThatThrownBy(() -> of(large, null, List.of(), null).files("web", "id"))
                .hasMessage("the user-data " + large + " is larger than 1 MiB")
                .extracting(e -> ((JvirtException) e).hint())
                .isEqualTo("is it the right file?");
        assertThatThrownBy(() ->
                        of(directory.resolve("none"), null, List.of(), null).files("web", "id"))
                .hasMessage("the user-data " + directory + "/none is no file");
        assertThatThrownBy(() -> new CloudInit(null, null, null, List.of(), null, "a b", false).files("web", "id"))
                .hasMessage("a host cannot be named 'a b'");
    }

    @Test
    void keysComeFromPublicFilesOnly() throws IOException {
        assertThat(CloudInit.keys("ssh-ed25519 AAAA me")).containsExactly("ssh-ed25519 AAAA me");
        assertThat(CloudInit.keys(
                        file("keys", "# mine\nssh-rsa A a\n\nssh-rsa B b\n").toString()))
                .containsExactly("ssh-rsa A a", "ssh-rsa B b");
        Path restricted = file("restricted", "from=\"10.0.0.1\" ssh-ed25519 AAAA me\n");
        assertThat(CloudInit.keys(restricted.toString())).hasSize(1);
        Path other = file("hosts", "127.0.0.1 localhost\n");
        assertThatThrownBy(() -> CloudInit.keys(other.toString()))
                .hasMessage(other + " holds what is no public key: 127.0.0.1 localhost");
        Path secret = file("id", "-----BEGIN OPENSSH PRIVATE KEY-----\n");
        assertThatThrownBy(() -> CloudInit.keys(secret.toString()))
                .hasMessage(secret + " is a private key, which must not leave this machine")
                .extracting(e -> ((JvirtException) e).hint())
                .isEqualTo("give the public one: " + secret + ".pub");
        Path empty = file("empty", "\n");
        assertThatThrownBy(() -> CloudInit.keys(empty.toString())).hasMessage("there is no key in " + empty);
        assertThatThrownBy(() -> CloudInit.keys("none.pub")).hasMessage("the ssh key none.pub is no file");
    }

    @Test
    void anotherInstanceIdMakesTheGuestAnew() throws IOException {
        Map<String, String> files = CloudInit.newIdentity("web-02", "id-2");
        assertThat(files.get("meta-data")).isEqualTo("instance-id: id-2\nlocal-hostname: web-02\n");
        assertThat(files.get("user-data"))
                .startsWith("#cloud-config\n{")
                .contains("\"ssh_deletekeys\" : true", "\"hostname\" : \"web-02\"", "systemd-machine-id-setup");
        CloudInit keyed = new CloudInit(null, null, null, List.of("ssh-rsa A a"), null, "db", false);
        assertThat(keyed.over(CloudInit.IDENTITY).files("web", "id-3").get("user-data"))
                .contains("\"hostname\" : \"db\"", "systemd-machine-id-setup", "ssh-rsa A a");
        assertThat(keyed.files("web", "id-3").get("user-data")).doesNotContain("machine-id");
    }

    @Test
    void theImageIsIso9660WithJoliet() {
        byte[] image = CloudInit.image(Map.of("user-data", "#cloud-config\n" + "x".repeat(5000), "meta-data", "id"));
        ByteBuffer iso = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(image.length % 2048).isZero();
        assertThat(text(image, 16 * 2048, 7)).isEqualTo("\u0001CD001\u0001");
        assertThat(text(image, 16 * 2048 + 40, 7)).isEqualTo("cidata ");
        assertThat(iso.getInt(16 * 2048 + 80)).isEqualTo(image.length / 2048);
        assertThat(iso.order(ByteOrder.BIG_ENDIAN).getInt(16 * 2048 + 84)).isEqualTo(image.length / 2048);
        assertThat(text(image, 17 * 2048 + 88, 3)).isEqualTo("%/E");
        assertThat(text(image, 18 * 2048 + 1, 5)).isEqualTo("CD001");
        // The third record of Joliet's root directory, behind those of the directory itself and its parent.
        int record = 24 * 2048 + 2 * 34;
        assertThat(new String(image, record + 33, 18, StandardCharsets.UTF_16BE))
                .isEqualTo("meta-data");
        int sector = iso.order(ByteOrder.LITTLE_ENDIAN).getInt(record + 2);
        assertThat(text(image, sector * 2048, iso.getInt(record + 10))).isEqualTo("id");
    }

    private static String text(byte[] bytes, int offset, int length) {
        return new String(bytes, offset, length, StandardCharsets.US_ASCII);
    }
}
