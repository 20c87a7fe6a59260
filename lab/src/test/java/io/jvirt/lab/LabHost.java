// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One of the lab's libvirt hosts: commands run in its namespaces, with its libvirt, files and network. */
record LabHost(String name) {
    static final LabHost KVM1 = new LabHost("kvm1");
    static final LabHost KVM2 = new LabHost("kvm2");

    /** The lab that this process tests in: of several that are up, each has a process. Null for the one without a name. */
    static final @Nullable String LAB = System.getProperty("jvirt.lab", System.getenv("JVIRT_LAB"));

    /** The top of the checkout; the hosts see it under the same path. */
    static final Path CHECKOUT = checkout();

    /** Where {@code lab/lab guests} put the guest images; read-only in the hosts. */
    static final Path GUESTS = Path.of("/var/cache/jvirt-lab");

    /** More than anything takes but a real system's boot: a command that hangs fails its test. */
    static final Duration PATIENCE = Duration.ofSeconds(120);

    Outcome exec(String... command) {
        return exec(List.of(command));
    }

    Outcome exec(List<String> command) {
        return start(command).closeInput().await(PATIENCE);
    }

    /** Runs a script with {@code sh -e}. */
    Outcome sh(String script) {
        return exec("sh", "-ec", script);
    }

    /** Unless it answers already. */
    void startLibvirtd() {
        sh("virsh -q -c qemu:///system list >/dev/null 2>&1 || " + CHECKOUT + "/lab/keep-libvirtd")
                .ok();
    }

    /** How libvirtd crashed since this was asked last; empty where it did not. */
    String takeCrashes() {
        return sh("cat /run/libvirtd.crashes 2>/dev/null || true; rm -f /run/libvirtd.crashes")
                .ok()
                .out()
                .strip();
    }

    /** Starts a command whose input and output stay connected. */
    Running start(List<String> command) {
        return start(command, Map.of());
    }

    Running start(List<String> command, Map<String, String> environment) {
        List<String> inHost = new ArrayList<>(List.of("exec", name));
        inHost.addAll(command);
        ProcessBuilder lab = command(LAB, inHost);
        lab.environment().keySet().removeAll(List.of("JVIRT_URI", "JVIRT_STATE"));
        lab.environment().putAll(environment);
        return Running.start(lab, command);
    }

    /** A command of {@code lab/lab} itself. */
    static Outcome lab(String... arguments) {
        return lab(LAB, List.of(arguments));
    }

    /** A command for the lab of that name. */
    static Outcome lab(@Nullable String lab, List<String> arguments) {
        ProcessBuilder command = command(lab, arguments);
        return Running.start(command, command.command()).closeInput().await(PATIENCE);
    }

    private static ProcessBuilder command(@Nullable String lab, List<String> arguments) {
        List<String> full = new ArrayList<>(List.of(CHECKOUT.resolve("lab/lab").toString()));
        full.addAll(arguments);
        ProcessBuilder command = new ProcessBuilder(full).directory(CHECKOUT.toFile());
        if (lab != null) {
            command.environment().put("JVIRT_LAB", lab);
        }
        return command;
    }

    private static Path checkout() {
        String given = System.getProperty("jvirt.checkout");
        Path top = given == null ? Path.of("").toAbsolutePath() : Path.of(given).toAbsolutePath();
        while (!Files.exists(top.resolve("lab/lab"))) {
            top = top.getParent();
            if (top == null) {
                throw new IllegalStateException("not in a checkout of jvirt: no lab/lab above "
                        + Path.of("").toAbsolutePath());
            }
        }
        return top.normalize();
    }
}
