// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.change.SetPlan;
import io.jvirt.domain.change.SetVerb;
import io.jvirt.domain.change.SetVerb.Reach;
import io.jvirt.domain.change.TextDiff;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.step.Steps;
import io.jvirt.domain.xml.DomainXml;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command
public final class SetCommand implements CliCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "The domain: name, UUID or number.")
    private String name = "";

    @Mixin
    private SetOptions options = new SetOptions();

    @Option(names = "--live", description = "Change the running machine. Alone: the next start has the old value.")
    private boolean isLive;

    @Option(names = "--config", description = "Change the definition, for the next start. Default: both where it runs.")
    private boolean isConfig;

    @Option(
            names = "--dry-run",
            description = "Check everything, show the definition's difference, and change nothing.")
    private boolean isDryRun;

    /** The answer's record. */
    public record Changed(String name, List<SetPlan.Effect> changes, List<String> definition) {}

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        try (Host host = Host.open(context.options().connect())) {
            SetVerb set = new SetVerb(host, Steps.journal());
            SetPlan plan = set.plan(
                    name,
                    options.changes(host, definition(host, false), definition(host, true), context::note),
                    reach());
            List<String> difference = TextDiff.of(plan.oldDefinition(), plan.newDefinition());
            List<String> lines = new ArrayList<>();
            if (isDryRun) {
                lines.add("Domain '" + plan.name() + "' would be changed; nothing is:");
            } else {
                set.perform(plan, context.cancellation(), new StepNotes(context));
                lines.add("Domain '" + plan.name() + "' is changed:");
            }
            plan.effects().forEach(effect -> lines.add("  " + effect.text()));
            if (isDryRun) {
                lines.addAll(difference);
            }
            context.print(Answer.one("domain", new Changed(plan.name(), plan.effects(), difference), plan.name())
                    .lines(lines));
            return ExitCode.DONE;
        }
    }

    /** @param isSeen what runs, unless only the definition is to change */
    private DomainXml definition(Host host, boolean isSeen) {
        boolean isRunning = isSeen && (isLive || !isConfig);
        try (Domain domain = host.findDomain(name)) {
            return DomainXml.parse(domain.isPersistent() && !isRunning ? domain.inactiveXml() : domain.xml());
        }
    }

    private Reach reach() {
        if (options.isEmpty()) {
            throw JvirtException.usage("nothing is to be changed", "jvirt set --help shows what can be");
        }
        return isLive ? isConfig ? Reach.BOTH : Reach.LIVE : isConfig ? Reach.CONFIG : Reach.DEFAULT;
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt set web --memory 4G --vcpus 4", "now as far as it can, and at the next start"),
                new Example("jvirt set web --config --cpu host-passthrough", "only in the definition"),
                new Example("jvirt set web --add-disk 20G", "make a disk and plug it in"),
                new Example("jvirt set web --add-disk /srv/data.qcow2,cache=none", "plug a disk in that is there"),
                new Example("jvirt set web --resize-disk vda=40G", "a larger disk, also while it runs"),
                new Example(
                        "jvirt set web --medium sda=/srv/debian.iso --boot sda,vda", "another CD, and boot from it"),
                new Example("jvirt set web --add-network bridge=br0 --remove-network 1", "exchange a network card"),
                new Example(
                        "jvirt set web --graphics vnc,listen=0.0.0.0,password=secret --dry-run", "see the difference"));
    }
}
