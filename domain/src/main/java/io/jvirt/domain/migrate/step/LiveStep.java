// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.journal.ResumableException;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainJob;
import io.jvirt.domain.libvirt.DomainState;
import io.jvirt.domain.libvirt.DomainStatus;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.libvirt.LiveMigration;
import io.jvirt.domain.step.Parameters;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Moves the running domain. libvirt ends with it on one of the two hosts; this step looks which one it is. */
public final class LiveStep implements Step {
    static final String KIND = "live";

    private static final String BEGUN = "begun";
    private static final long PAUSE_MILLIS = 200;
    private static final int ABORT_ATTEMPTS = 50;

    private final String uri;
    private final String uuid;
    private final LiveMigration migration;
    private final long downtimeMillis;

    /** @param downtimeMillis how long the guest may stand still in the end; 0 for what QEMU allows by itself */
    public LiveStep(String uri, String uuid, LiveMigration migration, long downtimeMillis) {
        this.uri = uri;
        this.uuid = uuid;
        this.migration = migration;
        this.downtimeMillis = downtimeMillis;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("uri", uri);
        p.put("uuid", uuid);
        p.put("name", migration.name());
        p.put("liveXml", migration.liveXml());
        p.put("persistentXml", migration.persistentXml());
        p.put("mebibytesPerSecond", Long.toString(migration.mebibytesPerSecond()));
        p.put("downtimeMillis", Long.toString(downtimeMillis));
        for (int i = 0; i < migration.disks().size(); i++) {
            p.put("disk." + i, migration.disks().get(i));
        }
        return new StepPlan(KIND, "move the running domain '" + migration.name() + "' to " + uri, p);
    }

    static LiveStep read(StepPlan plan) {
        List<String> disks = new ArrayList<>();
        for (int i = 0; plan.parameters().containsKey("disk." + i); i++) {
            disks.add(Parameters.required(plan, "disk." + i));
        }
        return new LiveStep(
                Parameters.required(plan, "uri"),
                Parameters.required(plan, "uuid"),
                new LiveMigration(
                        Parameters.required(plan, "liveXml"),
                        Parameters.required(plan, "persistentXml"),
                        Parameters.required(plan, "name"),
                        disks,
                        Long.parseLong(Parameters.required(plan, "mebibytesPerSecond"))),
                Long.parseLong(Parameters.required(plan, "downtimeMillis")));
    }

    @Override
    public boolean isResumable() {
        return true;
    }

    @Override
    public void perform(StepContext context) throws Exception {
        Host target = context.host(uri);
        if (place(context.host(), target) == LivePlace.THERE) {
            endHere(context.host());
            return;
        }
        if (context.noted(BEGUN) != null) {
            // Moved as it was left, stopped, it would stay so.
            settle(context.host(), target);
        }
        context.note(BEGUN, "yes");
        try (Domain domain = context.host().domainWithUuid(uuid)) {
            if (domain == null || !domain.isActive()) {
                throw JvirtException.failed(
                        "domain '" + migration.name() + "' does not run any more", "leave --live out");
            }
            Thread watch = new Thread(() -> watch(context, domain), "live-progress");
            watch.setDaemon(true);
            watch.start();
            try {
                migration.run(domain, target);
                // Also where the source was lost in the last moment, libvirt calls it done.
                endHere(context.host());
            } catch (LibvirtException e) {
                if (!context.host().isAlive()) {
                    throw new ResumableException(
                            "this host's libvirt was lost while domain '" + migration.name() + "' moved (" + e.reason()
                                    + "); on which host it runs is not known yet",
                            "run the command again when libvirt answers: it looks, and goes on from there",
                            e);
                }
                if (place(context.host(), target) != LivePlace.THERE) {
                    context.cancellation().check();
                    throw e;
                }
                endHere(context.host());
            } finally {
                watch.interrupt();
                watch.join();
            }
        }
    }

    /** Tells how far it is, limits the downtime once it has begun, and stops it where the user asks for that. */
    private void watch(StepContext context, Domain domain) {
        boolean isLimited = downtimeMillis == 0;
        try {
            while (true) {
                Thread.sleep(PAUSE_MILLIS);
                DomainJob job = job(domain);
                if (job == null) {
                    continue;
                }
                context.progress(job.doneBytes(), Math.max(job.totalBytes(), job.doneBytes()));
                if (context.cancellation().isRequested()) {
                    abort(domain);
                } else if (!isLimited) {
                    isLimited = limit(domain);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Refused while libvirt prepares, and taken soon after. */
    private boolean limit(Domain domain) {
        try {
            LiveMigration.limitDowntime(domain, downtimeMillis);
            return true;
        } catch (LibvirtException e) {
            return false;
        }
    }

    private static @Nullable DomainJob job(Domain domain) {
        try {
            return domain.job();
        } catch (LibvirtException e) {
            return null;
        }
    }

    private LivePlace place(Host source, Host target) {
        try (Domain here = source.domainWithUuid(uuid);
                Domain there = target.domainWithUuid(uuid)) {
            return LivePlace.of(active(here), active(there), there != null && there.isPersistent());
        }
    }

    private static @Nullable DomainStatus active(@Nullable Domain domain) {
        DomainStatus status = domain == null ? null : domain.status();
        return status == null || !status.state().isActive() ? null : status;
    }

    /** It runs there. What is left here is stopped and behind, as libvirt leaves it where nobody tells it the end. */
    private void endHere(Host source) {
        try (Domain here = source.domainWithUuid(uuid)) {
            if (here == null) {
                return;
            }
            boolean isDefined = here.isPersistent();
            if (here.isActive()) {
                here.destroy();
            }
            if (isDefined) {
                MovedDefinition.undefine(here);
            }
        }
    }

    @Override
    public void undo(StepContext context) {
        settle(context.host(), context.host(uri));
    }

    /** An attempt that was cut off: whatever is under way ends, and the domain runs on here. */
    private void settle(Host source, Host target) {
        refuseThere(place(source, target));
        try (Domain here = source.domainWithUuid(uuid)) {
            for (int i = 0; i < ABORT_ATTEMPTS && here != null && here.isActive() && job(here) != null; i++) {
                abort(here);
            }
            removeArriving(source, target);
            DomainStatus left = active(here);
            if (here != null
                    && left != null
                    && left.state() == DomainState.PAUSED
                    && left.reason().equals("migrating")) {
                here.resume();
            }
        }
    }

    private void refuseThere(LivePlace place) {
        if (place == LivePlace.THERE) {
            throw JvirtException.refused(
                    "domain '" + migration.name() + "' has gone on on the target already", "jvirt recover --resume");
        }
    }

    /** The target drops what was to become the domain when it sees that nobody moves it any more; or it is made to. */
    private void removeArriving(Host source, Host target) {
        LivePlace place = place(source, target);
        for (int i = 0; i < ABORT_ATTEMPTS; i++) {
            refuseThere(place);
            try (Domain arriving = target.domainWithUuid(uuid)) {
                if (arriving == null) {
                    return;
                }
            }
            pause();
            place = place(source, target);
        }
        if (place == LivePlace.UNCLEAR) {
            String name = migration.name();
            throw JvirtException.refused(
                    "domain '" + name + "' is on both hosts, stopped in the last moment of its move or gone on since",
                    "look at both with jvirt info; to go on here: virsh -c " + uri + " destroy " + name
                            + ", virsh -c " + uri + " undefine " + name + ", then jvirt recover --rollback; to go on"
                            + " there: jvirt stop " + ShellWord.quoted(name) + " --force, then jvirt recover --resume");
        }
        try (Domain arriving = target.domainWithUuid(uuid)) {
            if (arriving != null && arriving.isActive()) {
                arriving.destroy();
            }
        }
    }

    private static void abort(Domain domain) {
        try {
            LiveMigration.abort(domain);
        } catch (LibvirtException e) {
            // It has ended meanwhile, or is about to.
            pause();
        }
        pause();
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
