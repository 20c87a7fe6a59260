// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.ResumableException;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.libvirt.Volume;
import io.jvirt.domain.transfer.GuestDigest;
import io.jvirt.domain.transfer.Payload;
import io.jvirt.domain.transfer.Transport;
import io.jvirt.domain.transfer.Verified;
import io.jvirt.domain.transfer.wire.WireBrokenException;
import io.jvirt.domain.transfer.wire.WireTransport;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.OpenPolicy;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.StorageException;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Reads back what the target stores and compares it, byte for byte, with what was sent; reports the content's digest. */
public final class VerifyStep implements Step {
    static final String KIND = "verify";

    private static final int SECTOR_BYTES = 512;

    private static final String REUSED = "reused";

    private final Shipment shipment;
    private final boolean isReused;

    public VerifyStep(Shipment shipment) {
        this(shipment, false);
    }

    private VerifyStep(Shipment shipment, boolean isReused) {
        this.shipment = shipment;
        this.isReused = isReused;
    }

    /** Of a file that is not sent, as the target seems to have it already. */
    public static VerifyStep ofReused(Shipment shipment) {
        return new VerifyStep(shipment, true);
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = shipment.parameters();
        if (isReused) {
            p.put(REUSED, "true");
        }
        return new StepPlan(KIND, "verify " + shipment.path(), p);
    }

    static VerifyStep read(StepPlan plan) {
        return new VerifyStep(
                Shipment.read(plan), Boolean.parseBoolean(plan.parameters().get(REUSED)));
    }

    @Override
    public boolean isResumable() {
        return true;
    }

    /** What was equal before a break may have been changed meanwhile. */
    @Override
    public boolean holdsAfterBreak() {
        return false;
    }

    @Override
    public void perform(StepContext context) throws Exception {
        Host target = context.host(shipment.uri());
        try (Payload payload = shipment.open();
                Pool pool = shipment.pool(target);
                Volume volume = pool.volume(shipment.volume())) {
            if (volume == null) {
                throw differs("it is not there");
            }
            report(context, verify(context, payload, target, volume));
        } catch (LibvirtException e) {
            if (!target.isAlive()) {
                throw broken(e.reason(), e);
            }
            throw e;
        } catch (WireBrokenException e) {
            context.cancellation().check();
            throw broken(String.valueOf(e.getMessage()), e);
        }
    }

    /** The digest of what the guest sees, where it is known. */
    private @Nullable String verify(StepContext context, Payload payload, Host target, Volume volume) throws Exception {
        boolean isGuestVisible = shipment.isGuestVisible() && payload.lengthBytes() % SECTOR_BYTES == 0;
        long length = payload.lengthBytes();
        LongConsumer progress = at -> {
            context.cancellation().check();
            context.progress(at, length);
        };
        Transport transport = Transports.of(shipment, target, volume, 0);
        if (transport instanceof WireTransport wire) {
            String sent = Verified.take(shipment.place(), payload.fingerprint());
            // What was hashed when it was sent need not be read here once more.
            if (sent == null || !wire.file().stores(sent, length, progress)) {
                compare(wire, payload, progress);
                sent = wire.digest();
            }
            return isGuestVisible ? sent : digest();
        }
        FutureTask<@Nullable String> digest = new FutureTask<>(this::digest);
        Thread digesting = new Thread(digest, "digest");
        digesting.setDaemon(true);
        digesting.start();
        compare(transport, payload, progress);
        return digest.get();
    }

    private void compare(Transport transport, Payload payload, LongConsumer progress) throws IOException {
        long difference = transport.firstDifference(payload, progress);
        if (difference >= 0) {
            throw differs("the first difference is at offset " + difference);
        }
    }

    private void report(StepContext context, @Nullable String hex) {
        context.report(shipment.path() + " is verified" + (hex == null ? "" : ", digest " + hex));
    }

    private ResumableException broken(String reason, Exception cause) {
        return new ResumableException(
                "cannot read " + shipment.path() + " back: the connection broke (" + reason + ")",
                "run the command again when the host can be reached",
                cause);
    }

    /** Of what the guest sees: all bytes that it comes from are equal on both sides. Null for what only the guest can read. */
    private @Nullable String digest() throws IOException {
        if (!shipment.isDisk()) {
            return null;
        }
        OpenRequest request =
                OpenRequest.of(shipment.source()).withFormat(shipment.format()).withPolicy(OpenPolicy.everything());
        try (DiskImage image = DiskImages.open(request)) {
            return GuestDigest.of(image, shipment.source());
        } catch (StorageException e) {
            return null;
        }
    }

    private JvirtException differs(String how) {
        if (isReused) {
            return JvirtException.failed(
                    shipment.path() + " on " + shipment.uri() + " has the name and size of " + shipment.source()
                            + ", but is another image: " + how + "; neither was touched",
                    "take another pool for it (--pool-map), or make one image of the chain: --chain flatten");
        }
        return JvirtException.failed(
                "the copy " + shipment.path() + " on " + shipment.uri() + " is not equal to " + shipment.source() + ": "
                        + how + "; the source was not touched",
                "look at the target's storage (dmesg, smartctl), then run the command again");
    }

    @Override
    public void undo(StepContext context) {}
}
