// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepPlan;
import java.util.List;

/** What moving a domain means: what stands against it, and what is going to be done. */
public final class MigratePlan {
    private final String name;
    private final String uuid;
    private final String targetName;
    private final String targetUri;
    private final List<Finding> findings;
    private final List<MovedFile> files;
    private final List<Step> steps;

    MigratePlan(
            String name,
            String uuid,
            String targetName,
            String targetUri,
            List<Finding> findings,
            List<MovedFile> files,
            List<Step> steps) {
        this.name = name;
        this.uuid = uuid;
        this.targetName = targetName;
        this.targetUri = targetUri;
        this.findings = List.copyOf(findings);
        this.files = List.copyOf(files);
        this.steps = List.copyOf(steps);
    }

    public String name() {
        return name;
    }

    public String uuid() {
        return uuid;
    }

    public String targetName() {
        return targetName;
    }

    public String targetUri() {
        return targetUri;
    }

    /** Blockers first. */
    public List<Finding> findings() {
        return findings;
    }

    public boolean isBlocked() {
        return findings.stream().anyMatch(finding -> finding.kind() == Finding.Kind.BLOCKER);
    }

    public List<MovedFile> files() {
        return files;
    }

    /** What has to travel at most; zeros among it do not. */
    public long dataBytes() {
        return files.stream().mapToLong(MovedFile::dataBytes).sum();
    }

    /** Empty where there is a blocker. */
    List<Step> steps() {
        return steps;
    }

    public List<String> summaries() {
        return steps.stream().map(Step::plan).map(StepPlan::summary).toList();
    }
}
