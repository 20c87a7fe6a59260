// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.libvirt.Host;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A step by itself, without a journal: every host is the same one, and notes last as long as this does. */
public record AloneContext(Host host, Map<String, String> notes) implements StepContext {
    public AloneContext(Host host) {
        this(host, new HashMap<>());
    }

    @Override
    public Host host(String uri) {
        return host;
    }

    @Override
    public Cancellation cancellation() {
        return new Cancellation();
    }

    @Override
    public void note(String name, String value) {
        notes.put(name, value);
    }

    @Override
    public @Nullable String noted(String name) {
        return notes.get(name);
    }

    @Override
    public void progress(long doneBytes, long totalBytes) {}

    @Override
    public void report(String line) {}
}
