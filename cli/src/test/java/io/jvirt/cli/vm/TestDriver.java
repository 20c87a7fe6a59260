// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.JvirtRun;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;

/** libvirt's test driver, kept open so that what commands change there lasts until the test ends. */
public final class TestDriver implements AutoCloseable {
    public static final String URI = "test:///default";

    private final Host host = Host.open(URI);

    public Host host() {
        return host;
    }

    /** A domain that is off. */
    public void define(String name) {
        host.defineDomain(
                        "<domain type='test'><name>" + name + "</name><uuid>"
                                + java.util.UUID.nameUUIDFromBytes(
                                        name.getBytes(java.nio.charset.StandardCharsets.UTF_8))
                                + "</uuid><memory unit='MiB'>64</memory><os><type>hvm</type></os></domain>",
                        false)
                .close();
    }

    public boolean isActive(String name) {
        try (Domain domain = host.findDomain(name)) {
            return domain.isActive();
        }
    }

    public JvirtRun run(String... args) {
        String[] all = new String[args.length + 2];
        System.arraycopy(args, 0, all, 0, args.length);
        all[args.length] = "-c";
        all[args.length + 1] = URI;
        return JvirtRun.of(all);
    }

    @Override
    public void close() {
        host.close();
    }
}
