// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.xml.XmlDocument;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command
public final class PoolCreateCommand implements CliCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "The new pool's name.")
    private String name = "";

    @Option(
            names = {"--dir", "--target"},
            required = true,
            paramLabel = "DIR",
            description = "The directory on the host; made where it is missing.")
    private String directory = "";

    @Option(names = "--no-autostart", description = "Do not start it with the host.")
    private boolean isManual;

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        if (!directory.startsWith("/")) {
            throw JvirtException.usage(
                    "--dir '" + directory + "' is no absolute path", "a pool's directory is the host's: begin with /");
        }
        try (Host host = Host.open(context.options().connect())) {
            try (Pool existing = Pool.named(host, name)) {
                if (existing != null) {
                    throw JvirtException.failed(
                            "pool '" + name + "' exists already", "jvirt pool info " + name + " shows it");
                }
            }
            ListedPool made = create(host);
            context.print(Answer.one("pool", made, made.name())
                    .lines(List.of("Pool '" + name + "' is active in " + directory)));
        }
        return ExitCode.DONE;
    }

    /** A pool that cannot be started is not left behind as a definition. */
    private ListedPool create(Host host) {
        XmlDocument xml = XmlDocument.of("pool");
        xml.root().attribute("type", "dir");
        xml.root().add("name").text(name);
        xml.root().add("target").add("path").text(directory);
        try (Pool pool = Pool.define(host, xml.toString())) {
            try {
                pool.build();
                pool.start();
                pool.setAutostart(!isManual);
                return ListedPool.of(pool);
            } catch (JvirtException e) {
                if (pool.isActive()) {
                    pool.stop();
                }
                pool.undefine();
                throw e;
            }
        }
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt pool create data --dir /data/images", "a pool of disk files in a directory"),
                new Example("jvirt pool create scratch --dir /var/tmp/vm --no-autostart", "one for now"));
    }
}
