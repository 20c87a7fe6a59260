// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.Preallocation;
import io.jvirt.storage.compress.CompressionType;
import io.jvirt.storage.qcow2.Qcow2Creator;
import io.jvirt.storage.qcow2.Qcow2Options;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.TableLocation;
import io.jvirt.storage.raw.RawImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Copies an image's guest-visible content into a channel that cannot seek, such as a pipe. */
public final class ImageStreams {
    private ImageStreams() {}

    /** Writes the content as it is, zeros too. */
    public static void toRaw(DiskImage source, WritableByteChannel channel, CopySettings settings) throws IOException {
        StreamStore stream = new StreamStore(channel, source.sizeBytes(), new TreeMap<>());
        ImageCopies.toImage(source, source.sizeBytes(), new RawImage(stream), true, settings);
        stream.finish();
    }

    /**
     * Writes a qcow2 image from its first byte to its last. The source is read twice: first to learn which clusters there
     * will be, so that all tables are known, then to write them between the data.
     *
     * @param options what the image is to be like; an external data file is not for this method
     * @param compression to compress each cluster, or null
     */
    public static void toQcow2(
            DiskImage source,
            WritableByteChannel channel,
            Qcow2Options options,
            @Nullable CompressionType compression,
            CopySettings settings)
            throws IOException {
        long size = source.sizeBytes();
        Qcow2Creator.checkOptions(options, size, Preallocation.OFF);
        Header header = Qcow2Creator.header(options, size, TableLocation.NONE, TableLocation.NONE);
        RecordedTables tables = new RecordedTables();
        Qcow2Layout plan = Qcow2Layout.sequential(tables, header);
        new ImageCopy(source, size, new Qcow2Target(new Nowhere(), header, plan, compression), quiet(settings)).run();
        tables.seal();
        StreamStore stream = new StreamStore(channel, plan.endOffset(), tables.byOffset());
        Qcow2Layout layout = Qcow2Layout.sequential(tables, header);
        Qcow2Target target = new Qcow2Target(stream, header, layout, compression);
        new ImageCopy(source, size, new InOrderTarget(target), settings).run();
        stream.finish();
    }

    /** The same choice of what is stored, told to nobody and not slowed down. */
    private static CopySettings quiet(CopySettings settings) {
        return new CopySettings(
                settings.threads(),
                settings.sparseBytes(),
                0,
                settings.targetReadsAsZeros(),
                settings.overBacking(),
                settings.backingSizeBytes(),
                settings.compress(),
                settings.unreadable() == null ? null : (guestOffset, cause) -> {},
                CopyProgress.NONE);
    }

    /** Takes the data of the first pass. */
    private static final class Nowhere extends WriteOnlyStore {
        @Override
        public String name() {
            return "nowhere";
        }

        @Override
        public long sizeBytes() {
            return 0;
        }

        @Override
        public void write(long hostOffset, ByteBuffer source) {
            source.position(source.limit());
        }
    }
}
