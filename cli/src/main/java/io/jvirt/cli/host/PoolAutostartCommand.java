// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.cli.CommandContext;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.pool.PoolReading;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command
public final class PoolAutostartCommand extends PoolChange {
    @Parameters(index = "1", paramLabel = "on|off", description = "Whether it starts with libvirt.")
    private OnOff setting = OnOff.ON;

    @Override
    String change(CommandContext context, Host host, String name) {
        PoolReading.change(host, name, pool -> {
            pool.setAutostart(setting.isOn());
            return true;
        });
        return setting.isOn() ? "starts with the host" : "does not start with the host";
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt pool autostart data on", "have it active after a reboot"),
                new Example("jvirt pool autostart data off", "start it by hand"));
    }
}
