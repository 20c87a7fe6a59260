// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import io.jvirt.domain.JvirtException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * The file in which libvirt's QEMU driver keeps the memory of a machine.
 *
 * <pre>
 *  0  magic          "LibvirtQemudSave", 16 bytes
 * 16  version        1 or 2; this and all that follow: 32 bits, in the byte order of the host that wrote them
 * 20  data length    of what follows the header, before QEMU's stream
 * 24  was running
 * 28  format         of QEMU's stream
 * 32  cookie offset  in the data; 0 where there is none
 * 36  unused         14 words
 * 92  the data: the definition that the machine goes on with, NUL; libvirt's cookie, NUL; zeros
 * </pre>
 *
 * <p>libvirt starts a machine from such a file without a look at the machine's own definition, so a lock there keeps nobody.
 * A version that it does not know does: libvirt refuses the file and leaves it (one with another magic it deletes). That is
 * four bytes, which are written at once.
 */
public final class SavedImage {
    public static final int VERSION_OFFSET = 16;
    public static final int VERSION_BYTES = 4;

    private static final int HEADER_BYTES = 92;
    private static final int DATA_LENGTH_OFFSET = 20;
    private static final int COOKIE_OFFSET = 32;
    private static final byte[] MAGIC = "LibvirtQemudSave".getBytes(StandardCharsets.US_ASCII);

    /** More than any definition has. */
    private static final int MOST_DATA_BYTES = 64 << 20;

    /** Added to the version. */
    private static final int LOCK = 0x4A56_0000;

    private static final int NEWEST_VERSION = 2;

    private final Path path;
    private final ByteBuffer header;
    private final String definition;
    private final byte[] cookie;

    private SavedImage(Path path, ByteBuffer header, String definition, byte[] cookie) {
        this.path = path;
        this.header = header;
        this.definition = definition;
        this.cookie = cookie;
    }

    /** Reads what precedes QEMU's stream; a file that is no such image is refused. */
    public static SavedImage read(Path path) throws IOException {
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            ByteBuffer header = header(path, file);
            int dataBytes = header.getInt(DATA_LENGTH_OFFSET);
            int cookieOffset = header.getInt(COOKIE_OFFSET);
            if (dataBytes <= 0 || dataBytes > MOST_DATA_BYTES || cookieOffset < 0 || cookieOffset > dataBytes) {
                throw unknown(path, "its data of " + dataBytes + " bytes with a cookie at " + cookieOffset);
            }
            byte[] data = read(path, file, HEADER_BYTES, dataBytes);
            int xmlBytes = cookieOffset == 0 ? dataBytes : cookieOffset;
            byte[] cookie = cookieOffset == 0 ? new byte[0] : text(data, cookieOffset, dataBytes);
            return new SavedImage(path, header, new String(text(data, 0, xmlBytes), StandardCharsets.UTF_8), cookie);
        }
    }

    private static ByteBuffer header(Path path, FileChannel file) throws IOException {
        ByteBuffer header = ByteBuffer.wrap(read(path, file, 0, HEADER_BYTES));
        if (!header.slice(0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC))) {
            throw unknown(path, "its first bytes");
        }
        for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
            int version = header.order(order).getInt(VERSION_OFFSET) & ~LOCK;
            if (version >= 1 && version <= NEWEST_VERSION) {
                return header;
            }
        }
        throw unknown(path, "its version");
    }

    private static byte[] read(Path path, FileChannel file, long offset, int count) throws IOException {
        byte[] bytes = new byte[count];
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            if (file.read(buffer, offset + buffer.position()) < 0) {
                throw new EOFException(path + " ends at " + (offset + buffer.position()));
            }
        }
        return bytes;
    }

    private static JvirtException unknown(Path path, String what) {
        return JvirtException.failed(
                path + " is no saved memory that jvirt knows: " + what,
                "let the machine go on from it here (jvirt start), or drop it: virsh managedsave-remove");
    }

    private static byte[] text(byte[] data, int from, int to) {
        int end = from;
        while (end < to && data[end] != 0) {
            end++;
        }
        return Arrays.copyOfRange(data, from, end);
    }

    /** What the machine goes on with, passwords included. */
    public String definition() {
        return definition;
    }

    public boolean isLocked() {
        return (header.getInt(VERSION_OFFSET) & LOCK) == LOCK;
    }

    /** The version as it is stored in a file that libvirt starts from, or in one that it does not. */
    public byte[] version(boolean locked) {
        int version = header.getInt(VERSION_OFFSET) & ~LOCK;
        return ByteBuffer.allocate(VERSION_BYTES)
                .order(header.order())
                .putInt(locked ? version | LOCK : version)
                .array();
    }

    /** All that precedes QEMU's stream, locked and with another definition. */
    public ByteBuffer locked(String otherDefinition) {
        byte[] xml = otherDefinition.getBytes(StandardCharsets.UTF_8);
        int dataBytes = header.getInt(DATA_LENGTH_OFFSET);
        int needed = xml.length + 1 + (cookie.length == 0 ? 0 : cookie.length + 1);
        if (needed > dataBytes) {
            throw JvirtException.failed(
                    path + " has " + dataBytes + " bytes for the definition, " + needed + " are needed for the new one",
                    "shorter paths and names: --pool-map, --rename");
        }
        ByteBuffer start = ByteBuffer.allocate(HEADER_BYTES + dataBytes).order(header.order());
        start.put(0, header, 0, HEADER_BYTES);
        start.put(VERSION_OFFSET, version(true));
        start.put(HEADER_BYTES, xml);
        if (cookie.length > 0) {
            start.putInt(COOKIE_OFFSET, xml.length + 1);
            start.put(HEADER_BYTES + xml.length + 1, cookie);
        }
        return start;
    }

    /** Keeps libvirt from starting from a file of this host, or lets it; synced. */
    public void lock(boolean locked) throws IOException {
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(version(locked)), VERSION_OFFSET);
            file.force(true);
        }
    }
}
