// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Network;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command
public final class NetAutostartCommand extends NetworkChange {
    @Parameters(index = "1", paramLabel = "on|off", description = "Whether it starts with libvirt.")
    private OnOff setting = OnOff.ON;

    @Override
    String change(Host host, String name) {
        try (Network network = Network.find(host, name)) {
            network.setAutostart(setting.isOn());
        }
        return setting.isOn() ? "starts with the host" : "does not start with the host";
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt net autostart default on", "have it active after a reboot"),
                new Example("jvirt net autostart default off", "start it by hand"));
    }
}
