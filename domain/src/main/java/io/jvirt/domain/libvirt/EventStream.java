// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Callback;
import com.sun.jna.Pointer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The events of a host, while it is open. The host must have been opened with {@link Host#openForEvents}. Callbacks come on
 * libvirt's event thread and must be quick; an exception in one would be lost, so they only hand on.
 */
public final class EventStream implements AutoCloseable {
    private static final int LIFECYCLE = 0;

    private interface Deregister {
        int call(Pointer connection, int callback);
    }

    private record Registration(int number, Deregister deregister) {}

    private final Host host;
    private final Consumer<Event> target;
    private final List<Registration> registered = new ArrayList<>();
    /** libvirt knows only their addresses: held here, so that they are not collected. */
    private final List<Callback> callbacks = new ArrayList<>();

    private EventStream(Host host, Consumer<Event> target) {
        this.host = host;
        this.target = target;
    }

    /** @param target takes each event, on libvirt's event thread */
    public static EventStream open(Host host, Consumer<Event> target) {
        EventStream stream = new EventStream(host, target);
        try {
            stream.registerDomainEvents();
            stream.registerOthers();
        } catch (RuntimeException e) {
            stream.close();
            throw e;
        }
        return stream;
    }

    // The numbers are those of virDomainEventID.
    private void registerDomainEvents() {
        NativeEvents.TwoNumbers lifecycle = (c, domain, event, detail, o) -> emit(
                domain, EventKind.LIFECYCLE, EventWords.lifecycle(event), EventWords.lifecycleDetail(event, detail));
        domain(LIFECYCLE, lifecycle);
        NativeEvents.Plain reboot = (c, domain, o) -> emit(domain, EventKind.REBOOT, "rebooted", null);
        domain(1, reboot);
        NativeEvents.OneLong clock =
                (c, domain, offset, o) -> emit(domain, EventKind.RTC_CHANGE, "changed", offset + " s from UTC");
        domain(2, clock);
        NativeEvents.OneNumber watchdog =
                (c, domain, action, o) -> emit(domain, EventKind.WATCHDOG, EventWords.watchdog(action), null);
        domain(3, watchdog);
        NativeEvents.IoError ioError = (c, domain, source, alias, action, reason, o) -> emit(
                domain, EventKind.IO_ERROR, EventWords.ioError(action), join(text(alias), text(source), text(reason)));
        domain(6, ioError);
        NativeEvents.Plain control = (c, domain, o) -> emit(domain, EventKind.CONTROL_ERROR, "failed", null);
        domain(7, control);
        NativeEvents.DiskChange disk = (c, domain, old, now, alias, reason, o) -> emit(
                domain, EventKind.DISK_CHANGE, EventWords.diskChange(reason), join(text(alias), text(old), text(now)));
        domain(9, disk);
        NativeEvents.TextAndNumber tray = (c, domain, alias, reason, o) ->
                emit(domain, EventKind.TRAY_CHANGE, EventWords.tray(reason), text(alias));
        domain(10, tray);
        NativeEvents.OneNumber wakeup = (c, domain, reason, o) -> emit(domain, EventKind.PM_WAKEUP, "woken", null);
        domain(11, wakeup);
        NativeEvents.OneNumber sleep = (c, domain, reason, o) -> emit(domain, EventKind.PM_SUSPEND, "suspended", null);
        domain(12, sleep);
        NativeEvents.OneLong balloon =
                (c, domain, kib, o) -> emit(domain, EventKind.BALLOON_CHANGE, "changed", kib + " KiB");
        domain(13, balloon);
        NativeEvents.Text removed =
                (c, domain, alias, o) -> emit(domain, EventKind.DEVICE_REMOVED, "removed", text(alias));
        domain(15, removed);
        NativeEvents.BlockJob block = (c, domain, path, type, status, o) -> emit(
                domain,
                EventKind.BLOCK_JOB,
                EventWords.blockJobStatus(status),
                join(text(path), EventWords.blockJob(type)));
        domain(16, block);
        NativeEvents.TwoNumbers agent = (c, domain, state, reason, o) ->
                emit(domain, EventKind.AGENT_LIFECYCLE, EventWords.agent(state), EventWords.agentReason(reason));
        domain(18, agent);
        NativeEvents.Text added = (c, domain, alias, o) -> emit(domain, EventKind.DEVICE_ADDED, "added", text(alias));
        domain(19, added);
        NativeEvents.OneNumber iteration =
                (c, domain, round, o) -> emit(domain, EventKind.MIGRATION_ITERATION, "begun", "round " + round);
        domain(20, iteration);
        NativeEvents.Text unmoved =
                (c, domain, alias, o) -> emit(domain, EventKind.DEVICE_REMOVAL_FAILED, "failed", text(alias));
        domain(22, unmoved);
        NativeEvents.NumberAndText metadata = (c, domain, type, uri, o) ->
                emit(domain, EventKind.METADATA_CHANGE, EventWords.metadata(type), text(uri));
        domain(23, metadata);
    }

    private void registerOthers() {
        NativeEvents.TwoNumbers network = (c, object, event, detail, o) ->
                emitOther(EventKind.NETWORK, NativeNetwork.virNetworkGetName(object), EventWords.network(event));
        keep(
                network,
                NativeEvents.virConnectNetworkEventRegisterAny(host.pointer(), null, LIFECYCLE, network, null, null),
                NativeEvents::virConnectNetworkEventDeregisterAny);
        NativeEvents.TwoNumbers pool = (c, object, event, detail, o) ->
                emitOther(EventKind.POOL, NativeStorage.virStoragePoolGetName(object), EventWords.pool(event));
        keep(
                pool,
                NativeEvents.virConnectStoragePoolEventRegisterAny(host.pointer(), null, LIFECYCLE, pool, null, null),
                NativeEvents::virConnectStoragePoolEventDeregisterAny);
        NativeEvents.Plain refresh =
                (c, object, o) -> emitOther(EventKind.POOL, NativeStorage.virStoragePoolGetName(object), "refreshed");
        keep(
                refresh,
                NativeEvents.virConnectStoragePoolEventRegisterAny(host.pointer(), null, 1, refresh, null, null),
                NativeEvents::virConnectStoragePoolEventDeregisterAny);
    }

    private void domain(int event, Callback callback) {
        keep(
                callback,
                NativeEvents.virConnectDomainEventRegisterAny(host.pointer(), null, event, callback, null, null),
                NativeEvents::virConnectDomainEventDeregisterAny);
    }

    /** An older libvirt, or another driver, does not know each event; without the domains' lifecycle there is no stream. */
    private void keep(Callback callback, int number, Deregister deregister) {
        if (number < 0) {
            if (callbacks.isEmpty()) {
                throw LibvirtException.last("cannot listen to the events of " + host.uri());
            }
            NativeLibvirt.virResetLastError();
            return;
        }
        callbacks.add(callback);
        registered.add(new Registration(number, deregister));
    }

    private void emit(Pointer domain, EventKind kind, String event, @Nullable String detail) {
        String name = NativeLoader.borrowed(NativeLibvirt.virDomainGetName(domain));
        byte[] uuid = new byte[37];
        boolean hasUuid = NativeLibvirt.virDomainGetUUIDString(domain, uuid) == 0;
        target.accept(new Event(
                Instant.now(),
                kind.text(),
                "domain",
                name == null ? "" : name,
                hasUuid ? NativeObject.uuid(uuid) : null,
                event,
                detail));
    }

    private void emitOther(EventKind object, @Nullable Pointer name, String event) {
        String known = NativeLoader.borrowed(name);
        target.accept(
                new Event(Instant.now(), object.text(), object.text(), known == null ? "" : known, null, event, null));
    }

    private static @Nullable String text(@Nullable Pointer pointer) {
        return NativeLoader.borrowed(pointer);
    }

    private static @Nullable String join(@Nullable String... parts) {
        StringBuilder joined = new StringBuilder();
        for (String part : parts) {
            if (part != null && !part.isEmpty()) {
                joined.append(joined.length() == 0 ? "" : " ").append(part);
            }
        }
        return joined.length() == 0 ? null : joined.toString();
    }

    @Override
    public void close() {
        for (Registration registration : registered) {
            if (registration.deregister().call(host.pointer(), registration.number()) < 0) {
                NativeLibvirt.virResetLastError();
            }
        }
        registered.clear();
    }
}
