// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.LibvirtException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command
public final class SaveCommand implements CliCommand {
    @Parameters(arity = "1..*", paramLabel = "NAME", description = "Domains: name, UUID or number.")
    private List<String> names = new ArrayList<>();

    @Option(
            names = "--file",
            paramLabel = "FILE",
            description = "Save to this file on the domain's host, for jvirt restore. Default: where start finds it.")
    private @Nullable String file;

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        if (file != null) {
            if (names.size() > 1) {
                throw JvirtException.usage("one file does not hold several machines", "save one, or leave --file out");
            }
            String path = Path.of(file).toAbsolutePath().normalize().toString();
            EachDomain.change(
                    context,
                    names,
                    "is saved; jvirt restore " + ShellWord.quoted(path) + " continues",
                    EachDomain.ofRunning(domain -> save(domain, path)));
            return ExitCode.DONE;
        }
        EachDomain.change(
                context,
                names,
                "is saved; jvirt start continues from there",
                EachDomain.ofRunning(Domain::managedSave));
        return ExitCode.DONE;
    }

    private static void save(Domain domain, String path) {
        try {
            domain.save(path);
        } catch (LibvirtException e) {
            throw e.hint() != null
                    ? e
                    : new JvirtException(
                            e.kind(),
                            String.valueOf(e.getMessage()),
                            "the file is one of the domain's host: is its directory there, and is it large enough?",
                            e);
        }
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt save web", "save its memory and stop it"),
                new Example("jvirt save web --file /srv/web.save", "to a file of its own"));
    }
}
