// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.DurationText;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.SizeText;
import io.jvirt.domain.journal.StateDirectory;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.migrate.Migrate;
import io.jvirt.domain.migrate.MigrateRequest;
import io.jvirt.domain.migrate.TargetUri;
import io.jvirt.domain.migrate.Targets;
import io.jvirt.domain.step.Steps;
import io.jvirt.domain.trash.Trash;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command
public final class MigrateCommand implements CliCommand {
    private static final long STOP_SECONDS = 300;

    @Parameters(arity = "1..*", paramLabel = "NAME", description = "Domains that are off: name, UUID or number.")
    private List<String> names = new ArrayList<>();

    @Option(
            names = "--to",
            required = true,
            paramLabel = "HOST|URI",
            description = "The other host: a name (qemu+ssh://root@HOST/system), or libvirt's URI.")
    private String to = "";

    @Option(names = "--plan", description = "Compare the hosts, list blockers, changes and steps, and touch nothing.")
    private boolean isPlan;

    @Option(names = "--shared", description = "The disks are on shared storage: refuse where that is not so.")
    private boolean isShared;

    @Option(names = "--copy", description = "The disks are not on shared storage: refuse where they are.")
    private boolean isCopied;

    @Option(
            names = "--chain",
            paramLabel = "keep|flatten",
            defaultValue = "keep",
            description =
                    "Backing chains: the same images there (default), or one image (raw; --format says otherwise).")
    private String chain = "keep";

    @Option(
            names = "--format",
            paramLabel = "qcow2|raw",
            description = "Make disks images of this format on the way. qcow2 needs jvirt on the target.")
    private @Nullable String format;

    @Option(
            names = "--compact",
            description =
                    "Make qcow2 images anew on the way: what they do not use stays behind. Needs jvirt on the target.")
    private boolean isCompacted;

    @Option(
            names = "--transport",
            paramLabel = "auto|ssh|libvirt",
            defaultValue = "auto",
            description =
                    "What carries the disks: ssh to jvirt on the target, libvirt's streams, or the first where it works (default).")
    private String transport = "auto";

    @Option(
            names = "--compress",
            paramLabel = "auto|zstd|none",
            defaultValue = "auto",
            description =
                    "Compress on the way, over ssh: where the link is slower than the processor (default), always, or never.")
    private String compress = "auto";

    @Option(
            names = "--pool-map",
            paramLabel = "A=B",
            description = "Files of pool (or directory) A go to the target's pool B. Again for more.")
    private List<String> poolMap = new ArrayList<>();

    @Option(
            names = "--network-map",
            paramLabel = "A=B",
            description = "Cards on network A go to the target's network B. Again for more.")
    private List<String> networkMap = new ArrayList<>();

    @Option(names = "--rename", paramLabel = "NEW", description = "Another name on the target; for one domain.")
    private @Nullable String rename;

    @Option(
            names = "--presync",
            description =
                    "Move a domain that runs: copy it while it runs, shut it down, send what has changed, start it there.")
    private boolean isPresync;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            description =
                    "With --presync: how long the guest may take to shut down (5m by default); then it runs on here.")
    private @Nullable String timeout;

    @Option(
            names = "--live",
            description =
                    "Move a domain that runs without stopping it: libvirt copies memory, and disks that are not shared.")
    private boolean isLive;

    @Option(
            names = "--max-downtime",
            paramLabel = "DURATION",
            description = "With --live: how long the guest may stand still in the end, such as 300ms.")
    private @Nullable String maxDowntime;

    @Option(
            names = "--managed-save",
            description =
                    "A domain with saved memory (jvirt save) takes it along and goes on from there; without this it stays.")
    private boolean takesSavedMemory;

    @Option(names = "--keep-source", description = "Leave the disks on this host where they are, not in its trash.")
    private boolean keepsSource;

    @Option(names = "--no-verify", description = "Do not compare what the target has stored.")
    private boolean isUnverified;

    @Option(
            names = "--delta",
            description =
                    "Files of the same names on the target are older copies: overwrite them, sending only what differs.")
    private boolean isDelta;

    @Option(names = "--bandwidth", paramLabel = "SIZE", description = "Send at most so much a second, such as 100M.")
    private @Nullable String bandwidth;

    @Option(names = "--start", description = "Start it on the target when it has moved.")
    private boolean isStarted;

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask.")
    private boolean isYes;

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        MigrateRequest request = request();
        try (Targets targets = new Targets().prepare(request);
                Host source = Host.open(context.options().connect())) {
            Migrate migrate = new Migrate(source, Steps.journal(), new Trash(StateDirectory.current()), targets);
            MoveRun run = new MoveRun(context, migrate, request);
            Set<String> each = new LinkedHashSet<>(names);
            if (isPlan) {
                return run.show(each);
            }
            run.move(each, isYes);
            if (isStarted) {
                run.start();
            }
            return ExitCode.DONE;
        }
    }

    private MigrateRequest request() {
        if (takesSavedMemory && (isPresync || isLive)) {
            throw JvirtException.usage(
                    "--managed-save is for a domain that is off: the memory of one that runs is not saved",
                    "leave it out; --live takes the memory along");
        }
        if (isShared && isCopied) {
            throw JvirtException.usage("--shared and --copy exclude each other", "give one of them, or none");
        }
        if (rename != null && names.size() > 1) {
            throw JvirtException.usage(
                    "--rename gives one domain a name, and there are " + names.size(), "move them one by one");
        }
        MigrateRequest.Chain kept = switch (chain.toLowerCase(Locale.ROOT)) {
            case "keep" -> MigrateRequest.Chain.KEEP;
            case "flatten" -> MigrateRequest.Chain.FLATTEN;
            default -> throw JvirtException.usage("unknown --chain '" + chain + "'", "it takes keep or flatten");
        };
        return new MigrateRequest(
                TargetUri.of(to),
                kept,
                isShared
                        ? MigrateRequest.Sharing.SHARED
                        : isCopied ? MigrateRequest.Sharing.COPIED : MigrateRequest.Sharing.UNKNOWN,
                pairs(poolMap, "--pool-map"),
                pairs(networkMap, "--network-map"),
                rename,
                keepsSource,
                !isUnverified,
                isDelta,
                format == null ? null : RouteOptions.format(format),
                isCompacted,
                RouteOptions.route(transport, compress),
                presync(),
                live(),
                takesSavedMemory,
                bandwidth == null ? 0 : SizeText.parse(bandwidth, "--bandwidth", 0));
    }

    private MigrateRequest.@Nullable Presync presync() {
        if (!isPresync) {
            if (timeout != null) {
                throw JvirtException.usage(
                        "--timeout is for --presync: nothing else waits for a guest", "leave it out");
            }
            return null;
        }
        return new MigrateRequest.Presync(
                timeout == null
                        ? STOP_SECONDS
                        : Math.max(1, DurationText.parse("--timeout", timeout).toSeconds()));
    }

    private MigrateRequest.@Nullable Live live() {
        if (!isLive) {
            if (maxDowntime != null) {
                throw JvirtException.usage("--max-downtime is for --live", "leave it out");
            }
            return null;
        }
        if (isPresync) {
            throw JvirtException.usage(
                    "--live and --presync exclude each other", "--presync where the hosts cannot migrate live");
        }
        if (chain.equalsIgnoreCase("flatten") || format != null || isCompacted || isDelta) {
            throw JvirtException.usage(
                    "with --live libvirt copies the disks: --chain, --format, --compact and --delta do not go with it",
                    "--presync copies while it runs, too");
        }
        return new MigrateRequest.Live(
                maxDowntime == null
                        ? 0
                        : Math.max(
                                1,
                                DurationText.parse("--max-downtime", maxDowntime)
                                        .toMillis()));
    }

    private static Map<String, String> pairs(List<String> given, String option) {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (String pair : given) {
            int equals = pair.indexOf('=');
            if (equals <= 0 || equals == pair.length() - 1) {
                throw JvirtException.usage(
                        option + " '" + pair + "' is not A=B", "such as " + option + " default=fast");
            }
            pairs.put(pair.substring(0, equals), pair.substring(equals + 1));
        }
        return pairs;
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt migrate web --to kvm2 --plan", "see what stands against it and what would be done"),
                new Example(
                        "jvirt migrate web --to kvm2",
                        "move it, disks and all; the same command goes on after a break"),
                new Example(
                        "jvirt migrate web --to kvm2 --presync", "copy it while it runs; it is off for the rest of it"),
                new Example("jvirt migrate web --to kvm2 --live --max-downtime 500ms", "without stopping it"),
                new Example(
                        "jvirt migrate web --to kvm2 --managed-save --start",
                        "it was saved here (jvirt save), and goes on there"),
                new Example(
                        "jvirt migrate web db --to qemu+ssh://root@kvm2/system --pool-map default=fast --yes",
                        "two of them into another pool, without a question"),
                new Example(
                        "jvirt migrate web --to kvm2 --chain flatten --format qcow2 --start",
                        "one qcow2 image of a chain; then start it"));
    }
}
