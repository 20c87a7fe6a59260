// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Pointer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a domain has used so far, as libvirt counts it: counters since its start, and sizes now. A counter that the driver
 * does not have is 0.
 *
 * @param id its number, -1 where it is off
 * @param cpuNanos processor time
 * @param memoryBytes what the balloon leaves it
 * @param residentBytes what its process has of the host's memory
 */
public record DomainStats(
        String name,
        String uuid,
        int id,
        DomainState state,
        int vcpus,
        long cpuNanos,
        long memoryBytes,
        long residentBytes,
        long readBytes,
        long writtenBytes,
        long receivedBytes,
        long sentBytes) {
    // STATE, CPU_TOTAL, BALLOON, VCPU, INTERFACE, BLOCK
    private static final int GROUPS = 1 | 2 | 4 | 8 | 16 | 32;
    /** A domain that is busy (migrating) is answered for with what is known without asking it. */
    private static final int NO_WAIT = 1 << 29;

    // struct _virDomainStatsRecord: virDomainPtr dom; virTypedParameterPtr params; int nparams
    private static final int RECORD_PARAMS = 8;
    private static final int RECORD_COUNT = 16;
    // struct _virTypedParameter: char field[80]; int type; union of 8 bytes
    private static final int PARAM_BYTES = 96;
    private static final int PARAM_TYPE = 80;
    private static final int PARAM_VALUE = 88;
    private static final int TYPE_UINT = 2;
    private static final int TYPE_ULLONG = 4;

    /** One domain. */
    public static DomainStats of(Domain domain) {
        long[] domains = {Pointer.nativeValue(domain.pointer()), 0};
        long[] out = new long[1];
        String what = "cannot read what domain '" + domain.name() + "' uses";
        int count = NativeObject.check(NativeDomain.virDomainListGetStats(domains, GROUPS, out, NO_WAIT), what);
        Pointer records = NativeLoader.out(out);
        if (count < 1 || records == null) {
            throw LibvirtException.last(what);
        }
        try {
            return read(records.getPointer(0));
        } finally {
            NativeLibvirt.virDomainStatsRecordListFree(records);
        }
    }

    /** All domains of a host, in one call. */
    public static List<DomainStats> all(Host host) {
        long[] out = new long[1];
        int count = NativeLibvirt.virConnectGetAllDomainStats(host.pointer(), GROUPS, out, NO_WAIT);
        if (count < 0) {
            throw LibvirtException.last("cannot read what the domains of " + host.uri() + " use");
        }
        Pointer records = NativeLoader.out(out);
        List<DomainStats> found = new ArrayList<>(count);
        if (records == null) {
            return found;
        }
        try {
            for (int i = 0; i < count; i++) {
                found.add(read(records.getPointer(8L * i)));
            }
        } finally {
            NativeLibvirt.virDomainStatsRecordListFree(records);
        }
        return found;
    }

    private static DomainStats read(Pointer entry) {
        Pointer domain = entry.getPointer(0);
        byte[] uuid = new byte[37];
        NativeObject.check(NativeLibvirt.virDomainGetUUIDString(domain, uuid), "cannot read a domain's UUID");
        String name = NativeLoader.borrowed(NativeLibvirt.virDomainGetName(domain));
        Map<String, Long> fields = fields(entry);
        return new DomainStats(
                name == null ? "" : name,
                NativeObject.uuid(uuid),
                NativeLibvirt.virDomainGetID(domain),
                DomainState.of((int) value(fields, "state.state")),
                (int) value(fields, "vcpu.current"),
                value(fields, "cpu.time"),
                value(fields, "balloon.current") * 1024,
                value(fields, "balloon.rss") * 1024,
                sum(fields, "block", "rd.bytes"),
                sum(fields, "block", "wr.bytes"),
                sum(fields, "net", "rx.bytes"),
                sum(fields, "net", "tx.bytes"));
    }

    private static Map<String, Long> fields(Pointer entry) {
        Map<String, Long> fields = new HashMap<>();
        Pointer params = entry.getPointer(RECORD_PARAMS);
        for (int i = 0; i < entry.getInt(RECORD_COUNT); i++) {
            long param = (long) i * PARAM_BYTES;
            int type = params.getInt(param + PARAM_TYPE);
            if (type >= 1 && type <= TYPE_ULLONG) {
                fields.put(
                        params.getString(param, "US-ASCII"),
                        type <= TYPE_UINT
                                ? (long) params.getInt(param + PARAM_VALUE)
                                : params.getLong(param + PARAM_VALUE));
            }
        }
        return fields;
    }

    private static long value(Map<String, Long> fields, String field) {
        @Nullable Long value = fields.get(field);
        return value == null ? 0 : value;
    }

    /** Over all of a domain's disks or interfaces: {@code net.0.rx.bytes}, {@code net.1.rx.bytes}, … */
    private static long sum(Map<String, Long> fields, String group, String counter) {
        long sum = 0;
        for (long i = 0; i < value(fields, group + ".count"); i++) {
            sum += value(fields, group + "." + i + "." + counter);
        }
        return sum;
    }
}
