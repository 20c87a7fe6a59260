// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Has virt-sysprep take out of a guest's disks what makes it that guest, and nothing that an admin has put there: no accounts,
 * no keys of users, no logs. To be repeated is harmless. There is nothing to undo: the disks are a clone's, and go with it.
 */
public final class SysprepStep implements Step {
    static final String KIND = "sysprep";

    private static final String PROGRAM = "virt-sysprep";
    private static final String OPERATIONS =
            "machine-id,ssh-hostkeys,dhcp-client-state,net-hostname,net-hwaddr,udev-persistent-net,random-seed,customize";
    private static final int SHOWN_LINES = 3;

    private final Path program;
    private final String hostname;
    private final List<Path> disks;
    private final List<String> formats;

    /**
     * Plans it.
     *
     * @param program where virt-sysprep is
     * @param disks the guest's, in their order
     * @param formats of each of them
     */
    public SysprepStep(Path program, String hostname, List<Path> disks, List<String> formats) {
        this.program = program;
        this.hostname = hostname;
        this.disks = List.copyOf(disks);
        this.formats = List.copyOf(formats);
    }

    /** Where virt-sysprep is on a PATH, or null. */
    public static @Nullable Path find(@Nullable String path) {
        for (String directory : path == null ? new String[0] : path.split(":", -1)) {
            Path file = Path.of(directory).resolve(PROGRAM);
            if (file.isAbsolute() && Files.isExecutable(file) && !Files.isDirectory(file)) {
                return file;
            }
        }
        return null;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("program", program.toString());
        p.put("hostname", hostname);
        for (int i = 0; i < disks.size(); i++) {
            p.put("disk" + i, disks.get(i).toString());
            p.put("format" + i, formats.get(i));
        }
        return new StepPlan(KIND, "reset the identity in " + disks.get(0) + " with " + PROGRAM, p);
    }

    static SysprepStep read(StepPlan plan) {
        List<Path> disks = new ArrayList<>();
        List<String> formats = new ArrayList<>();
        for (int i = 0; plan.parameters().containsKey("disk" + i); i++) {
            disks.add(Path.of(Parameters.required(plan, "disk" + i)));
            formats.add(Parameters.required(plan, "format" + i));
        }
        return new SysprepStep(
                Path.of(Parameters.required(plan, "program")), Parameters.required(plan, "hostname"), disks, formats);
    }

    @Override
    public void perform(StepContext context) throws Exception {
        List<String> command = new ArrayList<>(
                List.of(program.toString(), "--operations", OPERATIONS, "--hostname", hostname, "--quiet"));
        // Debian's sshd makes no keys by itself.
        command.addAll(List.of("--firstboot-command", "command -v ssh-keygen && ssh-keygen -A; true"));
        for (int i = 0; i < disks.size(); i++) {
            command.addAll(
                    List.of("--format", formats.get(i), "-a", disks.get(i).toString()));
        }
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        // Its other way is through libvirt, whose QEMU may not get at the disk.
        builder.environment().putIfAbsent("LIBGUESTFS_BACKEND", "direct");
        Path log = Files.createTempFile("jvirt-sysprep", ".log");
        try {
            Process process = builder.redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectOutput(log.toFile())
                    .start();
            context.cancellation().onRequest(process::destroy);
            while (!process.waitFor(200, TimeUnit.MILLISECONDS)) {
                context.cancellation().check();
            }
            context.cancellation().check();
            if (process.exitValue() != 0) {
                throw failed(log, process.exitValue());
            }
        } finally {
            Files.deleteIfExists(log);
        }
        context.report("The identity of " + hostname + " was reset by " + program);
    }

    private static JvirtException failed(Path log, int exit) throws IOException {
        List<String> lines = new String(Files.readAllBytes(log), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.isBlank())
                .toList();
        String last = String.join("; ", lines.subList(Math.max(0, lines.size() - SHOWN_LINES), lines.size()));
        return JvirtException.failed(
                PROGRAM + " failed with exit code " + exit + (last.isEmpty() ? "" : ": " + last),
                "libguestfs-test-tool finds out why; a guest with cloud-init needs no " + PROGRAM
                        + ": --reset-identity --identity-by cloud-init --start");
    }

    @Override
    public void undo(StepContext context) {
        // The disks go with the steps that made them.
    }
}
