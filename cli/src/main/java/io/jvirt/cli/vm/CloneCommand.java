// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.SizeText;
import io.jvirt.domain.clone.Clone;
import io.jvirt.domain.clone.CloneElsewhere;
import io.jvirt.domain.clone.CloneMode;
import io.jvirt.domain.clone.ClonePlan;
import io.jvirt.domain.clone.CloneRequest;
import io.jvirt.domain.clone.ClonedDomain;
import io.jvirt.domain.clone.IdentityReset;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.migrate.TargetUri;
import io.jvirt.domain.step.Steps;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command
public final class CloneCommand implements CliCommand {
    @Parameters(
            index = "0",
            paramLabel = "SOURCE",
            description = "The machine to clone; one that runs is copied as of one moment and goes on.")
    private String source = "";

    @Parameters(index = "1", paramLabel = "NAME", description = "The clone's name.")
    private String name = "";

    @Option(
            names = "--mode",
            paramLabel = "full|linked|reflink|auto",
            description =
                    "full: copies of the disks, compacted on the way. linked: overlays on the disks of the source,"
                            + " which cannot be started while they exist. reflink: files that share blocks, on xfs and btrfs."
                            + " auto (default): linked for a template, else reflink where it can be, else full.")
    private String mode = "auto";

    @Option(names = "--count", paramLabel = "N", description = "Make N clones: NAME-01, NAME-02 and so on.")
    private @Nullable Integer count;

    @Option(names = "--pool", paramLabel = "POOL", description = "Pool for the disks. Default: the source's own.")
    private @Nullable String pool;

    @Option(names = "--dir", paramLabel = "DIRECTORY", description = "Directory for the disks, instead of a pool.")
    private @Nullable String directory;

    @Option(
            names = "--mac-prefix",
            paramLabel = "libvirt|source",
            description = "How the new MAC addresses start: 52:54:00 (default), or as the source's do.")
    private String macPrefix = "libvirt";

    @Option(
            names = "--to",
            paramLabel = "HOST|URI",
            description = "Put the clones on another host: made here, then moved as migrate moves machines.")
    private @Nullable String to;

    @Option(names = "--start", description = "Start the clones.")
    private boolean starts;

    @Option(
            names = "--reset-identity",
            description =
                    "A host name, machine id, DHCP identity and SSH host keys of its own: with --start by cloud-init in"
                            + " the guest, else in the disks by virt-sysprep, where it is installed.")
    private boolean resetsIdentity;

    @Option(
            names = "--identity-by",
            paramLabel = "cloud-init|sysprep",
            description = "With --reset-identity: by which of them.")
    private @Nullable String identityBy;

    @Option(names = "--dry-run", description = "Check everything, say what would be done, and touch nothing.")
    private boolean isDryRun;

    @Option(names = "--print-xml", description = "Print the definitions and touch nothing.")
    private boolean isPrintXml;

    /** What {@code --dry-run} answers. */
    public record Plan(List<ClonedDomain> domains, List<String> steps) {}

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        CloneRequest request = request();
        try (Host host = Host.open(context.options().connect())) {
            Clone clone = new Clone(host, Steps.journal());
            ClonePlan plan = clone.plan(request);
            if (isPrintXml) {
                plan.definitions().forEach(context.stdio().out()::print);
                return ExitCode.DONE;
            }
            plan.notes().forEach(context::note);
            CloneElsewhere elsewhere = elsewhere(host);
            if (elsewhere != null) {
                elsewhere.check(plan);
            }
            if (isDryRun) {
                context.print(Answer.one("plan", new Plan(plan.clones(), plan.summaries()), name)
                        .lines(dryRun(plan)));
                return ExitCode.DONE;
            }
            List<ClonedDomain> made;
            try (MoveProgress listener = new MoveProgress(context)) {
                made = elsewhere == null
                        ? clone.perform(plan, context.cancellation(), listener)
                        : moved(elsewhere.perform(plan, starts, context.cancellation(), listener));
            }
            if (plan.identity() == IdentityReset.CLOUD_INIT) {
                context.note(
                        "the identity is reset by cloud-init in the guest, which must have it; it takes the first boot");
            }
            context.print(Answer.list("domains", made, ClonedDomain::name).lines(done(made)));
            return ExitCode.DONE;
        }
    }

    private CloneRequest request() {
        if (pool != null && directory != null) {
            throw JvirtException.usage("--pool and --dir do not go together", "leave one of them out");
        }
        if (!List.of("libvirt", "source").contains(macPrefix)) {
            throw JvirtException.usage("--mac-prefix cannot be '" + macPrefix + "'", "it is libvirt or source");
        }
        CloneMode chosen = CloneMode.parse(mode);
        if (to != null && chosen == CloneMode.LINKED) {
            throw JvirtException.usage(
                    "a linked clone lies on a disk of this host and cannot be on another one", "--mode full");
        }
        return new CloneRequest(
                source,
                name,
                count,
                to != null && chosen == CloneMode.AUTO ? CloneMode.FULL : chosen,
                pool,
                directory,
                macPrefix.equals("source"),
                starts && to == null,
                identity());
    }

    private IdentityReset identity() {
        if (identityBy != null && !resetsIdentity) {
            throw JvirtException.usage("--identity-by is for --reset-identity", "add --reset-identity");
        }
        if (!resetsIdentity) {
            return IdentityReset.NONE;
        }
        IdentityReset chosen = IdentityReset.parse(identityBy);
        if (to != null && chosen == IdentityReset.CLOUD_INIT) {
            throw JvirtException.usage(
                    "the seed for cloud-init is made for a start on this host, and the clone starts on another one",
                    "--identity-by sysprep, or clone it here with --reset-identity --start and migrate it then");
        }
        return to == null ? chosen : IdentityReset.SYSPREP;
    }

    private @Nullable CloneElsewhere elsewhere(Host host) {
        if (to == null) {
            return null;
        }
        return new CloneElsewhere(host, Steps.journal(), TargetUri.of(to));
    }

    private List<ClonedDomain> moved(List<ClonedDomain> made) {
        return made.stream()
                .map(clone -> new ClonedDomain(
                        clone.name(),
                        clone.uuid(),
                        clone.source(),
                        starts ? "running" : "shut off",
                        clone.disks(),
                        clone.macs()))
                .toList();
    }

    private static List<String> dryRun(ClonePlan plan) {
        List<String> lines = new ArrayList<>();
        for (ClonedDomain clone : plan.clones()) {
            lines.add("Domain '" + clone.name() + "' would be a clone of '" + clone.source() + "'; nothing is changed");
        }
        plan.summaries().forEach(summary -> lines.add("  " + summary));
        return lines;
    }

    private List<String> done(List<ClonedDomain> made) {
        List<String> lines = new ArrayList<>();
        for (ClonedDomain clone : made) {
            lines.add("Domain '" + clone.name() + "' is a clone of '" + clone.source() + "'"
                    + (to == null ? "" : " on " + TargetUri.of(to))
                    + (clone.state().equals("running") ? ", and running" : ""));
            for (ClonedDomain.Disk disk : clone.disks()) {
                lines.add("  disk  " + disk.path() + "  " + disk.format() + "  " + SizeText.of(disk.sizeBytes()) + "  "
                        + disk.mode());
            }
        }
        if (!made.get(0).state().equals("running")) {
            lines.add("Next:");
            lines.add("  jvirt " + (to == null ? "" : "-c " + TargetUri.of(to) + " ") + "start "
                    + made.get(0).name());
        }
        return lines;
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt clone web web2", "a machine like web, with disks of its own"),
                new Example(
                        "jvirt clone golden web --mode linked --count 10", "web-01 to web-10 on one base, in a moment"),
                new Example(
                        "jvirt clone web web2 --reset-identity --start",
                        "with a host name, machine id and SSH host keys of its own"),
                new Example(
                        "jvirt clone web web2 --reset-identity --identity-by sysprep", "in a guest without cloud-init"),
                new Example("jvirt clone web test --mode reflink --start", "sharing blocks on xfs or btrfs, and start"),
                new Example(
                        "jvirt clone web web2 --pool fast --mac-prefix source", "elsewhere, with similar addresses"),
                new Example(
                        "jvirt clone live copy --mode full",
                        "of a machine that runs: frozen by its agent if it can be"),
                new Example("jvirt clone web web2 --to kvm2 --start", "on another host"),
                new Example("jvirt clone web web2 --dir /srv/vms --dry-run", "see what would be done"),
                new Example("jvirt clone web web2 --print-xml", "see the definition"));
    }
}
