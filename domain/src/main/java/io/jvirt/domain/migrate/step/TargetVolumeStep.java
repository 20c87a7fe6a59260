// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.libvirt.Volume;
import io.jvirt.domain.step.Parameters;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Makes an empty image on the target, which a running domain's disk is copied into. */
public final class TargetVolumeStep implements Step {
    static final String KIND = "target-volume";

    private static final String MADE = "volume";

    private final String uri;
    private final String pool;
    private final String path;
    private final String format;
    private final long sizeBytes;

    /** @param path of the image there */
    public TargetVolumeStep(String uri, String pool, String path, String format, long sizeBytes) {
        this.uri = uri;
        this.pool = pool;
        this.path = path;
        this.format = format;
        this.sizeBytes = sizeBytes;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("uri", uri);
        p.put("pool", pool);
        p.put("path", path);
        p.put("format", format);
        p.put("sizeBytes", Long.toString(sizeBytes));
        return new StepPlan(KIND, "make " + path + " (" + format + ") in pool '" + pool + "' on " + uri, p);
    }

    static TargetVolumeStep read(StepPlan plan) {
        return new TargetVolumeStep(
                Parameters.required(plan, "uri"),
                Parameters.required(plan, "pool"),
                Parameters.required(plan, "path"),
                Parameters.required(plan, "format"),
                Long.parseLong(Parameters.required(plan, "sizeBytes")));
    }

    @Override
    public void perform(StepContext context) throws Exception {
        Host target = context.host(uri);
        String volume = String.valueOf(Path.of(path).getFileName());
        try (Pool in = Pool.find(target, pool)) {
            TargetPools.whenIdle(in::refresh);
            try (Volume there = in.volume(volume)) {
                if (there != null) {
                    throw JvirtException.failed(
                            "volume '" + volume + "' has appeared in pool '" + pool
                                    + "' on the target meanwhile and was not touched",
                            "move it away, or take another pool: --pool-map");
                }
            }
            context.note(MADE, "was absent");
            XmlDocument document = XmlDocument.of("volume");
            XmlElement root = document.root();
            root.add("name").text(volume);
            root.add("capacity").attribute("unit", "bytes").text(Long.toString(sizeBytes));
            root.add("allocation").attribute("unit", "bytes").text("0");
            root.add("target").add("format").attribute("type", format);
            in.createVolume(document.toString()).close();
        }
    }

    @Override
    public void undo(StepContext context) {
        if (context.noted(MADE) == null) {
            return;
        }
        TargetPools.delete(context.host(uri), uri, pool, path);
    }
}
