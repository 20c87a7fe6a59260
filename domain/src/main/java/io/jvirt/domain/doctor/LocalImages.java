// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.doctor;

import io.jvirt.domain.libvirt.Bounded;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageDescription;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.file.ExtendedAttribute;
import io.jvirt.storage.file.HostFile;
import io.jvirt.storage.file.ImageLock;
import io.jvirt.storage.qcow2.Qcow2Description;
import io.jvirt.storage.qcow2.check.CheckResult;
import io.jvirt.storage.qcow2.check.Qcow2Check;
import io.jvirt.storage.qcow2.check.Repair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The files of this machine. A look that does not come back in time tells nothing. */
final class LocalImages implements ImageFacts {
    private static final Duration LOOK_LIMIT = Duration.ofSeconds(5);
    private static final Path QEMU_CONF = Path.of("/etc/libvirt/qemu.conf");
    private static final Path APPARMOR_PROFILES = Path.of("/sys/kernel/security/apparmor/profiles");
    private static final Pattern OWNERS_STAY = Pattern.compile("\\s*dynamic_ownership\\s*=\\s*0\\s*(#.*)?");
    private static final Duration CHECK_LIMIT = Duration.ofSeconds(60);

    private final boolean isQemuAnotherUser;
    private final boolean isWhole;

    /**
     * @param isQemuAnotherUser the system's libvirt, whose QEMU is not root
     * @param isWhole check all of an image's metadata, not its header alone
     */
    LocalImages(boolean isQemuAnotherUser, boolean isWhole) {
        this.isQemuAnotherUser = isQemuAnotherUser;
        this.isWhole = isWhole;
    }

    @Override
    public boolean exists(String path) {
        Boolean there = Bounded.call("look at " + path, LOOK_LIMIT, () -> Files.exists(Path.of(path)), late -> {});
        return there == null || there;
    }

    @Override
    public boolean isInUse(String path) {
        Boolean used = Bounded.call("look at " + path, LOOK_LIMIT, () -> ImageLock.isInUse(Path.of(path)), late -> {});
        return used == null || used;
    }

    @Override
    public @Nullable ImageState state(String path) {
        return Bounded.call("check " + path, CHECK_LIMIT, () -> read(Path.of(path)), late -> {});
    }

    private @Nullable ImageState read(Path path) {
        if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
            return null;
        }
        try {
            if (DiskImages.probe(path) != ImageFormat.QCOW2) {
                return null;
            }
            ImageDescription description =
                    DiskImages.describe(OpenRequest.of(path).forceShare().withoutBacking());
            Qcow2Description qcow2 = description.qcow2();
            if (qcow2 == null) {
                return null;
            }
            boolean isDirty = qcow2.header().features().isDirty();
            boolean isCorrupt = qcow2.header().features().isCorrupt();
            if (!isWhole || isDirty || isCorrupt) {
                return new ImageState(isDirty, isCorrupt ? 1 : 0, 0, 0, null);
            }
            try (HostFile store = HostFile.open(path, true)) {
                CheckResult result = Qcow2Check.run(store, Repair.NONE, line -> {});
                return new ImageState(
                        false,
                        result.corruptions(),
                        result.leaks(),
                        qcow2.header().geometry().clusterBytes(),
                        result.failure());
            }
        } catch (IOException e) {
            return new ImageState(false, 0, 0, 0, String.valueOf(e.getMessage()));
        }
    }

    @Override
    public @Nullable FileOwner owner(String path) {
        return Bounded.call("owner of " + path, LOOK_LIMIT, () -> ownerOf(Path.of(path)), late -> {});
    }

    private static @Nullable FileOwner ownerOf(Path path) {
        try {
            Map<String, Object> unix = Files.readAttributes(path, "unix:uid,gid,mode");
            return new FileOwner(number(unix, "uid"), number(unix, "gid"), number(unix, "mode"));
        } catch (IOException | UnsupportedOperationException e) {
            return null;
        }
    }

    private static int number(Map<String, Object> attributes, String name) {
        return attributes.get(name) instanceof Integer value ? value : 0;
    }

    @Override
    public @Nullable String selinuxLabel(String path) {
        return Bounded.call(
                "label of " + path,
                LOOK_LIMIT,
                () -> ExtendedAttribute.text(Path.of(path), "security.selinux"),
                late -> {});
    }

    @Override
    public @Nullable Set<String> appArmorProfiles() {
        try {
            // NAME (enforce)
            return Files.readAllLines(APPARMOR_PROFILES).stream()
                    .map(line -> line.replaceFirst(" \\([a-z]+\\)$", ""))
                    .collect(Collectors.toSet());
        } catch (IOException e) {
            return null;
        }
    }

    @Override
    public boolean changesOwners() {
        try {
            return Files.readAllLines(QEMU_CONF).stream()
                    .noneMatch(line -> OWNERS_STAY.matcher(line).matches());
        } catch (IOException e) {
            // libvirt's default.
            return true;
        }
    }

    @Override
    public @Nullable String closedDirectory(String path) {
        if (!isQemuAnotherUser) {
            return null;
        }
        for (Path d = Path.of(path).getParent(); d != null; d = d.getParent()) {
            try {
                if (Files.isDirectory(d)
                        && !Files.getPosixFilePermissions(d).contains(PosixFilePermission.OTHERS_EXECUTE)) {
                    return d.toString();
                }
            } catch (IOException | UnsupportedOperationException e) {
                return null;
            }
        }
        return null;
    }
}
