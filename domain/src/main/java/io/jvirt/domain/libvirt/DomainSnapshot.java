// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Pointer;
import java.util.ArrayList;
import java.util.List;

/** What libvirt knows of a domain's snapshot. */
public final class DomainSnapshot extends NativeObject {
    private static final int LIST_PARENTS_FIRST = 1 << 10;
    private static final int XML_SECURE = 1;
    private static final int CREATE_REDEFINE = 1;
    private static final int CREATE_CURRENT = 2;

    private final String name;

    private DomainSnapshot(Pointer snapshot) {
        super(snapshot);
        String known = NativeLoader.borrowed(NativeSnapshot.virDomainSnapshotGetName(snapshot));
        this.name = known == null ? "" : known;
    }

    /** All of a domain's snapshots, parents before their children; the caller closes each. */
    public static List<DomainSnapshot> list(Domain domain) {
        long[] out = new long[1];
        int count = check(
                NativeSnapshot.virDomainListAllSnapshots(domain.pointer(), out, LIST_PARENTS_FIRST),
                "cannot list the snapshots of domain '" + domain.name() + "'");
        Pointer snapshots = NativeLoader.out(out);
        List<DomainSnapshot> found = new ArrayList<>(count);
        for (int i = 0; snapshots != null && i < count; i++) {
            found.add(new DomainSnapshot(snapshots.getPointer(8L * i)));
        }
        NativeLoader.free(snapshots);
        return found;
    }

    /** Tells libvirt of a snapshot whose data is there already: its metadata as {@link #xml} gave it. */
    public static DomainSnapshot redefine(Domain domain, String xml, boolean isCurrent) {
        return new DomainSnapshot(check(
                NativeSnapshot.virDomainSnapshotCreateXML(
                        domain.pointer(), xml, CREATE_REDEFINE | (isCurrent ? CREATE_CURRENT : 0)),
                "cannot define a snapshot of domain '" + domain.name() + "' again"));
    }

    public String name() {
        return name;
    }

    /** Its metadata, with the passwords of the definition in it. */
    public String xml() {
        return text(
                NativeSnapshot.virDomainSnapshotGetXMLDesc(pointer(), XML_SECURE),
                "cannot read snapshot '" + name + "'");
    }

    public boolean isCurrent() {
        return check(NativeSnapshot.virDomainSnapshotIsCurrent(pointer(), 0), "cannot read snapshot '" + name + "'")
                == 1;
    }

    @Override
    void free(Pointer open) {
        NativeSnapshot.virDomainSnapshotFree(open);
    }
}
