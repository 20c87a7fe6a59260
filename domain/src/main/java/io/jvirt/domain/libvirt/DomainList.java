// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
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

    // "state.state" and "state.reason" as numbers, by their first eight bytes: a string of each name for each domain
    // would cost
    // more than the call that brings them.
    private static final long STATE_NAME = firstBytes("state.state");
    private static final long REASON_NAME = firstBytes("state.reason");

    private final Pointer connection;
    private final boolean withUuids;
    private final Set<String> transients;
    private final Set<String> autostart;

    /** Each domain's UUID is a call more, and together they are a good part of the time that a long list takes. */
    private DomainList(Pointer connection, boolean withUuids) {
        this.connection = connection;
        this.withUuids = withUuids;
        this.transients = names(LIST_TRANSIENT);
        this.autostart = names(LIST_AUTOSTART);
    }

    static List<DomainSummary> read(Pointer connection, boolean withUuids) {
        DomainList list = new DomainList(connection, withUuids);
        List<DomainSummary> found = list.fromStats();
        if (found == null) {
            found = list.oneByOne();
        }
        found.sort(DomainList::compare);
        return found;
    }

    private static long firstBytes(String name) {
        return ByteBuffer.wrap(name.getBytes(StandardCharsets.US_ASCII))
                .order(ByteOrder.nativeOrder())
                .getLong();
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
    private @Nullable List<DomainSummary> fromStats() {
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
                found.add(summary(domain, status(entry)));
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
            long field = params.getLong(param);
            int value = params.getInt(param + PARAM_VALUE);
            if (field == STATE_NAME) {
                state = value;
            } else if (field == REASON_NAME) {
                reason = value;
            }
        }
        return new DomainStatus(DomainState.of(state), reason);
    }

    private List<DomainSummary> oneByOne() {
        List<DomainSummary> found = new ArrayList<>();
        int[] state = new int[1];
        int[] reason = new int[1];
        each(0, domain -> {
            if (NativeLibvirt.virDomainGetState(domain, state, reason, 0) < 0) {
                // It went away between the two calls.
                NativeLibvirt.virResetLastError();
                return;
            }
            found.add(summary(domain, new DomainStatus(DomainState.of(state[0]), reason[0])));
        });
        return found;
    }

    private DomainSummary summary(Pointer domain, DomainStatus status) {
        String name = name(domain);
        return new DomainSummary(
                // What is off has no number.
                status.state() == DomainState.SHUTOFF ? -1 : NativeLibvirt.virDomainGetID(domain),
                name,
                withUuids ? uuid(domain) : "",
                status,
                !transients.contains(name),
                autostart.contains(name));
    }

    private static String name(Pointer domain) {
        String name = NativeLoader.borrowed(NativeLibvirt.virDomainGetName(domain));
        return name == null ? "" : name;
    }

    private static String uuid(Pointer domain) {
        byte[] text = new byte[37];
        NativeObject.check(NativeLibvirt.virDomainGetUUIDString(domain, text), "cannot read a domain's UUID");
        return NativeObject.uuid(text);
    }

    private Set<String> names(int filter) {
        Set<String> found = new HashSet<>();
        each(filter, domain -> found.add(name(domain)));
        return found;
    }

    private void each(int filter, DomainVisitor visitor) {
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
