// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.UserFile;
import io.jvirt.domain.change.DefineVerb;
import io.jvirt.domain.change.TextDiff;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.metadata.TemplateMark;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command
public final class EditCommand implements CliCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "The domain: name, UUID or number.")
    private String name = "";

    @Option(names = "--diff", description = "Show the difference and ask before it is defined.")
    private boolean isShown;

    @Option(
            names = {"-y", "--yes"},
            description = "With --diff: do not ask.")
    private boolean isYes;

    @Option(names = "--dry-run", description = "Show the difference and define nothing.")
    private boolean isDryRun;

    @Option(names = "--no-validate", description = "Do not hold the text against libvirt's schema.")
    private boolean isUnvalidated;

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        try (Host host = Host.open(context.options().connect());
                Domain domain = host.findDomain(name)) {
            if (!domain.isPersistent()) {
                throw JvirtException.refused(
                        "domain '" + domain.name() + "' is transient: it has no definition that could be edited",
                        "jvirt dumpxml " + ShellWord.quoted(domain.name()) + " and jvirt define give it one");
            }
            TemplateMark.refuseChange(domain);
            String before = domain.inactiveXmlWithSecrets();
            // It has the passwords in it.
            Path file = Files.createTempFile(
                    "jvirt-" + domain.uuid() + "-",
                    ".xml",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, before);
            edit(context, host, domain, before, file);
        }
        return ExitCode.DONE;
    }

    private void edit(CommandContext context, Host host, Domain domain, String before, Path file) throws Exception {
        boolean isKept = false;
        try {
            Editor.open(context, file);
            isKept = true;
            String after = UserFile.text(file, "file");
            if (after.equals(before)) {
                isKept = false;
                context.say("Domain '" + domain.name() + "' stays as it is: the text was not changed");
                return;
            }
            DefineVerb define = new DefineVerb(host);
            DefineVerb.Plan plan = define.plan(after);
            if (!plan.name().equals(domain.name())) {
                throw JvirtException.refused(
                        "the text is of a domain '" + plan.name() + "', not of '" + domain.name() + "'",
                        "jvirt rename gives a domain another name, jvirt clone makes a second one");
            }
            if (!plan.oldXml().equals(before)) {
                throw JvirtException.failed(
                        plan.isNew()
                                ? "domain '" + domain.name() + "' has lost its definition while you edited it"
                                : "the definition of domain '" + domain.name() + "' was changed while you edited it",
                        "jvirt define " + ShellWord.quoted(file) + " --dry-run shows how your text differs");
            }
            if (isShown && !isDryRun) {
                TextDiff.of(before, after).forEach(context::say);
                context.confirm("Define '" + domain.name() + "' like this?", isYes);
            }
            String defined = isDryRun ? after : define.perform(plan, !isUnvalidated);
            isKept = false;
            DefineCommand.print(context, plan, defined, isDryRun);
        } catch (JvirtException e) {
            if (!isKept) {
                throw e;
            }
            throw new JvirtException(
                    e.kind(),
                    String.valueOf(e.getMessage()),
                    (e.hint() == null ? "" : e.hint() + "; ") + "your text is kept in " + file
                            + ": mend it, then jvirt define " + ShellWord.quoted(file),
                    e);
        } finally {
            if (!isKept) {
                Files.deleteIfExists(file);
            }
        }
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt edit web", "in $VISUAL, $EDITOR or vi; libvirt checks the text"),
                new Example("jvirt edit web --diff", "see the difference and say yes before it is defined"));
    }
}
