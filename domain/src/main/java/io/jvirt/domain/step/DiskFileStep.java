// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.FileReason;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.SizeText;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.OpenPolicy;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.Preallocation;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.HostFile;
import io.jvirt.storage.qcow2.Qcow2Options;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Makes a disk image as a file of this machine: empty, as a copy of another image, or on top of one.
 *
 * <p>It is made in a {@link StagingDirectory} and gets its name by a hard link, which fails where the name is taken. Its
 * inode is in the journal before that, so what undoing removes is the file that the step made.
 */
public final class DiskFileStep implements Step {
    static final String KIND = "disk-file";

    /** What a new image starts with. */
    public enum Content {
        EMPTY,
        /** From an image of unknown origin, which may name no other file. */
        COPY,
        OVERLAY,
        /** From a domain's disk, with what lies below it. */
        FLATTEN,
        /** The same, of a file that somebody may have open for writing. */
        FLATTEN_SHARED,
        /** A file that shares the source's blocks, as the file system lets it. */
        REFLINK,
        /** The same; where the file system cannot, as FLATTEN. */
        REFLINK_OR_FLATTEN
    }

    /**
     * What is to be made.
     *
     * @param path where
     * @param sizeBytes what the guest sees
     * @param source the image to copy or to lie on top of; null for an empty one
     * @param sourceFormat its format
     * @param pool the pool that {@code path} is in, to be told of it; null for none
     */
    public record Spec(
            Path path,
            ImageFormat format,
            long sizeBytes,
            Preallocation preallocation,
            Content content,
            @Nullable Path source,
            @Nullable ImageFormat sourceFormat,
            @Nullable String pool) {}

    private static final String INODE = "inode";

    private final Spec spec;
    private final StagingDirectory staging;

    public DiskFileStep(Spec spec) {
        this(spec, StagingDirectory.beside(spec.path()));
    }

    private DiskFileStep(Spec spec, StagingDirectory staging) {
        this.spec = spec;
        this.staging = staging;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("path", spec.path().toString());
        p.put("format", spec.format().id());
        p.put("sizeBytes", Long.toString(spec.sizeBytes()));
        p.put("preallocation", spec.preallocation().id());
        p.put("content", spec.content().name().toLowerCase(Locale.ROOT));
        p.put("staging", staging.path().toString());
        if (spec.source() != null && spec.sourceFormat() != null) {
            p.put("source", spec.source().toString());
            p.put("sourceFormat", spec.sourceFormat().id());
        }
        if (spec.pool() != null) {
            p.put("pool", spec.pool());
        }
        return new StepPlan(KIND, summary(), p);
    }

    private String summary() {
        String what = "create disk " + spec.path() + " (" + spec.format().id() + ", " + SizeText.of(spec.sizeBytes())
                + (spec.preallocation() == Preallocation.OFF
                        ? ""
                        : ", preallocation " + spec.preallocation().id())
                + ")";
        return switch (spec.content()) {
            case EMPTY -> what;
            case COPY, FLATTEN, FLATTEN_SHARED -> what + " as a copy of " + spec.source();
            case REFLINK, REFLINK_OR_FLATTEN -> what + " sharing blocks with " + spec.source();
            case OVERLAY -> what + " on top of " + spec.source();
        };
    }

    static DiskFileStep read(StepPlan plan) {
        Map<String, String> p = plan.parameters();
        String source = p.get("source");
        String sourceFormat = p.get("sourceFormat");
        Spec spec = new Spec(
                Path.of(Parameters.required(plan, "path")),
                format(Parameters.required(plan, "format")),
                Long.parseLong(Parameters.required(plan, "sizeBytes")),
                Preallocation.valueOf(Parameters.required(plan, "preallocation").toUpperCase(Locale.ROOT)),
                Content.valueOf(Parameters.required(plan, "content").toUpperCase(Locale.ROOT)),
                source == null ? null : Path.of(source),
                sourceFormat == null ? null : format(sourceFormat),
                p.get("pool"));
        return new DiskFileStep(spec, new StagingDirectory(Path.of(Parameters.required(plan, "staging"))));
    }

    private static ImageFormat format(String id) {
        return ImageFormat.valueOf(id.toUpperCase(Locale.ROOT));
    }

    @Override
    public void perform(StepContext context) throws Exception {
        Path partial = staging.path().resolve("disk");
        try {
            staging.create();
            make(partial, context);
            Files.setPosixFilePermissions(partial, PosixFilePermissions.fromString("rw-------"));
            context.note(INODE, FileIdentity.of(partial).toString());
            link(partial);
        } catch (FileSystemException e) {
            throw described(FileReason.of(e), null, e);
        } catch (StorageException e) {
            // The user knows the disk by its name, not by where it is made.
            throw described(
                    String.valueOf(e.getMessage())
                            .replace(partial.toString(), spec.path().toString()),
                    e.hint(),
                    e);
        }
        staging.delete();
        PoolRefresh.of(context.host(), spec.pool());
    }

    private void make(Path partial, StepContext context) throws IOException {
        Path source = spec.source();
        ImageFormat sourceFormat = spec.sourceFormat();
        Qcow2Options options = Qcow2Options.defaults();
        if (spec.content() == Content.OVERLAY && source != null && sourceFormat != null) {
            options = options.withBacking(source.toString(), sourceFormat.id());
        }
        if (source != null && sourceFormat != null) {
            switch (spec.content()) {
                case COPY -> {
                    ImageFill.copy(reading(OpenPolicy.nothing()), partial, spec, context.cancellation());
                    return;
                }
                case FLATTEN -> {
                    ImageFill.copy(reading(OpenPolicy.everything()), partial, spec, context.cancellation());
                    return;
                }
                case FLATTEN_SHARED -> {
                    OpenRequest shared = reading(OpenPolicy.everything()).forceShare();
                    ImageFill.copy(shared, partial, spec, context.cancellation());
                    return;
                }
                case REFLINK, REFLINK_OR_FLATTEN -> {
                    reflink(source, partial, context);
                    return;
                }
                case EMPTY, OVERLAY -> {}
            }
        }
        DiskImages.create(new CreateRequest(partial, spec.format(), spec.sizeBytes(), spec.preallocation(), options));
    }

    private OpenRequest reading(OpenPolicy policy) {
        return OpenRequest.of(Objects.requireNonNull(spec.source()))
                .withFormat(spec.sourceFormat())
                .withPolicy(policy);
    }

    private void reflink(Path source, Path partial, StepContext context) throws IOException {
        boolean shared;
        try (DiskImage unchanging = DiskImages.open(reading(OpenPolicy.everything()));
                HostFile from = HostFile.open(source, true);
                HostFile to = HostFile.createNew(partial)) {
            // Open beside the copy: nobody writes the source meanwhile.
            shared = unchanging.sizeBytes() >= 0 && to.cloneFrom(from);
            to.sync();
        }
        if (shared) {
            return;
        }
        if (spec.content() == Content.REFLINK) {
            throw new StorageException(
                    "the file system of " + spec.path() + " cannot share blocks with " + source,
                    "xfs and btrfs can, within one file system; elsewhere: --mode full or --mode linked");
        }
        Files.delete(partial);
        ImageFill.copy(reading(OpenPolicy.everything()), partial, spec, context.cancellation());
    }

    private void link(Path partial) throws IOException {
        try {
            Files.createLink(spec.path(), partial);
        } catch (FileAlreadyExistsException e) {
            throw JvirtException.failed(
                    spec.path() + " has appeared meanwhile and was not touched", "choose another name or path");
        } catch (UnsupportedOperationException | FileSystemException e) {
            // A file system without hard links: this move does not replace what is there either, but for a race.
            Files.move(partial, spec.path());
        }
        Directories.sync(spec.path());
    }

    private JvirtException described(String reason, @Nullable String hint, Exception cause) {
        return new JvirtException(
                JvirtException.Kind.FAILED,
                "cannot create disk " + spec.path() + ": " + reason,
                hint == null
                        ? "is there space, and may this user write to "
                                + spec.path().getParent() + "?"
                        : hint,
                cause);
    }

    @Override
    public void undo(StepContext context) throws Exception {
        staging.delete();
        FileIdentity made = FileIdentity.parse(context.noted(INODE));
        if (made != null && made.isThatOf(spec.path())) {
            Files.deleteIfExists(spec.path());
            Directories.sync(spec.path());
            PoolRefresh.of(context.host(), spec.pool());
        }
    }
}
