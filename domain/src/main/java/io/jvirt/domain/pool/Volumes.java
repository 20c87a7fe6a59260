// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.pool;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.SizeText;
import io.jvirt.domain.journal.DomainLock;
import io.jvirt.domain.journal.JournalName;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.libvirt.PoolState;
import io.jvirt.domain.libvirt.Volume;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The volumes of one pool. Each change is one call of libvirt, so that nothing half-made is left by a crash. */
public final class Volumes {
    private static final List<String> DEVICES = List.of("logical", "disk", "iscsi", "scsi", "mpath", "zfs");

    private final Host host;
    private final String poolName;

    /** NOT_FOUND where there is no such pool; FAILED where it is off. */
    public Volumes(Host host, String poolName) {
        this.host = host;
        this.poolName = poolName;
        PoolSummary pool = PoolReading.of(host, poolName, PoolSummary::of);
        if (pool.state() != PoolState.RUNNING) {
            throw JvirtException.failed(
                    "pool '" + poolName + "' is " + pool.state().text(),
                    "jvirt pool start " + ShellWord.quoted(poolName));
        }
        this.isDevices = DEVICES.contains(pool.type());
        this.availableBytes = pool.availableBytes() == null ? Long.MAX_VALUE : pool.availableBytes();
    }

    private final boolean isDevices;
    private final long availableBytes;

    boolean isDevices() {
        return isDevices;
    }

    /** NOT_FOUND where there is no such volume, also after a look at what the pool really holds. */
    public VolumeSummary find(String name) {
        return PoolReading.of(host, poolName, pool -> {
            try (Volume volume = open(pool, name)) {
                return VolumeSummary.of(volume);
            }
        });
    }

    private static Volume open(Pool pool, String name) {
        Volume known = pool.volume(name);
        if (known == null) {
            pool.refresh();
            known = pool.volume(name);
        }
        if (known == null) {
            throw JvirtException.notFound(
                    "there is no volume '" + name + "' in pool '" + pool.name() + "'",
                    "jvirt volume list " + ShellWord.quoted(pool.name()) + " shows them");
        }
        return known;
    }

    void refuseExisting(String name) {
        PoolReading.of(host, poolName, pool -> {
            pool.refresh();
            try (Volume there = pool.volume(name)) {
                if (there != null) {
                    throw JvirtException.failed(
                            "volume '" + name + "' exists already in pool '" + poolName + "'",
                            "choose another name, or: jvirt volume delete " + ShellWord.quoted(poolName) + " "
                                    + ShellWord.quoted(name));
                }
            }
            return true;
        });
    }

    void refuseTooLarge(String what, long bytes) {
        if (bytes > availableBytes) {
            throw JvirtException.failed(
                    what + " needs " + SizeText.of(bytes) + ", and pool '" + poolName + "' has "
                            + SizeText.of(availableBytes) + " free",
                    "jvirt pool info " + ShellWord.quoted(poolName) + " shows what takes the space");
        }
    }

    public VolumeSummary create(VolumeRequest request) {
        request.check(isDevices);
        refuseExisting(request.name());
        if (isDevices || request.preallocation().equals("full")) {
            refuseTooLarge("volume '" + request.name() + "'", request.capacityBytes());
        }
        String xml = request.xml(isDevices, backingFormat(request));
        // Not bounded: setting a large volume aside takes its time.
        try (DomainLock lock =
                        DomainLock.take("volume create", host, List.of(JournalName.volume(poolName, request.name())));
                Pool pool = Pool.find(host, poolName);
                Volume made = named(pool, request).preallocation().equals("metadata")
                        ? pool.createVolumeWithMetadata(xml)
                        : pool.createVolume(xml)) {
            return VolumeSummary.of(made);
        }
    }

    private VolumeRequest named(Pool pool, VolumeRequest request) {
        PartitionName.refuseOther(pool, host.isRemote(), request.name(), request.capacityBytes());
        return request;
    }

    /** Never guessed from the content: a guest that writes a header into a raw image could name any file of the host. */
    private @Nullable String backingFormat(VolumeRequest request) {
        String backing = request.backing();
        if (backing == null || request.backingFormat() != null) {
            return request.backingFormat();
        }
        try (Volume base = Volume.atPath(host, backing)) {
            String known = base == null ? null : VolumeSummary.of(base).format();
            if (known == null) {
                throw JvirtException.usage(
                        "the format of " + backing + " is not known: it is in no active pool",
                        "say it: --backing-format qcow2 or raw");
            }
            return known;
        }
    }

    /** Throws REFUSED where a domain, a snapshot or an image that stays uses one of them. */
    public void checkDelete(List<VolumeSummary> volumes) {
        VolumeUses.readTogether(host, volumes).forEach(uses -> uses.refuseDeletion(host));
    }

    /** Throws REFUSED where a domain, a snapshot or another image uses it. */
    public void delete(String name) throws IOException {
        VolumeSummary volume = find(name);
        try (DomainLock lock = DomainLock.take("volume delete", host, List.of(JournalName.volume(poolName, name)));
                Pool pool = Pool.find(host, poolName);
                Volume there = open(pool, name)) {
            VolumeUses.read(host, volume).refuseDeletion(host);
            there.delete();
        }
    }

    /** Throws what speaks against a new size; returns the volume as it is. */
    public VolumeSummary checkResize(String name, long capacityBytes, boolean shrink) throws IOException {
        VolumeSummary volume = find(name);
        if (capacityBytes < volume.capacityBytes() && !shrink) {
            throw JvirtException.refused(
                    "volume '" + name + "' has " + SizeText.of(volume.capacityBytes()) + ": a size of "
                            + SizeText.of(capacityBytes) + " would cut off its end",
                    "shrink the file system in it first, then add --shrink");
        }
        VolumeUses.read(host, volume).refuseResize(host);
        if (isDevices) {
            refuseTooLarge("the growth of volume '" + name + "'", capacityBytes - volume.capacityBytes());
        }
        return volume;
    }

    public VolumeSummary resize(String name, long capacityBytes, boolean shrink) throws IOException {
        VolumeSummary before = checkResize(name, capacityBytes, shrink);
        try (DomainLock lock = VolumeUses.read(host, before).lock("volume resize", host, poolName);
                Pool pool = Pool.find(host, poolName);
                Volume volume = open(pool, name)) {
            VolumeUses.read(host, before).refuseResize(host);
            volume.resize(capacityBytes, shrink);
            pool.refresh();
        }
        return find(name);
    }
}
