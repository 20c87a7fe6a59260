// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.journal.Journal;
import io.jvirt.domain.journal.JournalEntry;
import io.jvirt.domain.journal.Operation;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.migrate.step.DirectoryPoolStep;
import io.jvirt.domain.migrate.step.ReleasePoolStep;
import io.jvirt.domain.migrate.step.SendStep;
import io.jvirt.domain.migrate.step.Shipment;
import io.jvirt.domain.migrate.step.VerifyStep;
import io.jvirt.domain.transfer.Payload;
import io.jvirt.domain.transfer.Route;
import io.jvirt.domain.transfer.wire.Wires;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An image goes to another host by itself: sent, read back, and resumed after a break, as a migration's disks are. */
public final class DiskCopy {
    private static final String VERB = "disk-copy";

    private final Journal journal;

    public DiskCopy(Journal journal) {
        this.journal = journal;
    }

    /**
     * What is to be copied.
     *
     * @param source an image of this machine
     * @param format its format, or null to look
     * @param targetUri libvirt's URI of the other host
     * @param targetPath absolute; a file there, or ends in a slash for a directory
     * @param isFlattened one image of what the guest sees, the whole chain included
     * @param isDelta the file there is an older copy
     * @param bytesPerSecond 0 for no limit
     * @param stored the format of one image of a chain
     * @param route how it gets there
     */
    public record Request(
            Path source,
            @Nullable ImageFormat format,
            String targetUri,
            String targetPath,
            boolean isFlattened,
            boolean isDelta,
            long bytesPerSecond,
            ImageFormat stored,
            Route route) {}

    /** Copies, or goes on with the copy that was cut off; returns the file's path there. */
    public String copy(Request request, Cancellation cancellation, Operation.Listener listener) throws Exception {
        Path source = request.source().toAbsolutePath().normalize();
        String path =
                request.targetPath().endsWith("/") ? request.targetPath() + source.getFileName() : request.targetPath();
        Path there = Path.of(path).normalize();
        if (request.route().way() != Route.Way.LIBVIRT) {
            Wires.prepare(request.targetUri());
        }
        String what = source + " to " + request.targetUri() + " " + there;
        try (Host target = Host.open(request.targetUri())) {
            JournalEntry entry = unfinished(target, what);
            try (Operation operation = entry == null
                    ? journal.begin(VERB, target.uri(), List.of(what), steps(request, source, there, target))
                    : journal.adopt(entry)) {
                operation.lend(request.targetUri(), target).perform(target, cancellation, listener);
            }
        } finally {
            Wires.end(request.targetUri());
        }
        return there.toString();
    }

    private @Nullable JournalEntry unfinished(Host target, String what) throws IOException {
        for (JournalEntry entry : journal.entries()) {
            if (entry.verb().equals(VERB)
                    && entry.uri().equals(target.uri())
                    && entry.domains().contains(what)
                    && !entry.owner().mayBeAlive()
                    && !entry.isRollingBack()) {
                return entry;
            }
        }
        return null;
    }

    private static List<Step> steps(Request request, Path source, Path there, Host target) throws IOException {
        ImageFormat format = request.format() == null ? DiskImages.probe(source) : request.format();
        List<SourceImage> chain = SourceImage.chain(source, format);
        SourceImage data = chain.get(0).data();
        if (data != null && !request.isFlattened()) {
            throw JvirtException.refused(
                    source + " keeps its data in " + data.path() + ", which is not copied with it",
                    "--flatten copies both as one raw image");
        }
        if (chain.size() > 1 && !request.isFlattened()) {
            throw JvirtException.refused(
                    source + " is based on " + chain.get(1).path() + ", which is not copied with it",
                    "--flatten copies the chain as one raw image");
        }
        String directory = String.valueOf(there.getParent());
        String name = String.valueOf(there.getFileName());
        try (HostStorage storage = new HostStorage(target)) {
            HostStorage.Place place = storage.at(directory);
            if (!place.isActive()) {
                throw JvirtException.failed(
                        "pool '" + place.pool() + "' on the target is not active",
                        "jvirt -c " + ShellWord.quoted(request.targetUri()) + " pool start "
                                + ShellWord.quoted(place.pool()));
            }
            if (place.has(name) && !request.isDelta()) {
                throw JvirtException.refused(
                        there + " exists on " + request.targetUri(),
                        "choose another name, or overwrite it if it is an older copy: --delta");
            }
            Shipment shipment = new Shipment(
                    source,
                    format,
                    request.isFlattened() ? Shipment.Form.GUEST : Shipment.Form.FILE,
                    null,
                    null,
                    null,
                    request.isFlattened() ? SourceImage.below(chain) : List.of(),
                    request.targetUri(),
                    place.pool(),
                    name,
                    there.toString(),
                    request.isFlattened() ? request.stored() : format,
                    request.route(),
                    place.has(name));
            long dataBytes;
            try (Payload payload = shipment.open()) {
                dataBytes = payload.dataBytes(0);
            }
            List<Step> steps = new ArrayList<>();
            if (!place.isPool()) {
                steps.add(new DirectoryPoolStep(request.targetUri(), place.pool(), directory));
            }
            steps.add(new SendStep(shipment, dataBytes, request.bytesPerSecond()));
            steps.add(new VerifyStep(shipment));
            if (!place.isPool()) {
                steps.add(new ReleasePoolStep(request.targetUri(), place.pool()));
            }
            return steps;
        }
    }
}
