// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.FileReason;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Moves a file, or a directory, within its file system: into the trash and back. Only the one that was there when it was
 * planned is moved, and nothing is ever replaced. The new name's directory is synced before the old one's, so a power cut
 * leaves the file under one of its names.
 */
public final class MoveFileStep implements Step {
    static final String KIND = "move-file";

    private final String what;
    private final Path from;
    private final Path to;
    private final FileIdentity identity;
    private final @Nullable String pool;

    /**
     * A move.
     *
     * @param what for people: {@code "put the disk into the trash"}
     * @param pool the pool that one of the names is in, or null
     */
    public MoveFileStep(String what, Path from, Path to, @Nullable String pool) throws IOException {
        this(what, from, to, FileIdentity.of(from), pool);
    }

    private MoveFileStep(String what, Path from, Path to, @Nullable FileIdentity identity, @Nullable String pool) {
        if (identity == null) {
            throw new IllegalArgumentException("no identity for " + from);
        }
        this.what = what;
        this.from = from;
        this.to = to;
        this.identity = identity;
        this.pool = pool;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("what", what);
        p.put("from", from.toString());
        p.put("to", to.toString());
        p.put("inode", identity.toString());
        if (pool != null) {
            p.put("pool", pool);
        }
        return new StepPlan(KIND, what, p);
    }

    static MoveFileStep read(StepPlan plan) {
        return new MoveFileStep(
                Parameters.required(plan, "what"),
                Path.of(Parameters.required(plan, "from")),
                Path.of(Parameters.required(plan, "to")),
                FileIdentity.parse(Parameters.required(plan, "inode")),
                plan.parameters().get("pool"));
    }

    @Override
    public void perform(StepContext context) throws Exception {
        if (!identity.isThatOf(from)) {
            throw JvirtException.failed(
                    from + (Files.exists(from, LinkOption.NOFOLLOW_LINKS) ? " was replaced" : " has disappeared")
                            + " meanwhile",
                    "try again: what is there then is taken");
        }
        move(from, to);
        PoolRefresh.of(context.host(), pool);
    }

    @Override
    public void undo(StepContext context) throws Exception {
        if (identity.isThatOf(to)) {
            move(to, from);
            PoolRefresh.of(context.host(), pool);
        }
    }

    private static void move(Path source, Path target) throws IOException {
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            throw JvirtException.failed(
                    "cannot move " + source + ": " + target + " exists", "move that out of the way");
        }
        Path directory = target.getParent();
        try {
            if (directory != null && !Files.isDirectory(directory)) {
                Files.createDirectories(
                        directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                Directories.sync(directory);
            }
            Files.move(source, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            throw new JvirtException(
                    JvirtException.Kind.FAILED,
                    "cannot move " + source + " to " + target + ": " + FileReason.of(e),
                    "is the file system writable?",
                    e);
        }
        Directories.sync(target);
        Directories.sync(source);
    }
}
