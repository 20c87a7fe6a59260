// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.cli.Golden;
import io.jvirt.cli.JvirtRun;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.Preallocation;
import io.jvirt.storage.qcow2.Qcow2Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code template mark}, {@code unmark} and {@code list}, and what a template is to {@code start}, {@code clone} and {@code snapshot}. */
class TemplateCommandsTest {
    private TestDriver libvirt;

    @TempDir
    Path directory;

    @BeforeEach
    void open() throws IOException {
        libvirt = new TestDriver();
        DiskImages.create(CreateRequest.qcow2(directory.resolve("golden.qcow2"), 1 << 20));
        libvirt.host()
                .defineDomain(
                        "<domain type='test'><name>golden</name><memory unit='MiB'>64</memory><os><type>hvm</type></os>"
                                + "<devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='"
                                + directory.resolve("golden.qcow2")
                                + "'/><target dev='vda' bus='virtio'/></disk></devices></domain>",
                        false)
                .close();
    }

    @AfterEach
    void close() {
        libvirt.close();
    }

    @Test
    void aDescriptionIsOneLine() {
        assertThat(libvirt.run("template", "create", "two", "--from", "test", "--description", "a\nb"))
                .isEqualTo(new JvirtRun(
                        2, "", "jvirt: the description must be one line\nhint: leave the line break out\n"));
    }

    @Test
    void aTemplateDoesNotStartOrChangeAndItsClonesAreLinked() throws IOException {
        assertThat(libvirt.run("template", "mark", "golden"))
                .isEqualTo(new JvirtRun(
                        0, "Domain 'golden' is a template now: clones are made of it, and it does not start\n", ""));
        assertThat(libvirt.run("start", "golden"))
                .isEqualTo(new JvirtRun(
                        4,
                        "",
                        "jvirt: domain 'golden' must not start: it is a template\n"
                                + "hint: jvirt clone golden NEW makes a machine of it\n"));
        assertThat(libvirt.run("snapshot", "create", "golden").err())
                .isEqualTo("jvirt: domain 'golden' is a template and is not changed\n"
                        + "hint: jvirt template unmark golden\n");
        JvirtRun refused = new JvirtRun(
                4, "", "jvirt: domain 'golden' is a template and is not changed\nhint: jvirt template unmark golden\n");
        assertThat(libvirt.run("set", "golden", "--memory", "1G")).isEqualTo(refused);
        assertThat(libvirt.run("rename", "golden", "other")).isEqualTo(refused);
        Path edited = directory.resolve("golden.xml");
        try (Domain golden = libvirt.host().findDomain("golden")) {
            Files.writeString(edited, golden.inactiveXml());
        }
        assertThat(libvirt.run("define", edited.toString())).isEqualTo(refused);
        JvirtRun clone = libvirt.run("clone", "golden", "web", "--start");
        assertThat(clone.err()).isEmpty();
        assertThat(clone.out()).contains("web.qcow2  qcow2  1 MiB  linked", "and running");
        try (Domain web = libvirt.host().findDomain("web")) {
            assertThat(web.inactiveXml()).doesNotContain("jvirt:template");
        }
        assertThat(libvirt.run("template", "list", "--machines").out())
                .matches("NAME +KIND +WHAT IT IS +LINKED CLONES\n"
                        + "golden +machine +a machine of this host, since \\S+ +web\n");
        assertThat(libvirt.run("template", "list", "-o", "json").out())
                .contains(
                        "\"schema\" : \"jvirt/template-list\"",
                        "\"version\" : 2",
                        "\"kind\" : \"machine\"",
                        "\"clones\" : [ \"web\" ]",
                        "\"name\" : \"debian-13\"");
    }

    @Test
    void unmarkedItIsAMachineAgain() {
        libvirt.run("template", "mark", "golden");
        assertThat(libvirt.run("template", "unmark", "golden").out())
                .isEqualTo("Domain 'golden' is no template any more\n");
        assertThat(libvirt.run("start", "golden").exit()).isZero();
        assertThat(libvirt.run("template", "list", "--machines", "-o", "name").out())
                .isEmpty();
        assertThat(libvirt.run("template", "mark", "golden"))
                .isEqualTo(new JvirtRun(
                        4,
                        "",
                        "jvirt: domain 'golden' is running, and a template does not run\nhint: jvirt stop golden\n"));
    }

    private JvirtRun withOwn(String... args) {
        String[] all =
                Stream.concat(Stream.of("-c", TestDriver.URI), Stream.of(args)).toArray(String[]::new);
        return JvirtRun.with(
                Map.of("XDG_CONFIG_HOME", directory.resolve("config").toString()), all);
    }

    private Path own(String name) {
        return directory.resolve("config/jvirt/templates").resolve(name + ".yaml");
    }

    @Test
    void filesAreListedWithoutAHostAndABrokenOneIsLeftOut() throws IOException {
        Files.createDirectories(own("x").getParent());
        Files.writeString(own("mine"), "description: Ours\nextends: minimal\n");
        Files.writeString(own("broken"), "memroy: 1G\n");
        JvirtRun list = JvirtRun.with(
                Map.of("XDG_CONFIG_HOME", directory.resolve("config").toString()),
                "template",
                "list",
                "--files",
                "-c",
                "qemu+ssh://nowhere.invalid/system");
        assertThat(list.exit()).isZero();
        assertThat(list.err())
                .isEqualTo("jvirt: template 'broken' is left out: " + own("broken")
                        + ":1: a template has no key 'memroy'\n");
        assertThat(list.out())
                .containsPattern("(?m)^mine +file +Ours +-$")
                .containsPattern("(?m)^windows-11 +file +Windows 11, from your own ISO image +-$")
                .doesNotContain("broken");
        assertThat(libvirt.run("template", "list", "--files", "--machines").err())
                .isEqualTo("jvirt: --files and --machines do not go together\n"
                        + "hint: leave both out for all templates\n");
    }

    @Test
    void showsWhatATemplateInherits() throws IOException {
        Files.createDirectories(own("x").getParent());
        Files.writeString(own("mine"), "description: Ours\nextends: minimal\nmemory: 1G\n");
        Path minimal = Path.of("../templates/minimal.yaml").toAbsolutePath().normalize();
        assertThat(withOwn("template", "show", "mine"))
                .isEqualTo(new JvirtRun(
                        0,
                        "# " + own("mine") + "\n#   extends " + minimal
                                + "\ndescription: Ours\nmemory: 1G\nvcpus: 1\ndisks:\n  - size: 1G\nnetworks:\n"
                                + "  - network: default\n",
                        ""));
        assertThat(withOwn("template", "show", "mine", "-o", "json").out())
                .contains("\"schema\" : \"jvirt/template-show\"", "\"vcpus\" : 1", "\"size\" : \"1G\"");
        assertThat(withOwn("template", "show", "nosuch").exit()).isEqualTo(3);
    }

    @Test
    void aTemplateOfAMachineHasItsDisksAsBases() throws IOException {
        JvirtRun made = withOwn("template", "create", "gold", "--from", "golden", "--description", "Our base");
        assertThat(made.err()).isEmpty();
        assertThat(made.out())
                .isEqualTo("Template 'gold' is in " + own("gold") + "\n"
                        + "Domain 'golden' is a template now: its disks are the base of new machines' disks, and it does"
                        + " not start\nNext:\n  jvirt create --template gold --name NEW\n");
        assertThat(own("gold")).hasContent("""
                description: Our base
                memory: 64M
                vcpus: 1
                disks:
                  - size: 1M
                    bus: virtio
                    base: %s
                networks: []
                reset-identity: true
                """.formatted(directory.resolve("golden.qcow2")));
        assertThat(Files.getPosixFilePermissions(directory.resolve("golden.qcow2")))
                .doesNotContain(PosixFilePermission.OWNER_WRITE);
        assertThat(libvirt.run("start", "golden").exit()).isEqualTo(4);
        JvirtRun web =
                withOwn("create", "--template", "gold", "--name", "web", "--dir", directory.toString(), "--no-start");
        assertThat(web.err()).isEmpty();
        assertThat(libvirt.run("template", "list", "--machines").out()).contains("web");
        assertThat(libvirt.run("delete", "golden", "--yes").exit()).isEqualTo(4);
        assertThat(withOwn("template", "create", "gold", "--from", "golden"))
                .isEqualTo(new JvirtRun(
                        4,
                        "",
                        "jvirt: the template " + own("gold") + " exists already and is not touched\n"
                                + "hint: choose another name, or remove it first: rm " + own("gold") + "\n"));
    }

    @Test
    void aTemplateWithEmptyDisksLeavesTheMachineAsItIs() throws IOException {
        Path file = directory.resolve("like.yaml");
        assertThat(withOwn("start", "golden").exit()).isZero();
        JvirtRun made =
                withOwn("template", "create", "like", "--from", "golden", "--empty-disks", "--file", file.toString());
        assertThat(made.out())
                .isEqualTo("Template 'like' is in " + file + "\nNext:\n  jvirt create --template " + file
                        + " --name NEW\n");
        assertThat(file).content().contains("  - size: 1M\n    format: qcow2\n    bus: virtio\n");
        assertThat(libvirt.isActive("golden")).isTrue();
        assertThat(libvirt.run("template", "list", "--machines", "-o", "name").out())
                .isEmpty();
        assertThat(withOwn("template", "create", "like", "--from", "golden").err())
                .isEqualTo("jvirt: domain 'golden' is running, and a template does not run\nhint: jvirt stop golden\n");
        assertThat(withOwn("template", "create", "../x", "--from", "golden").exit())
                .isEqualTo(2);
        assertThat(withOwn("template", "create", "x", "--from", "golden", "--file", "x.txt")
                        .err())
                .isEqualTo("jvirt: --file x.txt does not end in .yaml\nhint: write --file x.txt.yaml\n");
        assertThat(withOwn("template", "create", "x", "--from", "nosuch").exit())
                .isEqualTo(3);
    }

    @Test
    void aDryRunShowsTheTemplateAndTouchesNothing() throws IOException {
        JvirtRun dry = withOwn("template", "create", "gold", "--from", "golden", "--dry-run");
        assertThat(dry.out())
                .startsWith("Template 'gold' would be created; nothing is changed:\n  protect "
                        + directory.resolve("golden.qcow2")
                        + " against writing\n  mark domain 'golden' as a template\n  write the template "
                        + own("gold") + "\ndescription: Made from domain 'golden'\n");
        assertThat(own("gold")).doesNotExist();
        assertThat(libvirt.run("start", "golden").exit()).isZero();
    }

    @Test
    void aDiskThatLiesOnAnotherIsNoBase() throws IOException {
        Files.move(directory.resolve("golden.qcow2"), directory.resolve("below.qcow2"));
        DiskImages.create(new CreateRequest(
                directory.resolve("golden.qcow2"),
                ImageFormat.QCOW2,
                1 << 20,
                Preallocation.OFF,
                Qcow2Options.defaults()
                        .withBacking(directory.resolve("below.qcow2").toString(), "qcow2")));
        JvirtRun refused = withOwn("template", "create", "gold", "--from", "golden");
        assertThat(refused.exit()).isEqualTo(4);
        assertThat(refused.err()).contains("names a backing file", "only an image that is whole by itself is taken");
        assertThat(own("gold")).doesNotExist();
    }

    private void defineWithFirmware(String os) {
        libvirt.host()
                .defineDomain(
                        "<domain type='test'><name>efi</name><memory unit='MiB'>64</memory>" + os
                                + "<devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='"
                                + directory.resolve("golden.qcow2")
                                + "'/><target dev='vda' bus='virtio'/></disk></devices></domain>",
                        false)
                .close();
    }

    @Test
    void theFirmwaresVariablesAreKeptBesideTheTemplate() throws IOException {
        Path nvram = directory.resolve("efi_VARS.fd");
        byte[] variables = new byte[1024];
        variables[7] = 1;
        Files.write(nvram, variables);
        defineWithFirmware("<os firmware='efi'><type>hvm</type><nvram>" + nvram + "</nvram></os>");
        JvirtRun made = withOwn("template", "create", "gold", "--from", "efi");
        assertThat(made.exit()).as(made.err()).isZero();
        assertThat(own("gold")).content().contains("firmware: uefi\nnvram: gold_VARS.fd\n");
        Path kept = own("gold").resolveSibling("gold_VARS.fd");
        assertThat(kept).hasBinaryContent(variables);
        assertThat(withOwn("template", "show", "gold").out()).contains("nvram: " + kept + "\n");

        Files.delete(own("gold"));
        JvirtRun again = withOwn("template", "create", "gold", "--from", "efi");
        assertThat(again)
                .isEqualTo(new JvirtRun(
                        4,
                        "",
                        "jvirt: the template " + kept + " exists already and is not touched\n"
                                + "hint: choose another name, or remove it first: rm " + kept + "\n"));
        // What has nothing on its disks has nothing to boot.
        assertThat(withOwn("template", "create", "like", "--from", "efi", "--empty-disks")
                        .exit())
                .isZero();
        assertThat(own("like")).content().contains("firmware: uefi\n").doesNotContain("nvram");
    }

    @Test
    void firmwareThatIsNamedByItsFileKeepsItsVariablesToItself() throws IOException {
        Path nvram = Files.write(directory.resolve("efi_VARS.fd"), new byte[512]);
        defineWithFirmware(
                "<os><type>hvm</type><loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE.fd</loader>"
                        + "<nvram>" + nvram + "</nvram></os>");
        JvirtRun made = withOwn("template", "create", "gold", "--from", "efi");
        assertThat(made.err())
                .isEqualTo(
                        "jvirt: the firmware's variables are not part of the template, since the firmware is named by"
                                + " its file: its machines start with fresh ones, and find the boot loader by its standard"
                                + " name\n");
        assertThat(own("gold")).content().contains("firmware: uefi\n").doesNotContain("nvram");
    }

    /** The answers for programs; what differs from run to run is replaced. */
    @Test
    void theAnswersInJsonAreGolden() throws IOException {
        Files.createDirectories(own("x").getParent());
        Files.writeString(own("mine"), "description: Ours\nextends: minimal\n");
        golden("template-show", withOwn("template", "show", "mine", "-o", "json"));
        golden("template-create", withOwn("template", "create", "gold", "--from", "golden", "-o", "json"));
        golden("template-list-machines", withOwn("template", "list", "--machines", "-o", "json"));
    }

    private void golden(String name, JvirtRun run) throws IOException {
        assertThat(run.err()).isEmpty();
        Golden.check(
                name + ".json",
                run.out()
                        .replace(directory.toString(), "/DIRECTORY")
                        .replace("\"" + Path.of("../templates").toAbsolutePath().normalize(), "\"/SHIPPED")
                        .replaceAll("\"(uuid|since)\" : \"[^\"]*\"", "\"$1\" : \"…\""));
    }
}
