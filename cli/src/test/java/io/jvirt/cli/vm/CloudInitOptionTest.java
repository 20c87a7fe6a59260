// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.cli.JvirtRun;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code create --cloud-init} and {@code clone --reset-identity}: the seed is there for one start, and then gone. */
class CloudInitOptionTest {
    private TestDriver libvirt;

    @TempDir
    Path directory;

    @BeforeEach
    void open() throws IOException {
        libvirt = new TestDriver();
        DiskImages.create(CreateRequest.qcow2(directory.resolve("image.qcow2"), 1 << 20));
    }

    @AfterEach
    void close() {
        libvirt.close();
    }

    private JvirtRun create(String... more) {
        String[] all = new String[more.length + 6];
        System.arraycopy(
                new String[] {
                    "create",
                    "web",
                    "--image",
                    directory.resolve("image.qcow2").toString(),
                    "--dir",
                    directory.toString()
                },
                0,
                all,
                0,
                6);
        System.arraycopy(more, 0, all, 6, more.length);
        return libvirt.run(all);
    }

    private static void assertFails(JvirtRun run, int exit, String message, String hint) {
        assertThat(run).isEqualTo(new JvirtRun(exit, "", "jvirt: " + message + "\nhint: " + hint + "\n"));
    }

    private static long seeds() throws IOException {
        for (String place : new String[] {"/var/lib/libvirt/boot", "/var/lib/libvirt/images"}) {
            if (Files.isDirectory(Path.of(place))) {
                try (Stream<Path> files = Files.list(Path.of(place))) {
                    return files.filter(f -> f.toString().endsWith("-seed.iso")).count();
                }
            }
        }
        return 0;
    }

    @Test
    void theSeedIsInTheRunningMachineAlone() throws IOException {
        long before = seeds();
        JvirtRun dry = create("--cloud-init", "password=x", "--dry-run");
        assertThat(dry.err()).isEmpty();
        assertThat(dry.out()).contains("make the cloud-init seed ", "start domain 'web' with the cloud-init seed");
        JvirtRun run = create("--cloud-init", "password=x,hostname=w", "--cloud-init", "ssh-key=ssh-rsa A a");
        assertThat(run.err()).isEmpty();
        assertThat(run.exit()).isZero();
        try (Domain domain = libvirt.host().findDomain("web")) {
            assertThat(domain.isActive()).isTrue();
            assertThat(domain.inactiveXml()).doesNotContain("seed.iso");
        }
        assertThat(seeds()).isEqualTo(before);
    }

    @Test
    void saysWhatDoesNotGo() {
        assertFails(
                create("--cloud-init", "pasword=x"),
                2,
                "--cloud-init 'pasword=x' has the unknown part 'pasword=x'",
                "--cloud-init knows ssh-key, password, hostname, user-data, meta-data, network-config");
        assertFails(
                create("--cloud-init", "password=x", "--no-start"),
                2,
                "--cloud-init is for the first boot, and the machine is not started",
                "leave --no-start out, and give it something to boot from: --image FILE");
        assertFails(
                create("--cloud-init", "user-data"),
                2,
                "--cloud-init 'user-data' starts with 'user-data', which is no KEY=VALUE",
                "--cloud-init knows ssh-key, password, hostname, user-data, meta-data, network-config");
        assertFails(
                libvirt.run("clone", "test", "x", "--reset-identity", "--identity-by", "cloud-init"),
                2,
                "--reset-identity is done at the clone's first boot, and it is not started",
                "add --start; with virt-sysprep (guestfs-tools) it is done without a start");
        assertFails(
                libvirt.run("clone", "test", "x", "--reset-identity", "--identity-by", "magic"),
                2,
                "--identity-by cannot be 'magic'",
                "it is cloud-init or sysprep");
        assertFails(
                libvirt.run("clone", "test", "x", "--identity-by", "sysprep"),
                2,
                "--identity-by is for --reset-identity",
                "add --reset-identity");
    }

    @Test
    void aCloneGetsAnIdentityOfItsOwn() {
        assertThat(create("--no-start").exit()).isZero();
        JvirtRun run = libvirt.run("clone", "web", "web2", "--reset-identity", "--start", "-v");
        assertThat(run.err())
                .contains("make the cloud-init seed", "start domain 'web2' with the cloud-init seed")
                .endsWith(
                        "jvirt: the identity is reset by cloud-init in the guest, which must have it; it takes the first"
                                + " boot\n");
        assertThat(libvirt.isActive("web2")).isTrue();
    }
}
