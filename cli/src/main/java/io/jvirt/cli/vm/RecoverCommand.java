// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.recover.Recover;
import io.jvirt.domain.recover.UnfinishedOperation;
import io.jvirt.domain.step.Steps;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command
public final class RecoverCommand implements CliCommand {
    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "ID",
            description = "The operation, or a domain of it. Without it: all that are unfinished.")
    private @Nullable String id;

    @Option(names = "--resume", description = "Do what is left of it.")
    private boolean resumes;

    @Option(names = "--rollback", description = "Undo what it did.")
    private boolean rollsBack;

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask.")
    private boolean isYes;

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        if (resumes && rollsBack) {
            throw JvirtException.usage("--resume and --rollback exclude each other", "give one of them");
        }
        Recover recover = new Recover(Steps.journal());
        List<UnfinishedOperation> operations = id == null ? recover.list() : List.of(recover.find(id));
        if (!resumes && !rollsBack) {
            context.print(Answer.list("operations", operations, UnfinishedOperation::id)
                    .lines(listing(operations)));
            return ExitCode.DONE;
        }
        // One that is at work is no wreck.
        List<UnfinishedOperation> wrecks = operations.stream()
                .filter(operation -> id != null || !operation.isRunning())
                .toList();
        if (!wrecks.isEmpty()) {
            context.confirm(question(wrecks), isYes);
        }
        for (UnfinishedOperation operation : wrecks) {
            if (!recover.isUnfinished(operation.id())) {
                context.say("'" + operation.id() + "' is settled with the one before");
            } else if (resumes) {
                recover.resume(operation.id(), context.cancellation(), new StepNotes(context));
                context.say("'" + operation.id() + "' is finished");
            } else {
                recover.rollback(operation.id(), new StepNotes(context));
                context.say("'" + operation.id() + "' is rolled back");
            }
        }
        if (wrecks.isEmpty()) {
            context.say("Nothing is unfinished");
        }
        return ExitCode.DONE;
    }

    private String question(List<UnfinishedOperation> operations) {
        List<String> names = operations.stream()
                .map(o -> "'" + o.verb() + " "
                        + String.join(
                                " ",
                                o.domains().subList(0, Math.min(1, o.domains().size()))) + "' (" + o.id() + ")")
                .toList();
        return (resumes ? "Finish " : "Undo ") + String.join(", ", names) + "?";
    }

    private static List<String> listing(List<UnfinishedOperation> operations) {
        if (operations.isEmpty()) {
            return List.of("Nothing is unfinished");
        }
        List<String> lines = new ArrayList<>();
        for (UnfinishedOperation o : operations) {
            lines.add(o.id() + ": " + o.verb() + " "
                    + (o.domains().isEmpty() ? "" : o.domains().get(0)) + " on " + o.uri()
                    + ", begun " + o.startedAt()
                    + (o.isRunning() ? ", still running as pid " + o.pid() + " on " + o.hostname() : ", cut off"));
            if (o.failure() != null) {
                lines.add("  it failed: " + o.failure());
            }
            for (UnfinishedOperation.Step step : o.steps()) {
                lines.add("  " + pad(step.progress()) + step.summary());
            }
            if (!o.isRunning()) {
                lines.add("  finish it: jvirt recover " + o.id() + " --resume");
                lines.add("  undo it:   jvirt recover " + o.id() + " --rollback");
            }
        }
        return lines;
    }

    private static String pad(String progress) {
        return progress + " ".repeat(Math.max(1, 9 - progress.length()));
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt recover", "list what was cut off, and how far it came"),
                new Example("jvirt recover create-1f2e3d4c --rollback", "undo it"),
                new Example("jvirt recover web --resume", "finish what was being done to a domain"));
    }
}
