// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.SizeText;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.libvirt.Volume;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes a volume through libvirt's storage API: in a pool of another host, or in one that is no directory. */
public final class VolumeStep implements Step {
    static final String KIND = "volume";

    /**
     * What is to be made.
     *
     * @param format qcow2 or raw; ignored by pools of devices
     * @param allocationBytes how much of it is set aside at once; libvirt's only form of preallocation
     * @param isFormatted false for pools whose volumes are devices
     * @param origin what it starts as; null for an empty one
     */
    public record Spec(
            String pool,
            String name,
            String format,
            long sizeBytes,
            long allocationBytes,
            boolean isFormatted,
            @Nullable Origin origin) {}

    /**
     * The volume that a new one starts from.
     *
     * @param isBacking the new one lies on top of it, instead of being filled with its content by libvirt
     */
    public record Origin(String pool, String volume, String path, String format, boolean isBacking) {}

    private static final String KEY = "key";

    private final Spec spec;

    public VolumeStep(Spec spec) {
        this.spec = spec;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("pool", spec.pool());
        p.put("name", spec.name());
        p.put("format", spec.format());
        p.put("sizeBytes", Long.toString(spec.sizeBytes()));
        p.put("allocationBytes", Long.toString(spec.allocationBytes()));
        p.put("formatted", Boolean.toString(spec.isFormatted()));
        Origin origin = spec.origin();
        if (origin != null) {
            p.put("originPool", origin.pool());
            p.put("originVolume", origin.volume());
            p.put("originPath", origin.path());
            p.put("originFormat", origin.format());
            p.put("originIsBacking", Boolean.toString(origin.isBacking()));
        }
        return new StepPlan(
                KIND,
                "create volume " + spec.name() + " in pool '" + spec.pool() + "' ("
                        + (spec.isFormatted() ? spec.format() + ", " : "") + SizeText.of(spec.sizeBytes()) + ")"
                        + (origin == null
                                ? ""
                                : (origin.isBacking() ? " on top of " : " as a copy of ") + origin.path()),
                p);
    }

    static VolumeStep read(StepPlan plan) {
        return new VolumeStep(new Spec(
                Parameters.required(plan, "pool"),
                Parameters.required(plan, "name"),
                Parameters.required(plan, "format"),
                Long.parseLong(Parameters.required(plan, "sizeBytes")),
                Long.parseLong(Parameters.required(plan, "allocationBytes")),
                Boolean.parseBoolean(Parameters.required(plan, "formatted")),
                origin(plan)));
    }

    private static @Nullable Origin origin(StepPlan plan) {
        if (!plan.parameters().containsKey("originPath")) {
            return null;
        }
        return new Origin(
                Parameters.required(plan, "originPool"),
                Parameters.required(plan, "originVolume"),
                Parameters.required(plan, "originPath"),
                Parameters.required(plan, "originFormat"),
                Boolean.parseBoolean(Parameters.required(plan, "originIsBacking")));
    }

    @Override
    public void perform(StepContext context) throws Exception {
        try (Pool pool = Pool.find(context.host(), spec.pool())) {
            try (Volume there = pool.volume(spec.name())) {
                if (there != null) {
                    throw JvirtException.failed(
                            "volume '" + spec.name() + "' has appeared in pool '" + spec.pool()
                                    + "' meanwhile and was not touched",
                            "choose another name");
                }
            }
            // libvirt gives no mark of whose a volume is: from here on one of that name counts as made here.
            context.note(KEY, "was absent");
            try (Volume made = create(context, pool)) {
                context.note(KEY, made.path());
            }
        }
    }

    private Volume create(StepContext context, Pool pool) {
        Origin origin = spec.origin();
        if (origin == null || origin.isBacking()) {
            return pool.createVolume(xml());
        }
        try (Pool from = Pool.find(context.host(), origin.pool());
                Volume source = from.volumeSeen(context.host(), origin.volume())) {
            return pool.createVolumeFrom(xml(), source);
        }
    }

    private String xml() {
        XmlDocument document = XmlDocument.of("volume");
        XmlElement volume = document.root();
        volume.add("name").text(spec.name());
        volume.add("capacity").attribute("unit", "bytes").text(Long.toString(spec.sizeBytes()));
        volume.add("allocation").attribute("unit", "bytes").text(Long.toString(spec.allocationBytes()));
        if (spec.isFormatted()) {
            XmlElement target = volume.add("target");
            target.add("format").attribute("type", spec.format());
            target.add("permissions").add("mode").text("0600");
        }
        Origin origin = spec.origin();
        if (origin != null && origin.isBacking()) {
            XmlElement backing = volume.add("backingStore");
            backing.add("path").text(origin.path());
            backing.add("format").attribute("type", origin.format());
        }
        return document.toString();
    }

    @Override
    public void undo(StepContext context) throws Exception {
        if (context.noted(KEY) == null) {
            return;
        }
        try (Pool pool = Pool.named(context.host(), spec.pool())) {
            if (pool == null) {
                return;
            }
            try (Volume made = pool.volume(spec.name())) {
                if (made != null) {
                    made.delete();
                }
            }
        }
    }
}
