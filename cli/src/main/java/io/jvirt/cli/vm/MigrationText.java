// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.SizeText;
import io.jvirt.domain.migrate.Finding;
import io.jvirt.domain.migrate.MigratePlan;
import io.jvirt.domain.migrate.MovedFile;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** How {@code migrate} says what it found and did. */
final class MigrationText {
    /**
     * The answer for programs.
     *
     * @param state planned, blocked or moved
     * @param dataBytes what travels at most
     */
    record Migration(
            String name,
            String uuid,
            String target,
            String targetName,
            String state,
            long dataBytes,
            List<Finding> findings,
            List<MovedFile> files,
            List<String> steps) {}

    private MigrationText() {}

    static Answer<Migration> answer(List<MigratePlan> plans, String state) {
        List<Migration> migrations = plans.stream()
                .map(plan -> new Migration(
                        plan.name(),
                        plan.uuid(),
                        plan.targetUri(),
                        plan.targetName(),
                        plan.isBlocked() ? "blocked" : state,
                        plan.dataBytes(),
                        plan.findings(),
                        plan.files(),
                        plan.summaries()))
                .toList();
        return Answer.list("migrations", migrations, Migration::name);
    }

    static List<String> plan(List<MigratePlan> plans) {
        List<String> lines = new ArrayList<>();
        for (MigratePlan plan : plans) {
            lines.add("Domain '" + plan.name() + "' "
                    + (plan.isBlocked() ? "cannot move" : "can move") + " to " + plan.targetUri()
                    + (plan.targetName().equals(plan.name()) ? "" : " as '" + plan.targetName() + "'") + ":");
            for (Finding finding : plan.findings()) {
                lines.add("  " + line(finding));
                if (finding.solution() != null) {
                    lines.add("      " + finding.solution());
                }
            }
            for (MovedFile file : plan.files()) {
                lines.add("  " + file.role() + "  " + describe(file));
            }
            if (!plan.isBlocked()) {
                lines.add("  " + SizeText.of(plan.dataBytes()) + " to send at most; the steps:");
                plan.summaries().forEach(step -> lines.add("    " + step));
            }
        }
        lines.add("Nothing was changed");
        return lines;
    }

    private static String describe(MovedFile file) {
        String where = file.targetPath().equals(file.path()) ? file.path() : file.path() + " → " + file.targetPath();
        return switch (file.action()) {
            case COPY -> where + ": copied, " + SizeText.of(file.dataBytes());
            case UPDATE -> where + ": the target's older copy is overwritten, only what differs is sent";
            case FLATTEN -> file.path() + ": goes into " + file.targetPath();
            case REUSE -> where + ": the target has it already, which is verified";
            case SHARED -> where + ": shared, stays where it is";
        };
    }

    private static String line(Finding finding) {
        return finding.kind().name().toLowerCase(Locale.ROOT) + "  " + finding.text();
    }

    static List<String> warnings(List<MigratePlan> plans) {
        List<String> lines = new ArrayList<>();
        for (MigratePlan plan : plans) {
            plan.findings().forEach(finding -> lines.add(finding.text()));
        }
        return lines;
    }

    /** All blockers of all domains in one message. */
    static JvirtException refusal(List<MigratePlan> plans) {
        List<String> blockers = new ArrayList<>();
        Set<String> solutions = new LinkedHashSet<>();
        String names = "";
        for (MigratePlan plan : plans) {
            for (Finding finding : plan.findings()) {
                if (finding.kind() == Finding.Kind.BLOCKER) {
                    blockers.add(finding.text());
                    if (finding.solution() != null) {
                        solutions.add(finding.solution());
                    }
                }
            }
            if (plan.isBlocked()) {
                names += (names.isEmpty() ? "'" : ", '") + plan.name() + "'";
            }
        }
        return JvirtException.refused(
                "cannot move " + names + ": " + String.join("; ", blockers),
                solutions.isEmpty() ? "--plan shows the comparison" : String.join("; ", solutions));
    }

    static List<String> done(List<MigratePlan> plans) {
        List<String> lines = new ArrayList<>();
        for (MigratePlan plan : plans) {
            lines.add("Domain '" + plan.name() + "' has moved to " + plan.targetUri()
                    + (plan.targetName().equals(plan.name()) ? "" : " as '" + plan.targetName() + "'"));
            if (plan.files().stream().anyMatch(MovedFile::isTrashed)) {
                lines.add("  its files on this host are in the trash: jvirt purge " + ShellWord.quoted(plan.name())
                        + " frees their space");
            }
            for (MovedFile file : plan.files()) {
                if (!file.isTrashed() && file.action() != MovedFile.Action.SHARED) {
                    lines.add("  left on this host: " + file.path());
                }
            }
        }
        return lines;
    }
}
