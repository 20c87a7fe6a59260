// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.Preallocation;
import io.jvirt.storage.crypto.LuksOptions;
import io.jvirt.storage.crypto.LuksVolume;
import io.jvirt.storage.qcow2.format.FeatureNames;
import io.jvirt.storage.qcow2.format.Header;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Changes of an image as a whole: of its version, header, encryption, size. Each has the image to itself. */
public final class ImageStructure {
    private final Qcow2Image image;
    private final Tables tables;
    private final ClusterEraser eraser;
    private final @Nullable DataTransform transform;

    /** Makes one header of another; table places, sizes and geometry stay as they are. */
    @FunctionalInterface
    public interface HeaderChange {
        Header of(Header present) throws IOException;
    }

    /** Takes how much of some work is done. */
    @FunctionalInterface
    public interface WorkProgress {
        void done(long done, long total);
    }

    ImageStructure(Qcow2Image image, Tables tables, ClusterEraser eraser, @Nullable DataTransform transform) {
        this.image = image;
        this.tables = tables;
        this.eraser = eraser;
        this.transform = transform;
    }

    /** Writes what is pending, then the header that {@code change} makes of the present one. */
    public void changeHeader(HeaderChange change) throws IOException {
        image.exclusive(() -> tables.writeHeader(change.of(tables.header())));
    }

    /** Makes the image, which holds no data yet, an encrypted one once it is opened anew; see {@link Qcow2Encryption}. */
    public void encrypt(@Nullable LuksOptions options, byte[] passphrase) throws IOException {
        image.alone(() -> Qcow2Encryption.write(tables, options, passphrase));
    }

    /** The LUKS header with its key slots, where the data is encrypted that way. */
    public LuksVolume encryption() throws IOException {
        return Qcow2Encryption.volume(tables.file, tables.header());
    }

    /** Makes a version 3 image of a version 2 one; snapshots get the fields that version 3 asks for. */
    public void upgrade() throws IOException {
        image.alone(() -> {
            image.snapshots().completeTable();
            Header header = tables.header();
            Header upgraded = header.withVersion(3, header.geometry(), header.features());
            if (header.geometry().clusterBytes() >= FeatureNames.FROM_CLUSTER_BYTES) {
                upgraded = upgraded.withExtension(FeatureNames.table());
            }
            tables.writeHeader(upgraded);
        });
    }

    /**
     * Makes a version 2 image of a version 3 one; what version 2 cannot hold is refused before anything is changed.
     * Bitmaps, which it has no room for, go. {@code progress} is told after each L1 entry.
     */
    public void downgrade(WorkProgress progress) throws IOException {
        Downgrade downgrade = new Downgrade(tables, image.snapshots(), transform);
        downgrade.check();
        image.bitmaps().removeAll();
        image.alone(() -> downgrade.run(progress));
    }

    /**
     * Forgets all that the image holds itself, so that the backing file shows through everywhere. Snapshots and bitmaps
     * stay as they are.
     */
    public void empty() throws IOException {
        image.alone(() -> eraser.drop(0, tables.geometry.alignUp(image.sizeBytes())));
    }

    /** Changes the size; clusters of a new part get their place where {@code preallocation} says so. */
    void resize(long newSizeBytes, Preallocation preallocation) throws IOException {
        image.exclusive(() -> {
            image.prepareForChanges();
            Bitmaps bitmaps = image.bitmaps();
            DiskImage backing = image.backing();
            long oldSizeBytes = image.sizeBytes();
            bitmaps.beforeResize();
            // A raw data file shows its own bytes everywhere (specification, autoclear features, bit 1): each cluster
            // has its place, and nothing is there to hide.
            boolean raw = tables.header().features().isDataFileRaw();
            boolean allocates = (raw || preallocation != Preallocation.OFF) && newSizeBytes > oldSizeBytes;
            boolean hides = allocates && !raw && Preallocator.canHide(tables);
            new Resizer(tables, eraser, backing).resize(newSizeBytes, !hides);
            if (allocates) {
                boolean longer = backing != null && backing.sizeBytes() > oldSizeBytes;
                Preallocation mode = preallocation == Preallocation.OFF ? Preallocation.METADATA : preallocation;
                new Preallocator(tables, eraser).allocate(oldSizeBytes, newSizeBytes, mode, hides && longer);
                tables.flush();
            }
            bitmaps.resized();
        });
    }
}
