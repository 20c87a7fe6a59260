// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.libvirt.SavedImage;
import io.jvirt.domain.step.Parameters;
import io.jvirt.domain.transfer.Compression;
import io.jvirt.domain.transfer.FilePayload;
import io.jvirt.domain.transfer.GuestPayload;
import io.jvirt.domain.transfer.Payload;
import io.jvirt.domain.transfer.Route;
import io.jvirt.storage.ImageFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is sent, and where it goes.
 *
 * @param source the file
 * @param format its format
 * @param form what of it is sent
 * @param backing what it is to name as its backing file there, where that differs, or null
 * @param dataFile what it is to name as the file that has its data there, where that differs, or null
 * @param definition what saved memory goes on with there; null for other files
 * @param chain the files that it is based on, nearest first; empty unless they are sent with it
 * @param uri the target
 * @param pool the target's pool
 * @param volume its name there
 * @param path its path there
 * @param stored the format that it has there
 * @param route how it gets there
 * @param isDelta what is there of that name is an older copy, of which only the differences are sent
 */
public record Shipment(
        Path source,
        ImageFormat format,
        Form form,
        @Nullable String backing,
        @Nullable String dataFile,
        @Nullable String definition,
        List<Path> chain,
        String uri,
        String pool,
        String volume,
        String path,
        ImageFormat stored,
        Route route,
        boolean isDelta) {
    /** What of a file is sent. */
    public enum Form {
        /** The file as it is. */
        FILE,
        /** What a guest sees, the images below included: a disk of the format that is asked for. */
        GUEST,
        /** A machine's saved memory with another definition in it, locked: see {@link SavedImage}. */
        SAVED
    }

    public Shipment {
        chain = List.copyOf(chain);
    }

    Map<String, String> parameters() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("source", source.toString());
        p.put("format", format.id());
        p.put("form", form.name().toLowerCase(Locale.ROOT));
        if (backing != null) {
            p.put("backing", backing);
        }
        if (dataFile != null) {
            p.put("dataFile", dataFile);
        }
        if (definition != null) {
            p.put("definition", definition);
        }
        for (int i = 0; i < chain.size(); i++) {
            p.put("chain." + i, chain.get(i).toString());
        }
        p.put("uri", uri);
        p.put("pool", pool);
        p.put("volume", volume);
        p.put("path", path);
        p.put("stored", stored.id());
        p.put("way", route.way().name().toLowerCase(Locale.ROOT));
        p.put("compression", route.compression().name().toLowerCase(Locale.ROOT));
        p.put("delta", Boolean.toString(isDelta));
        return p;
    }

    static Shipment read(StepPlan plan) {
        List<Path> chain = new ArrayList<>();
        for (String next = plan.parameters().get("chain.0");
                next != null;
                next = plan.parameters().get("chain." + chain.size())) {
            chain.add(Path.of(next));
        }
        return new Shipment(
                Path.of(Parameters.required(plan, "source")),
                ImageFormat.valueOf(Parameters.required(plan, "format").toUpperCase(Locale.ROOT)),
                Form.valueOf(Parameters.required(plan, "form").toUpperCase(Locale.ROOT)),
                plan.parameters().get("backing"),
                plan.parameters().get("dataFile"),
                plan.parameters().get("definition"),
                chain,
                Parameters.required(plan, "uri"),
                Parameters.required(plan, "pool"),
                Parameters.required(plan, "volume"),
                Parameters.required(plan, "path"),
                ImageFormat.valueOf(Parameters.required(plan, "stored").toUpperCase(Locale.ROOT)),
                new Route(
                        Route.Way.valueOf(Parameters.required(plan, "way").toUpperCase(Locale.ROOT)),
                        Compression.valueOf(
                                Parameters.required(plan, "compression").toUpperCase(Locale.ROOT))),
                Boolean.parseBoolean(Parameters.required(plan, "delta")));
    }

    /** Opens what is sent and keeps writers from it. */
    public Payload open() throws IOException {
        if (form == Form.FILE) {
            return FilePayload.open(source, backing, dataFile);
        }
        if (definition != null) {
            return FilePayload.open(source, SavedImage.read(source).locked(definition));
        }
        List<Path> files = new ArrayList<>(List.of(source));
        files.addAll(chain);
        return GuestPayload.open(source, format, files);
    }

    /** The same beside a guest that writes to it: only for a look at how much there is. */
    public Payload look() throws IOException {
        if (form == Form.FILE) {
            return FilePayload.look(source);
        }
        List<Path> files = new ArrayList<>(List.of(source));
        files.addAll(chain);
        return GuestPayload.look(source, format, files);
    }

    /** Where it goes, in one word. */
    String place() {
        return uri + " " + path;
    }

    /** The payload becomes what a guest sees of an image there, and not the file itself. */
    boolean isWrittenAsGuest() {
        return form == Form.GUEST && stored != ImageFormat.RAW;
    }

    /** The payload's bytes are what the guest sees. */
    boolean isGuestVisible() {
        return form == Form.GUEST || (isDisk() && format == ImageFormat.RAW);
    }

    /** What a guest sees of it has a digest. */
    boolean isDisk() {
        return form != Form.SAVED;
    }

    /** The pool on the target; the caller closes it. */
    Pool pool(Host target) {
        return Pool.find(target, pool);
    }

    /** Removes the volume where it is there. */
    void delete(Host target) {
        TargetPools.delete(target, uri, pool, path);
    }
}
