// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.step.Parameters;
import io.jvirt.domain.step.StepDomain;
import io.jvirt.domain.transfer.Fingerprint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Keeps the domain from starting on the source, just before it may start on the target. */
public final class LockSourceStep implements Step {
    static final String KIND = "lock-source";

    private static final String FILE = "file ";

    private final String name;
    private final String uuid;
    private final String xml;
    private final Map<String, String> fingerprints;
    private final boolean isEarly;

    /**
     * The last look at the source.
     *
     * @param xml the definition as it was when everything was planned
     * @param fingerprints of the files that were sent, as they were then
     */
    public LockSourceStep(String name, String uuid, String xml, Map<String, String> fingerprints) {
        this(name, uuid, xml, fingerprints, false);
    }

    /** Before the files are sent for the last time: nothing can change any more. */
    public static LockSourceStep early(String name, String uuid, String xml) {
        return new LockSourceStep(name, uuid, xml, Map.of(), true);
    }

    private LockSourceStep(String name, String uuid, String xml, Map<String, String> fingerprints, boolean isEarly) {
        this.isEarly = isEarly;
        this.name = name;
        this.uuid = uuid;
        this.xml = xml;
        this.fingerprints = Map.copyOf(fingerprints);
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("name", name);
        p.put("uuid", uuid);
        p.put("xml", xml);
        if (isEarly) {
            p.put("early", "true");
        }
        fingerprints.forEach((file, fingerprint) -> p.put(FILE + file, fingerprint));
        return new StepPlan(KIND, "lock domain '" + name + "' on this host", p);
    }

    static LockSourceStep read(StepPlan plan) {
        Map<String, String> fingerprints = new LinkedHashMap<>();
        plan.parameters().forEach((key, value) -> {
            if (key.startsWith(FILE)) {
                fingerprints.put(key.substring(FILE.length()), value);
            }
        });
        return new LockSourceStep(
                Parameters.required(plan, "name"),
                Parameters.required(plan, "uuid"),
                Parameters.required(plan, "xml"),
                fingerprints,
                Boolean.parseBoolean(plan.parameters().get("early")));
    }

    /** Whether the definition or a file is not as it was planned any more. */
    public boolean hasChanged(Host source) throws IOException {
        try (Domain domain = source.domainWithUuid(uuid)) {
            if (domain == null) {
                return true;
            }
            if (isEarly) {
                // It runs, and its overlays are in the definition; it is compared before it is shut down.
                return false;
            }
            String now = domain.inactiveXmlWithSecrets();
            if (!now.equals(xml) && !DomainLock.isLocked(now)) {
                return true;
            }
        }
        return changedFile() != null;
    }

    private @Nullable String changedFile() throws IOException {
        for (Map.Entry<String, String> file : fingerprints.entrySet()) {
            Path path = Path.of(file.getKey());
            if (!Files.exists(path) || !Fingerprint.of(path).equals(file.getValue())) {
                return file.getKey();
            }
        }
        return null;
    }

    @Override
    public void perform(StepContext context) throws IOException {
        try (Domain domain = context.host().domainWithUuid(uuid)) {
            if (domain == null || !domain.isPersistent()) {
                throw new StepDomain(name, uuid).gone();
            }
            refuseActive(domain);
            if (!isEarly && !domain.inactiveXmlWithSecrets().equals(xml)) {
                throw JvirtException.failed(
                        "the definition of domain '" + name + "' was changed meanwhile", "run the command again");
            }
            context.host().defineDomain(DomainLock.locked(xml), false).close();
            // From here on nobody can start it; somebody may have just before, or may have had it running meanwhile.
            refuseActive(domain);
            String changed = changedFile();
            if (changed != null) {
                throw JvirtException.failed(
                        changed + " was changed while the domain was moved", "run the command again");
            }
        }
    }

    private void refuseActive(Domain domain) {
        if (domain.isActive()) {
            throw JvirtException.failed(
                    "domain '" + name + "' was started meanwhile",
                    "jvirt stop " + ShellWord.quoted(name) + ", then run the command again");
        }
    }

    @Override
    public void undo(StepContext context) {
        try (Domain domain = context.host().domainWithUuid(uuid)) {
            if (domain != null && DomainLock.isLocked(domain.inactiveXml())) {
                context.host().defineDomain(xml, false).close();
            }
        }
    }
}
