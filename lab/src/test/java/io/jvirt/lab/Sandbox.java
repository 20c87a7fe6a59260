// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test that left something in a host: a domain, a pool, a network, a file of a disk, an autostart link, a journal.
 * After a test that failed, what it left is removed.
 */
final class Sandbox implements BeforeEachCallback, AfterEachCallback {
    private static final String STATE = """
            virsh "list --all --name; pool-list --all; net-list --all" | awk '
                /^ Name +State +Autostart *$/ { what = "pool"; next }
                /^ Name +State +Autostart +Persistent *$/ { what = "network"; next }
                /^-+$/ || NF == 0 { next }
                what == "" { print "domain", $0; next }
                { print what, $1, $2 }'
            find /var/lib/libvirt/boot /var/lib/libvirt/images /var/lib/libvirt/elsewhere /var/lib/libvirt/shared /var/lib/libvirt/qemu/nvram \
                /var/lib/libvirt/qemu/save /var/lib/libvirt/qemu/snapshot /etc/libvirt/qemu /etc/libvirt/storage \
                ! -type d ! -path '*/.jvirt-trash/*' 2>/dev/null || true
            find /var/lib/jvirt -type f -size +0 ! -name '*lock' ! -path '*/trash/*' 2>/dev/null || true
            """;

    private static final String REMOVE = """
            virsh -q destroy "$0" >/dev/null 2>&1 || true
            virsh -q undefine "$0" --managed-save --nvram --snapshots-metadata --checkpoints-metadata
            """;

    /** What the tests deleted without --purge; TrashIT looks at that itself. */
    private static final String EMPTY_TRASH =
            "find /var/lib/libvirt -name .jvirt-trash -prune -exec rm -rf {} +; rm -rf /var/lib/jvirt/trash";

    private static final Path CRASHES = LabHost.CHECKOUT.resolve("lab/target/crashes.txt");

    private final LabHost[] hosts;
    private String[] before = {};

    Sandbox(LabHost... hosts) {
        this.hosts = hosts;
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        before = new String[hosts.length];
        for (int i = 0; i < hosts.length; i++) {
            before[i] = state(hosts[i]);
        }
    }

    /**
     * A test that passed must itself have removed its domains' disks and journal (with jvirt delete, mostly); after one that
     * failed, they are removed here so that the next one starts clean.
     */
    @Override
    public void afterEach(ExtensionContext context) {
        boolean passed = context.getExecutionException().isEmpty();
        String test = context.getRequiredTestClass().getSimpleName() + " " + context.getDisplayName();
        tellCrashes(LabHost.KVM1, test);
        tellCrashes(LabHost.KVM2, test);
        for (int i = 0; i < hosts.length; i++) {
            String left =
                    difference(before[i], hosts[i].sh(STATE + EMPTY_TRASH).ok().out());
            if (!left.isEmpty()) {
                clean(hosts[i], left);
            }
            if (passed) {
                assertThat(left).as("left behind on %s", hosts[i].name()).isEmpty();
            }
        }
    }

    /** For whoever wonders why a test failed: {@code ./test} prints them at its end. */
    private static void tellCrashes(LabHost host, String test) {
        String crashes = host.takeCrashes();
        if (!crashes.isEmpty()) {
            try {
                Files.writeString(CRASHES, host.name() + ", " + test + ": " + crashes + "\n", CREATE, APPEND);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** What is in the host's state now and was not when the test began. */
    String leftBehind() {
        StringBuilder left = new StringBuilder();
        for (int i = 0; i < hosts.length; i++) {
            left.append(difference(before[i], state(hosts[i])));
        }
        return left.toString();
    }

    private static String state(LabHost host) {
        return host.sh(STATE).ok().out();
    }

    private static String difference(String before, String after) {
        TreeSet<String> more = after.lines().collect(Collectors.toCollection(TreeSet::new));
        before.lines().forEach(more::remove);
        return String.join("\n", more);
    }

    private static void clean(LabHost host, String left) {
        left.lines()
                .filter(line -> line.startsWith("domain "))
                .forEach(line ->
                        host.exec("sh", "-ec", REMOVE, line.substring(7)).ok());
        left.lines()
                .filter(line -> line.startsWith("/var/lib/"))
                .forEach(file -> host.exec("rm", "-f", file).ok());
    }
}
