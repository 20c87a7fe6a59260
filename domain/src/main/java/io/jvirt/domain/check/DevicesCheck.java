// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.check;

/** The device files that guests' networks need. */
final class DevicesCheck implements HostCheck {
    private static final String NAME = "devices";

    @Override
    public CheckResult look(CheckFacts facts) {
        MachineFacts machine = facts.machine();
        if (machine == null) {
            return CheckResult.unknown(NAME);
        }
        if (!machine.hasTun()) {
            return CheckResult.fail(NAME, "there is no /dev/net/tun: guests have no network", "modprobe tun");
        }
        return machine.hasVhostNet()
                ? CheckResult.pass(NAME, "/dev/net/tun and /dev/vhost-net")
                : CheckResult.warn(
                        NAME, "there is no /dev/vhost-net: guests' networks are slower", "modprobe vhost_net");
    }
}
