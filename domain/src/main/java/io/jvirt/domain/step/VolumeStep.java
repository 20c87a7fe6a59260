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

/** Makes a volume through libvirt's storage API: in a pool of another host, or in one that is no directory. */
public final class VolumeStep implements Step {
    static final String KIND = "volume";

    /**
     * What is to be made.
     *
     * @param format qcow2 or raw; ignored by pools of devices
     * @param allocationBytes how much of it is set aside at once; libvirt's only form of preallocation
     * @param isFormatted false for pools whose volumes are devices
     */
    public record Spec(
            String pool, String name, String format, long sizeBytes, long allocationBytes, boolean isFormatted) {}

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
        return new StepPlan(
                KIND,
                "create volume " + spec.name() + " in pool '" + spec.pool() + "' ("
                        + (spec.isFormatted() ? spec.format() + ", " : "") + SizeText.of(spec.sizeBytes()) + ")",
                p);
    }

    static VolumeStep read(StepPlan plan) {
        return new VolumeStep(new Spec(
                Parameters.required(plan, "pool"),
                Parameters.required(plan, "name"),
                Parameters.required(plan, "format"),
                Long.parseLong(Parameters.required(plan, "sizeBytes")),
                Long.parseLong(Parameters.required(plan, "allocationBytes")),
                Boolean.parseBoolean(Parameters.required(plan, "formatted"))));
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
            try (Volume made = pool.createVolume(xml())) {
                context.note(KEY, made.path());
            }
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
