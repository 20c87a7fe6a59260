// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes a template's file, whole or not at all: under a name of its own, synced, then linked to the template's. */
public final class TemplateFileStep implements Step {
    static final String KIND = "template-file";

    private final Path file;
    private final Path partial;
    private final String text;

    /** @param partial beside the file, with random bits in its name */
    public TemplateFileStep(Path file, Path partial, String text) {
        this.file = file;
        this.partial = partial;
        this.text = text;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("file", file.toString());
        p.put("partial", partial.toString());
        p.put("text", text);
        return new StepPlan(KIND, "write the template " + file, p);
    }

    static TemplateFileStep read(StepPlan plan) {
        return new TemplateFileStep(
                Path.of(Parameters.required(plan, "file")),
                Path.of(Parameters.required(plan, "partial")),
                Parameters.required(plan, "text"));
    }

    @Override
    public void perform(StepContext context) throws Exception {
        Path directory = file.toAbsolutePath().getParent();
        if (directory != null) {
            Files.createDirectories(directory);
        }
        try (FileChannel out = FileChannel.open(partial, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            int unused = out.write(StandardCharsets.UTF_8.encode(text));
            out.force(true);
        }
        try {
            Files.createLink(file, partial);
        } catch (FileAlreadyExistsException e) {
            throw new JvirtException(
                    JvirtException.Kind.REFUSED,
                    "the template " + file + " exists already and is not touched",
                    "choose another name, or remove it first: rm " + file,
                    e);
        }
        Files.delete(partial);
    }

    @Override
    public void undo(StepContext context) throws IOException {
        Files.deleteIfExists(partial);
        // Somebody else's file of that name stays, and so does one that was changed since.
        if (Files.isRegularFile(file) && Files.readString(file).equals(text)) {
            Files.delete(file);
        }
    }
}
