// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.template.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.groups.Tuple.tuple;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.create.DiskRequest;
import io.jvirt.domain.create.NetworkRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TemplateFilesTest {
    @TempDir
    Path directory;

    private Path write(String name, String text) throws IOException {
        return write(directory, name, text);
    }

    private static Path write(Path where, String name, String text) throws IOException {
        Files.createDirectories(where);
        return Files.writeString(where.resolve(name + ".yaml"), text);
    }

    private TemplateFiles files() {
        return files(Map.of(TemplateFiles.VARIABLE, directory.toString(), "XDG_CONFIG_HOME", "/nonexistent"));
    }

    private static TemplateFiles files(Map<String, String> environment) {
        return new TemplateFiles(environment::get);
    }

    private JvirtException refused(String name) {
        return catchThrowableOfType(JvirtException.class, () -> files().load(name));
    }

    @Test
    void aTemplateLiesOverThoseThatItExtends() throws IOException {
        write("base", """
                description: what all have
                memory: 1024
                vcpus: 4
                firmware: uefi
                hyperv: on
                image: base.qcow2
                disks:
                  - size: 10G
                    format: raw
                networks: []
                devices: {bus: sata, model: e1000}
                cloud-init:
                  password: secret
                  user-data: user
                """);
        write("web", """
                extends: base
                memory: 4G
                image: none
                disks:
                  - {size: 20G, cache: none}
                  - size: 1.5T
                devices:
                  model: virtio
                cloud-init:
                  ssh-key: ["ssh-ed25519 AAAA a@b", "ssh-rsa BBBB c@d"]
                """);
        MachineTemplate web = files().load("web");
        assertThat(web.memoryBytes()).isEqualTo(4L << 30);
        assertThat(web.vcpus()).isEqualTo(4);
        assertThat(web.text("firmware")).isEqualTo("uefi");
        assertThat(web.hyperv()).isTrue();
        assertThat(web.place("image")).isNull();
        assertThat(web.networks()).isEmpty();
        assertThat(web.disks())
                .extracting(DiskRequest::sizeBytes, DiskRequest::format, DiskRequest::cache)
                .containsExactly(tuple(20L << 30, null, "none"), tuple(3L << 39, null, null));
        assertThat(web.devices().bus()).isEqualTo("sata");
        assertThat(web.devices().model()).isEqualTo("virtio");
        assertThat(web.cloudInit().sshKeys()).containsExactly("ssh-ed25519 AAAA a@b", "ssh-rsa BBBB c@d");
        assertThat(web.cloudInit().password()).isEqualTo("secret");
        assertThat(web.cloudInit().userData()).isEqualTo(directory.resolve("user"));
        assertThat(web.files()).containsExactly(directory.resolve("web.yaml"), directory.resolve("base.yaml"));
        assertThat(files().load("base").memoryBytes()).isEqualTo(1L << 30);
        assertThat(files().load("base").place("image"))
                .isEqualTo(directory.resolve("base.qcow2").toString());
        assertThat(TemplateYaml.of(web)).isEqualTo("""
                description: what all have
                memory: 4G
                vcpus: 4
                firmware: uefi
                hyperv: true
                disks:
                  - size: 20G
                    cache: none
                  - size: 1.5T
                networks: []
                devices:
                  bus: sata
                  model: virtio
                cloud-init:
                  user-data: %s/user
                  ssh-key:
                    - ssh-ed25519 AAAA a@b
                    - ssh-rsa BBBB c@d
                  password: secret
                """.formatted(directory));
    }

    @Test
    void aTemplateOfTheSameNameIsLaidOverTheShippedOne() throws IOException {
        write("minimal", "extends: minimal\nmemory: 1G\n");
        MachineTemplate minimal = files().load("minimal");
        assertThat(minimal.memoryBytes()).isEqualTo(1L << 30);
        assertThat(minimal.vcpus()).isEqualTo(1);
        assertThat(minimal.files()).hasSize(2);
    }

    @Test
    void theVariablesDirectoriesComeFirstThenTheUsersOwn() throws IOException {
        Path own = directory.resolve("config/jvirt/templates");
        write(own, "a", "vcpus: 1\n");
        write(own, "b", "vcpus: 2\n");
        write(directory.resolve("one"), "a", "vcpus: 3\n");
        write(directory.resolve("two"), "a", "vcpus: 4\n");
        write(directory.resolve("two"), "c", "vcpus: 5\nextends: b\n");
        TemplateFiles files = files(Map.of(
                TemplateFiles.VARIABLE,
                directory.resolve("one") + "::" + directory.resolve("two"),
                "XDG_CONFIG_HOME",
                directory.resolve("config").toString()));
        assertThat(files.load("a").vcpus()).isEqualTo(3);
        assertThat(files.load("b").vcpus()).isEqualTo(2);
        assertThat(files.load("c").files()).hasSize(2);
        assertThat(files.all()).containsKeys("a", "b", "c", "minimal", "debian-13", "windows-11");
        assertThat(files.ownFile("new")).isEqualTo(own.resolve("new.yaml"));
        Path elsewhere = write(directory, "elsewhere", "extends: c\nvcpus: 6\n");
        assertThat(files.load(elsewhere.toString()).vcpus()).isEqualTo(6);
    }

    @Test
    void aChecksumIsInheritedAndCanBeTakenAway() throws IOException {
        String sum = "sha256:" + "a1".repeat(32);
        write("base", "image: a.img\nchecksum: " + sum + "\n");
        write("same", "extends: base\n");
        write("other", "extends: base\nimage: b.img\nchecksum: none\n");
        assertThat(files().load("same").text("checksum")).isEqualTo(sum);
        assertThat(files().load("other").text("checksum")).isNull();
    }

    @Test
    void networksAreOneOfThreeSorts() throws IOException {
        write("n", "networks: [{network: default}, {bridge: br0, model: e1000}, {user: yes}]\n");
        assertThat(files().load("n").networks())
                .containsExactly(
                        new NetworkRequest(NetworkRequest.Kind.NETWORK, "default", null, null),
                        new NetworkRequest(NetworkRequest.Kind.BRIDGE, "br0", "e1000", null),
                        new NetworkRequest(NetworkRequest.Kind.USER, "", null, null));
    }

    static Stream<Arguments> badTemplates() {
        return Stream.of(
                Arguments.of("memroy: 2G", 1, "a template has no key 'memroy'", "did you mean 'memory'?"),
                Arguments.of(
                        "vcpus: 1\ndisks:\n  - size: 1G\n    fromat: raw",
                        4,
                        "disks has no key 'fromat'",
                        "did you mean 'format'?"),
                Arguments.of("devices:\n  xyzzy: 1", 2, "devices has no key 'xyzzy'", "the keys are bus, model, video"),
                Arguments.of("\n\nvcpus: two", 3, "'vcpus' must be a whole number from 1 on, and it is 'two'", null),
                Arguments.of("vcpus: 0", 1, "'vcpus' must be a whole number from 1 on, and it is '0'", null),
                Arguments.of(
                        "memory: lots",
                        1,
                        "'memory' 'lots' is not a size",
                        "write a number and a unit, such as 512M, 10G or 1T"),
                Arguments.of("disks: [{size: 10}]", 1, "'disks size' '10' has no unit", "write 10G for GiB"),
                Arguments.of("memory:\n  - 1G", 1, "'memory' must be a single value, and it is a list", null),
                Arguments.of(
                        "memory:\nvcpus: 1",
                        1,
                        "'memory' has no value",
                        "write one behind the colon, or remove the line"),
                Arguments.of(
                        "disks: 10G",
                        1,
                        "'disks' must be a list, and it is '10G'",
                        "start each of its items with '- ', or write disks: [] for none"),
                Arguments.of(
                        "disks:\n  - 10G",
                        2,
                        "an item of 'disks' must be a block of keys, and it is '10G'",
                        "its keys are size, format, bus, cache, preallocation, pool, base"),
                Arguments.of(
                        "devices: virtio",
                        1,
                        "'devices' must be a block of keys, and it is 'virtio'",
                        "its keys are bus, model, video, each in a line of its own below it"),
                Arguments.of(
                        "firmware: eufi",
                        1,
                        "'firmware' cannot be 'eufi'",
                        "did you mean 'uefi'? it is one of bios, uefi, uefi-secure"),
                Arguments.of(
                        "image: a.img\nchecksum: md5:0123456789abcdef0123456789abcdef",
                        2,
                        "the checksum 'md5:0123456789abcdef0123456789abcdef' is of no kind that proves anything",
                        "write sha256:HEX, sha384:HEX or sha512:HEX"),
                Arguments.of("hyperv: maybe", 1, "'hyperv' must be yes or no, and it is 'maybe'", null),
                Arguments.of(
                        "networks:\n  - model: virtio",
                        2,
                        "a network card must connect to one thing, and this one names 0",
                        "write network: default, or bridge: br0, or user: yes"),
                Arguments.of(
                        "memory: 1G\nvcpus: 1\nmemory: 2G",
                        3,
                        "the key 'memory' was given in line 1 already",
                        "remove one of the two lines"),
                Arguments.of(
                        "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]",
                        2,
                        "the alias '*a' is not taken in a template",
                        "write the value out, or let templates share it with extends"),
                Arguments.of(
                        "memory: !!java.net.URL [x]",
                        1,
                        "the tag 'tag:yaml.org,2002:java.net.URL' is not taken in a template",
                        "leave it out"),
                Arguments.of(
                        "memory: 1G\n---\nmemory: 2G",
                        3,
                        "a second document begins",
                        "one file is one template: remove the '---'"),
                Arguments.of(
                        "extends: nosuch",
                        1,
                        "'extends' names the template 'nosuch', which is not there",
                        "jvirt template list shows what there is"),
                Arguments.of(
                        "vcpus: 1\nextends: minimla",
                        2,
                        "'extends' names the template 'minimla', which is not there",
                        "did you mean 'minimal'?"),
                Arguments.of(
                        "extends: bad", 1, "'extends' runs in a circle: bad → bad", "remove one of these 'extends'"),
                Arguments.of(
                        "description: \"two\\nlines\"",
                        1,
                        "'description' must be one line",
                        "put it between quotes, in one line"),
                Arguments.of(
                        "",
                        1,
                        "this is no template: it holds nothing instead of lines of KEY: VALUE",
                        "templates/README.md shows how a template is written"),
                Arguments.of(
                        "just words",
                        1,
                        "this is no template: it holds plain text instead of lines of KEY: VALUE",
                        "templates/README.md shows how a template is written"));
    }

    @ParameterizedTest
    @MethodSource("badTemplates")
    void aBadOneIsRefusedWithItsLine(String text, int line, String message, String hint) throws IOException {
        Path file = write("bad", text);
        JvirtException e = refused("bad");
        assertThat(e).hasMessage(file + ":" + line + ": " + message);
        assertThat(e.hint()).isEqualTo(hint);
        assertThat(e.kind()).isEqualTo(JvirtException.Kind.FAILED);
    }

    @Test
    void aCircleIsRefusedWhereItCloses() throws IOException {
        write("a", "extends: b\n");
        write("b", "vcpus: 1\nextends: c\n");
        Path c = write("c", "\n\nextends: a\n");
        assertThat(refused("a")).hasMessage(c + ":3: 'extends' runs in a circle: a → b → c → a");
    }

    @Test
    void brokenYamlIsRefusedWithItsLine() throws IOException {
        Path file = write("bad", "memory: 1G\ndisks: [\nvcpus: 1\n");
        assertThat(refused("bad")).hasMessageStartingWith(file + ":").hasMessageContaining("this is no YAML: ");
        write("bad", "memory: 1G\n\tvcpus: 1\n");
        assertThat(refused("bad").getMessage()).startsWith(file + ":2: this is no YAML: ");
        write("bad", "memory: \"1G\nvcpus: 1\n");
        assertThat(refused("bad").hint())
                .isEqualTo("correct that line, or one just before it; blanks, not tabs, make the levels");
    }

    @Test
    void whatIsNoTextIsNoTemplate() throws IOException {
        Path file = directory.resolve("bad.yaml");
        Files.write(file, new byte[] {(byte) 0x89, 'P', 'N', 'G', (byte) 0xff, 0});
        assertThat(refused("bad")).hasMessage(file + " is no text in UTF-8, so it is no template");
        Files.write(file, "vcpus: 1\0".getBytes(StandardCharsets.UTF_8));
        assertThat(refused("bad")).hasMessageStartingWith(file + " is no YAML: ");
        Files.write(file, "#".repeat(300 << 10).getBytes(StandardCharsets.UTF_8));
        assertThat(refused("bad")).hasMessage(file + " is larger than 256 KiB, so it is no template");
        Files.delete(file);
        Files.createDirectory(file);
        assertThat(refused("bad")).hasMessage(file + " is no file, so it is no template");
        Files.delete(file);
        write("bad", "[".repeat(2000));
        assertThat(refused("bad")).isNotNull();
        write("bad", "a: ".repeat(2000));
        assertThat(refused("bad")).isNotNull();
    }

    @Test
    void aNameThatIsNotThereIsNotFound() {
        JvirtException e = refused("debain-13");
        assertThat(e).hasMessage("there is no template 'debain-13'");
        assertThat(e.hint()).isEqualTo("did you mean 'debian-13'? jvirt template list shows what there is");
        assertThat(e.kind()).isEqualTo(JvirtException.Kind.NOT_FOUND);
        assertThat(refused("../etc/x")).hasMessageContaining("does not exist");
        assertThat(refused("..").kind()).isEqualTo(JvirtException.Kind.NOT_FOUND);
        assertThat(List.of(refused("./no.yaml").getMessage().split(" "))).contains("exist");
    }
}
