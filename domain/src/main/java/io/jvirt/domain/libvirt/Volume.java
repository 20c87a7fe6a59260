// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/** A storage volume: a disk in a pool. */
public final class Volume extends NativeObject {
    private static final int SPARSE_STREAM = 1;
    private static final int GET_PHYSICAL = 1;
    private static final int RESIZE_SHRINK = 4;

    private final String name;

    Volume(Pointer volume) {
        super(volume);
        String known = NativeLoader.borrowed(NativeStorage.virStorageVolGetName(volume));
        this.name = known == null ? "" : known;
    }

    /** The volume of any active pool at a path, or null; FAILED where a pool hangs, as libvirt asks each of them. */
    public static @Nullable Volume atPath(Host host, String path) {
        Pointer connection = host.pointer();
        return EachPoolAsked.find(
                host,
                path + " is a volume",
                () -> orNull(
                        NativeStorage.virStorageVolLookupByPath(connection, path),
                        "cannot look up the volume at " + path));
    }

    static @Nullable Volume orNull(@Nullable Pointer volume, String what) {
        if (volume != null) {
            return new Volume(volume);
        }
        if (LibvirtException.lastNumber() == ErrorNumber.NO_STORAGE_VOL) {
            NativeLibvirt.virResetLastError();
            return null;
        }
        throw LibvirtException.last(what);
    }

    public String name() {
        return name;
    }

    public String path() {
        return text(NativeStorage.virStorageVolGetPath(pointer()), "cannot read the path of" + quoted());
    }

    public String xml() {
        return text(NativeStorage.virStorageVolGetXMLDesc(pointer(), 0), "cannot read the definition of" + quoted());
    }

    /** The pool that holds it; the caller closes it. */
    public Pool pool() {
        return Pool.of(this);
    }

    public VolumeSize size() {
        Memory info = new Memory(VolumeSize.SIZE_BYTES);
        check(NativeStorage.virStorageVolGetInfo(pointer(), info), "cannot read the size of" + quoted());
        Memory physical = new Memory(VolumeSize.SIZE_BYTES);
        long physicalBytes = -1;
        if (NativeStorage.virStorageVolGetInfoFlags(pointer(), physical, GET_PHYSICAL) < 0) {
            NativeLibvirt.virResetLastError();
        } else {
            physicalBytes = physical.getLong(16);
        }
        return VolumeSize.read(info, physicalBytes);
    }

    public void delete() {
        check(NativeStorage.virStorageVolDelete(pointer(), 0), "cannot delete" + quoted());
    }

    public void resize(long capacityBytes, boolean shrink) {
        check(
                NativeStorage.virStorageVolResize(pointer(), capacityBytes, shrink ? RESIZE_SHRINK : 0),
                "cannot resize" + quoted());
    }

    /**
     * Starts writing the volume's bytes as they are stored.
     *
     * @param lengthBytes how many at most; 0 for no limit
     * @param sparse holes are sent as such: {@link Stream#sendHole}
     */
    public Stream upload(Host host, long offset, long lengthBytes, boolean sparse) {
        Stream stream = Stream.open(host, "upload to" + quoted());
        int flags = sparse ? SPARSE_STREAM : 0;
        if (NativeStorage.virStorageVolUpload(pointer(), stream.pointer(), offset, lengthBytes, flags) < 0) {
            LibvirtException failure = LibvirtException.last("cannot write" + quoted());
            stream.close();
            throw failure;
        }
        stream.begin();
        return stream;
    }

    /** Starts reading the volume's bytes as they are stored; 0 for no limit of length. */
    public Stream download(Host host, long offset, long lengthBytes, boolean sparse) {
        Stream stream = Stream.open(host, "download from" + quoted());
        int flags = sparse ? SPARSE_STREAM : 0;
        if (NativeStorage.virStorageVolDownload(pointer(), stream.pointer(), offset, lengthBytes, flags) < 0) {
            LibvirtException failure = LibvirtException.last("cannot read" + quoted());
            stream.close();
            throw failure;
        }
        stream.begin();
        return stream;
    }

    private String quoted() {
        return " volume '" + name + "'";
    }

    @Override
    void free(Pointer open) {
        NativeStorage.virStorageVolFree(open);
    }
}
