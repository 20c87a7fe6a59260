// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.inspect.DomainLog;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import java.io.PrintStream;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command
public final class LogsCommand implements CliCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "The domain: name, UUID or number.")
    private String name = "";

    @Option(
            names = {"-f", "--follow"},
            description = "Go on with what is written from now on; Ctrl-C ends it.")
    private boolean isFollowed;

    @Option(
            names = {"-n", "--lines"},
            paramLabel = "N",
            description = "Only the last lines. Default: all.")
    private @Nullable Integer lines;

    @Option(names = "--console", description = "The record of its serial console, where the definition keeps one.")
    private boolean isConsole;

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        if (lines != null && lines < 0) {
            throw JvirtException.usage("--lines cannot be " + lines, "write a number such as 50");
        }
        DomainLog log;
        try (Host host = Host.open(context.options().connect());
                Domain domain = host.findDomain(name)) {
            log = isConsole ? DomainLog.ofConsole(host, domain) : DomainLog.ofQemu(host, domain);
        }
        PrintStream out = context.stdio().out();
        log.copy(lines == null ? -1 : lines, isFollowed, context.cancellation(), (bytes, length) -> {
            out.write(bytes, 0, length);
            out.flush();
        });
        return ExitCode.DONE;
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt logs web", "QEMU's command line and messages, start by start"),
                new Example("jvirt logs web -n 50 -f", "the last 50 lines, and what follows"),
                new Example("jvirt logs web --console", "what the guest wrote, if <serial> has a <log file='…'/>"));
    }
}
