// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.SizeText;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.libvirt.Volume;
import io.jvirt.domain.step.Parameters;
import io.jvirt.domain.transfer.Payload;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Makes a volume on the target and sends a file into it.
 *
 * <p>Noted before the volume is made: that there was none of the name, so what undoing removes is the one made here. Noted
 * after each piece: up to where the target has everything. Performed again it goes on from there, unless the source has
 * changed: then it starts anew.
 */
public final class SendStep implements Step {
    static final String KIND = "send";

    private static final String VOLUME = "volume";
    private static final String OLDER_COPY = "olderCopy";

    private final Shipment shipment;
    private final long dataBytes;
    private final long bytesPerSecond;

    /**
     * A step.
     *
     * @param dataBytes what is going to travel, as far as it is known beforehand
     * @param bytesPerSecond how fast it may; 0 for no limit
     */
    public SendStep(Shipment shipment, long dataBytes, long bytesPerSecond) {
        this.shipment = shipment;
        this.dataBytes = dataBytes;
        this.bytesPerSecond = bytesPerSecond;
    }

    public Shipment shipment() {
        return shipment;
    }

    public long dataBytes() {
        return dataBytes;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = shipment.parameters();
        p.put("dataBytes", Long.toString(dataBytes));
        p.put("bytesPerSecond", Long.toString(bytesPerSecond));
        return new StepPlan(
                KIND, "send " + shipment.source() + " to " + shipment.path() + " (" + SizeText.of(dataBytes) + ")", p);
    }

    static SendStep read(StepPlan plan) {
        return new SendStep(
                Shipment.read(plan),
                Long.parseLong(Parameters.required(plan, "dataBytes")),
                Long.parseLong(Parameters.required(plan, "bytesPerSecond")));
    }

    @Override
    public boolean isResumable() {
        return true;
    }

    @Override
    public void perform(StepContext context) throws Exception {
        new Sending(shipment, bytesPerSecond, context).run((target, payload, sending) -> {
            long from = prepare(context, target, payload);
            sending.send(target, payload, from, dataBytes, context.noted(OLDER_COPY) != null);
        });
    }

    /** Makes the volume where it is not there yet; answers where to go on. */
    private long prepare(StepContext context, Host target, Payload payload) throws IOException {
        String fingerprint = payload.fingerprint();
        String sent = context.noted(Sending.SENT);
        try (Pool pool = shipment.pool(target)) {
            if (!pool.isActive()) {
                throw JvirtException.failed(
                        "pool '" + pool.name() + "' on the target is not active",
                        "jvirt -c " + ShellWord.quoted(shipment.uri()) + " pool start "
                                + ShellWord.quoted(pool.name()));
            }
            TargetPools.whenIdle(pool::refresh);
            try (Volume there = pool.volume(shipment.volume())) {
                if (there != null && sent != null && fingerprint.equals(context.noted(Sending.SOURCE))) {
                    return Long.parseLong(sent);
                }
                if (there != null && shipment.isDelta() && context.noted(VOLUME) == null) {
                    // Not made here, so undoing leaves it: a copy that is partly newer is a copy to begin from.
                    context.note(OLDER_COPY, there.path());
                    context.note(Sending.SOURCE, fingerprint);
                    context.note(Sending.SENT, "0");
                    return 0;
                }
                if (there != null && context.noted(VOLUME) == null) {
                    throw JvirtException.failed(
                            shipment.path() + " has appeared on the target meanwhile and was not touched",
                            "move it away, or give the machine another place: --pool-map");
                }
                if (there != null) {
                    TargetPools.whenIdle(there::delete);
                }
            }
            context.note(VOLUME, "was absent");
            context.note(Sending.SOURCE, fingerprint);
            context.note(Sending.SENT, "0");
            pool.createVolume(volumeXml(payload)).close();
        }
        return 0;
    }

    /** Raw, whatever it is: libvirt then makes an empty file, and recognizes the format when it looks next time. */
    private String volumeXml(Payload payload) throws IOException {
        XmlDocument document = XmlDocument.of("volume");
        XmlElement volume = document.root();
        volume.add("name").text(shipment.volume());
        volume.add("capacity").attribute("unit", "bytes").text(Long.toString(payload.lengthBytes()));
        volume.add("allocation").attribute("unit", "bytes").text("0");
        XmlElement target = volume.add("target");
        target.add("format").attribute("type", "raw");
        XmlElement permissions = target.add("permissions");
        Path source = shipment.source();
        int mode = (Integer) Files.getAttribute(source, "unix:mode") & 0777;
        permissions.add("mode").text("0" + Integer.toOctalString(mode));
        if (shipment.uri().endsWith("/system")) {
            permissions.add("owner").text(Files.getAttribute(source, "unix:uid").toString());
            permissions.add("group").text(Files.getAttribute(source, "unix:gid").toString());
        }
        return document.toString();
    }

    @Override
    public void undo(StepContext context) {
        if (context.noted(VOLUME) != null) {
            shipment.delete(context.host(shipment.uri()));
        }
    }
}
