// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Network;
import java.util.List;
import picocli.CommandLine.Command;

@Command
public final class NetStartCommand extends NetworkChange {
    @Override
    String change(Host host, String name) {
        try (Network network = Network.find(host, name)) {
            if (!network.isActive()) {
                network.start();
            }
        }
        return "is active";
    }

    @Override
    public List<Example> examples() {
        return List.of(new Example("jvirt net start default", "bring its bridge up"));
    }
}
