// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.format;

import io.jvirt.storage.StorageException;
import java.nio.ByteBuffer;

/** Lays a header out: fixed fields, extensions in their order, the end mark, the backing file's name. */
public final class HeaderWriter {
    private HeaderWriter() {}

    /** The header as the bytes of the image's first cluster, from its start to its end. */
    public static ByteBuffer encode(Header header) throws StorageException {
        ByteBuffer cluster = ByteBuffer.allocate(header.geometry().clusterBytes());
        byte[] name = header.backingFile() == null ? new byte[0] : StoredText.bytes(header.backingFile());
        if (name.length > Header.MAX_BACKING_NAME_BYTES) {
            throw new StorageException("Backing file name too long");
        }
        int needed = headerBytes(header) + HeaderExtension.PREFIX_BYTES + name.length;
        for (HeaderExtension extension : header.extensions()) {
            needed += extension.paddedBytes();
        }
        if (needed > cluster.capacity()) {
            throw new StorageException(
                    "The header needs " + needed + " bytes and a cluster has only " + cluster.capacity(),
                    "use a larger cluster size or a shorter backing file name");
        }
        cluster.position(headerBytes(header));
        for (HeaderExtension extension : header.extensions()) {
            int start = cluster.position();
            cluster.putInt(extension.type())
                    .putInt(extension.data().length)
                    .put(extension.data())
                    .position(start + extension.paddedBytes());
        }
        cluster.position(cluster.position() + HeaderExtension.PREFIX_BYTES);
        int nameOffset = name.length == 0 ? 0 : cluster.position();
        cluster.put(name);
        putFixedFields(cluster, header, nameOffset, name.length);
        return cluster.clear();
    }

    private static int headerBytes(Header header) {
        return header.version() == 2 ? Header.V2_BYTES : Header.V3_BYTES + header.unknownFields().length;
    }

    private static void putFixedFields(ByteBuffer cluster, Header header, int nameOffset, int nameBytes) {
        cluster.position(0);
        cluster.putInt(Header.MAGIC).putInt(header.version());
        cluster.putLong(nameOffset).putInt(nameBytes);
        cluster.putInt(header.geometry().clusterBits()).putLong(header.virtualSizeBytes());
        cluster.putInt(header.cryptMethod());
        cluster.putInt(header.l1().entries()).putLong(header.l1().hostOffset());
        cluster.putLong(header.refcountTable().hostOffset())
                .putInt(header.refcountTable().entries());
        cluster.putInt(header.snapshots().entries()).putLong(header.snapshots().hostOffset());
        if (header.version() == 2) {
            return;
        }
        Features features = header.features();
        cluster.putLong(features.incompatible()).putLong(features.compatible()).putLong(features.autoclear());
        cluster.putInt(header.geometry().refcountOrder()).putInt(headerBytes(header));
        cluster.put((byte) header.compressionType());
        cluster.position(Header.V3_BYTES);
        cluster.put(header.unknownFields());
    }
}
