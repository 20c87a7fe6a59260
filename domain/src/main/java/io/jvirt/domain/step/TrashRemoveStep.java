// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.journal.FinalStep;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.trash.TrashRecord;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Removes an entry from the trash, with its files or, behind a return, without. */
public final class TrashRemoveStep implements FinalStep {
    static final String KIND = "trash-remove";

    private final String summary;
    private final TrashDirectories directories;
    private final boolean withFiles;

    /**
     * Plans the removal.
     *
     * @param link in the state directory, to the record's directory, or null
     * @param withFiles false where all files have been moved out before: then none is removed
     */
    public TrashRemoveStep(String summary, TrashRecord record, @Nullable Path link, boolean withFiles) {
        this(summary, new TrashDirectories(record.directories(), link), withFiles);
    }

    private TrashRemoveStep(String summary, TrashDirectories directories, boolean withFiles) {
        this.summary = summary;
        this.directories = directories;
        this.withFiles = withFiles;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("directories", directories.text());
        if (directories.link() != null) {
            p.put("link", directories.link().toString());
        }
        p.put("files", Boolean.toString(withFiles));
        return new StepPlan(KIND, summary, p);
    }

    static TrashRemoveStep read(StepPlan plan) {
        return new TrashRemoveStep(
                plan.summary(), TrashDirectories.read(plan), Boolean.parseBoolean(Parameters.required(plan, "files")));
    }

    @Override
    public void perform(StepContext context) throws Exception {
        for (Path left : directories.remove(withFiles)) {
            context.report(left + " holds what was not the machine's, and is left");
        }
    }
}
