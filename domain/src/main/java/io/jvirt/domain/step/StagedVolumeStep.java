// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.libvirt.Stream;
import io.jvirt.domain.libvirt.Volume;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.storage.file.PageBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Sends a file to another host as a volume with random bits in its name; {@link UnstageVolumeStep} removes it again. */
public final class StagedVolumeStep implements Step {
    static final String KIND = "staged-volume";

    private final Path source;
    private final String pool;
    private final String volume;

    public StagedVolumeStep(Path source, String pool, String volume) {
        this.source = source;
        this.pool = pool;
        this.volume = volume;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("source", source.toString());
        p.put("pool", pool);
        p.put("volume", volume);
        return new StepPlan(KIND, "send " + source + " to pool '" + pool + "' for the installer's start", p);
    }

    static StagedVolumeStep read(StepPlan plan) {
        return new StagedVolumeStep(
                Path.of(Parameters.required(plan, "source")),
                Parameters.required(plan, "pool"),
                Parameters.required(plan, "volume"));
    }

    @Override
    public void perform(StepContext context) throws Exception {
        long length = Files.size(source);
        try (Pool in = Pool.find(context.host(), pool);
                Volume made = in.createVolume(xml(length))) {
            try (FileChannel file = FileChannel.open(source);
                    Stream stream = made.upload(context.host(), 0, length, false)) {
                send(file, stream, context);
            }
        }
    }

    private static void send(FileChannel file, Stream stream, StepContext context) throws IOException {
        try {
            ByteBuffer chunk = PageBuffer.allocate(Stream.CHUNK_BYTES);
            while (file.read(chunk.clear()) >= 0) {
                context.cancellation().check();
                stream.send(chunk.flip());
            }
        } catch (IOException | RuntimeException e) {
            stream.abort();
            throw e;
        }
        stream.finish();
    }

    private String xml(long length) {
        XmlDocument document = XmlDocument.of("volume");
        XmlElement root = document.root();
        root.add("name").text(volume);
        root.add("capacity").attribute("unit", "bytes").text(Long.toString(length));
        XmlElement target = root.add("target");
        target.add("format").attribute("type", "raw");
        target.add("permissions").add("mode").text("0644");
        return document.toString();
    }

    @Override
    public void undo(StepContext context) {
        delete(context, pool, volume);
    }

    static void delete(StepContext context, String pool, String volume) {
        try (Pool in = Pool.named(context.host(), pool)) {
            if (in == null) {
                return;
            }
            try (Volume there = in.volume(volume)) {
                if (there != null) {
                    there.delete();
                }
            }
        }
    }
}
