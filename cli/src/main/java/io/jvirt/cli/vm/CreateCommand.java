// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.SizeText;
import io.jvirt.domain.create.BootSource;
import io.jvirt.domain.create.Create;
import io.jvirt.domain.create.CreatePlan;
import io.jvirt.domain.create.CreateRequest;
import io.jvirt.domain.create.CreateWait;
import io.jvirt.domain.create.CreatedDomain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.step.Steps;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command
public final class CreateCommand implements CliCommand {
    @Mixin
    private CreateOptions options = new CreateOptions();

    @Option(
            names = "--wait",
            arity = "0..1",
            fallbackValue = "forever",
            paramLabel = "DURATION",
            description =
                    "Wait for the machine to shut down, at most so long (90s, 30m, 2h); after an installation from"
                            + " --location it is then started from its disk.")
    private @Nullable String wait;

    @Option(names = "--dry-run", description = "Check everything, say what would be done, and touch nothing.")
    private boolean isDryRun;

    @Option(names = "--print-xml", description = "Print the definition and touch nothing.")
    private boolean isPrintXml;

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        CreateWait waiting = wait == null ? null : CreateWait.parse(wait);
        CreateRequest request = options.request(options.template(context));
        try (Host host = Host.open(context.options().connect())) {
            Create create = new Create(host, Steps.journal());
            CreatePlan plan = create.plan(request);
            if (waiting != null) {
                waiting.check(plan);
            }
            if (isPrintXml) {
                context.stdio().out().print(plan.xml());
                return ExitCode.DONE;
            }
            plan.notes().forEach(context::note);
            if (isDryRun && !plan.canBePerformed()) {
                context.note("the image is not looked at: it would be fetched, compared and unpacked first");
            }
            if (isDryRun) {
                context.print(Answer.one("plan", new Plan(plan.result(), plan.summaries()), plan.name())
                        .lines(dryRun(plan)));
                return ExitCode.DONE;
            }
            if (request.source() instanceof BootSource.Fetched fetched) {
                Path image = ImageFetch.of(context, fetched.image()).file();
                plan = create.plan(request.withSource(new BootSource.Image(image, false)));
            }
            CreatedDomain made = create.perform(plan, context.cancellation(), new StepNotes(context));
            if (waiting != null) {
                made = waiting.await(host, plan, context.cancellation());
            }
            context.print(Answer.one("domain", made, made.name()).lines(done(made)));
            return ExitCode.DONE;
        }
    }

    private static List<String> dryRun(CreatePlan plan) {
        List<String> lines = new ArrayList<>();
        lines.add("Domain '" + plan.name() + "' would be created; nothing is changed:");
        plan.summaries().forEach(summary -> lines.add("  " + summary));
        return lines;
    }

    private static List<String> done(CreatedDomain made) {
        boolean running = made.state().equals("running");
        List<String> lines = new ArrayList<>();
        lines.add("Domain '" + made.name() + "' is defined" + (running ? " and running" : ""));
        for (CreatedDomain.Disk disk : made.disks()) {
            lines.add("  disk  " + disk.path() + "  " + disk.format() + "  " + SizeText.of(disk.sizeBytes())
                    + (disk.created() ? "" : "  (was there before)"));
        }
        lines.add("Next:");
        if (!running) {
            lines.add("  jvirt start " + ShellWord.quoted(made.name()));
        }
        lines.add("  jvirt console " + ShellWord.quoted(made.name()) + "    (Ctrl-] leaves)");
        lines.add("  jvirt info " + ShellWord.quoted(made.name()));
        return lines;
    }

    /** What {@code --dry-run} answers. */
    public record Plan(CreatedDomain domain, List<String> steps) {}

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt create --name centos --disk 10G --format qcow2", "a machine with an empty disk"),
                new Example(
                        "jvirt create web --image debian-12.qcow2 --disk 20G --memory 4G",
                        "from an image, which is copied and grown"),
                new Example(
                        "jvirt create web --image debian-12.qcow2 --cloud-init ssh-key=.ssh/id_ed25519.pub,hostname=web1",
                        "a cloud image that lets you in"),
                new Example(
                        "jvirt create web --image https://cloud.example.org/debian-12.qcow2 --disk 20G --cloud-init password=x",
                        "fetched once, compared with the SHA512SUMS beside it"),
                new Example(
                        "jvirt create web --image fedora.raw.xz --checksum-file Fedora.CHECKSUM", "unpacked, compared"),
                new Example(
                        "jvirt create --template debian-13 --name web --memory 4G --cloud-init ssh-key=.ssh/id_ed25519.pub",
                        "from a template; what else is said wins over it"),
                new Example("jvirt create web2 --image base.qcow2 --backed", "on top of an image, in no time"),
                new Example("jvirt create inst --disk 20G --cdrom debian-12-netinst.iso", "install from an ISO image"),
                new Example(
                        "jvirt create inst --disk 20G --location /srv/trees/debian --wait=2h",
                        "install from a tree, on the serial console"),
                new Example(
                        "jvirt create db --disk 20G --disk 200G,format=raw,pool=fast,cache=none --network bridge=br0",
                        "two disks, a bridge"),
                new Example(
                        "jvirt create old --import /srv/old.qcow2 --network default,model=e1000",
                        "use a disk as it is"),
                new Example("jvirt create try --disk 5G --dry-run", "see what would be done"));
    }
}
