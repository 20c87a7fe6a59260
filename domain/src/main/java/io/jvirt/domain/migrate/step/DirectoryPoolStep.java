// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.step.Parameters;
import io.jvirt.domain.xml.XmlDocument;
import java.util.LinkedHashMap;
import java.util.Map;

/** A pool on the target for a directory that is in none, for as long as the migration takes; makes the directory. */
public final class DirectoryPoolStep implements Step {
    static final String KIND = "directory-pool";

    private static final String MADE = "directory";

    private final String uri;
    private final String pool;
    private final String directory;

    public DirectoryPoolStep(String uri, String pool, String directory) {
        this.uri = uri;
        this.pool = pool;
        this.directory = directory;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("uri", uri);
        p.put("pool", pool);
        p.put("directory", directory);
        return new StepPlan(KIND, "open " + directory + " on " + uri, p);
    }

    static DirectoryPoolStep read(StepPlan plan) {
        return new DirectoryPoolStep(
                Parameters.required(plan, "uri"),
                Parameters.required(plan, "pool"),
                Parameters.required(plan, "directory"));
    }

    /** The target's daemon may have forgotten it. */
    @Override
    public boolean holdsAfterBreak() {
        return false;
    }

    @Override
    public boolean isResumable() {
        return true;
    }

    @Override
    public void perform(StepContext context) throws Exception {
        Host target = context.host(uri);
        try (Pool there = Pool.named(target, pool)) {
            if (there != null && there.isActive()) {
                return;
            }
        }
        try {
            Pool.createTransient(target, xml(pool, directory), false).close();
            return;
        } catch (LibvirtException e) {
            if (!target.isAlive()) {
                throw e;
            }
        }
        // The directory is not there.
        context.note(MADE, "made");
        Pool.createTransient(target, xml(pool, directory), true).close();
    }

    static String xml(String pool, String directory) {
        XmlDocument document = XmlDocument.of("pool");
        document.root().attribute("type", "dir");
        document.root().add("name").text(pool);
        document.root().add("target").add("path").text(directory);
        return document.toString();
    }

    @Override
    public void undo(StepContext context) {
        Host target = context.host(uri);
        try (Pool there = Pool.named(target, pool)) {
            if (there != null && there.isActive()) {
                TargetPools.whenIdle(there::stop);
            }
        }
        if (context.noted(MADE) == null) {
            return;
        }
        try (Pool made = Pool.define(target, xml(pool, directory))) {
            try {
                made.delete();
            } catch (LibvirtException e) {
                // Something has been put into it meanwhile: it stays.
                if (!target.isAlive()) {
                    throw e;
                }
            }
            made.undefine();
        }
    }
}
