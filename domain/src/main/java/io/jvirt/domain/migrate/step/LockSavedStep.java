// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.SavedImage;
import io.jvirt.domain.step.Parameters;
import io.jvirt.domain.transfer.Fingerprint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Keeps the source from going on from the memory that it saved, just before the target may. */
public final class LockSavedStep implements Step {
    static final String KIND = "lock-saved";

    private final Path path;
    private final String name;
    private final String uuid;
    private final String fingerprint;

    /** @param fingerprint of the file as it was when everything was planned */
    public LockSavedStep(Path path, String name, String uuid, String fingerprint) {
        this.path = path;
        this.name = name;
        this.uuid = uuid;
        this.fingerprint = fingerprint;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("path", path.toString());
        p.put("name", name);
        p.put("uuid", uuid);
        p.put("fingerprint", fingerprint);
        return new StepPlan(KIND, "lock the saved memory of '" + name + "' on this host", p);
    }

    static LockSavedStep read(StepPlan plan) {
        return new LockSavedStep(
                Path.of(Parameters.required(plan, "path")),
                Parameters.required(plan, "name"),
                Parameters.required(plan, "uuid"),
                Parameters.required(plan, "fingerprint"));
    }

    @Override
    public boolean isResumable() {
        return true;
    }

    @Override
    public void perform(StepContext context) throws IOException {
        // libvirt removes the file when it has gone on from it.
        if (!Files.exists(path)) {
            throw goneOn();
        }
        SavedImage image = SavedImage.read(path);
        if (!image.isLocked()) {
            if (!Fingerprint.of(path).equals(fingerprint)) {
                throw goneOn();
            }
            image.lock(true);
        }
        try (Domain domain = context.host().domainWithUuid(uuid)) {
            // It had opened the file before: libvirt answers when it has either begun to start or been refused.
            if (domain != null && domain.isActive()) {
                throw goneOn();
            }
        }
    }

    private JvirtException goneOn() {
        return JvirtException.failed(
                "domain '" + name + "' went on from its saved memory while it was moved",
                "jvirt save " + ShellWord.quoted(name) + " or jvirt stop " + ShellWord.quoted(name)
                        + ", then run the command again");
    }

    @Override
    public void undo(StepContext context) throws IOException {
        if (Files.exists(path)) {
            SavedImage image = SavedImage.read(path);
            if (image.isLocked()) {
                image.lock(false);
            }
        }
    }
}
