// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.check.CheckResult;
import io.jvirt.domain.check.CheckResult.Verdict;
import io.jvirt.domain.check.HostChecks;
import io.jvirt.domain.libvirt.Host;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;

@Command(
        description = {
            "Check whether a host is fit for virtual machines: processor, KVM (a probe guest really runs), nested"
                    + " virtualisation, IOMMU, control groups, huge pages, clock, devices, networks, space, memory, the"
                    + " versions of libvirt and QEMU, machine types. The exit code is 1 where a check fails."
        })
public final class HostCheckCommand implements CliCommand {
    private static final int NAME_WIDTH = 15;

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        List<CheckResult> results;
        try (Host host = Host.open(context.options().connect())) {
            results = HostChecks.of(host);
        }
        context.print(
                Answer.list("checks", results, r -> r.check() + " " + word(r)).lines(lines(results)));
        return results.stream().anyMatch(r -> r.verdict() == Verdict.FAIL) ? ExitCode.FAILED : ExitCode.DONE;
    }

    private static String word(CheckResult result) {
        return result.verdict().name().toLowerCase(Locale.ROOT);
    }

    private static List<String> lines(List<CheckResult> results) {
        List<String> lines = new ArrayList<>();
        for (CheckResult result : results) {
            lines.add(word(result) + "  " + result.check()
                    + " ".repeat(NAME_WIDTH - result.check().length()) + result.finding());
            if (result.fix() != null) {
                lines.add(" ".repeat(6 + NAME_WIDTH) + "fix: " + result.fix());
            }
        }
        return lines;
    }

    @Override
    public boolean runsWithoutArguments() {
        return true;
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt host check", "is this machine fit, and what to do where it is not"),
                new Example("jvirt host check -c qemu+ssh://root@hostb/system -o json", "another one, for a program"));
    }
}
