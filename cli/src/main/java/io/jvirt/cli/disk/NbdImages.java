// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageDescription;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.crypto.LuksImage;
import io.jvirt.storage.nbd.NbdAddress;
import io.jvirt.storage.nbd.NbdException;
import io.jvirt.storage.nbd.NbdImage;
import io.jvirt.storage.nbd.NbdStore;
import io.jvirt.storage.nbd.TlsPeer;
import io.jvirt.storage.qcow2.Qcow2Creator;
import io.jvirt.storage.qcow2.Qcow2Description;
import java.io.IOException;
import java.nio.file.Path;

/** Images behind an NBD server: raw ones, and others that a server exports as the bytes they are. */
final class NbdImages {
    private NbdImages() {}

    /**
     * Opens one; {@code request} says how, its passphrase opens one that is encrypted.
     *
     * @param warning is run where a raw image is only guessed and will be written
     */
    static DiskImage open(ImageName name, Secrets secrets, OpenRequest request, Runnable warning) throws IOException {
        NbdAddress address = address(name, secrets);
        String bitmap = name.nbdBitmap();
        NbdImage export = bitmap == null
                ? NbdImage.open(address, request.readOnly())
                : NbdImage.withBitmap(address, bitmap, request.readOnly());
        try {
            ImageFormat format = format(name, export);
            switch (format) {
                case QCOW2 -> {
                    return DiskImages.openQcow2(new NbdStore(export), request);
                }
                case LUKS -> {
                    byte[] passphrase = request.passphrase();
                    if (passphrase == null) {
                        LuksImage.checkHeader(export);
                        throw new StorageException("Parameter 'key-secret' is required for cipher");
                    }
                    return LuksImage.open(export, passphrase);
                }
                case RAW -> {}
            }
            if (!request.readOnly() && name.driver() == null) {
                warning.run();
            }
            return export;
        } catch (IOException e) {
            export.close();
            throw e;
        }
    }

    private static ImageFormat format(ImageName name, NbdImage export) throws IOException {
        ImageFormat named = Images.format(name.driver());
        return named == null ? DiskImages.probe(new NbdStore(export)) : named;
    }

    static ImageDescription describe(ImageName name, Secrets secrets) throws IOException {
        try (NbdStore store = store(name, secrets, true)) {
            ImageFormat named = Images.format(name.driver());
            ImageFormat format = named == null ? DiskImages.probe(store) : named;
            Qcow2Description qcow2 = format == ImageFormat.QCOW2 ? Qcow2Description.read(store) : null;
            long size = qcow2 == null ? store.sizeBytes() : qcow2.header().virtualSizeBytes();
            return new ImageDescription(Path.of(name.file()), format, size, 0, -1, qcow2);
        }
    }

    static NbdStore store(ImageName name, Secrets secrets, boolean readOnly) throws IOException {
        return new NbdStore(export(name, secrets, readOnly));
    }

    /** The bytes that the server has, whatever format they are in. */
    static NbdImage export(ImageName name, Secrets secrets, boolean readOnly) throws IOException {
        return NbdImage.open(address(name, secrets), readOnly);
    }

    private static NbdAddress address(ImageName name, Secrets secrets) throws StorageException {
        NbdAddress address = NbdAddress.parse(name.file());
        String credentials = name.options().get(ImageName.TLS_CREDENTIALS);
        return credentials == null
                ? address
                : address.withTls(new TlsPeer(
                        secrets.credentials(credentials), name.options().get(ImageName.TLS_HOSTNAME)));
    }

    /** Makes an image in an export, whose size stays; for a raw one it is enough that the disk fits. */
    static void create(String address, CreateRequest request) throws IOException {
        NbdImage export;
        try {
            export = NbdImage.open(NbdAddress.parse(address), false);
        } catch (StorageException e) {
            throw new NbdException(
                    "Protocol driver 'nbd' does not support image creation, and opening the image failed: ", e);
        }
        try (NbdStore store = new NbdStore(export)) {
            long size = request.virtualSizeBytes();
            if (request.format() == ImageFormat.QCOW2) {
                if (request.qcow2().dataFile() != null) {
                    throw new UnsupportedOperationException("a data file for an image behind an NBD server");
                }
                Qcow2Creator.create(store, null, request.qcow2(), size, request.preallocation());
            } else if (store.sizeBytes() < size) {
                throw new StorageException("Cannot grow NBD nodes", "the export has " + store.sizeBytes() + " bytes");
            }
            store.sync();
        }
    }
}
