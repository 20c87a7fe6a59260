// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.autostart.ReadyWait;
import io.jvirt.domain.journal.DomainLock;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.xml.DomainXml;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command
public final class RestoreCommand implements CliCommand {
    @Parameters(index = "0", paramLabel = "FILE", description = "What jvirt save --file wrote, on the domain's host.")
    private String file = "";

    @Option(names = "--paused", description = "Leave its processors stopped; 'jvirt resume' lets it run.")
    private boolean isPaused;

    @Mixin
    private WaitOptions wait = new WaitOptions();

    /** The answer's record. */
    public record Restored(String name, String file) {}

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        ReadyWait ready = wait.parse("restore " + file);
        if (ready != null && isPaused) {
            throw JvirtException.usage("--wait goes with a guest that runs", "leave --paused out");
        }
        try (Host host = Host.open(context.options().connect())) {
            String path = Path.of(file).toAbsolutePath().normalize().toString();
            if (!host.isRemote() && !Files.exists(Path.of(path))) {
                throw JvirtException.notFound("the file " + path + " does not exist", "check the path");
            }
            DomainXml saved = DomainXml.parse(savedXml(host, path));
            String name = saved.get(DomainXml.NAME, "");
            try (DomainLock lock = DomainLock.take("restore", host, List.of(name, saved.get(DomainXml.UUID, name)));
                    Domain running = host.domainNamed(name)) {
                if (running != null && running.isActive()) {
                    throw JvirtException.refused(
                            "domain '" + name + "' is running: two of it would destroy its disks",
                            "jvirt stop " + ShellWord.quoted(name) + " first");
                }
                host.restore(path, isPaused);
            }
            if (ready != null) {
                ready.await(host, name, "runs on", context.cancellation());
            }
            context.print(Answer.one("domain", new Restored(name, path), name)
                    .lines(List.of("Domain '" + name + "' runs on from " + path
                            + "; the file is of no more use once its disks have changed")));
        }
        return ExitCode.DONE;
    }

    private static String savedXml(Host host, String path) {
        try {
            return host.savedXml(path);
        } catch (LibvirtException e) {
            throw new JvirtException(
                    e.kind(),
                    String.valueOf(e.getMessage()),
                    e.hint() == null ? "it takes a file that jvirt save --file wrote" : e.hint(),
                    e);
        }
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt restore /srv/web.save", "continue where jvirt save --file stopped it"),
                new Example("jvirt restore /srv/web.save --wait agent", "and return when the guest agent answers"),
                new Example("jvirt restore /srv/web.save --paused", "and look at it before it runs"));
    }
}
