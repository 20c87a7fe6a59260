// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.metadata.TemplateMark;
import io.jvirt.domain.metadata.VmMetadata;
import io.jvirt.domain.template.TemplateCreation;
import io.jvirt.domain.template.TemplateDomains;
import io.jvirt.domain.template.TemplateRequest;
import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code template create} cut off before and after every record of the journal. */
class TemplateCrashTest {
    private static final Operation.Listener QUIET = (plan, undoing) -> {};

    @TempDir
    Path state;

    @TempDir
    Path directory;

    private Host host;

    @BeforeEach
    void open() throws IOException {
        host = Host.open("test:///default");
        DiskImages.create(CreateRequest.qcow2(directory.resolve("src.qcow2"), 8 << 20));
        Files.write(directory.resolve("src_VARS.fd"), new byte[1024]);
        host.defineDomain(
                        "<domain type='test'><name>src</name><memory>65536</memory><os firmware='efi'><type>hvm</type><nvram>"
                                + directory.resolve("src_VARS.fd") + "</nvram></os><devices>"
                                + "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='"
                                + directory.resolve("src.qcow2")
                                + "'/><target dev='vda' bus='virtio'/></disk></devices></domain>",
                        false)
                .close();
    }

    @AfterEach
    void close() {
        host.close();
    }

    private boolean crashes(int n) throws Exception {
        TemplateCreation creation = new TemplateCreation(host, CrashingJournal.at(n, state));
        try {
            creation.perform(
                    creation.plan(new TemplateRequest("web", template(), "src", true, null)),
                    new Cancellation(),
                    QUIET);
            return false;
        } catch (CrashingJournal.Crash e) {
            return true;
        }
    }

    private Path template() {
        return directory.resolve("own").resolve("web.yaml");
    }

    private boolean isMarked() {
        try (Domain domain = host.findDomain("src")) {
            return TemplateMark.of(VmMetadata.of(domain)) != null;
        }
    }

    private void assertNothing(int n) throws IOException {
        assertThat(isMarked()).as("cut at %d", n).isFalse();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("src.qcow2"))))
                .as("cut at %d", n)
                .startsWith("rw");
        if (Files.exists(template().getParent())) {
            assertThat(template().getParent()).as("cut at %d", n).isEmptyDirectory();
        }
    }

    private void assertWhole(int n) throws IOException {
        assertThat(isMarked()).as("cut at %d", n).isTrue();
        assertThat(template()).as("cut at %d", n).content().contains("base: " + directory.resolve("src.qcow2"));
        Path nvram = template().resolveSibling("web_VARS.fd");
        assertThat(nvram).as("cut at %d", n).hasSameBinaryContentAs(directory.resolve("src_VARS.fd"));
        Files.delete(nvram);
        Files.delete(template());
        assertThat(template().getParent()).as("cut at %d", n).isEmptyDirectory();
        TemplateDomains.unmark(host, "src");
        Files.setPosixFilePermissions(directory.resolve("src.qcow2"), PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void whatIsCutOffIsUndoneOrFinished() throws Exception {
        for (boolean resume : new boolean[] {false, true}) {
            int n = 0;
            for (; crashes(n); n++) {
                CrashingJournal.recover(state, host, resume);
                if (Files.exists(template())) {
                    assertWhole(n);
                }
                assertNothing(n);
            }
            assertThat(n).isGreaterThan(10);
            assertWhole(n);
        }
    }
}
