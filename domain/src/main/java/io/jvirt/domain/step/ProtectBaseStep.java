// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.OpenRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Takes the write permission off an image that others are going to lie on top of: a guest that wrote to it would destroy
 * them. QEMU, which does not run as root, cannot open it for writing any more, whoever starts it.
 */
public final class ProtectBaseStep implements Step {
    static final String KIND = "protect-base";

    private static final Set<PosixFilePermission> WRITE = EnumSet.of(
            PosixFilePermission.OWNER_WRITE, PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);
    private static final String BEFORE = "permissions";

    private final Path path;
    private final ImageFormat format;

    public ProtectBaseStep(Path path, ImageFormat format) {
        this.path = path;
        this.format = format;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("path", path.toString());
        p.put("format", format.id());
        return new StepPlan(KIND, "protect " + path + " against writing", p);
    }

    static ProtectBaseStep read(StepPlan plan) {
        return new ProtectBaseStep(
                Path.of(Parameters.required(plan, "path")),
                ImageFormat.valueOf(Parameters.required(plan, "format").toUpperCase(Locale.ROOT)));
    }

    @Override
    public void perform(StepContext context) throws Exception {
        Set<PosixFilePermission> before = Files.getPosixFilePermissions(path);
        Set<PosixFilePermission> after = EnumSet.copyOf(before);
        if (after.removeAll(WRITE)) {
            context.note(BEFORE, PosixFilePermissions.toString(before));
            Files.setPosixFilePermissions(path, after);
        }
        // Behind the change: a guest that was started before it holds a lock now, and one that starts later fails.
        DiskImages.open(OpenRequest.of(path).withFormat(format).withoutBacking())
                .close();
    }

    @Override
    public void undo(StepContext context) throws Exception {
        String before = context.noted(BEFORE);
        if (before != null && Files.exists(path)) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(before));
        }
    }

    /** Whether a file is protected in this way. */
    public static boolean isProtected(Path path) throws IOException {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
        return permissions.stream().noneMatch(WRITE::contains);
    }

    /** Lets the owner write again. */
    public static void release(Path path) throws IOException {
        Set<PosixFilePermission> permissions = EnumSet.copyOf(Files.getPosixFilePermissions(path));
        permissions.add(PosixFilePermission.OWNER_WRITE);
        Files.setPosixFilePermissions(path, permissions);
    }
}
