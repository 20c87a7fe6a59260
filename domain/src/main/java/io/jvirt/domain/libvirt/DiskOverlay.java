// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Memory;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.device.Disk;

/** A running domain's disk writes into an overlay for a while: libvirt's external snapshots without a record of them. */
public final class DiskOverlay {
    private static final int CREATE_NO_METADATA = 4;
    private static final int CREATE_DISK_ONLY = 16;
    private static final int CREATE_ATOMIC = 128;
    private static final int COMMIT_SHALLOW = 1;
    private static final int COMMIT_ACTIVE = 4;
    private static final int ABORT_PIVOT = 2;
    private static final int JOB_INFO_BYTES = 32;

    private DiskOverlay() {}

    /** Takes all overlays at the same moment, or none. */
    public static void create(Domain domain, String snapshotXml) {
        new DomainSnapshotHandle(NativeObject.check(
                        NativeSnapshot.virDomainSnapshotCreateXML(
                                domain.pointer(), snapshotXml, CREATE_NO_METADATA | CREATE_DISK_ONLY | CREATE_ATOMIC),
                        "cannot put an overlay on the disks of domain '" + domain.name() + "'"))
                .close();
    }

    /** Begins to write the overlay into the image below, while the guest goes on. */
    public static void beginCommit(Domain domain, String disk) {
        NativeObject.check(
                NativeDomain.virDomainBlockCommit(
                        domain.pointer(), disk, null, null, 0, COMMIT_SHALLOW | COMMIT_ACTIVE),
                "cannot commit the overlay of disk '" + disk + "' of domain '" + domain.name() + "'");
    }

    /** Whether something is being done to the disk. */
    public static boolean hasJob(Domain domain, String disk) {
        return NativeObject.check(
                        NativeDomain.virDomainGetBlockJobInfo(domain.pointer(), disk, new Memory(JOB_INFO_BYTES), 0),
                        "cannot read the job of disk '" + disk + "' of domain '" + domain.name() + "'")
                > 0;
    }

    /** Whether libvirt is at work on one of its disks or on the domain as a whole; not so for one that is off. */
    public static boolean isMerging(Domain domain) {
        if (!domain.isActive()) {
            return false;
        }
        try {
            for (Disk disk : DomainXml.parse(domain.xml()).disks()) {
                if (disk.isDisk() && hasJob(domain, disk.get(Disk.TARGET, ""))) {
                    return true;
                }
            }
            return domain.job() != null;
        } catch (LibvirtException e) {
            // libvirt 9 cannot describe the job of a snapshot's deletion: "invalid job statistics type".
            return e.number() == ErrorNumber.INTERNAL_ERROR && domain.isActive();
        }
    }

    /** Has the guest write to the image below from now on; refused as long as the commit is not that far. */
    public static void pivot(Domain domain, String disk) {
        NativeObject.check(
                NativeDomain.virDomainBlockJobAbort(domain.pointer(), disk, ABORT_PIVOT),
                "cannot take the overlay off disk '" + disk + "' of domain '" + domain.name() + "'");
    }
}
