// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.autostart;

import io.jvirt.domain.autostart.Prerequisite.AfterDomain;
import io.jvirt.domain.autostart.Prerequisite.NeedsMount;
import io.jvirt.domain.autostart.Prerequisite.NeedsNetwork;
import io.jvirt.domain.autostart.Prerequisite.NeedsPool;
import io.jvirt.domain.metadata.VmMetadata;
import io.jvirt.domain.xml.Property;
import io.jvirt.domain.xml.XmlElement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * When and how a machine starts with the host: a part of its metadata.
 *
 * @param order lower ones are seen to first
 * @param delay waited before the start, once everything is there
 * @param ready how it is known that the guest is ready; null: it runs
 * @param timeout how long the probe, and each thing that the machine needs, may take
 * @param stopTimeout how long the guest may take to shut down
 */
public record OrderedStart(
        int order,
        Duration delay,
        @Nullable Probe ready,
        Duration timeout,
        Duration stopTimeout,
        List<Prerequisite> prerequisites) {
    public static final int DEFAULT_ORDER = 100;
    public static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(5);
    public static final Duration DEFAULT_STOP_TIMEOUT = Duration.ofMinutes(2);

    private static final String ELEMENT = "metadata/jvirt:vm/jvirt:autostart";
    private static final String AFTER = ELEMENT + "/jvirt:after";
    private static final String NEEDS = ELEMENT + "/jvirt:needs";
    private static final Property<Long> ORDER = Property.number(ELEMENT + "/@order");
    private static final Property<Long> DELAY = Property.number(ELEMENT + "/@delayMillis");
    private static final Property<String> READY = Property.text(ELEMENT + "/@ready");
    private static final Property<Long> TIMEOUT = Property.number(ELEMENT + "/@timeoutMillis");
    private static final Property<Long> STOP_TIMEOUT = Property.number(ELEMENT + "/@stopTimeoutMillis");

    public OrderedStart {
        prerequisites = List.copyOf(prerequisites);
    }

    /** Null where the machine has none. */
    public static @Nullable OrderedStart of(VmMetadata metadata) {
        if (metadata.elements(ELEMENT).isEmpty()) {
            return null;
        }
        String ready = metadata.get(READY);
        return new OrderedStart(
                (int) orElse(metadata.get(ORDER), DEFAULT_ORDER),
                Duration.ofMillis(orElse(metadata.get(DELAY), 0)),
                ready == null ? null : Probe.parse("the probe in the metadata:", ready),
                Duration.ofMillis(orElse(metadata.get(TIMEOUT), DEFAULT_TIMEOUT.toMillis())),
                Duration.ofMillis(orElse(metadata.get(STOP_TIMEOUT), DEFAULT_STOP_TIMEOUT.toMillis())),
                prerequisitesOf(metadata));
    }

    /** Replaces what the machine had. */
    public void writeTo(VmMetadata metadata) {
        remove(metadata);
        metadata.set(ORDER, (long) order)
                .set(DELAY, delay.isZero() ? null : delay.toMillis())
                .set(READY, ready == null ? null : ready.text())
                .set(TIMEOUT, timeout.equals(DEFAULT_TIMEOUT) ? null : timeout.toMillis())
                .set(STOP_TIMEOUT, stopTimeout.equals(DEFAULT_STOP_TIMEOUT) ? null : stopTimeout.toMillis());
        for (Prerequisite prerequisite : prerequisites) {
            if (prerequisite instanceof AfterDomain after) {
                metadata.add(AFTER)
                        .attribute("domain", after.name())
                        .attribute("uuid", after.uuid())
                        .attribute(
                                "probe",
                                after.probe() == null ? null : after.probe().text());
            } else if (prerequisite instanceof NeedsNetwork needs) {
                metadata.add(NEEDS).attribute("network", needs.name());
            } else if (prerequisite instanceof NeedsPool needs) {
                metadata.add(NEEDS).attribute("pool", needs.name());
            } else if (prerequisite instanceof NeedsMount needs) {
                metadata.add(NEEDS).attribute("mount", needs.path());
            }
        }
    }

    public static void remove(VmMetadata metadata) {
        metadata.remove(ELEMENT);
    }

    private static List<Prerequisite> prerequisitesOf(VmMetadata metadata) {
        List<Prerequisite> found = new ArrayList<>();
        for (XmlElement after : metadata.elements(AFTER)) {
            String probe = after.attribute("probe");
            found.add(new AfterDomain(
                    orEmpty(after.attribute("domain")),
                    orEmpty(after.attribute("uuid")),
                    probe == null ? null : Probe.parse("the probe in the metadata:", probe)));
        }
        for (XmlElement needs : metadata.elements(NEEDS)) {
            String network = needs.attribute("network");
            String pool = needs.attribute("pool");
            String mount = needs.attribute("mount");
            if (network != null) {
                found.add(new NeedsNetwork(network));
            } else if (pool != null) {
                found.add(new NeedsPool(pool));
            } else if (mount != null) {
                found.add(new NeedsMount(mount));
            }
        }
        return found;
    }

    private static long orElse(@Nullable Long value, long absent) {
        return value == null ? absent : value;
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    /** The machines that this one starts after. */
    List<AfterDomain> domains() {
        List<AfterDomain> found = new ArrayList<>();
        for (Prerequisite prerequisite : prerequisites) {
            if (prerequisite instanceof AfterDomain after) {
                found.add(after);
            }
        }
        return found;
    }
}
