// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.pool;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.journal.Journal;
import io.jvirt.domain.journal.JournalName;
import io.jvirt.domain.journal.Operation;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.step.PoolStep;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The verb {@code pool create}. */
public final class PoolCreation {
    private PoolCreation() {}

    /**
     * What happens beside the definition.
     *
     * @param build what of its target is made
     */
    public record Wishes(Pool.Build build, boolean start, boolean autostart) {}

    /** Throws what speaks against the pool; changes nothing. */
    public static void check(Host host, PoolRequest request, Wishes wishes) {
        request.check();
        if (wishes.build() != Pool.Build.PLAIN && !request.type().isWrittenByBuild()) {
            throw JvirtException.usage(
                    "there is nothing to build for a pool of type "
                            + request.type().id(),
                    "leave --build and --overwrite out: its directory is made without them");
        }
        PoolReading.refuseWhileOneHangs(host);
        for (PoolSummary other : PoolReading.all(host)) {
            if (other.name().equals(request.name())) {
                throw JvirtException.failed(
                        "pool '" + request.name() + "' exists already",
                        "jvirt pool info " + ShellWord.quoted(request.name()) + " shows it");
            }
            if (request.type() != PoolType.DISK && request.effectiveTarget().equals(withoutEnd(other.target()))) {
                throw JvirtException.refused(
                        "pool '" + other.name() + "' already uses " + request.effectiveTarget(),
                        "two pools on one directory would each think that the volumes are theirs: use pool '"
                                + other.name() + "'");
            }
        }
    }

    /** What to do about a pool that libvirt does not make, for a reason of its own. */
    static @Nullable String hint(String reason, PoolRequest request, Wishes wishes) {
        if (reason.startsWith("Cannot find '")) {
            return "the host lacks that program: install its package (parted, lvm2, nfs-common)";
        }
        boolean isBuilt = wishes.build() != Pool.Build.PLAIN;
        return switch (request.type()) {
            case DIR -> null;
            case FS ->
                isBuilt
                        ? "what is on " + request.sourceDevices().get(0)
                                + "? wipefs lists it; --overwrite makes a new file system over it"
                        : "is there a file system on " + request.sourceDevices().get(0)
                                + "? --build makes one where there is none";
            case NETFS ->
                "does " + request.sourceHost() + " export " + request.sourcePath() + "? Try: showmount -e "
                        + request.sourceHost();
            case LOGICAL ->
                isBuilt
                        ? "vgs and pvs show what there is"
                        : "does the volume group " + request.group() + " exist? --source-dev DEV --build makes one";
            case DISK ->
                isBuilt
                        ? "what is on " + request.sourceDevices().get(0)
                                + "? wipefs lists it; --overwrite makes a new label over it"
                        : "has " + request.sourceDevices().get(0) + " a label? --build makes one where there is none";
        };
    }

    private static String withoutEnd(@Nullable String path) {
        return path == null
                ? ""
                : path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    /** Makes it; a pool that cannot be built or started is not left behind. */
    public static PoolSummary perform(
            Host host, Journal journal, PoolRequest request, Wishes wishes, Cancellation cancellation)
            throws Exception {
        check(host, request, wishes);
        String uuid = UUID.randomUUID().toString();
        boolean builds = wishes.build() != Pool.Build.PLAIN
                || request.type() == PoolType.DIR
                || request.type() == PoolType.NETFS
                || request.type() == PoolType.FS;
        PoolStep step = new PoolStep(new PoolStep.Spec(
                request.name(),
                uuid,
                request.xml(uuid),
                builds ? wishes.build() : null,
                // On another host nobody knows, so that it stays there.
                request.type() == PoolType.DIR
                        && !host.isRemote()
                        && !Files.exists(Path.of(request.effectiveTarget()), LinkOption.NOFOLLOW_LINKS),
                wishes.start(),
                wishes.autostart()));
        try (Operation operation =
                journal.begin("pool-create", host.uri(), List.of(JournalName.pool(request.name())), List.of(step))) {
            operation.perform(host, cancellation, (plan, undoing) -> {});
        } catch (LibvirtException e) {
            throw new JvirtException(e.kind(), String.valueOf(e.getMessage()), hint(e.reason(), request, wishes), e);
        }
        return PoolReading.of(host, request.name(), PoolSummary::of);
    }
}
