// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CommandContext;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.power.Autostart;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A domain's autostart flag after the command.
 *
 * @param name the domain
 */
public record AutostartSetting(String name, boolean autostart) {
    /** Sets the flag of each domain; the first failure is thrown after the others were tried. */
    static void apply(CommandContext context, List<String> names, boolean on) throws IOException {
        List<AutostartSetting> done = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        @Nullable JvirtException failure = null;
        try (Host host = Host.open(context.options().connect())) {
            for (String name : names) {
                try {
                    String found = Autostart.set(host, name, on);
                    done.add(new AutostartSetting(found, on));
                    lines.add("Domain '" + found + "' " + (on ? "starts" : "does not start") + " with the host");
                } catch (JvirtException e) {
                    if (failure == null) {
                        failure = e;
                    } else {
                        context.note(String.valueOf(e.getMessage()));
                    }
                }
            }
        }
        if (!done.isEmpty()) {
            context.print(Answer.list("domains", done, AutostartSetting::name).lines(lines));
        }
        if (failure != null) {
            throw failure;
        }
    }
}
