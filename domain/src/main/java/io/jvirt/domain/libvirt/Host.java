// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.jvirt.domain.JvirtException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A host with a hypervisor: an open connection to its libvirt. Safe for use by several threads; closed explicitly. */
public final class Host extends NativeObject {
    /** How long opening a connection may take. */
    public static final Duration OPEN_LIMIT = Duration.ofSeconds(30);

    /** How long another connection may take where one was given up: the host has just answered. */
    private static final Duration RENEW_LIMIT = Duration.ofSeconds(5);

    private static final int DEFINE_VALIDATE = 1;
    private static final int START_PAUSED = 1;
    private static final int RESTORE_PAUSED = 4;
    private static final int START_AUTODESTROY = 2;

    private final boolean usesEventLoop;

    private Host(Pointer connection, boolean usesEventLoop) {
        super(connection);
        this.usesEventLoop = usesEventLoop;
    }

    /**
     * Opens a connection.
     *
     * @param uri libvirt's URI; null or blank for JVIRT_URI, LIBVIRT_DEFAULT_URI, else {@code qemu:///system} where its
     *     socket answers, else {@code qemu:///session}
     */
    public static Host open(@Nullable String uri) {
        return open(uri, OPEN_LIMIT);
    }

    public static Host open(@Nullable String uri, Duration limit) {
        ConnectUri target = ConnectUri.resolve(uri);
        try {
            return new Host(Connector.open(target, limit), !target.isTestDriver());
        } catch (LibvirtException e) {
            // The socket's file may outlive the daemon.
            boolean systemIsOff = !target.chosen()
                    && target.uri().equals(ConnectUri.SYSTEM)
                    && !"root".equals(System.getProperty("user.name"))
                    && e.reason().contains("Connection refused");
            if (!systemIsOff) {
                throw e;
            }
            return new Host(Connector.open(new ConnectUri(ConnectUri.SESSION, false), limit), true);
        }
    }

    /** Opens a connection whose events can be listened to. */
    public static Host openForEvents(@Nullable String uri) {
        // Also for the test driver, which does without the loop otherwise; it must run before the connection is opened.
        EventLoop.enter();
        return open(uri);
    }

    /** The URI as libvirt understood it. */
    public String uri() {
        return text(NativeLibvirt.virConnectGetURI(pointer()), "cannot read the connection's URI");
    }

    /** The machine behind the connection is another one. */
    public boolean isRemote() {
        return ConnectUri.remoteHost(uri()) != null;
    }

    public boolean isAlive() {
        return NativeHost.virConnectIsAlive(pointer()) == 1;
    }

    public String hostname() {
        return text(NativeHost.virConnectGetHostname(pointer()), "cannot read the host's name");
    }

    /** The hypervisor's name: {@code QEMU}, {@code Test}. */
    public String hypervisor() {
        String type = NativeLoader.borrowed(NativeHost.virConnectGetType(pointer()));
        return type == null ? "unknown" : type;
    }

    /** Version of the hypervisor on the host. */
    public Version hypervisorVersion() {
        long[] version = new long[1];
        check(NativeHost.virConnectGetVersion(pointer(), version), "cannot read the hypervisor's version");
        return Version.of(version[0]);
    }

    /** Version of the libvirt daemon on the host. */
    public Version libvirtVersion() {
        long[] version = new long[1];
        check(NativeHost.virConnectGetLibVersion(pointer(), version), "cannot read libvirt's version");
        return Version.of(version[0]);
    }

    /** Version of libvirt's library in this process. */
    public static Version libraryVersion() {
        long[] version = new long[1];
        check(NativeHost.virGetVersion(version, null, null), "cannot read the version of libvirt's library");
        return Version.of(version[0]);
    }

    /** The host's capabilities, as XML. */
    public String capabilities() {
        return text(NativeHost.virConnectGetCapabilities(pointer()), "cannot read the host's capabilities");
    }

    /**
     * What the hypervisor can give to a domain of a kind, as XML. Null stands for libvirt's default.
     *
     * @param virtType {@code kvm} or {@code qemu}
     */
    public String domainCapabilities(@Nullable String arch, @Nullable String machine, @Nullable String virtType) {
        return text(
                NativeHost.virConnectGetDomainCapabilities(pointer(), null, arch, machine, virtType, 0),
                "cannot read what the hypervisor offers to domains");
    }

    /** Whether the hypervisor could give a domain this processor; {@code cpuXml} is a definition's cpu element. */
    public boolean canRunCpu(
            @Nullable String arch, @Nullable String machine, @Nullable String virtType, String cpuXml) {
        int result = check(
                NativeHost.virConnectCompareHypervisorCPU(pointer(), null, arch, machine, virtType, cpuXml, 0),
                "cannot compare the processor");
        return result > 0;
    }

    /** Whether the host has a network device of that name: a card, a bridge. */
    public boolean hasNetworkDevice(String name) {
        return NodeParts.hasNetworkDevice(pointer(), name);
    }

    public boolean hasSecret(String uuid) {
        return NodeParts.hasSecret(pointer(), uuid);
    }

    /** The host's processors and memory. */
    public Node node() {
        Memory info = new Memory(Node.SIZE_BYTES);
        check(NativeHost.virNodeGetInfo(pointer(), info), "cannot read the host's processors and memory");
        long free = NativeHost.virNodeGetFreeMemory(pointer());
        return Node.read(info, free);
    }

    /** All domains, running or not, in the order of virsh: running ones by number, then the others by name. */
    public List<DomainSummary> listDomains() {
        return listDomains(true);
    }

    /** @param withUuids false: none of them has its UUID, and a long list is there sooner */
    public List<DomainSummary> listDomains(boolean withUuids) {
        return DomainList.read(pointer(), withUuids);
    }

    /** Looks a domain up by name, UUID or number, in this order; NOT_FOUND where there is none. */
    public Domain findDomain(String nameOrUuidOrId) {
        return DomainLookup.find(this, nameOrUuidOrId);
    }

    /** Looks a domain up by name alone; null where there is none. */
    public @Nullable Domain domainNamed(String name) {
        return DomainLookup.byName(this, name);
    }

    /** Looks a domain up by its UUID; null where there is none. */
    public @Nullable Domain domainWithUuid(String uuid) {
        return DomainLookup.byUuid(this, uuid);
    }

    /**
     * Defines a persistent domain, or changes the definition of the one with the same name and UUID.
     *
     * @param validate have libvirt check the text against its schema
     */
    public Domain defineDomain(String xml, boolean validate) {
        return new Domain(check(
                NativeDomain.virDomainDefineXMLFlags(pointer(), xml, validate ? DEFINE_VALIDATE : 0),
                "cannot define the domain"));
    }

    /**
     * Starts a transient domain, which is gone when it ends.
     *
     * @param paused its processors wait for {@link Domain#resume}
     * @param autodestroy it ends with this connection at the latest
     */
    public Domain createTransient(String xml, boolean paused, boolean autodestroy) {
        int flags = (autodestroy ? START_AUTODESTROY : 0) | (paused ? START_PAUSED : 0);
        return new Domain(
                check(NativeDomain.virDomainCreateXML(pointer(), xml, flags), "cannot start the transient domain"));
    }

    /** The definition in a file that {@link Domain#save} wrote on the host. */
    public String savedXml(String file) {
        return text(
                NativeDomain.virDomainSaveImageGetXMLDesc(pointer(), file, 0), "cannot read the saved machine " + file);
    }

    /** Lets a machine run on that {@link Domain#save} saved to a file on the host; the file stays. */
    public void restore(String file, boolean paused) {
        check(
                NativeDomain.virDomainRestoreFlags(pointer(), file, null, paused ? RESTORE_PAUSED : 0),
                "cannot restore " + file);
    }

    /**
     * A call on this connection was given up: it keeps the connection, and later calls get one of their own. On the old one
     * they would depend on the thread of the call that hangs, which reads and writes for all; libvirt's library before 10.0
     * sometimes does not wake it for the call of another.
     */
    @Override
    public synchronized void leaveOpen() {
        super.leaveOpen();
        if (!usesEventLoop) {
            return;
        }
        try {
            replace(Connector.open(new ConnectUri(uri(), true), RENEW_LIMIT));
        } catch (JvirtException e) {
            // The old one has to do.
            return;
        }
    }

    @Override
    void free(Pointer open) {
        String remote = usesEventLoop
                ? ConnectUri.remoteHost(text(NativeLibvirt.virConnectGetURI(open), "cannot read the connection's URI"))
                : null;
        if (remote == null) {
            end(open);
        } else {
            ConnectionClose.run(remote, () -> end(open));
        }
    }

    private void end(Pointer open) {
        NativeLibvirt.virConnectClose(open);
        if (usesEventLoop) {
            EventLoop.leave();
        }
    }
}
