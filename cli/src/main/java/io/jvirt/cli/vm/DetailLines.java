// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.ByteText;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.inspect.DiskDetails;
import io.jvirt.domain.inspect.DomainDetails;
import io.jvirt.domain.inspect.GraphicsDetails;
import io.jvirt.domain.inspect.InterfaceDetails;
import io.jvirt.domain.inspect.JobDetails;
import io.jvirt.domain.inspect.UsageDetails;
import io.jvirt.domain.reference.DataFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A machine's details for people: one fact a line, its name first. */
final class DetailLines {
    private static final int LABEL_WIDTH = 13;

    private final List<String> lines = new ArrayList<>();

    private DetailLines() {}

    static List<String> of(DomainDetails domain) {
        DetailLines text = new DetailLines();
        text.add("Name", domain.name());
        text.add("UUID", domain.uuid());
        text.add("Title", domain.title());
        text.add("Description", domain.description());
        text.add(
                "State",
                domain.state().text()
                        + (domain.reason().equals("unknown") ? "" : " (" + domain.reason() + ")")
                        + (domain.id() == null ? "" : ", id " + domain.id()));
        text.add(
                "Definition",
                (domain.persistent() ? "persistent" : "transient") + ", autostart "
                        + (domain.autostart() ? "on" : "off"));
        if (Boolean.TRUE.equals(domain.managedSave())) {
            text.add("Saved", "yes: the next start continues from its saved memory");
        }
        Integer snapshots = domain.snapshots();
        if (snapshots != null && snapshots > 0) {
            text.add("Snapshots", snapshots + ": " + String.join(", ", domain.snapshotNames()));
        }
        for (JobDetails job : domain.jobs()) {
            text.add("Job", job(job));
        }
        UsageDetails usage = domain.usage();
        text.add("Used", usage == null ? null : used(usage));
        text.add("Type", type(domain));
        text.add("System", domain.os());
        String processors =
                (domain.currentVcpus() == domain.vcpus() ? "" : domain.currentVcpus() + " of ") + domain.vcpus();
        text.add("Processors", processors + (domain.cpu() == null ? "" : ", " + domain.cpu()));
        text.add(
                "Memory",
                (domain.currentMemoryBytes() == domain.memoryBytes()
                                ? ""
                                : ByteText.of(domain.currentMemoryBytes()) + " of ")
                        + ByteText.of(domain.memoryBytes()));
        for (DiskDetails disk : domain.disks()) {
            text.add(disk);
        }
        for (InterfaceDetails one : domain.interfaces()) {
            text.add("Network", network(one));
        }
        for (GraphicsDetails one : domain.graphics()) {
            text.add("Graphics", graphics(one));
        }
        text.add(
                "Console",
                domain.console() == null
                        ? null
                        : domain.console() + " (jvirt console " + ShellWord.quoted(domain.name()) + ")");
        return text.lines;
    }

    private static String type(DomainDetails domain) {
        return domain.type()
                + (domain.type().equals("qemu") ? " (emulation)" : "")
                + (domain.architecture() == null ? "" : ", " + domain.architecture())
                + (domain.machine() == null ? "" : ", " + domain.machine())
                + ", " + domain.firmware();
    }

    private void add(String label, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            StringBuilder line = new StringBuilder(label.isEmpty() ? "" : label + ":");
            while (line.length() < LABEL_WIDTH) {
                line.append(' ');
            }
            lines.add(line.append(value.strip().replace("\n", " ")).toString());
        }
    }

    private void add(DiskDetails disk) {
        String what = disk.target() + ", " + disk.device() + (disk.bus() == null ? "" : " on " + disk.bus());
        String source = disk.source();
        add("Disk", what + ", " + (source == null ? "empty" : source));
        Long virtual = disk.virtualSizeBytes();
        Long apparent = disk.apparentSizeBytes();
        Long allocated = disk.allocatedBytes();
        String format = disk.format() == null ? "" : disk.format() + ", ";
        if (virtual != null && apparent != null && allocated != null) {
            add(
                    "",
                    format + ByteText.of(virtual) + " (on the host " + ByteText.of(allocated) + ", file "
                            + ByteText.of(apparent) + ")");
        }
        DataFile data = disk.dataFile();
        if (data != null) {
            Long taken = data.allocatedBytes();
            add("", "its data in " + data.path() + (taken == null ? "" : " (on the host " + ByteText.of(taken) + ")"));
        }
        for (String base : disk.backingChain()) {
            add("", "based on " + base);
        }
        String problem = disk.problem();
        if (problem != null) {
            add("", "size unknown: " + problem);
        }
    }

    private static String used(UsageDetails usage) {
        return String.format(Locale.ROOT, "processor %.1f s", usage.cpuNanos() / 1e9)
                + ", memory " + ByteText.of(usage.residentBytes())
                + ", read " + ByteText.of(usage.readBytes()) + ", written " + ByteText.of(usage.writtenBytes())
                + ", received " + ByteText.of(usage.receivedBytes()) + ", sent " + ByteText.of(usage.sentBytes());
    }

    private static String job(JobDetails job) {
        Long done = job.doneBytes();
        Long total = job.totalBytes();
        return job.what()
                + (done == null || total == null ? "" : ", " + ByteText.of(done) + " of " + ByteText.of(total));
    }

    private static String network(InterfaceDetails one) {
        return one.type()
                + (one.source() == null ? "" : " " + one.source())
                + (one.model() == null ? "" : ", " + one.model())
                + (one.mac() == null ? "" : ", " + one.mac())
                + (one.target() == null ? "" : ", " + one.target())
                + (one.knownAddresses().isEmpty() ? "" : ", ")
                + String.join(
                        ", ",
                        one.knownAddresses().stream()
                                .map(a -> a.address() + " (" + String.join(", ", a.sources()) + ")")
                                .toList());
    }

    private static String graphics(GraphicsDetails one) {
        String listen = one.listen() == null ? "" : one.listen();
        Long port = one.port();
        return one.type()
                + (one.socket() != null
                        ? ", " + one.socket()
                        : port == null ? ", no port yet" : ", " + listen + ":" + port);
    }
}
