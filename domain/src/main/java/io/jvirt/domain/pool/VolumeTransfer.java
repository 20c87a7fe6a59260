// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.pool;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Journal;
import io.jvirt.domain.journal.JournalName;
import io.jvirt.domain.journal.Operation;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.libvirt.Stream;
import io.jvirt.domain.libvirt.Volume;
import io.jvirt.domain.step.SparseTransfer;
import io.jvirt.domain.step.UploadStep;
import io.jvirt.domain.step.VolumeStep;
import io.jvirt.storage.file.FreshFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongConsumer;

/** Bytes into a new volume and out of one, as they are stored. */
public final class VolumeTransfer {
    private VolumeTransfer() {}

    /** Throws what speaks against an upload; returns the file's length. */
    public static long checkUpload(Host host, String pool, String name, Path file) throws IOException {
        VolumeRequest.checkName(name);
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw JvirtException.notFound("there is no file " + file + " to upload", "the path is one of this machine");
        }
        long length = Files.size(file);
        if (length == 0) {
            throw JvirtException.failed(file + " is empty", "jvirt volume create makes an empty volume of a size");
        }
        Volumes volumes = new Volumes(host, pool);
        volumes.refuseExisting(name);
        volumes.refuseTooLarge(file.toString(), length);
        return length;
    }

    /**
     * Sends a file into a new volume; one that does not arrive whole is removed again.
     *
     * @param done takes the bytes that have been sent so far
     */
    public static VolumeSummary upload(
            Host host,
            Journal journal,
            String pool,
            String name,
            Path file,
            Cancellation cancellation,
            LongConsumer done)
            throws Exception {
        long length = checkUpload(host, pool, name, file);
        boolean isDevices = new Volumes(host, pool).isDevices();
        Path whole = file.toAbsolutePath().normalize();
        VolumeStep.Spec spec = new VolumeStep.Spec(pool, name, "raw", length, isDevices ? length : 0, !isDevices, null);
        try (Operation operation = journal.begin(
                "volume-upload",
                host.uri(),
                List.of(JournalName.volume(pool, name)),
                List.of(new VolumeStep(spec), new UploadStep(whole, pool, name, done)))) {
            operation.perform(host, cancellation, (plan, undoing) -> {});
        }
        return new Volumes(host, pool).find(name);
    }

    /** Throws what speaks against a download. */
    public static VolumeSummary checkDownload(
            Host host, String pool, String name, Path file, boolean overwrite, boolean force) throws IOException {
        VolumeSummary volume = new Volumes(host, pool).find(name);
        if (Files.exists(file) && !overwrite) {
            throw JvirtException.refused(file + " exists already", "choose another name, or add --overwrite");
        }
        Path directory = file.toAbsolutePath().getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            throw JvirtException.notFound("there is no directory " + directory, "make it first: mkdir -p " + directory);
        }
        if (!force) {
            VolumeUses.read(host, volume).refuseReading(host);
        }
        return volume;
    }

    /** Receives a volume into a file, which appears under its name when it is whole. */
    public static void download(
            Host host, String pool, String name, Path file, Cancellation cancellation, LongConsumer done)
            throws IOException {
        try (Pool in = Pool.find(host, pool);
                Volume volume = in.volumeSeen(host, name)) {
            try (FreshFile fresh = FreshFile.beside(file);
                    Stream stream = volume.download(host, 0, 0, true)) {
                SparseTransfer.receive(stream, fresh.file(), cancellation, done);
                fresh.commit();
            }
        }
    }
}
