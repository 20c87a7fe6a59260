// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.create;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.cloudinit.CloudInit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The values of {@code --cloud-init}: {@code KEY=VALUE,…}, again for more keys. */
public final class CloudInitOption {
    private static final List<String> KEYS =
            List.of("ssh-key", "password", "hostname", "user-data", "meta-data", "network-config");

    private CloudInitOption() {}

    public static CloudInit parse(List<String> values) throws IOException {
        List<String> keys = new ArrayList<>();
        Map<String, String> others = new HashMap<>();
        for (String value : values) {
            Suboptions parts = Suboptions.parse("--cloud-init", value, KEYS);
            if (parts.first() != null) {
                throw JvirtException.usage(
                        "--cloud-init '" + value + "' starts with '" + parts.first() + "', which is no KEY=VALUE",
                        "--cloud-init knows " + String.join(", ", KEYS));
            }
            for (String name : KEYS) {
                String found = parts.get(name);
                if (found == null) {
                    continue;
                }
                if (name.equals("ssh-key")) {
                    keys.addAll(CloudInit.keys(found));
                } else if (others.put(name, found) != null) {
                    throw JvirtException.usage("--cloud-init gives '" + name + "' twice", "give it once");
                }
            }
        }
        return new CloudInit(
                path(others.get("user-data")),
                path(others.get("meta-data")),
                path(others.get("network-config")),
                List.copyOf(keys),
                others.get("password"),
                others.get("hostname"),
                false);
    }

    private static @Nullable Path path(@Nullable String file) {
        return file == null ? null : Path.of(file).toAbsolutePath().normalize();
    }
}
