// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.create;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.step.StagedFileStep;
import io.jvirt.domain.step.StagedVolumeStep;
import io.jvirt.domain.step.UnstageStep;
import io.jvirt.domain.step.UnstageVolumeStep;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Where the host's QEMU finds an installer's kernel and initrd, and the steps that bring them there and away again.
 *
 * @param kernel path on the host
 * @param initrd path on the host
 */
record InstallFiles(Path kernel, Path initrd, List<Step> stage, List<Step> unstage) {
    static InstallFiles of(Host host, @Nullable String poolName, InstallTree tree) {
        String mark = "jvirt-" + UUID.randomUUID();
        String kernelName = mark + "-kernel";
        String initrdName = mark + "-initrd";
        if (!host.isRemote()) {
            Path directory = localDirectory(host);
            Path kernel = directory.resolve(kernelName);
            Path initrd = directory.resolve(initrdName);
            return new InstallFiles(
                    kernel,
                    initrd,
                    List.of(new StagedFileStep(tree.kernel(), kernel), new StagedFileStep(tree.initrd(), initrd)),
                    List.of(new UnstageStep(kernel), new UnstageStep(initrd)));
        }
        try (Pool pool = PoolChoice.choose(host, poolName)) {
            PoolKind kind = pool == null ? null : PoolKind.of(pool);
            if (pool == null || kind == null || kind.isDevices()) {
                throw JvirtException.failed(
                        "the installer's kernel needs a directory pool on " + host.uri(),
                        "name one with --pool: jvirt pool list");
            }
            Path directory = Path.of(kind.targetPath());
            return new InstallFiles(
                    directory.resolve(kernelName),
                    directory.resolve(initrdName),
                    List.of(
                            new StagedVolumeStep(tree.kernel(), pool.name(), kernelName),
                            new StagedVolumeStep(tree.initrd(), pool.name(), initrdName)),
                    List.of(
                            new UnstageVolumeStep(pool.name(), kernelName),
                            new UnstageVolumeStep(pool.name(), initrdName)));
        }
    }

    static Path localDirectory(Host host) {
        if (host.uri().endsWith("/session")) {
            return Path.of(System.getProperty("user.home", "/"), ".cache", "jvirt");
        }
        Path boot = Path.of("/var/lib/libvirt/boot");
        return Files.isDirectory(boot) ? boot : Path.of("/var/lib/libvirt/images");
    }
}
