// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.ImageDescription;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.crypto.LuksHeader;
import io.jvirt.storage.qcow2.Qcow2Description;
import io.jvirt.storage.qcow2.format.BitmapEntry;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.Snapshot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The answer of {@code info} for one image, as the tree that is its JSON; the human form is made from the same tree.
 * Members are added in QEMU's order, since that decides between two in one bucket of its hash table.
 */
final class ImageInfo {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private ImageInfo() {}

    static Map<String, Object> tree(ImageName name, ImageDescription image, @Nullable LuksHeader luks) {
        Map<String, Object> tree = new LinkedHashMap<>();
        Qcow2Description qcow2 = image.qcow2();
        String driver = name.driver();
        boolean protocol =
                driver != null && List.of("file", "host_device", "nbd").contains(driver);
        boolean encrypted = image.format() == ImageFormat.LUKS
                || (qcow2 != null && qcow2.header().cryptMethod() != 0);
        tree.put(
                "virtual-size",
                luks == null || qcow2 != null
                        ? image.virtualSizeBytes()
                        : image.virtualSizeBytes() - luks.payloadOffset());
        tree.put("filename", name.shown());
        if (qcow2 != null) {
            tree.put("cluster-size", qcow2.header().geometry().clusterBytes());
        }
        tree.put("format", protocol ? driver : image.format().id());
        if (image.allocatedBytes() >= 0) {
            tree.put("actual-size", image.allocatedBytes());
        }
        if (encrypted) {
            tree.put("encrypted", true);
        }
        if (qcow2 != null) {
            Header header = qcow2.header();
            putBacking(tree, header, qcow2.fullBackingFile());
            if (!qcow2.snapshots().isEmpty()) {
                tree.put("snapshots", snapshots(qcow2.snapshots()));
            }
            Map<String, Object> specific = new LinkedHashMap<>();
            specific.put("type", "qcow2");
            specific.put("data", specific(header, qcow2.bitmaps(), luks));
            tree.put("format-specific", specific);
        }
        if (luks != null && qcow2 == null) {
            Map<String, Object> specific = new LinkedHashMap<>();
            specific.put("type", "luks");
            specific.put("data", LuksInfo.tree(luks));
            tree.put("format-specific", specific);
        }
        tree.put("dirty-flag", qcow2 != null && qcow2.header().features().isDirty());
        return tree;
    }

    private static void putBacking(Map<String, Object> tree, Header header, @Nullable String full) {
        if (header.backingFile() == null) {
            return;
        }
        tree.put("backing-filename", header.backingFile());
        if (full != null) {
            tree.put("full-backing-filename", full);
        }
        if (header.backingFormat() != null) {
            tree.put("backing-filename-format", header.backingFormat());
        }
    }

    private static List<Object> snapshots(List<Snapshot> snapshots) {
        List<Object> list = new ArrayList<>();
        for (Snapshot snapshot : snapshots) {
            Map<String, Object> member = new LinkedHashMap<>();
            if (snapshot.icount() != -1) {
                member.put("icount", snapshot.icount());
            }
            member.put("vm-clock-nsec", snapshot.vmClockNanoseconds() % NANOS_PER_SECOND);
            member.put("name", upToNul(snapshot.name()));
            member.put("date-sec", snapshot.dateSeconds());
            member.put("date-nsec", snapshot.dateNanoseconds());
            member.put("vm-clock-sec", snapshot.vmClockNanoseconds() / NANOS_PER_SECOND);
            member.put("id", upToNul(snapshot.id()));
            member.put("vm-state-size", snapshot.vmStateBytes());
            list.add(member);
        }
        return list;
    }

    /** The table has lengths, but whoever reads it in C sees the text end at a NUL. */
    private static String upToNul(String text) {
        int nul = text.indexOf('\0');
        return nul < 0 ? text : text.substring(0, nul);
    }

    private static Map<String, Object> specific(Header header, List<BitmapEntry> bitmaps, @Nullable LuksHeader luks) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("compat", header.version() == 2 ? "0.10" : "1.1");
        if (header.version() > 2) {
            String dataFile = header.dataFile();
            if (dataFile != null) {
                data.put("data-file", dataFile);
            }
            if (header.features().hasDataFile()) {
                data.put("data-file-raw", header.features().isDataFileRaw());
            }
            data.put("extended-l2", header.features().hasExtendedL2());
            data.put("lazy-refcounts", header.features().hasLazyRefcounts());
            data.put("corrupt", header.features().isCorrupt());
        }
        data.put("refcount-bits", header.geometry().refcountBits());
        if (header.cryptMethod() != 0) {
            Map<String, Object> encrypt = luks == null ? new LinkedHashMap<>() : LuksInfo.tree(luks);
            encrypt.put("format", header.cryptMethod() == 1 ? "aes" : "luks");
            data.put("encrypt", encrypt);
        }
        if (!bitmaps.isEmpty()) {
            data.put("bitmaps", bitmaps(bitmaps));
        }
        data.put("compression-type", header.compressionType() == 0 ? "zlib" : "zstd");
        return data;
    }

    private static List<Object> bitmaps(List<BitmapEntry> bitmaps) {
        List<Object> list = new ArrayList<>();
        for (BitmapEntry bitmap : bitmaps) {
            List<Object> flags = new ArrayList<>();
            if (bitmap.isInUse()) {
                flags.add("in-use");
            }
            if (bitmap.isAuto()) {
                flags.add("auto");
            }
            Map<String, Object> member = new LinkedHashMap<>();
            member.put("name", bitmap.name());
            member.put("granularity", 1L << bitmap.granularityBits());
            member.put("flags", flags);
            list.add(member);
        }
        return list;
    }
}
