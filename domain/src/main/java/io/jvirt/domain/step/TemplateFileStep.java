// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes a template's file, or a copy of another file beside it, whole or not at all: under a name of its own, synced, then
 * linked to its own.
 */
public final class TemplateFileStep implements Step {
    static final String KIND = "template-file";
    private static final String INODE = "inode";

    private final Path file;
    private final Path partial;
    private final @Nullable String text;
    private final @Nullable Path source;

    private TemplateFileStep(Path file, Path partial, @Nullable String text, @Nullable Path source) {
        this.file = file;
        this.partial = partial;
        this.text = text;
        this.source = source;
    }

    /** @param partial beside the file, with random bits in its name */
    public static TemplateFileStep text(Path file, Path partial, String text) {
        return new TemplateFileStep(file, partial, text, null);
    }

    /** @param source a small file */
    public static TemplateFileStep copy(Path file, Path partial, Path source) {
        return new TemplateFileStep(file, partial, null, source);
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("file", file.toString());
        p.put("partial", partial.toString());
        if (source != null) {
            p.put("source", source.toString());
            return new StepPlan(KIND, "write " + file + " as a copy of " + source, p);
        }
        p.put("text", String.valueOf(text));
        return new StepPlan(KIND, "write the template " + file, p);
    }

    static TemplateFileStep read(StepPlan plan) {
        String source = plan.parameters().get("source");
        Path file = Path.of(Parameters.required(plan, "file"));
        Path partial = Path.of(Parameters.required(plan, "partial"));
        return source == null
                ? text(file, partial, Parameters.required(plan, "text"))
                : copy(file, partial, Path.of(source));
    }

    @Override
    public void perform(StepContext context) throws Exception {
        Path directory = file.toAbsolutePath().getParent();
        if (directory != null) {
            Files.createDirectories(directory);
        }
        try (FileChannel out = FileChannel.open(partial, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer content = source == null
                    ? StandardCharsets.UTF_8.encode(String.valueOf(text))
                    : ByteBuffer.wrap(Files.readAllBytes(source));
            while (content.hasRemaining()) {
                int unused = out.write(content);
            }
            out.force(true);
        }
        context.note(INODE, FileIdentity.of(partial).toString());
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
        Directories.sync(file);
    }

    @Override
    public void undo(StepContext context) throws IOException {
        Files.deleteIfExists(partial);
        FileIdentity made = FileIdentity.parse(context.noted(INODE));
        // Somebody else's file of that name stays, and so does a template that was changed since.
        if (made != null
                && made.isThatOf(file)
                && (text == null || Files.readString(file).equals(text))) {
            Files.delete(file);
            Directories.sync(file);
        }
    }
}
