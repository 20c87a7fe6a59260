// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.DurationText;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.autostart.OrderedStart;
import io.jvirt.domain.autostart.ReadyReboot;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.power.Running;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command
public final class RebootCommand implements CliCommand {
    @Parameters(arity = "1..*", paramLabel = "NAME", description = "Domains: name, UUID or number.")
    private List<String> names = new ArrayList<>();

    @Option(
            names = "--wait",
            paramLabel = "PROBE",
            description =
                    "Return when the guest is up again: ping:ADDRESS, tcp:ADDRESS:PORT, agent (the guest agent answers),"
                            + " or rebooted (the machine has begun anew). For one domain.")
    private @Nullable String probe;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            description =
                    "How long --wait waits for the guest's end, and for the probe: 90 (seconds), 10m; 5m if not given.")
    private @Nullable String timeout;

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        if (probe == null) {
            if (timeout != null) {
                throw JvirtException.usage(
                        "--timeout is of --wait",
                        "jvirt reboot " + ShellWord.quoted(names.get(0)) + " --wait agent --timeout " + timeout);
            }
            EachDomain.change(context, names, "is rebooting", RebootCommand::reboot);
            return ExitCode.DONE;
        }
        if (names.size() > 1) {
            throw JvirtException.usage("--wait is for one domain", "run it for each of them");
        }
        Duration limit = timeout == null ? OrderedStart.DEFAULT_TIMEOUT : DurationText.parse("--timeout", timeout);
        try (Host host = Host.openForEvents(context.options().connect())) {
            String name = ReadyReboot.reboot(host, names.get(0), probe, limit, context.cancellation());
            try (Domain domain = host.findDomain(name)) {
                EachDomain.Changed done =
                        new EachDomain.Changed(name, domain.status().state());
                context.print(Answer.list("domains", List.of(done), EachDomain.Changed::name)
                        .lines(List.of("Domain '" + name + "' has rebooted"
                                + (probe.equals(ReadyReboot.REBOOTED) ? "" : " and is ready"))));
            }
        }
        return ExitCode.DONE;
    }

    private static void reboot(Domain domain) {
        Running.checkGoing(domain, "reboot");
        domain.reboot();
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt reboot web", "ask the guest to reboot"),
                new Example(
                        "jvirt reboot web --wait tcp:192.168.122.10:22 --timeout 2m", "and return when ssh answers"));
    }
}
