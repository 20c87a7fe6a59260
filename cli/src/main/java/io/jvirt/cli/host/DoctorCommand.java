// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.doctor.Doctor;
import io.jvirt.domain.doctor.Finding;
import io.jvirt.domain.doctor.Finding.Severity;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.step.Steps;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        description = {
            "Look at all machines, disks, networks and pools of a host for what is wrong: missing disks and backing files,"
                    + " images that are corrupt or leak, addresses and disks that two machines have in common, directories"
                    + " that QEMU cannot enter, operations that were cut off, pools that are nearly full, volumes that"
                    + " nobody uses. Changes nothing. The exit code is 1 where there is an error or a warning."
        })
public final class DoctorCommand implements CliCommand {
    @Option(names = "--quick", description = "Read the images' headers only, do not check all of their metadata.")
    private boolean isQuick;

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        List<Finding> findings;
        try (Host host = Host.open(context.options().connect())) {
            findings = Doctor.examine(host, Steps.journal(), !isQuick);
        }
        context.print(Answer.list("findings", findings, f -> f.check() + " " + f.subject())
                .lines(lines(findings)));
        boolean isWell = findings.stream().allMatch(f -> f.severity() == Severity.NOTE);
        return isWell ? ExitCode.DONE : ExitCode.FAILED;
    }

    private static List<String> lines(List<Finding> findings) {
        List<String> lines = new ArrayList<>();
        int[] counts = new int[Severity.values().length];
        for (Finding finding : findings) {
            counts[finding.severity().ordinal()]++;
            String label = finding.severity().name().toLowerCase(Locale.ROOT);
            lines.add(label + " ".repeat(9 - label.length()) + finding.subject() + ": " + finding.problem());
            lines.add(" ".repeat(9) + "mend: " + finding.fix());
        }
        lines.add(
                findings.isEmpty()
                        ? "Nothing is wrong"
                        : counted(counts[0], "error") + ", " + counted(counts[1], "warning") + ", "
                                + counted(counts[2], "note"));
        return lines;
    }

    private static String counted(int count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt doctor", "what is wrong on this host, and what mends it"),
                new Example("jvirt doctor --quick -o json", "for a monitor: the exit code is 1 where something is"));
    }
}
