// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.FileReason;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.FinalStep;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Removes a disk's file: the one that was there when it was planned, not one that has taken its name since. */
public final class DeleteFileStep implements FinalStep {
    static final String KIND = "delete-file";

    private final Path path;
    private final FileIdentity identity;
    private final @Nullable String pool;

    /** @param pool the pool that the file is in, or null */
    public DeleteFileStep(Path path, @Nullable String pool) throws IOException {
        this(path, FileIdentity.of(path), pool);
    }

    private DeleteFileStep(Path path, @Nullable FileIdentity identity, @Nullable String pool) {
        if (identity == null) {
            throw new IllegalArgumentException("no identity for " + path);
        }
        this.path = path;
        this.identity = identity;
        this.pool = pool;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("path", path.toString());
        p.put("inode", identity.toString());
        if (pool != null) {
            p.put("pool", pool);
        }
        return new StepPlan(KIND, "remove disk " + path, p);
    }

    static DeleteFileStep read(StepPlan plan) {
        return new DeleteFileStep(
                Path.of(Parameters.required(plan, "path")),
                FileIdentity.parse(Parameters.required(plan, "inode")),
                plan.parameters().get("pool"));
    }

    @Override
    public void perform(StepContext context) throws Exception {
        if (identity.isThatOf(path)) {
            try {
                Files.deleteIfExists(path);
            } catch (FileSystemException e) {
                throw new JvirtException(
                        JvirtException.Kind.FAILED,
                        "cannot remove disk " + path + ": " + FileReason.of(e),
                        "is its file system writable?",
                        e);
            }
            Directories.sync(path);
        }
        PoolRefresh.of(context.host(), pool);
    }
}
