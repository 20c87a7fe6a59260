// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A running domain moves to another host, driven by this process: where it dies, libvirt goes back to the source.
 *
 * @param liveXml what the running domain is to be there
 * @param persistentXml its definition there
 * @param name its name there
 * @param disks target names of the disks that are copied into images that are there; none for shared storage
 * @param mebibytesPerSecond 0 for no limit
 */
public record LiveMigration(
        String liveXml, String persistentXml, String name, List<String> disks, long mebibytesPerSecond) {
    private static final int LIVE = 1;
    private static final int PERSIST_TARGET = 8;
    private static final int UNDEFINE_SOURCE = 16;
    private static final int NON_SHARED_DISK = 64;
    private static final int ABORT_ON_ERROR = 1 << 12;
    private static final int AUTO_CONVERGE = 1 << 13;

    // struct _virTypedParameter: char field[80]; int type; union of 8 bytes
    private static final int PARAMETER_BYTES = 96;
    private static final int TYPE_OFFSET = 80;
    private static final int VALUE_OFFSET = 88;
    private static final int UNSIGNED_LONG_LONG = 4;
    private static final int STRING = 7;

    public LiveMigration {
        disks = List.copyOf(disks);
    }

    /** Returns when the domain runs there and is gone here; throws when it runs on here. */
    public void run(Domain domain, Host target) {
        Parameters parameters = new Parameters(4 + disks.size());
        parameters.add("destination_xml", liveXml);
        parameters.add("persistent_xml", persistentXml);
        parameters.add("destination_name", name);
        if (mebibytesPerSecond > 0) {
            parameters.add("bandwidth", mebibytesPerSecond);
        }
        disks.forEach(disk -> parameters.add("migrate_disks", disk));
        int flags = LIVE | PERSIST_TARGET | UNDEFINE_SOURCE | ABORT_ON_ERROR | AUTO_CONVERGE;
        Pointer moved = NativeMigration.virDomainMigrate3(
                domain.pointer(),
                target.pointer(),
                parameters.memory,
                parameters.count,
                disks.isEmpty() ? flags : flags | NON_SHARED_DISK);
        new Domain(NativeObject.check(moved, "cannot move domain '" + domain.name() + "' while it runs")).close();
    }

    /** How long the guest may stand still in the end; while it moves. */
    public static void limitDowntime(Domain domain, long millis) {
        NativeObject.check(
                NativeMigration.virDomainMigrateSetMaxDowntime(domain.pointer(), millis, 0),
                "cannot limit the downtime of domain '" + domain.name() + "'");
    }

    /** Has what is being done to the domain stop; the domain runs on here. */
    public static void abort(Domain domain) {
        NativeObject.check(
                NativeMigration.virDomainAbortJob(domain.pointer()),
                "cannot stop what is being done to domain '" + domain.name() + "'");
    }

    /** libvirt's array of typed parameters. */
    private static final class Parameters {
        private final Memory memory;
        private final List<Memory> texts = new ArrayList<>();
        private int count;

        Parameters(int most) {
            memory = new Memory((long) most * PARAMETER_BYTES);
            memory.clear();
        }

        private long next(String field, int type) {
            long at = (long) count++ * PARAMETER_BYTES;
            memory.setString(at, field, "US-ASCII");
            memory.setInt(at + TYPE_OFFSET, type);
            return at + VALUE_OFFSET;
        }

        void add(String field, String value) {
            byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
            Memory text = new Memory(bytes.length + 1L);
            text.write(0, bytes, 0, bytes.length);
            text.setByte(bytes.length, (byte) 0);
            // Kept until the call is over.
            texts.add(text);
            memory.setPointer(next(field, STRING), text);
        }

        void add(String field, long value) {
            memory.setLong(next(field, UNSIGNED_LONG_LONG), value);
        }
    }
}
