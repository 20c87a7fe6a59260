// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/** libvirt's functions on domains beyond those of the start-up path. */
final class NativeDomain {
    static {
        NativeLoader.register(NativeDomain.class);
    }

    private NativeDomain() {}

    static native @Nullable Pointer virDomainDefineXMLFlags(Pointer connection, String xml, int flags);

    static native @Nullable Pointer virDomainCreateXML(Pointer connection, String xml, int flags);

    static native int virDomainUndefineFlags(Pointer domain, int flags);

    static native int virDomainShutdownFlags(Pointer domain, int flags);

    static native int virDomainDestroyFlags(Pointer domain, int flags);

    static native int virDomainListGetStats(long[] domains, int stats, long[] records, int flags);

    static native int virDomainGetJobInfo(Pointer domain, Pointer info);

    static native int virDomainReboot(Pointer domain, int flags);

    static native int virDomainReset(Pointer domain, int flags);

    static native int virDomainSuspend(Pointer domain);

    static native int virDomainResume(Pointer domain);

    static native int virDomainPMWakeup(Pointer domain, int flags);

    static native int virDomainSetAutostart(Pointer domain, int autostart);

    static native int virDomainRename(Pointer domain, String name, int flags);

    static native int virDomainManagedSave(Pointer domain, int flags);

    static native int virDomainHasManagedSaveImage(Pointer domain, int flags);

    static native int virDomainManagedSaveRemove(Pointer domain, int flags);

    static native int virDomainSaveFlags(Pointer domain, String file, @Nullable String xml, int flags);

    static native @Nullable Pointer virDomainSaveImageGetXMLDesc(Pointer connection, String file, int flags);

    static native int virDomainRestoreFlags(Pointer connection, String file, @Nullable String xml, int flags);

    static native @Nullable Pointer virDomainGetMetadata(Pointer domain, int type, @Nullable String uri, int flags);

    static native int virDomainSetMetadata(
            Pointer domain, int type, @Nullable String metadata, @Nullable String key, @Nullable String uri, int flags);

    static native int virDomainOpenConsole(Pointer domain, @Nullable String device, Pointer stream, int flags);

    static native int virDomainOpenChannel(Pointer domain, @Nullable String name, Pointer stream, int flags);

    static native int virDomainIsUpdated(Pointer domain);

    static native int virDomainHasCurrentSnapshot(Pointer domain, int flags);

    static native int virDomainSnapshotNum(Pointer domain, int flags);

    static native int virDomainListAllCheckpoints(Pointer domain, long @Nullable [] checkpoints, int flags);

    static native int virDomainGetInfo(Pointer domain, Pointer info);

    static native int virDomainGetBlockInfo(Pointer domain, String disk, Pointer info, int flags);

    static native int virDomainInterfaceAddresses(Pointer domain, long[] interfaces, int source, int flags);

    static native void virDomainInterfaceFree(Pointer networkInterface);

    static native int virDomainAttachDeviceFlags(Pointer domain, String xml, int flags);

    static native int virDomainDetachDeviceFlags(Pointer domain, String xml, int flags);

    static native int virDomainUpdateDeviceFlags(Pointer domain, String xml, int flags);

    static native int virDomainSetMemoryFlags(Pointer domain, long kibibytes, int flags);

    static native int virDomainSetVcpusFlags(Pointer domain, int vcpus, int flags);

    static native int virDomainBlockCommit(
            Pointer domain, String disk, @Nullable String base, @Nullable String top, long bandwidth, int flags);

    static native int virDomainGetBlockJobInfo(Pointer domain, String disk, Pointer info, int flags);

    static native int virDomainBlockJobAbort(Pointer domain, String disk, int flags);

    static native int virDomainBlockResize(Pointer domain, String disk, long size, int flags);
}
