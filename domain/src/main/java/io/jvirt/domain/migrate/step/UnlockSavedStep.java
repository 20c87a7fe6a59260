// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import io.jvirt.domain.journal.FinalStep;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.libvirt.SavedImage;
import io.jvirt.domain.libvirt.Stream;
import io.jvirt.domain.libvirt.Volume;
import io.jvirt.domain.step.Parameters;
import io.jvirt.domain.transfer.Route;
import io.jvirt.domain.transfer.wire.RemoteFile;
import io.jvirt.domain.transfer.wire.Wires;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Lets the target go on from the saved memory: there is only the way forward. */
public final class UnlockSavedStep implements FinalStep {
    static final String KIND = "unlock-saved";

    private final String uri;
    private final String name;
    private final String uuid;
    private final String pool;
    private final String path;
    private final Route.Way way;
    private final byte[] locked;
    private final byte[] unlocked;

    /**
     * A step.
     *
     * @param path of the saved memory there
     * @param way how it got there
     * @param locked its version as it was sent
     * @param unlocked its version as libvirt knows it
     */
    public UnlockSavedStep(
            String uri,
            String name,
            String uuid,
            String pool,
            String path,
            Route.Way way,
            byte[] locked,
            byte[] unlocked) {
        this.uri = uri;
        this.name = name;
        this.uuid = uuid;
        this.pool = pool;
        this.path = path;
        this.way = way;
        this.locked = locked.clone();
        this.unlocked = unlocked.clone();
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("uri", uri);
        p.put("name", name);
        p.put("uuid", uuid);
        p.put("pool", pool);
        p.put("path", path);
        p.put("way", way.name().toLowerCase(Locale.ROOT));
        p.put("locked", HexFormat.of().formatHex(locked));
        p.put("unlocked", HexFormat.of().formatHex(unlocked));
        return new StepPlan(KIND, "unlock the saved memory of '" + name + "' on " + uri, p);
    }

    static UnlockSavedStep read(StepPlan plan) {
        return new UnlockSavedStep(
                Parameters.required(plan, "uri"),
                Parameters.required(plan, "name"),
                Parameters.required(plan, "uuid"),
                Parameters.required(plan, "pool"),
                Parameters.required(plan, "path"),
                // Entries of before do not have it.
                Route.Way.valueOf(plan.parameters().getOrDefault("way", "auto").toUpperCase(Locale.ROOT)),
                HexFormat.of().parseHex(Parameters.required(plan, "locked")),
                HexFormat.of().parseHex(Parameters.required(plan, "unlocked")));
    }

    @Override
    public void perform(StepContext context) {
        Host target = context.host(uri);
        try (Pool in = TargetPools.open(target, pool, path)) {
            TargetPools.whenIdle(in::refresh);
            try (Volume volume = in.volume(String.valueOf(Path.of(path).getFileName()))) {
                byte[] now = volume == null ? new byte[0] : version(target, volume);
                if (volume != null && Arrays.equals(now, locked)) {
                    if (way == Route.Way.LIBVIRT || !isUnlockedOverSsh()) {
                        unlock(target, volume);
                    }
                } else if (!Arrays.equals(now, unlocked) && !runs(target)) {
                    // It may also have been started there, before a break, and stopped since.
                    context.report("'" + name + "' has moved without its saved memory: " + path
                            + " is not there any more, so it starts afresh; what this host saved is in its trash");
                }
            }
        }
    }

    private static byte[] version(Host target, Volume volume) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(SavedImage.VERSION_BYTES);
        try (Stream stream = volume.download(target, SavedImage.VERSION_OFFSET, SavedImage.VERSION_BYTES, false)) {
            int got;
            do {
                got = stream.receive(bytes);
            } while (got > 0 && bytes.hasRemaining());
            stream.finish();
        }
        byte[] found = new byte[bytes.flip().remaining()];
        bytes.get(found);
        return found;
    }

    /** Synced there; false where that is not possible. */
    private boolean isUnlockedOverSsh() {
        try {
            RemoteFile file = RemoteFile.ofBytes(Wires.session(uri), path);
            if (file.exists()) {
                file.overwrite(SavedImage.VERSION_OFFSET, unlocked);
                return true;
            }
        } catch (IOException e) {
            // libvirt writes the same bytes, or fails and says why.
            return false;
        }
        return false;
    }

    /** Not synced: what a power cut takes away is written again by the domain's next start ({@code power/SavedLock}). */
    private void unlock(Host target, Volume volume) {
        ByteBuffer bytes =
                ByteBuffer.allocateDirect(unlocked.length).put(unlocked).flip();
        try (Stream stream = volume.upload(target, SavedImage.VERSION_OFFSET, unlocked.length, false)) {
            stream.send(bytes);
            stream.finish();
        }
    }

    private boolean runs(Host target) {
        try (Domain domain = target.domainWithUuid(uuid)) {
            return domain != null && domain.isActive();
        }
    }
}
