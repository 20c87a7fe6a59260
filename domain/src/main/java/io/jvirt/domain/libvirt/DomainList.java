// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Pointer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All domains of a host in three calls, however many there are: their states in one, and two filtered lists, short
 * ones mostly, that say which are transient and which start by themselves.
 */
final class DomainList {
    private static final int LIST_TRANSIENT = 8;
    private static final int LIST_AUTOSTART = 1024;
    private static final int STATS_STATE = 1;

    // struct _virDomainStatsRecord: virDomainPtr dom; virTypedParameterPtr params; int nparams
    private static final int RECORD_PARAMS = 8;
    private static final int RECORD_COUNT = 16;
    // struct _virTypedParameter: char field[80]; int type; union of 8 bytes
    private static final int PARAM_BYTES = 96;
    private static final int PARAM_VALUE = 88;

    private DomainList() {}

    static List<DomainSummary> read(Pointer connection) {
        Set<String> transients = uuids(connection, LIST_TRANSIENT);
        Set<String> autostart = uuids(connection, LIST_AUTOSTART);
        List<DomainSummary> found = fromStats(connection, transients, autostart);
        if (found == null) {
            found = oneByOne(connection, transients, autostart);
        }
        found.sort(DomainList::compare);
        return found;
    }

    private static int compare(DomainSummary a, DomainSummary b) {
        boolean aRuns = a.id() >= 0;
        boolean bRuns = b.id() >= 0;
        if (aRuns && bRuns) {
            return Integer.compare(a.id(), b.id());
        }
        return aRuns != bRuns ? (aRuns ? -1 : 1) : a.name().compareTo(b.name());
    }

    /** Null where the driver has no such call. */
    private static @Nullable List<DomainSummary> fromStats(
            Pointer connection, Set<String> transients, Set<String> autostart) {
        long[] out = new long[1];
        int count = NativeLibvirt.virConnectGetAllDomainStats(connection, STATS_STATE, out, 0);
        if (count < 0) {
            if (LibvirtException.lastNumber() != ErrorNumber.NO_SUPPORT) {
                throw LibvirtException.last("cannot list the domains");
            }
            NativeLibvirt.virResetLastError();
            return null;
        }
        Pointer records = NativeLoader.out(out);
        List<DomainSummary> found = new ArrayList<>(count);
        if (records == null) {
            return found;
        }
        try {
            for (int i = 0; i < count; i++) {
                Pointer entry = records.getPointer(8L * i);
                Pointer domain = entry.getPointer(0);
                found.add(summary(domain, status(entry), transients, autostart));
            }
        } finally {
            NativeLibvirt.virDomainStatsRecordListFree(records);
        }
        return found;
    }

    private static DomainStatus status(Pointer entry) {
        Pointer params = entry.getPointer(RECORD_PARAMS);
        int state = 0;
        int reason = 0;
        for (int i = 0; i < entry.getInt(RECORD_COUNT); i++) {
            long param = (long) i * PARAM_BYTES;
            String field = params.getString(param, "US-ASCII");
            int value = params.getInt(param + PARAM_VALUE);
            if (field.equals("state.state")) {
                state = value;
            } else if (field.equals("state.reason")) {
                reason = value;
            }
        }
        return new DomainStatus(DomainState.of(state), reason);
    }

    private static List<DomainSummary> oneByOne(Pointer connection, Set<String> transients, Set<String> autostart) {
        List<DomainSummary> found = new ArrayList<>();
        int[] state = new int[1];
        int[] reason = new int[1];
        each(connection, 0, domain -> {
            if (NativeLibvirt.virDomainGetState(domain, state, reason, 0) < 0) {
                // It went away between the two calls.
                NativeLibvirt.virResetLastError();
                return;
            }
            found.add(summary(domain, new DomainStatus(DomainState.of(state[0]), reason[0]), transients, autostart));
        });
        return found;
    }

    private static DomainSummary summary(
            Pointer domain, DomainStatus status, Set<String> transients, Set<String> autostart) {
        String uuid = uuid(domain);
        String name = NativeLoader.borrowed(NativeLibvirt.virDomainGetName(domain));
        return new DomainSummary(
                NativeLibvirt.virDomainGetID(domain),
                name == null ? uuid : name,
                uuid,
                status,
                !transients.contains(uuid),
                autostart.contains(uuid));
    }

    private static String uuid(Pointer domain) {
        byte[] text = new byte[37];
        NativeObject.check(NativeLibvirt.virDomainGetUUIDString(domain, text), "cannot read a domain's UUID");
        return NativeObject.uuid(text);
    }

    private static Set<String> uuids(Pointer connection, int filter) {
        Set<String> found = new HashSet<>();
        each(connection, filter, domain -> found.add(uuid(domain)));
        return found;
    }

    private static void each(Pointer connection, int filter, DomainVisitor visitor) {
        long[] out = new long[1];
        int count = NativeObject.check(
                NativeLibvirt.virConnectListAllDomains(connection, out, filter), "cannot list the domains");
        Pointer domains = NativeLoader.out(out);
        if (domains == null) {
            return;
        }
        try {
            for (int i = 0; i < count; i++) {
                visitor.visit(domains.getPointer(8L * i));
            }
        } finally {
            for (int i = 0; i < count; i++) {
                NativeLibvirt.virDomainFree(domains.getPointer(8L * i));
            }
            NativeLoader.free(domains);
        }
    }

    private interface DomainVisitor {
        void visit(Pointer domain);
    }
}
