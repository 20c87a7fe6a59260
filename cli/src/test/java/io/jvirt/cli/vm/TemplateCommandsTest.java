// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.cli.JvirtRun;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImages;
import java.io.IOException;
import java.nio.file.Path;
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
    void aTemplateDoesNotStartAndItsClonesAreLinked() {
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
        JvirtRun clone = libvirt.run("clone", "golden", "web", "--start");
        assertThat(clone.err()).isEmpty();
        assertThat(clone.out()).contains("web.qcow2  qcow2  1 MiB  linked", "and running");
        try (Domain web = libvirt.host().findDomain("web")) {
            assertThat(web.inactiveXml()).doesNotContain("jvirt:template");
        }
        assertThat(libvirt.run("template", "list").out())
                .matches("NAME +SINCE +LINKED CLONES\ngolden +\\S+ +web\n".replace("\\\\", "\\"));
        assertThat(libvirt.run("template", "list", "-o", "json").out())
                .contains("\"schema\" : \"jvirt/template-list\"", "\"clones\" : [ \"web\" ]");
    }

    @Test
    void unmarkedItIsAMachineAgain() {
        libvirt.run("template", "mark", "golden");
        assertThat(libvirt.run("template", "unmark", "golden").out())
                .isEqualTo("Domain 'golden' is no template any more\n");
        assertThat(libvirt.run("start", "golden").exit()).isZero();
        assertThat(libvirt.run("template", "list", "-o", "name").out()).isEmpty();
        assertThat(libvirt.run("template", "mark", "golden"))
                .isEqualTo(new JvirtRun(
                        4,
                        "",
                        "jvirt: domain 'golden' is running, and a template does not run\nhint: jvirt stop golden\n"));
    }
}
