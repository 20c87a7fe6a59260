// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.DurationText;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.UserFile;
import io.jvirt.domain.console.ConsoleDevice;
import io.jvirt.domain.console.ConsoleScript;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        description =
                "Talk to a guest on its serial console. With --send, --type and --expect it is a script: the steps are"
                        + " taken in the order of the command line, what the guest says goes to standard output, and the"
                        + " command ends with the last step.")
public final class ConsoleCommand implements CliCommand {
    private static final Duration EXPECT_LIMIT = Duration.ofSeconds(60);
    private static final String[] HEADINGS = {"DEVICE", "KIND", "TYPE", "TARGET", "SOURCE"};

    @Parameters(index = "0", paramLabel = "NAME", description = "Domain: name, UUID or number.")
    private String name = "";

    @Option(names = "--force", description = "Take the console from whoever holds it.")
    private boolean isForced;

    @Option(
            names = "--device",
            paramLabel = "ALIAS",
            description = "Another console, serial port or channel: its alias in the running definition, such as"
                    + " serial1, or a channel's name.")
    private @Nullable String device;

    @Option(names = "--list", description = "List the domain's consoles, serial ports and channels.")
    private boolean isList;

    @Option(
            names = "--log",
            paramLabel = "FILE",
            description = "Record what the guest says in a file, each line with its time; appends.")
    private @Nullable Path log;

    @ArgGroup(exclusive = true, multiplicity = "0..*")
    private List<Step> steps = new ArrayList<>();

    /** One of the three; picocli keeps the order of the groups. */
    static final class Step {
        @Option(names = "--send", paramLabel = "FILE", description = "Type what is in a file.")
        private @Nullable Path file;

        @Option(names = "--type", paramLabel = "TEXT", description = "Type a line, and Enter.")
        private @Nullable String line;

        @Option(
                names = "--expect",
                paramLabel = "TEXT",
                description = "Wait until the guest says this; if it does not in time the exit code is 1.")
        private @Nullable String text;
    }

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            description = "Leave after this time: 90 (seconds), 5m. Without it the guest's end or Ctrl-] leaves. In a"
                    + " script: the time for each --expect, 60 seconds if not given.")
    private @Nullable String timeout;

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        Duration limit = timeout == null ? null : DurationText.parse("--timeout", timeout);
        ConsoleScript script =
                steps.isEmpty() ? null : new ConsoleScript(scriptSteps(), limit == null ? EXPECT_LIMIT : limit);
        try (Host host = Host.open(context.options().connect());
                Domain domain = host.findDomain(name)) {
            if (isList) {
                return list(context, domain);
            }
            ConsoleDialogue dialogue = new ConsoleDialogue(context, host, domain, log);
            return script != null
                    ? dialogue.script(device, isForced, script)
                    : dialogue.run(device, isForced, limit, false);
        }
    }

    private static ExitCode list(CommandContext context, Domain domain) throws IOException {
        if (!domain.isActive()) {
            throw JvirtException.failed(
                    "domain '" + domain.name() + "' is off: its devices have no names yet",
                    "jvirt start " + ShellWord.quoted(domain.name()));
        }
        context.print(Answer.list("devices", ConsoleDevice.of(domain), ConsoleDevice::alias)
                .table(HEADINGS, d -> new String[] {d.alias(), d.kind(), d.type(), d.target(), d.source()}));
        return ExitCode.DONE;
    }

    private List<ConsoleScript.Step> scriptSteps() {
        List<ConsoleScript.Step> script = new ArrayList<>();
        for (Step step : steps) {
            if (step.file != null) {
                script.add(new ConsoleScript.Send(UserFile.bytes(step.file, "file")));
            } else if (step.line != null) {
                script.add(new ConsoleScript.Send((step.line + "\n").getBytes(StandardCharsets.UTF_8)));
            } else if (step.text != null) {
                if (step.text.isEmpty()) {
                    throw JvirtException.usage(
                            "--expect waits for a text, and it is empty",
                            "jvirt console " + ShellWord.quoted(name) + " --expect login:");
                }
                script.add(new ConsoleScript.Expect(step.text));
            }
        }
        return script;
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt console web", "talk to the guest on its serial console; Ctrl-] leaves"),
                new Example("jvirt console web --log web.log", "and keep what it says, with times"),
                new Example(
                        "jvirt console web --expect login: --type root --expect '#' --type uptime --expect '#'",
                        "log in and run a command, for scripts"),
                new Example(
                        "jvirt console web --timeout 60 | grep -m1 login:", "wait up to a minute for the login prompt"),
                new Example("jvirt console web --list", "its consoles and channels"),
                new Example("jvirt console web --force", "take the console from a session that hangs"));
    }
}
