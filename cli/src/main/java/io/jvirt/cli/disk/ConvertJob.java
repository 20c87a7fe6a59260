// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.FileName;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.Preallocation;
import io.jvirt.storage.compress.CompressionType;
import io.jvirt.storage.copy.ConcatenatedImage;
import io.jvirt.storage.copy.CopySettings;
import io.jvirt.storage.copy.ImageCopies;
import io.jvirt.storage.copy.ImageDigest;
import io.jvirt.storage.file.EarlyWriteBack;
import io.jvirt.storage.file.FreshFile;
import io.jvirt.storage.qcow2.Qcow2Image;
import io.jvirt.storage.raw.RawImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One conversion: opens the sources, makes or opens the target, copies. */
final class ConvertJob {
    private final Console console;
    private final Secrets secrets;
    private final ConvertOptions given;
    private final Images images;
    private final ConvertTarget newTarget;
    private final ConvertBitmaps bitmaps;
    private @Nullable ProgressLine progress;

    ConvertJob(Console console, Secrets secrets, ConvertOptions given) {
        this.console = console;
        this.secrets = secrets;
        this.given = given;
        this.images = new Images(console, secrets);
        this.newTarget = new ConvertTarget(console, secrets, given);
        this.bitmaps = new ConvertBitmaps(console, given);
        if (!given.imageOpts) {
            given.sources.forEach(images::allowBeside);
        }
        if (!given.targetImageOpts) {
            images.allowBeside(given.target);
        }
    }

    int run() throws IOException {
        if (given.fromStream()) {
            fromStream();
            return 0;
        }
        ProgressLine line = ProgressLine.ofData(console, given.progressShown());
        progress = line;
        try (DiskImage source = openSources()) {
            if (given.targetExists) {
                intoExisting(source);
            } else if (given.toStream()) {
                if (!intoStream(source)) {
                    return 0;
                }
            } else {
                intoNew(source);
            }
            line.complete();
            if (given.digest) {
                console.println(ImageDigest.of(source, threads(), (done, total) -> {}) + "  " + given.target);
            }
        } finally {
            line.end();
        }
        return 0;
    }

    private DiskImage openSources() throws IOException {
        List<DiskImage> opened = new ArrayList<>();
        try {
            for (String source : given.sources) {
                opened.add(images.open(source, given.sourceFormat, given.imageOpts, Images.Access.read(given.shared)));
            }
            if (given.snapshot != null) {
                if (opened.size() > 1 && given.snapshot.isPlain()) {
                    throw console.fail("No support for concatenating multiple snapshot");
                }
                opened.set(0, given.snapshot.open(opened.get(0)));
            }
        } catch (RuntimeException e) {
            for (DiskImage image : opened) {
                image.close();
            }
            throw e;
        }
        return opened.size() == 1 ? opened.get(0) : new ConcatenatedImage(opened);
    }

    private CopySettings settingsForNew(OptionSet options) throws IOException {
        String backing = options.get("backing_file");
        long backingSize = Long.MAX_VALUE;
        if (backing != null) {
            try (DiskImage base = openBacking(backing, options.get("backing_fmt"))) {
                backingSize = base.sizeBytes();
            }
        }
        return settings(true, backing != null, backingSize);
    }

    private void intoNew(DiskImage source) throws IOException {
        String format = String.valueOf(given.targetFormat);
        OptionSet options = newTarget.options(format, source.sizeBytes());
        bitmaps.check(source);
        CacheMode.check(console, given.cache, "cache");
        if (given.resume && ConvertTarget.isEncrypted(options, format)) {
            throw console.fail("--resume does not go with an encrypted target");
        }
        if (ConvertTarget.isEncrypted(options, format) || ImageName.isNbd(given.target)) {
            intoCreated(source, format, options);
            return;
        }
        CreateRequest request = newTarget.request(format, options, source.sizeBytes());
        if (given.resume) {
            new ConvertResume(console, given, images).run(source, request, settingsForNew(options));
            return;
        }
        copyIntoNew(source, request, settingsForNew(options));
    }

    /** False when nobody reads the stream any more. */
    private boolean intoStream(DiskImage source) throws IOException {
        String format = String.valueOf(given.targetFormat);
        OptionSet options = newTarget.options(format, source.sizeBytes());
        if (ConvertTarget.isEncrypted(options, format)) {
            throw new UnsupportedOperationException("an encrypted image on standard output");
        }
        CreateRequest request = newTarget.request(format, options, source.sizeBytes());
        ConvertToStream.check(request);
        return new ConvertToStream(console, given).run(source, request, settingsForNew(options));
    }

    private void fromStream() throws IOException {
        CacheMode.check(console, given.cache, "cache");
        if (given.targetExists) {
            ConvertFromStream stream = new ConvertFromStream(console, given, settings(given.targetIsZero, false, 0));
            stream.checkContent();
            ImageName name = images.name(given.target, given.targetFormat, given.targetImageOpts);
            try (DiskImage target = images.open(name, Images.Access.WRITE)) {
                stream.intoExisting(target);
            }
            return;
        }
        String format = String.valueOf(given.targetFormat);
        OptionSet options = newTarget.options(format, 0);
        if (ConvertTarget.isEncrypted(options, format)) {
            throw new UnsupportedOperationException("an encrypted target with standard input as source");
        }
        if (options.get("backing_file") != null) {
            throw console.fail("Standard input cannot be compared with a backing file");
        }
        ConvertFromStream stream = new ConvertFromStream(console, given, settings(true, false, 0));
        stream.checkContent();
        stream.intoNew(newTarget.request(format, options, 0));
    }

    /** Creates the target first and writes through it, as encryption and NBD servers want it. */
    private void intoCreated(DiskImage source, String format, OptionSet options) throws IOException {
        try {
            new NewImage(given.target, format, options, secrets).create(source.sizeBytes());
        } catch (IOException e) {
            throw console.failed(given.target + ": error while converting " + format + ": ", e);
        }
        ImageName plain = images.name(given.target, format, false);
        boolean volume = format.equals("luks");
        String key = volume ? "key-secret" : "encrypt.key-secret";
        Map<String, String> secret =
                ConvertTarget.isEncrypted(options, format) ? Map.of(key, String.valueOf(options.get(key))) : Map.of();
        ImageName name = new ImageName(plain.typed(), plain.shown(), format, plain.file(), plain.nbd(), secret);
        String preallocation = options.get("preallocation");
        boolean zeros = format.equals("qcow2") && (preallocation == null || preallocation.equals("off"));
        try (DiskImage target = images.open(name, Images.Access.WRITE)) {
            // What has a place but was never written reads as noise when decrypted, so zeros are written too.
            copy(source, target, settings(zeros, false, Long.MAX_VALUE));
        }
    }

    private DiskImage openBacking(String backing, @Nullable String format) {
        try {
            return images.tryOpen(
                    ImageName.plain(FileName.full(given.target, backing), format), Images.Access.READ_SHARED);
        } catch (IOException e) {
            throw console.failed("Could not open '" + given.target + "': Could not open backing file: ", e);
        }
    }

    private int threads() {
        return given.threads > 0 ? given.threads : CopySettings.standard().threads();
    }

    private CopySettings settings(boolean readsAsZeros, boolean overBacking, long backingSize) {
        return new CopySettings(
                threads(),
                given.sparseBytes,
                given.bytesPerSecond,
                readsAsZeros,
                overBacking,
                backingSize,
                given.compress,
                given.salvage ? this::unreadable : null,
                given.reflink && !given.compress && !given.salvage && !given.sparseGiven,
                progress == null ? (done, total) -> {} : progress);
    }

    private void unreadable(long guestOffset, IOException cause) {
        if (!given.quiet) {
            console.warn("error while reading offset " + guestOffset + ": " + Console.text(cause));
        }
    }

    @SuppressWarnings("try") // The write-back goes on beside the copy for as long as it is open.
    private void copyIntoNew(DiskImage source, CreateRequest request, CopySettings settings) throws IOException {
        long size = source.sizeBytes();
        Path path = request.file();
        boolean plain = request.preallocation() == Preallocation.OFF
                && request.qcow2().dataFile() == null
                && (!Files.exists(path) || Files.isRegularFile(path));
        if (!plain) {
            create(request);
            try (DiskImage target = images.open(given.target, given.targetFormat, false, Images.Access.WRITE)) {
                boolean device = Files.exists(path) && !Files.isRegularFile(path);
                copy(source, target, device ? settings(false, false, Long.MAX_VALUE) : settings);
            }
            return;
        }
        try (FreshFile fresh = fresh(path);
                EarlyWriteBack early =
                        given.durable() ? EarlyWriteBack.of(fresh.file().path()) : null) {
            if (request.format() == ImageFormat.QCOW2) {
                CompressionType type = request.qcow2().zstd() ? CompressionType.ZSTD : CompressionType.ZLIB;
                ImageCopies.toNewQcow2(
                        source, size, fresh.file(), request.qcow2(), given.compress ? type : null, settings);
                addBitmaps(source, fresh);
            } else {
                fresh.file().truncate(size);
                NewImage.allocateFirstBlock(fresh.file());
                ImageCopies.toImage(source, size, new RawImage(fresh.file()), false, settings);
            }
            fresh.commit(given.durable());
        }
    }

    private void addBitmaps(DiskImage source, FreshFile fresh) throws IOException {
        if (given.bitmaps) {
            OpenRequest request = OpenRequest.of(fresh.file().path())
                    .withFormat(ImageFormat.QCOW2)
                    .withoutBacking()
                    .writable();
            try (DiskImage target = DiskImages.open(request)) {
                bitmaps.copy(source, target);
            }
        }
    }

    private FreshFile fresh(Path path) {
        try {
            return FreshFile.beside(path);
        } catch (IOException e) {
            throw console.failed(given.target + ": error while converting " + given.targetFormat + ": ", e);
        }
    }

    private void create(CreateRequest request) {
        try {
            DiskImages.create(request);
        } catch (IOException e) {
            throw console.failed(given.target + ": error while converting " + given.targetFormat + ": ", e);
        }
    }

    private void copy(DiskImage source, DiskImage target, CopySettings settings) throws IOException {
        if (given.compress) {
            if (!(target instanceof Qcow2Image qcow2)) {
                throw console.fail("Compression not supported for this file format");
            }
            ImageCopies.toCompressedImage(source, source.sizeBytes(), qcow2, 0, settings);
        } else {
            boolean inOrder = target.format() != ImageFormat.RAW;
            ImageCopies.toImage(source, source.sizeBytes(), target, inOrder, settings);
        }
        bitmaps.copy(source, target);
        if (given.durable()) {
            target.flush();
        }
    }

    private void intoExisting(DiskImage source) throws IOException {
        if (given.compress && !"qcow2".equals(given.targetFormat) && given.targetFormat != null) {
            throw console.fail("Compression not supported for this file format");
        }
        if (given.targetIsZero && given.backingFile != null) {
            throw console.fail("Cannot use --target-is-zero when the destination image has a backing file");
        }
        bitmaps.check(source);
        CacheMode.check(console, given.cache, "cache");
        ImageName name = images.name(given.target, given.targetFormat, given.targetImageOpts);
        try (DiskImage target = images.open(name, Images.Access.WRITE)) {
            if (target.sizeBytes() < source.sizeBytes()) {
                throw console.fail("output file is smaller than input file");
            }
            copy(source, target, settings(given.targetIsZero, given.backingFile != null, Long.MAX_VALUE));
        }
    }
}
