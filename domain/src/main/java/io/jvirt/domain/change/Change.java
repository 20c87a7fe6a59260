// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.change;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.xml.DomainXml;
import java.util.List;

/** One change of a machine. */
public interface Change {
    /** For people: {@code memory: 4 GiB}. */
    String summary();

    /** Makes it in a definition; throws where that does not have what is to be changed. */
    void define(DomainXml definition);

    /** Refuses what a machine cannot bear whose next start goes on from saved memory. */
    default void refuseSaved(String name) {}

    /** What is done before everything else, because the definition is going to name it. */
    default List<Step> first() {
        return List.of();
    }

    /**
     * What makes it true of the running machine; empty where only its next start does.
     *
     * @param running the running machine's definition
     */
    default List<Step> live(Host host, DomainXml running) {
        return List.of();
    }

    /** What is done besides, running or not, once everything else is done. */
    default List<Step> last(Host host, DomainXml definition) {
        return List.of();
    }
}
