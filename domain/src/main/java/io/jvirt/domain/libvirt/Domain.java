// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A virtual machine that libvirt knows. Each method is one call of libvirt and throws with libvirt's reason. */
public final class Domain extends NativeObject {
    private static final int XML_SECURE = 1;
    private static final int XML_INACTIVE = 2;
    private static final int XML_MIGRATABLE = 8;
    private static final int START_PAUSED = 1;
    private static final int DESTROY_GRACEFUL = 1;
    private static final int CONSOLE_FORCE = 1;
    private static final int CONSOLE_SAFE = 2;
    private static final int CHANNEL_FORCE = 1;
    private static final int BLOCK_RESIZE_BYTES = 1;
    private static final int METADATA_DESCRIPTION = 0;
    private static final int METADATA_TITLE = 1;
    private static final int METADATA_ELEMENT = 2;

    private static final int BLOCK_COMMIT_SHALLOW = 1;
    private static final int BLOCK_COMMIT_ACTIVE = 4;
    private static final int BLOCK_JOB_PIVOT = 2;

    private final String name;

    Domain(Pointer domain) {
        super(domain);
        String known = NativeLoader.borrowed(NativeLibvirt.virDomainGetName(domain));
        this.name = known == null ? "" : known;
    }

    public String name() {
        return name;
    }

    public String uuid() {
        byte[] text = new byte[37];
        check(NativeLibvirt.virDomainGetUUIDString(pointer(), text), "cannot read the UUID of" + quoted());
        return uuid(text);
    }

    /** The running domain's number, -1 where it is off. */
    public int id() {
        return NativeLibvirt.virDomainGetID(pointer());
    }

    public DomainStatus status() {
        int[] state = new int[1];
        int[] reason = new int[1];
        check(NativeLibvirt.virDomainGetState(pointer(), state, reason, 0), "cannot read the state of" + quoted());
        return new DomainStatus(DomainState.of(state[0]), reason[0]);
    }

    public boolean isActive() {
        return status().state().isActive();
    }

    public boolean isPersistent() {
        return check(NativeLibvirt.virDomainIsPersistent(pointer()), "cannot read whether it is persistent:" + quoted())
                == 1;
    }

    /** The definition: of the running machine where there is one. */
    public String xml() {
        return xml(0);
    }

    /** The persistent definition: what the next start uses. */
    public String inactiveXml() {
        return xml(XML_INACTIVE);
    }

    /** The persistent definition with its passwords. */
    public String inactiveXmlWithSecrets() {
        return xml(XML_INACTIVE | XML_SECURE);
    }

    /**
     * The definition as it is asked for.
     *
     * @param inactive the persistent one
     * @param secure with its passwords
     * @param migratable as older libvirts understand it
     */
    public String xml(boolean inactive, boolean secure, boolean migratable) {
        return xml((inactive ? XML_INACTIVE : 0) | (secure ? XML_SECURE : 0) | (migratable ? XML_MIGRATABLE : 0));
    }

    private String xml(int flags) {
        return text(NativeLibvirt.virDomainGetXMLDesc(pointer(), flags), "cannot read the definition of" + quoted());
    }

    public void start() {
        check(NativeLibvirt.virDomainCreateWithFlags(pointer(), 0), "cannot start" + quoted());
    }

    public void startPaused() {
        check(NativeLibvirt.virDomainCreateWithFlags(pointer(), START_PAUSED), "cannot start" + quoted());
    }

    /** Asks the guest to power off and returns at once. */
    public void shutdown() {
        check(NativeDomain.virDomainShutdownFlags(pointer(), 0), "cannot shut down" + quoted());
    }

    /** Ends the hypervisor's process: as if the plug were pulled. */
    public void destroy() {
        check(NativeDomain.virDomainDestroyFlags(pointer(), 0), "cannot force off" + quoted());
    }

    /** Ends the hypervisor's process only if it obeys SIGTERM, so that it can flush its disks. */
    public void destroyGracefully() {
        check(NativeDomain.virDomainDestroyFlags(pointer(), DESTROY_GRACEFUL), "cannot force off" + quoted());
    }

    public void reboot() {
        check(NativeDomain.virDomainReboot(pointer(), 0), "cannot reboot" + quoted());
    }

    /** Presses the reset button. */
    public void reset() {
        check(NativeDomain.virDomainReset(pointer(), 0), "cannot reset" + quoted());
    }

    public void suspend() {
        check(NativeDomain.virDomainSuspend(pointer()), "cannot suspend" + quoted());
    }

    public void resume() {
        check(NativeDomain.virDomainResume(pointer()), "cannot resume" + quoted());
    }

    /** Wakes a guest that put itself to sleep. */
    public void wakeUp() {
        check(NativeDomain.virDomainPMWakeup(pointer(), 0), "cannot wake" + quoted());
    }

    /** Removes the definition; a running domain becomes transient. */
    public void undefine(Set<UndefineOption> options) {
        int flags = 0;
        for (UndefineOption option : options) {
            flags |= option.flag();
        }
        check(NativeDomain.virDomainUndefineFlags(pointer(), flags), "cannot undefine" + quoted());
    }

    public boolean autostart() {
        int[] autostart = new int[1];
        check(
                NativeLibvirt.virDomainGetAutostart(pointer(), autostart),
                "cannot read the autostart flag of" + quoted());
        return autostart[0] != 0;
    }

    public void setAutostart(boolean on) {
        check(NativeDomain.virDomainSetAutostart(pointer(), on ? 1 : 0), "cannot set the autostart flag of" + quoted());
    }

    public void rename(String newName) {
        check(
                NativeDomain.virDomainRename(pointer(), newName, 0),
                "cannot rename" + quoted() + " to '" + newName + "'");
    }

    /** Saves the memory to libvirt's own file and stops; the next start continues from there. */
    public void managedSave() {
        check(NativeDomain.virDomainManagedSave(pointer(), 0), "cannot save" + quoted());
    }

    public boolean hasManagedSave() {
        return check(
                        NativeDomain.virDomainHasManagedSaveImage(pointer(), 0),
                        "cannot read the saved state of" + quoted())
                == 1;
    }

    public void removeManagedSave() {
        check(NativeDomain.virDomainManagedSaveRemove(pointer(), 0), "cannot remove the saved state of" + quoted());
    }

    /** Saves the memory to a file on the host and stops. */
    public void save(String file) {
        check(NativeDomain.virDomainSaveFlags(pointer(), file, null, 0), "cannot save" + quoted() + " to " + file);
    }

    public int snapshotCount() {
        return check(NativeDomain.virDomainSnapshotNum(pointer(), 0), "cannot count the snapshots of" + quoted());
    }

    /** 0 also where the hypervisor knows no checkpoints. */
    public int checkpointCount() {
        int count = NativeDomain.virDomainListAllCheckpoints(pointer(), null, 0);
        if (count < 0) {
            NativeLibvirt.virResetLastError();
            return 0;
        }
        return count;
    }

    /** What is being done to it as a whole (saving, moving, dumping); null where nothing is. */
    public @Nullable DomainJob job() {
        Memory info = new Memory(DomainJob.SIZE_BYTES);
        check(NativeDomain.virDomainGetJobInfo(pointer(), info), "cannot read the job of" + quoted());
        return DomainJob.read(info);
    }

    /** The sizes of one of its disks, by its target name ({@code vda}); also while it is off. */
    public BlockSize blockSize(String target) {
        Memory info = new Memory(BlockSize.SIZE_BYTES);
        check(
                NativeDomain.virDomainGetBlockInfo(pointer(), target, info, 0),
                "cannot read the size of disk '" + target + "' of" + quoted());
        return BlockSize.read(info);
    }

    /** The addresses of a running guest, as one source knows them. */
    public List<InterfaceAddress> addresses(InterfaceAddress.Source source) {
        long[] out = new long[1];
        int count = check(
                NativeDomain.virDomainInterfaceAddresses(pointer(), out, source.ordinal(), 0),
                "cannot read the addresses of" + quoted());
        Pointer interfaces = NativeLoader.out(out);
        return interfaces == null ? List.of() : InterfaceAddress.readAndFree(interfaces, count);
    }

    public @Nullable String title() {
        return metadata(METADATA_TITLE, null);
    }

    public @Nullable String description() {
        return metadata(METADATA_DESCRIPTION, null);
    }

    /** The element of a namespace in the definition's metadata, as XML; null where there is none. */
    public @Nullable String metadata(String namespace) {
        return metadata(METADATA_ELEMENT, namespace);
    }

    private @Nullable String metadata(int type, @Nullable String namespace) {
        Pointer found = NativeDomain.virDomainGetMetadata(pointer(), type, namespace, 0);
        if (found == null && LibvirtException.lastNumber() == ErrorNumber.NO_DOMAIN_METADATA) {
            NativeLibvirt.virResetLastError();
            return null;
        }
        return text(found, "cannot read the metadata of" + quoted());
    }

    public void setTitle(@Nullable String title, Scope scope) {
        setMetadata(METADATA_TITLE, title, null, null, scope);
    }

    public void setDescription(@Nullable String description, Scope scope) {
        setMetadata(METADATA_DESCRIPTION, description, null, null, scope);
    }

    /** Sets a namespace's element in the metadata; null removes it. */
    public void setMetadata(String namespace, String prefix, @Nullable String element, Scope scope) {
        setMetadata(METADATA_ELEMENT, element, prefix, namespace, scope);
    }

    private void setMetadata(
            int type, @Nullable String value, @Nullable String prefix, @Nullable String namespace, Scope scope) {
        check(
                NativeDomain.virDomainSetMetadata(pointer(), type, value, prefix, namespace, scope.flags()),
                "cannot change the metadata of" + quoted());
    }

    /** Has the balloon of the running machine leave its guest this much. */
    public void setLiveMemory(long bytes) {
        check(
                NativeDomain.virDomainSetMemoryFlags(pointer(), bytes / 1024, Scope.LIVE.flags()),
                "cannot change the memory of" + quoted());
    }

    /** Plugs processors of the running machine in or out. */
    public void setLiveVcpus(int count) {
        check(
                NativeDomain.virDomainSetVcpusFlags(pointer(), count, Scope.LIVE.flags()),
                "cannot change the processors of" + quoted());
    }

    /** Changes the size of a disk that the running machine has open. */
    public void resizeDisk(String target, long bytes) {
        check(
                NativeDomain.virDomainBlockResize(pointer(), target, bytes, BLOCK_RESIZE_BYTES),
                "cannot resize disk '" + target + "' of" + quoted());
    }

    /** Begins to write what a running disk's overlay holds into the image below it; {@link #pivot} ends that. */
    public void commitOverlay(String target) {
        check(
                NativeDomain.virDomainBlockCommit(
                        pointer(), target, null, null, 0, BLOCK_COMMIT_SHALLOW | BLOCK_COMMIT_ACTIVE),
                "cannot merge the overlay of disk '" + target + "' of" + quoted());
    }

    /** Lets the disk go on in the image that a job has filled. */
    public void pivot(String target) {
        check(
                NativeDomain.virDomainBlockJobAbort(pointer(), target, BLOCK_JOB_PIVOT),
                "cannot end the merging of disk '" + target + "' of" + quoted());
    }

    public void attachDevice(String xml, Scope scope) {
        check(
                NativeDomain.virDomainAttachDeviceFlags(pointer(), xml, scope.flags()),
                "cannot attach a device to" + quoted());
    }

    public void detachDevice(String xml, Scope scope) {
        check(
                NativeDomain.virDomainDetachDeviceFlags(pointer(), xml, scope.flags()),
                "cannot detach a device from" + quoted());
    }

    public void updateDevice(String xml, Scope scope) {
        check(
                NativeDomain.virDomainUpdateDeviceFlags(pointer(), xml, scope.flags()),
                "cannot change a device of" + quoted());
    }

    /**
     * Opens a serial console as a stream.
     *
     * @param device the alias of the device in the running definition; null for the first console
     * @param force take it from a client that holds it
     */
    public Stream openConsole(Host host, @Nullable String device, boolean force) {
        Stream stream = Stream.openWatched(host, "console of" + quoted());
        if (NativeDomain.virDomainOpenConsole(
                        pointer(), device, stream.pointer(), force ? CONSOLE_FORCE | CONSOLE_SAFE : CONSOLE_SAFE)
                < 0) {
            LibvirtException failure = LibvirtException.last("cannot open the console of" + quoted());
            stream.close();
            throw failure;
        }
        stream.begin();
        return stream;
    }

    /**
     * Opens a channel between host and guest as a stream.
     *
     * @param channel its target name or alias in the running definition
     * @param force take it from a client that holds it
     */
    public Stream openChannel(Host host, String channel, boolean force) {
        Stream stream = Stream.openWatched(host, "channel '" + channel + "' of" + quoted());
        if (NativeDomain.virDomainOpenChannel(pointer(), channel, stream.pointer(), force ? CHANNEL_FORCE : 0) < 0) {
            LibvirtException failure = LibvirtException.last("cannot open channel '" + channel + "' of" + quoted());
            stream.close();
            throw failure;
        }
        stream.begin();
        return stream;
    }

    private String quoted() {
        return " domain '" + name + "'";
    }

    @Override
    void free(Pointer open) {
        NativeLibvirt.virDomainFree(open);
    }
}
