// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.clone;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Journal;
import io.jvirt.domain.journal.Operation;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import java.util.List;

/**
 * Sends clones to another host: each is made here, whole and with its own identity, then moved as {@code migrate} moves a
 * machine, and nothing of it stays here. What cannot be moved is removed again; what was cut off goes on with {@code recover}.
 *
 * <p>Its one step makes the clones and moves them, by verbs that have journal entries of their own: whenever the process ends,
 * the step has begun, and says what is to be done with a clone that is still here.
 */
public final class CloneElsewhere {
    private static final String VERB = "clone to";

    private final Host host;
    private final Journal journal;
    private final String targetUri;

    public CloneElsewhere(Host host, Journal journal, String targetUri) {
        this.host = host;
        this.journal = journal;
        this.targetUri = targetUri;
    }

    /** Refuses names and addresses that are taken on the other host. */
    public void check(ClonePlan plan) {
        try (Host target = Host.open(targetUri)) {
            for (ClonedDomain clone : plan.clones()) {
                try (Domain there = target.domainNamed(clone.name())) {
                    if (there != null) {
                        throw JvirtException.failed(
                                "the name '" + clone.name() + "' is in use on " + target.uri(), "choose another name");
                    }
                }
                MacAddresses taken = MacAddresses.of(target);
                for (String mac : clone.macs()) {
                    if (taken.has(mac)) {
                        throw JvirtException.failed(
                                "the address " + mac + " is in use on " + target.uri(), "try again: another is drawn");
                    }
                }
            }
        }
    }

    /** Performs a plan, and moves what it made. */
    public List<ClonedDomain> perform(ClonePlan plan, Cancellation cancellation, Operation.Listener listener)
            throws Exception {
        List<String> names = plan.clones().stream().map(ClonedDomain::name).toList();
        List<String> uuids = plan.clones().stream().map(ClonedDomain::uuid).toList();
        SendClonesStep send = new SendClonesStep(
                targetUri, names, uuids, () -> new Clone(host, journal).perform(plan, cancellation, listener));
        // No domain's name: the verbs that it calls lock the clones.
        List<String> locked = List.of(names.get(0) + "@" + targetUri);
        try (Operation sending = journal.begin(VERB, host.uri(), locked, List.of(send))) {
            sending.perform(host, cancellation, listener);
        }
        return plan.clones();
    }
}
