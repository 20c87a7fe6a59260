// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.jvirt.domain.JvirtException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A storage pool. */
public final class Pool extends NativeObject {
    private static final int CREATE_WITH_BUILD = 1;
    private static final int XML_INACTIVE = 1;
    private static final int PREALLOCATE_METADATA = 1;

    private final String name;

    private Pool(Pointer pool) {
        super(pool);
        String known = NativeLoader.borrowed(NativeStorage.virStoragePoolGetName(pool));
        this.name = known == null ? "" : known;
    }

    /** All pools, active or not; the caller closes each. Waits for one that hangs: {@link PoolNames} does not. */
    static List<Pool> list(Host host) {
        long[] out = new long[1];
        int count = check(NativeStorage.virConnectListAllStoragePools(host.pointer(), out, 0), "cannot list the pools");
        Pointer pools = NativeLoader.out(out);
        List<Pool> found = new ArrayList<>(count);
        for (int i = 0; pools != null && i < count; i++) {
            found.add(new Pool(pools.getPointer(8L * i)));
        }
        NativeLoader.free(pools);
        found.sort((a, b) -> a.name.compareTo(b.name));
        return found;
    }

    /** NOT_FOUND where there is no such pool. */
    public static Pool find(Host host, String name) {
        Pool found = named(host, name);
        if (found == null) {
            throw JvirtException.notFound("no pool '" + name + "' on " + host.uri(), "jvirt pool list shows the pools");
        }
        return found;
    }

    /** Null where there is no such pool. */
    public static @Nullable Pool named(Host host, String name) {
        return orNull(
                NativeStorage.virStoragePoolLookupByName(host.pointer(), name), "cannot look up pool '" + name + "'");
    }

    /** Looks a pool up by its UUID; null where there is none. */
    public static @Nullable Pool withUuid(Host host, String uuid) {
        return orNull(
                NativeStorage.virStoragePoolLookupByUUIDString(host.pointer(), uuid), "cannot look up pool " + uuid);
    }

    /** The active pool whose target is a directory, or null; FAILED where a pool hangs, as libvirt asks each of them. */
    public static @Nullable Pool withTarget(Host host, String directory) {
        Pointer connection = host.pointer();
        return EachPoolAsked.find(
                host,
                directory + " is a pool",
                () -> orNull(
                        NativeStorage.virStoragePoolLookupByTargetPath(connection, directory),
                        "cannot look up the pool at " + directory));
    }

    /** The active pool that a file of this machine will be a volume of after a refresh; null for none. */
    public static @Nullable String nameAround(Host host, String file) {
        Path directory = Path.of(file).getParent();
        if (directory == null) {
            return null;
        }
        try (Pool pool = withTarget(host, directory.toString())) {
            return pool == null ? null : pool.name();
        } catch (LibvirtException e) {
            // A driver that cannot tell has nothing to refresh either.
            return null;
        }
    }

    private static @Nullable Pool orNull(@Nullable Pointer pool, String what) {
        if (pool != null) {
            return new Pool(pool);
        }
        if (LibvirtException.lastNumber() == ErrorNumber.NO_STORAGE_POOL) {
            NativeLibvirt.virResetLastError();
            return null;
        }
        throw LibvirtException.last(what);
    }

    public static Pool define(Host host, String xml) {
        return new Pool(check(NativeStorage.virStoragePoolDefineXML(host.pointer(), xml, 0), "cannot define the pool"));
    }

    /** Starts a pool that is gone when it is stopped, making its target where {@code build}. */
    public static Pool createTransient(Host host, String xml, boolean build) {
        return new Pool(check(
                NativeStorage.virStoragePoolCreateXML(host.pointer(), xml, build ? CREATE_WITH_BUILD : 0),
                "cannot start the transient pool"));
    }

    public String name() {
        return name;
    }

    public String uuid() {
        byte[] text = new byte[37];
        check(NativeStorage.virStoragePoolGetUUIDString(pointer(), text), "cannot read the UUID of" + quoted());
        return uuid(text);
    }

    public boolean isActive() {
        return check(NativeStorage.virStoragePoolIsActive(pointer()), "cannot read the state of" + quoted()) == 1;
    }

    public boolean isPersistent() {
        return check(NativeStorage.virStoragePoolIsPersistent(pointer()), "cannot read the state of" + quoted()) == 1;
    }

    public PoolSpace space() {
        Memory info = new Memory(PoolSpace.SIZE_BYTES);
        check(NativeStorage.virStoragePoolGetInfo(pointer(), info), "cannot read the space of" + quoted());
        return PoolSpace.read(info);
    }

    /** The definition that the next start uses. */
    public String inactiveXml() {
        String failure = "cannot read the definition of" + quoted();
        try {
            return text(NativeStorage.virStoragePoolGetXMLDesc(pointer(), XML_INACTIVE), failure);
        } catch (LibvirtException e) {
            // Drivers that keep only one definition know no flags.
            if (e.number() == ErrorNumber.INVALID_ARG) {
                return xml();
            }
            throw e;
        }
    }

    public String xml() {
        return text(NativeStorage.virStoragePoolGetXMLDesc(pointer(), 0), "cannot read the definition of" + quoted());
    }

    public boolean autostart() {
        int[] autostart = new int[1];
        check(
                NativeStorage.virStoragePoolGetAutostart(pointer(), autostart),
                "cannot read the autostart flag of" + quoted());
        return autostart[0] != 0;
    }

    public void setAutostart(boolean on) {
        check(
                NativeStorage.virStoragePoolSetAutostart(pointer(), on ? 1 : 0),
                "cannot set the autostart flag of" + quoted());
    }

    /** Makes the pool's target: a directory or mount point, a volume group, a disk's label; never a file system. */
    public void build() {
        build(Build.PLAIN);
    }

    public void build(Build how) {
        check(NativeStorage.virStoragePoolBuild(pointer(), how.flags()), "cannot build" + quoted());
    }

    /** What making a pool's target may write over. */
    public enum Build {
        /** As libvirt does without a word: no file system is made. */
        PLAIN(0),
        /** Make a file system or label where there is none yet. */
        NEW(4),
        /** Make one over whatever is there. */
        OVERWRITE(8);

        private final int flags;

        Build(int flags) {
            this.flags = flags;
        }

        int flags() {
            return flags;
        }
    }

    public void start() {
        check(NativeStorage.virStoragePoolCreate(pointer(), 0), "cannot start" + quoted());
    }

    /** Starts the pool and makes its target where it is missing. */
    public void startAndBuild() {
        check(NativeStorage.virStoragePoolCreate(pointer(), CREATE_WITH_BUILD), "cannot start" + quoted());
    }

    public void stop() {
        check(NativeStorage.virStoragePoolDestroy(pointer()), "cannot stop" + quoted());
    }

    /** Removes the definition; what it holds stays. */
    public void undefine() {
        check(NativeStorage.virStoragePoolUndefine(pointer()), "cannot undefine" + quoted());
    }

    /** Removes the pool's target, which must be empty. */
    public void delete() {
        check(NativeStorage.virStoragePoolDelete(pointer(), 0), "cannot delete the storage of" + quoted());
    }

    /** Has libvirt look again at what the pool holds. */
    public void refresh() {
        check(NativeStorage.virStoragePoolRefresh(pointer(), 0), "cannot refresh" + quoted());
    }

    /** All volumes; the caller closes each. */
    public List<Volume> volumes() {
        long[] out = new long[1];
        int count = check(
                NativeStorage.virStoragePoolListAllVolumes(pointer(), out, 0), "cannot list the volumes of" + quoted());
        Pointer volumes = NativeLoader.out(out);
        List<Volume> found = new ArrayList<>(count);
        for (int i = 0; volumes != null && i < count; i++) {
            found.add(new Volume(volumes.getPointer(8L * i)));
        }
        NativeLoader.free(volumes);
        found.sort((a, b) -> a.name().compareTo(b.name()));
        return found;
    }

    /** Null where there is no such volume. */
    public @Nullable Volume volume(String volumeName) {
        return Volume.orNull(
                NativeStorage.virStorageVolLookupByName(pointer(), volumeName),
                "cannot look up volume '" + volumeName + "' in" + quoted());
    }

    /** One that was seen before; fails where somebody has removed it since. */
    public Volume volumeSeen(Host host, String volumeName) {
        Volume found = volume(volumeName);
        if (found == null) {
            throw JvirtException.failed(
                    "volume '" + volumeName + "' has disappeared from" + quoted() + " meanwhile",
                    "jvirt " + (host.isRemote() ? "-c " + host.uri() + " " : "") + "volume list " + name
                            + " shows what is there");
        }
        return found;
    }

    public Volume createVolume(String xml) {
        return new Volume(
                check(NativeStorage.virStorageVolCreateXML(pointer(), xml, 0), "cannot create a volume in" + quoted()));
    }

    /** Creates a qcow2 volume with the tables of all of it; the driver refuses other formats. */
    public Volume createVolumeWithMetadata(String xml) {
        return new Volume(check(
                NativeStorage.virStorageVolCreateXML(pointer(), xml, PREALLOCATE_METADATA),
                "cannot create a volume in" + quoted()));
    }

    /** Creates a volume with the content of another one. */
    public Volume createVolumeFrom(String xml, Volume source) {
        return new Volume(check(
                NativeStorage.virStorageVolCreateXMLFrom(pointer(), xml, source.pointer(), 0),
                "cannot copy volume '" + source.name() + "' into" + quoted()));
    }

    private String quoted() {
        return " pool '" + name + "'";
    }

    /** The pool that holds a volume. */
    static Pool of(Volume volume) {
        return new Pool(check(
                NativeStorage.virStoragePoolLookupByVolume(volume.pointer()),
                "cannot look up the pool of volume '" + volume.name() + "'"));
    }

    @Override
    void free(Pointer open) {
        NativeStorage.virStoragePoolFree(open);
    }
}
