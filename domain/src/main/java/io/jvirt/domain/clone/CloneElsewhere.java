// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.clone;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Journal;
import io.jvirt.domain.journal.Operation;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import java.util.ArrayList;
import java.util.List;

/**
 * Sends clones to another host: each is made here, whole and with its own identity, then moved as {@code migrate} moves a
 * machine, and nothing of it stays here. What cannot be moved is removed again; what was cut off goes on with {@code recover}.
 *
 * <p>Its one step makes the clones and moves them, by verbs that have journal entries of their own: whenever the process ends,
 * the step has begun, and says what is to be done with a clone that is still here.
 */
public final class CloneElsewhere {
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

    /** Performs a plan, moves what it made, and starts it there where that is wanted. */
    public List<ClonedDomain> perform(
            ClonePlan plan, boolean starts, Cancellation cancellation, Operation.Listener listener) throws Exception {
        List<String> names = plan.clones().stream().map(ClonedDomain::name).toList();
        List<String> uuids = plan.clones().stream().map(ClonedDomain::uuid).toList();
        Journal inside = journal.inside(SendClonesStep.VERB);
        SendClonesStep send = new SendClonesStep(
                targetUri, names, uuids, starts, () -> new Clone(host, inside).perform(plan, cancellation, listener));
        // The verbs that it calls lock the clones too, and not from the end of one to the beginning of the next.
        List<String> locked = new ArrayList<>();
        for (ClonedDomain clone : plan.clones()) {
            locked.addAll(List.of(clone.name(), clone.uuid()));
        }
        try (Operation sending = journal.begin(SendClonesStep.VERB, host.uri(), locked, List.of(send))) {
            sending.perform(host, cancellation, listener);
        }
        return plan.clones();
    }
}
