// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.SizeText;
import io.jvirt.domain.journal.ResumableException;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.libvirt.Volume;
import io.jvirt.domain.transfer.Payload;
import io.jvirt.domain.transfer.Transport;
import io.jvirt.domain.transfer.Verified;
import io.jvirt.domain.transfer.wire.WireBrokenException;
import io.jvirt.domain.transfer.wire.WireFailedException;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Bytes of a shipment on their way within a step, which notes how far they are. */
final class Sending {
    /** Up to where the target has everything. */
    static final String SENT = "sent";

    /** What the source was like then. */
    static final String SOURCE = "source";

    private final Shipment shipment;
    private final long bytesPerSecond;
    private final StepContext context;

    Sending(Shipment shipment, long bytesPerSecond, StepContext context) {
        this.shipment = shipment;
        this.bytesPerSecond = bytesPerSecond;
        this.context = context;
    }

    /** What is done with the open payload. */
    @FunctionalInterface
    interface Work {
        void perform(Host target, Payload payload, Sending sending) throws IOException;
    }

    /** Opens what is sent, and says of each failure whether it is a pause. */
    void run(Work work) throws IOException {
        try (Payload payload = shipment.open()) {
            Host target = context.host(shipment.uri());
            try {
                work.perform(target, payload, this);
            } catch (LibvirtException e) {
                throw explained(e, target);
            } catch (WireBrokenException e) {
                context.cancellation().check();
                throw broken(String.valueOf(e.getMessage()), e);
            } catch (WireFailedException e) {
                throw new JvirtException(
                        JvirtException.Kind.FAILED,
                        whatFails() + ": " + e.getMessage(),
                        hint(String.valueOf(e.getMessage()), null),
                        e);
            }
        }
    }

    /** Sends what has changed since it was sent. */
    void update() throws IOException {
        run((target, payload, sending) -> {
            String fingerprint = payload.fingerprint();
            String sent = fingerprint.equals(context.noted(SOURCE)) ? context.noted(SENT) : null;
            context.note(SOURCE, fingerprint);
            context.note(SENT, sent == null ? "0" : sent);
            send(target, payload, sent == null ? 0 : Long.parseLong(sent), payload.dataBytes(0), true);
        });
    }

    /** @param isUpdate what is there is an older copy */
    void send(Host target, Payload payload, long from, long dataBytes, boolean isUpdate) throws IOException {
        try (Pool pool = shipment.pool(target);
                Volume volume = pool.volumeSeen(target, shipment.volume())) {
            Transport transport = Transports.of(shipment, target, volume, bytesPerSecond);
            Tally tally = new Tally(context, payload, from, dataBytes);
            context.cancellation().check();
            if (isUpdate) {
                transport.update(payload, from, volume.size().physicalBytes(), tally);
            } else if (from == 0 || from < payload.lengthBytes()) {
                transport.send(payload, from, tally);
            }
            String digest = transport.digest();
            if (digest != null) {
                Verified.put(shipment.place(), payload.fingerprint(), digest);
            }
        }
    }

    private RuntimeException explained(LibvirtException e, Host target) {
        if (!target.isAlive()) {
            return broken(e.reason(), e);
        }
        return new JvirtException(e.kind(), whatFails() + ": " + e.reason(), hint(e.reason(), e.hint()), e);
    }

    private String whatFails() {
        return "cannot send " + shipment.source() + " to " + shipment.uri();
    }

    private ResumableException broken(String reason, Exception cause) {
        String sent = context.noted(SENT);
        return new ResumableException(
                whatFails() + ": the connection broke (" + reason + "); "
                        + SizeText.of(Long.parseLong(sent == null ? "0" : sent)) + " of the file are there",
                "run the command again when the host can be reached: it goes on from there",
                cause);
    }

    private @Nullable String hint(String reason, @Nullable String otherwise) {
        return reason.contains("No space left") || reason.contains("Read-only file system")
                ? "make room in " + Path.of(shipment.path()).getParent() + " there, or choose another pool: --pool-map"
                : otherwise;
    }

    /** Turns offsets in the file into bytes of data done. */
    private static final class Tally implements Transport.Progress {
        private final StepContext context;
        private final Payload payload;
        private final long totalBytes;
        private final long from;
        private long doneBytes;
        private long sentBytes;
        private long last;

        Tally(StepContext context, Payload payload, long from, long totalBytes) throws IOException {
            this.context = context;
            this.payload = payload;
            this.totalBytes = totalBytes;
            this.doneBytes = from == 0 ? 0 : Math.max(0, totalBytes - payload.dataBytes(from));
            this.from = from;
            this.last = from;
        }

        @Override
        public void stored(long offset) throws IOException {
            context.noteProgress(SENT, Long.toString(offset));
        }

        @Override
        public void sent(long bytes) {
            sentBytes += bytes;
        }

        @Override
        public void reached(long offset) {
            try {
                long data = Math.max(last, payload.nextData(last));
                doneBytes += Math.max(0, offset - data);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
            last = offset;
            context.cancellation().check();
            context.saved(Math.max(0, offset - from - sentBytes));
            context.progress(doneBytes, totalBytes);
        }
    }
}
