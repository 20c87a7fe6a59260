// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.storage.file.HostFile;
import io.jvirt.storage.file.LockRequest;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.HeaderReader;
import io.jvirt.storage.qcow2.format.HeaderWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Lets a qcow2 image name its backing file, or the file that has its data, by where that is now. Only the header is read and
 * written, so no key is needed, and nothing that it names is opened.
 */
public final class ImageNamesStep implements Step {
    static final String KIND = "image-names";
    private static final String BACKING = "backing";
    private static final String DATA = "data";

    private final Path image;
    private final @Nullable String backing;
    private final @Nullable String data;

    /**
     * A change of names.
     *
     * @param backing null to leave that name as it is
     * @param data the same of the data file
     */
    public ImageNamesStep(Path image, @Nullable String backing, @Nullable String data) {
        this.image = image;
        this.backing = backing;
        this.data = data;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("image", image.toString());
        if (backing != null) {
            p.put(BACKING, backing);
        }
        if (data != null) {
            p.put(DATA, data);
        }
        String names = backing == null ? String.valueOf(data) : data == null ? backing : backing + " and " + data;
        return new StepPlan(KIND, "let " + image + " name " + names, p);
    }

    static ImageNamesStep read(StepPlan plan) {
        return new ImageNamesStep(
                Path.of(Parameters.required(plan, "image")),
                plan.parameters().get(BACKING),
                plan.parameters().get(DATA));
    }

    @Override
    public void perform(StepContext context) throws Exception {
        try (HostFile file = open()) {
            Header header = HeaderReader.read(file);
            note(context, BACKING, backing, header.backingFile());
            note(context, DATA, data, header.dataFile());
            write(file, header, backing, data);
        }
    }

    /** The old names, unless they were noted before an interruption. */
    private static void note(StepContext context, String name, @Nullable String changed, @Nullable String old)
            throws IOException {
        if (changed != null && old != null && context.noted(name) == null) {
            context.note(name, old);
        }
    }

    @Override
    public void undo(StepContext context) throws Exception {
        String oldBacking = context.noted(BACKING);
        String oldData = context.noted(DATA);
        if (oldBacking != null || oldData != null) {
            try (HostFile file = open()) {
                write(file, HeaderReader.read(file), oldBacking, oldData);
            }
        }
    }

    private HostFile open() throws IOException {
        HostFile file = HostFile.open(image, false);
        try {
            file.lock(LockRequest.WRITE_FORMAT);
            return file;
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static void write(HostFile file, Header header, @Nullable String backing, @Nullable String data)
            throws IOException {
        file.write(0, HeaderWriter.encode(header.withNames(backing, data)));
        file.sync();
    }
}
