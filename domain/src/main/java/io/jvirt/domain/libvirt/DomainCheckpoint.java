// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Pointer;
import java.util.ArrayList;
import java.util.List;

/** What libvirt knows of a domain's checkpoint; its bitmaps are in the images. */
public final class DomainCheckpoint extends NativeObject {
    private static final int LIST_TOPOLOGICAL = 1 << 1;
    private static final int XML_SECURE = 1;
    private static final int CREATE_REDEFINE = 1;

    private final String name;

    private DomainCheckpoint(Pointer checkpoint) {
        super(checkpoint);
        String known = NativeLoader.borrowed(NativeCheckpoint.virDomainCheckpointGetName(checkpoint));
        this.name = known == null ? "" : known;
    }

    /** All of a domain's checkpoints, parents before their children; the caller closes each. */
    public static List<DomainCheckpoint> list(Domain domain) {
        // A driver without them says so.
        if (domain.checkpointCount() == 0) {
            return List.of();
        }
        long[] out = new long[1];
        int count = check(
                NativeDomain.virDomainListAllCheckpoints(domain.pointer(), out, LIST_TOPOLOGICAL),
                "cannot list the checkpoints of domain '" + domain.name() + "'");
        Pointer checkpoints = NativeLoader.out(out);
        List<DomainCheckpoint> found = new ArrayList<>(count);
        for (int i = 0; checkpoints != null && i < count; i++) {
            found.add(new DomainCheckpoint(checkpoints.getPointer(8L * i)));
        }
        NativeLoader.free(checkpoints);
        return found;
    }

    /** Tells libvirt of a checkpoint whose bitmaps are there already. */
    public static void redefine(Domain domain, String xml) {
        new DomainCheckpoint(check(
                        NativeCheckpoint.virDomainCheckpointCreateXML(domain.pointer(), xml, CREATE_REDEFINE),
                        "cannot define a checkpoint of domain '" + domain.name() + "' again"))
                .close();
    }

    public String name() {
        return name;
    }

    /** Its metadata, with the passwords of the definition in it. */
    public String xml() {
        return text(
                NativeCheckpoint.virDomainCheckpointGetXMLDesc(pointer(), XML_SECURE),
                "cannot read checkpoint '" + name + "'");
    }

    @Override
    void free(Pointer open) {
        NativeCheckpoint.virDomainCheckpointFree(open);
    }
}
