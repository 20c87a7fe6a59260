// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.libvirt.Scope;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Changes one thing of a running machine; undone, it is as before. What has stopped meanwhile needs no undoing. */
public final class LiveChangeStep implements Step {
    static final String KIND = "live-change";

    private static final int RELEASE_SECONDS = 15;

    /** What is changed; {@code to} and {@code from} are a device's XML, or the value. */
    public enum Kind {
        ATTACH,
        DETACH,
        UPDATE,
        MEMORY_BYTES,
        VCPUS,
        TITLE,
        DESCRIPTION
    }

    private final String summary;
    private final String uuid;
    private final Kind kind;
    private final String to;
    private final String from;

    /**
     * Plans a change.
     *
     * @param to the new value, or the device's XML; empty for no title
     * @param from the value before; for a device that is attached or detached the same as {@code to}
     */
    public LiveChangeStep(String summary, String uuid, Kind kind, String to, String from) {
        this.summary = summary;
        this.uuid = uuid;
        this.kind = kind;
        this.to = to;
        this.from = from;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("uuid", uuid);
        p.put("change", kind.name().toLowerCase(Locale.ROOT));
        p.put("to", to);
        p.put("from", from);
        return new StepPlan(KIND, summary, p);
    }

    static LiveChangeStep read(StepPlan plan) {
        return new LiveChangeStep(
                plan.summary(),
                Parameters.required(plan, "uuid"),
                Kind.valueOf(Parameters.required(plan, "change").toUpperCase(Locale.ROOT)),
                Parameters.required(plan, "to"),
                Parameters.required(plan, "from"));
    }

    @Override
    public void perform(StepContext context) {
        try (Domain domain = context.host().domainWithUuid(uuid)) {
            if (domain == null || !domain.isActive()) {
                throw JvirtException.failed(
                        "the domain has stopped meanwhile", "try again: it is changed as it is then");
            }
            apply(domain, kind, to);
            if (kind == Kind.DETACH && !waitUntilGone(domain, context)) {
                throw JvirtException.failed(
                        "the guest has not released the device within " + RELEASE_SECONDS + " s: " + summary,
                        "is its system up? with --config it goes at the next start");
            }
        }
    }

    /** libvirt asks the guest and returns; a guest that still boots, or hangs, answers later or never. */
    private boolean waitUntilGone(Domain domain, StepContext context) {
        String device = key(XmlDocument.parse(to).root());
        long deadline = System.nanoTime() + RELEASE_SECONDS * 1_000_000_000L;
        while (isThere(domain, device)) {
            context.cancellation().check();
            if (System.nanoTime() > deadline) {
                return false;
            }
            try {
                Thread.sleep(200);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }

    private static boolean isThere(Domain domain, String device) {
        XmlElement devices = XmlDocument.parse(domain.xml()).root().element("devices");
        return devices != null && devices.elements().stream().anyMatch(one -> key(one).equals(device));
    }

    /** What tells a device from others of its kind: its alias, which every device of a running machine has. */
    private static String key(XmlElement device) {
        XmlElement alias = device.element("alias");
        return device.name() + " " + (alias == null ? device.toString() : alias.attribute("name"));
    }

    @Override
    public void undo(StepContext context) {
        try (Domain domain = context.host().domainWithUuid(uuid)) {
            if (domain == null || !domain.isActive()) {
                return;
            }
            Kind back = kind == Kind.ATTACH ? Kind.DETACH : kind == Kind.DETACH ? Kind.ATTACH : kind;
            try {
                apply(domain, back, from);
            } catch (LibvirtException e) {
                // Whether it had been plugged only libvirt knows: what is not there cannot go, what is there cannot
                // come.
                if (back == Kind.UPDATE || e.reason().contains("in use")) {
                    throw e;
                }
            }
        }
    }

    private static void apply(Domain domain, Kind kind, String value) {
        switch (kind) {
            case ATTACH -> domain.attachDevice(value, Scope.LIVE);
            case DETACH -> domain.detachDevice(value, Scope.LIVE);
            case UPDATE -> domain.updateDevice(value, Scope.LIVE);
            case MEMORY_BYTES -> domain.setLiveMemory(Long.parseLong(value));
            case VCPUS -> domain.setLiveVcpus(Integer.parseInt(value));
            case TITLE -> domain.setTitle(value.isEmpty() ? null : value, Scope.LIVE);
            case DESCRIPTION -> domain.setDescription(value.isEmpty() ? null : value, Scope.LIVE);
        }
    }
}
