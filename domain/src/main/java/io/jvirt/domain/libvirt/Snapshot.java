// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Pointer;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A snapshot of a domain, as libvirt keeps it. */
public final class Snapshot extends NativeObject {
    private static final int XML_SECURE = 1;
    private static final int CREATE_REDEFINE = 1;
    private static final int CREATE_CURRENT = 2;
    private static final int CREATE_NO_METADATA = 4;
    private static final int CREATE_DISK_ONLY = 16;
    private static final int CREATE_QUIESCE = 64;
    private static final int CREATE_ATOMIC = 128;
    private static final int CREATE_LIVE = 256;
    private static final int REVERT_RUNNING = 1;
    private static final int REVERT_FORCE = 4;
    private static final int DELETE_CHILDREN = 1;
    private static final int DELETE_METADATA_ONLY = 2;

    private final String name;

    private Snapshot(Pointer snapshot) {
        super(snapshot);
        String known = NativeLoader.borrowed(NativeSnapshot.virDomainSnapshotGetName(snapshot));
        this.name = known == null ? "" : known;
    }

    /** All of a domain's; the caller closes each. */
    public static List<Snapshot> list(Domain domain) {
        long[] out = new long[1];
        int count = check(
                NativeSnapshot.virDomainListAllSnapshots(domain.pointer(), out, 0),
                "cannot list the snapshots of domain '" + domain.name() + "'");
        Pointer snapshots = NativeLoader.out(out);
        List<Snapshot> found = new ArrayList<>(count);
        for (int i = 0; snapshots != null && i < count; i++) {
            found.add(new Snapshot(snapshots.getPointer(8L * i)));
        }
        NativeLoader.free(snapshots);
        return found;
    }

    /** NOT_FOUND where there is no such snapshot. */
    public static Snapshot find(Domain domain, String name) {
        Snapshot found = named(domain, name);
        if (found == null) {
            throw JvirtException.notFound(
                    "domain '" + domain.name() + "' has no snapshot '" + name + "'",
                    "jvirt snapshot list " + ShellWord.quoted(domain.name()));
        }
        return found;
    }

    /** Null where there is no such snapshot. */
    public static @Nullable Snapshot named(Domain domain, String name) {
        Pointer snapshot = NativeSnapshot.virDomainSnapshotLookupByName(domain.pointer(), name, 0);
        if (snapshot != null) {
            return new Snapshot(snapshot);
        }
        if (LibvirtException.lastNumber() == ErrorNumber.NO_DOMAIN_SNAPSHOT) {
            NativeLibvirt.virResetLastError();
            return null;
        }
        throw LibvirtException.last("cannot look up snapshot '" + name + "' of domain '" + domain.name() + "'");
    }

    /**
     * Takes a snapshot: of all disks, or of none.
     *
     * @param diskOnly without the memory
     * @param quiesced the guest's agent freezes its file systems meanwhile
     * @param live the guest runs on while its memory is written
     */
    public static Snapshot create(Domain domain, String xml, boolean diskOnly, boolean quiesced, boolean live) {
        int flags = (diskOnly ? CREATE_DISK_ONLY | CREATE_ATOMIC : 0)
                | (quiesced ? CREATE_QUIESCE : 0)
                | (live ? CREATE_LIVE : 0);
        return new Snapshot(check(
                NativeSnapshot.virDomainSnapshotCreateXML(domain.pointer(), xml, flags),
                "cannot take a snapshot of domain '" + domain.name() + "'"));
    }

    /**
     * Lets the disks of a running domain go on in overlays, all from one moment on; libvirt keeps no snapshot of it.
     *
     * @param quiesced the guest's agent freezes its file systems at that moment
     */
    public static void setAside(Domain domain, String xml, boolean quiesced) {
        int flags = CREATE_DISK_ONLY | CREATE_ATOMIC | CREATE_NO_METADATA | (quiesced ? CREATE_QUIESCE : 0);
        new Snapshot(check(
                        NativeSnapshot.virDomainSnapshotCreateXML(domain.pointer(), xml, flags),
                        "cannot set the disks of domain '" + domain.name() + "' aside"))
                .close();
    }

    /** Writes what libvirt knows of a snapshot anew and makes it the current one; no disk is touched. */
    public static void redefineAsCurrent(Domain domain, String xml, boolean diskOnly) {
        int flags = CREATE_REDEFINE | CREATE_CURRENT | (diskOnly ? CREATE_DISK_ONLY : 0);
        new Snapshot(check(
                        NativeSnapshot.virDomainSnapshotCreateXML(domain.pointer(), xml, flags),
                        "cannot make a snapshot of domain '" + domain.name() + "' the current one"))
                .close();
    }

    public String name() {
        return name;
    }

    /** With the passwords of its definitions. */
    public String xml() {
        return text(
                NativeSnapshot.virDomainSnapshotGetXMLDesc(pointer(), XML_SECURE),
                "cannot read the definition of" + quoted());
    }

    public boolean isCurrent() {
        return check(NativeSnapshot.virDomainSnapshotIsCurrent(pointer(), 0), "cannot read the state of" + quoted())
                == 1;
    }

    /**
     * Takes the domain back to it.
     *
     * @param running it runs afterwards, also where it was off
     * @param force also where libvirt sees a risk
     */
    public void revert(boolean running, boolean force) {
        check(
                NativeSnapshot.virDomainRevertToSnapshot(
                        pointer(), (running ? REVERT_RUNNING : 0) | (force ? REVERT_FORCE : 0)),
                "cannot revert to" + quoted());
    }

    /** Removes it; what it holds goes into its neighbours. */
    public void delete(boolean withChildren) {
        check(
                NativeSnapshot.virDomainSnapshotDelete(pointer(), withChildren ? DELETE_CHILDREN : 0),
                "cannot delete" + quoted());
    }

    /** Has libvirt forget it; no disk is touched. */
    public void forget() {
        if (NativeSnapshot.virDomainSnapshotDelete(pointer(), DELETE_METADATA_ONLY) < 0) {
            LibvirtException failure = LibvirtException.last("cannot forget" + quoted());
            if (!failure.reason().contains("unsupported flags")) {
                throw failure;
            }
            // A driver whose snapshots are nothing but metadata.
            delete(false);
        }
    }

    private String quoted() {
        return " snapshot '" + name + "'";
    }

    @Override
    void free(Pointer open) {
        NativeSnapshot.virDomainSnapshotFree(open);
    }
}
