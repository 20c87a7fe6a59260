// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/** libvirt's functions on storage pools and volumes. */
final class NativeStorage {
    static {
        NativeLoader.register(NativeStorage.class);
    }

    private NativeStorage() {}

    static native int virConnectListAllStoragePools(Pointer connection, long[] pools, int flags);

    static native @Nullable Pointer virStoragePoolLookupByName(Pointer connection, String name);

    static native @Nullable Pointer virStoragePoolLookupByUUIDString(Pointer connection, String uuid);

    static native @Nullable Pointer virStoragePoolLookupByTargetPath(Pointer connection, String path);

    static native @Nullable Pointer virStoragePoolDefineXML(Pointer connection, String xml, int flags);

    static native @Nullable Pointer virStoragePoolCreateXML(Pointer connection, String xml, int flags);

    static native int virStoragePoolFree(Pointer pool);

    static native @Nullable Pointer virStoragePoolGetName(Pointer pool);

    static native int virStoragePoolGetUUIDString(Pointer pool, byte[] uuid);

    static native int virStoragePoolIsActive(Pointer pool);

    static native int virStoragePoolIsPersistent(Pointer pool);

    static native int virStoragePoolGetAutostart(Pointer pool, int[] autostart);

    static native int virStoragePoolSetAutostart(Pointer pool, int autostart);

    static native int virStoragePoolGetInfo(Pointer pool, Pointer info);

    static native @Nullable Pointer virStoragePoolGetXMLDesc(Pointer pool, int flags);

    static native int virStoragePoolBuild(Pointer pool, int flags);

    static native int virStoragePoolCreate(Pointer pool, int flags);

    static native int virStoragePoolDestroy(Pointer pool);

    static native int virStoragePoolUndefine(Pointer pool);

    static native int virStoragePoolDelete(Pointer pool, int flags);

    static native int virStoragePoolRefresh(Pointer pool, int flags);

    static native int virStoragePoolListAllVolumes(Pointer pool, long[] volumes, int flags);

    static native @Nullable Pointer virStoragePoolLookupByVolume(Pointer volume);

    static native @Nullable Pointer virStorageVolLookupByName(Pointer pool, String name);

    static native @Nullable Pointer virStorageVolLookupByPath(Pointer connection, String path);

    static native @Nullable Pointer virStorageVolCreateXML(Pointer pool, String xml, int flags);

    static native @Nullable Pointer virStorageVolCreateXMLFrom(Pointer pool, String xml, Pointer source, int flags);

    static native int virStorageVolFree(Pointer volume);

    static native @Nullable Pointer virStorageVolGetName(Pointer volume);

    static native @Nullable Pointer virStorageVolGetPath(Pointer volume);

    static native @Nullable Pointer virStorageVolGetXMLDesc(Pointer volume, int flags);

    static native int virStorageVolGetInfo(Pointer volume, Pointer info);

    static native int virStorageVolGetInfoFlags(Pointer volume, Pointer info, int flags);

    static native int virStorageVolDelete(Pointer volume, int flags);

    static native int virStorageVolResize(Pointer volume, long capacity, int flags);

    static native int virStorageVolUpload(Pointer volume, Pointer stream, long offset, long length, int flags);

    static native int virStorageVolDownload(Pointer volume, Pointer stream, long offset, long length, int flags);
}
