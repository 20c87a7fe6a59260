// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import java.util.ArrayList;
import java.util.List;

/** Starts domains that have arrived on a host: each is tried, and one failure says of all what has become of them. */
public final class MovedStart {
    private final Host target;
    private final List<String> started = new ArrayList<>();
    private final List<String> off = new ArrayList<>();
    private final List<String> reasons = new ArrayList<>();

    private MovedStart(Host target) {
        this.target = target;
    }

    /** Opens the target anew: a move may have taken longer than its connection lives. */
    public static void start(String targetUri, List<String> uuids) {
        try (Host target = Host.open(targetUri)) {
            start(target, uuids);
        }
    }

    /** One that runs already, or is not there any more, is no failure. */
    public static void start(Host target, List<String> uuids) {
        MovedStart all = new MovedStart(target);
        uuids.forEach(all::start);
        if (!all.off.isEmpty()) {
            throw all.failure();
        }
    }

    private void start(String uuid) {
        try (Domain domain = target.domainWithUuid(uuid)) {
            if (domain == null) {
                return;
            }
            String name = domain.name();
            try {
                if (!domain.isActive()) {
                    domain.start();
                }
                started.add(name);
            } catch (JvirtException e) {
                off.add(name);
                reasons.add(String.valueOf(e.getMessage()));
            }
        }
    }

    private JvirtException failure() {
        String all = off.size() == 1 ? "domain " : "domains ";
        return JvirtException.failed(
                all + named(off) + (off.size() == 1 ? " is" : " are") + " on " + target.uri()
                        + " and could not be started: "
                        + String.join("; ", reasons)
                        + (started.isEmpty() ? "" : "; started: " + named(started)),
                "mend it, then: jvirt -c " + ShellWord.quoted(target.uri()) + " start "
                        + String.join(" ", off.stream().map(ShellWord::quoted).toList()));
    }

    private static String named(List<String> names) {
        return "'" + String.join("', '", names) + "'";
    }
}
