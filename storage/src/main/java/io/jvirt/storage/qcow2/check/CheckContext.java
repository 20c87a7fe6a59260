// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.check;

import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.Header;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the steps of a check share: the image, what may be repaired, the numbers so far, and where findings are told. */
final class CheckContext {
    /** More text than this tells nobody more; a hostile image has billions of findings. A repair checks twice. */
    private static final int MAX_REPORT_CHARS = 480 * 1024;

    private static final int PIECE_ENTRIES = 8192;

    final ByteStore store;
    final ClusterGeometry geometry;
    final Repair repair;
    private final Consumer<String> report;
    private int reportedChars;
    private long unreported;

    /** As it is now; repairs change it. */
    Header header;

    /** Length of the file, in whole and partial clusters. */
    long fileClusters;

    long fileBytes;

    long checkErrors;
    long corruptions;
    long leaks;
    long corruptionsFixed;
    long leaksFixed;
    long allocatedClusters;
    long fragmentedClusters;
    long compressedClusters;
    long highestCluster;
    boolean rebuildNeeded;

    CheckContext(ByteStore store, Header header, Repair repair, Consumer<String> report) throws IOException {
        this.store = store;
        this.header = header;
        this.geometry = header.geometry();
        this.repair = repair;
        this.report = report;
        measureFile();
    }

    void measureFile() throws IOException {
        fileBytes = store.sizeBytes();
        fileClusters = geometry.clustersFor(fileBytes);
    }

    void say(String line) {
        if (unreported > 0 || reportedChars + line.length() > MAX_REPORT_CHARS) {
            unreported++;
            return;
        }
        reportedChars += line.length() + 1;
        report.accept(line);
    }

    /** Nothing more is shown: callers with many findings need not put them into words. */
    boolean isReportFull() {
        if (unreported == 0) {
            return false;
        }
        unreported++;
        return true;
    }

    /** The same for a finding of which there may be millions: it is put into words only where it is shown. */
    void corrupt(Supplier<String> line) {
        corruptions++;
        if (!isReportFull()) {
            say(line.get());
        }
    }

    void corrupt(String line) {
        corruptions++;
        say(line);
    }

    /** Tells how much was left unsaid. */
    void finishReport() {
        if (unreported > 0) {
            report.accept(unreported + " more findings are not shown");
            unreported = 0;
        }
    }

    /** The word before a finding that would be repaired. */
    String repairingOrError() {
        return repair.errors() ? "Repairing" : "ERROR";
    }

    /** What lies beyond the end of the file, or in a hole, reads as zeros. */
    ByteBuffer read(long offset, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        store.readZeroPadded(offset, bytes);
        return bytes.flip();
    }

    /** One 64-bit entry of a table. */
    @FunctionalInterface
    interface EntryVisitor {
        /** False ends the walk. */
        boolean visit(int index, long entry) throws IOException;
    }

    /** Reads a table in pieces, as the largest take 32 MiB; false where the visitor ended it. */
    boolean readTable(long offset, int entries, EntryVisitor visitor) throws IOException {
        for (int start = 0; start < entries; start += PIECE_ENTRIES) {
            int count = Math.min(PIECE_ENTRIES, entries - start);
            ByteBuffer piece = read(offset + start * 8L, count * 8);
            for (int i = 0; i < count; i++) {
                if (!visitor.visit(start + i, piece.getLong(i * 8))) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Whether an offset can be that of a cluster, and lies in the file. */
    boolean isCluster(long offset) {
        return offset > 0 && geometry.offsetInCluster(offset) == 0 && isWithin(offset, geometry.clusterBytes());
    }

    boolean isWithin(long offset, long lengthBytes) {
        return offset + lengthBytes - fileBytes < geometry.clusterBytes();
    }

    static String hex(long value) {
        return Long.toHexString(value);
    }

    static String hex0x(long value) {
        return "0x" + Long.toHexString(value);
    }

    /** As C's {@code %#lx} has it: a plain 0 for zero. */
    static String hexAlternate(long value) {
        return value == 0 ? "0" : hex0x(value);
    }

    CheckResult result(@Nullable String failure) {
        return new CheckResult(
                checkErrors,
                corruptions,
                leaks,
                corruptionsFixed,
                leaksFixed,
                (highestCluster + 1) << geometry.clusterBits(),
                geometry.clustersFor(header.virtualSizeBytes()),
                allocatedClusters,
                fragmentedClusters,
                compressedClusters,
                failure);
    }
}
