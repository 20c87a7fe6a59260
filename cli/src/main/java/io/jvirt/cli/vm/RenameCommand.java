// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.DomainName;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.delete.DomainStateFiles;
import io.jvirt.domain.journal.DomainLock;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.metadata.TemplateMark;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command
public final class RenameCommand implements CliCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "The domain; it must be off.")
    private String name = "";

    @Parameters(index = "1", paramLabel = "NEW", description = "Its new name. Its disks keep theirs.")
    private String newName = "";

    /** The answer's record. */
    public record Renamed(String name, String oldName) {}

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        DomainName.check(newName);
        try (Host host = Host.open(context.options().connect());
                Domain domain = host.findDomain(name);
                DomainLock lock = DomainLock.take("rename", host, List.of(domain.name(), domain.uuid(), newName))) {
            TemplateMark.refuseChange(domain);
            if (domain.isActive()) {
                throw JvirtException.refused(
                        "domain '" + domain.name() + "' is running: libvirt renames only what is off",
                        "jvirt stop " + ShellWord.quoted(domain.name()));
            }
            if (DomainStateFiles.hasSavedState(host, domain)) {
                throw JvirtException.refused(
                        "domain '" + domain.name() + "' has saved memory, which has its old name in it",
                        "jvirt start " + ShellWord.quoted(domain.name()) + ", then jvirt stop "
                                + ShellWord.quoted(domain.name()));
            }
            try (Domain other = host.domainNamed(newName)) {
                if (other != null) {
                    throw JvirtException.failed("a domain '" + newName + "' exists already", "choose another name");
                }
            }
            domain.rename(newName);
            context.print(Answer.one("domain", new Renamed(newName, domain.name()), newName)
                    .lines(List.of("Domain '" + domain.name() + "' is now '" + newName + "'")));
        }
        return ExitCode.DONE;
    }

    @Override
    public List<Example> examples() {
        return List.of(new Example("jvirt rename web web-old", "give a domain that is off another name"));
    }
}
