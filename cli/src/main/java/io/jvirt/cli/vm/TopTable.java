// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.ByteText;
import io.jvirt.cli.TableText;
import io.jvirt.domain.inspect.DomainUsage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** The lines of {@code top}, without a terminal. */
final class TopTable {
    static final String[] HEADINGS = {
        "NAME", "STATE", "CPU%", "VCPUS", "MEMORY", "RESIDENT", "READ/S", "WRITE/S", "IN/S", "OUT/S"
    };

    /** What the lines are sorted by; the largest first, names alphabetically. */
    enum Column {
        CPU(Comparator.comparingDouble(DomainUsage::cpuPercent).reversed()),
        MEMORY(Comparator.comparingLong(DomainUsage::residentBytes).reversed()),
        DISK(Comparator.<DomainUsage>comparingLong(u -> u.readBytesPerSecond() + u.writtenBytesPerSecond())
                .reversed()),
        NETWORK(Comparator.<DomainUsage>comparingLong(u -> u.receivedBytesPerSecond() + u.sentBytesPerSecond())
                .reversed()),
        NAME(Comparator.comparing(DomainUsage::name));

        private final Comparator<DomainUsage> order;

        Column(Comparator<DomainUsage> order) {
            this.order = order;
        }

        /** Equal ones by name, so that lines do not jump. */
        Comparator<DomainUsage> order() {
            return order.thenComparing(DomainUsage::name);
        }

        Column next() {
            return values()[(ordinal() + 1) % values().length];
        }
    }

    private TopTable() {}

    static String[] cells(DomainUsage usage) {
        return new String[] {
            usage.name(),
            usage.state().text(),
            String.format(Locale.ROOT, "%.1f", usage.cpuPercent()),
            Integer.toString(usage.vcpus()),
            ByteText.of(usage.memoryBytes()),
            ByteText.of(usage.residentBytes()),
            ByteText.of(usage.readBytesPerSecond()),
            ByteText.of(usage.writtenBytesPerSecond()),
            ByteText.of(usage.receivedBytesPerSecond()),
            ByteText.of(usage.sentBytesPerSecond())
        };
    }

    /** Headings and a line for each, as many as fit, so that the chosen one is among them; index 0 is the headings. */
    static List<String> lines(List<DomainUsage> usage, int first, int count) {
        TableText table = new TableText(HEADINGS);
        for (DomainUsage domain : usage) {
            table.add(cells(domain));
        }
        List<String> all = table.lines();
        List<String> lines = new ArrayList<>();
        lines.add(all.get(0));
        lines.addAll(all.subList(1 + first, Math.min(1 + first + count, all.size())));
        return lines;
    }
}
