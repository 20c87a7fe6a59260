// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.change;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.change.SetPlan.Effect;
import io.jvirt.domain.change.SetPlan.When;
import io.jvirt.domain.delete.DomainStateFiles;
import io.jvirt.domain.journal.Journal;
import io.jvirt.domain.journal.Operation;
import io.jvirt.domain.journal.SeenDomain;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.metadata.TemplateMark;
import io.jvirt.domain.step.RedefineStep;
import io.jvirt.domain.step.StepDomain;
import io.jvirt.domain.xml.DomainXml;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The verb {@code set}. */
public final class SetVerb {
    /** What is to change, as libvirt means it; without either, both where the machine runs. */
    public enum Reach {
        DEFAULT,
        /** {@code --live} */
        LIVE,
        /** {@code --config} */
        CONFIG,
        BOTH
    }

    private final Host host;
    private final Journal journal;

    public SetVerb(Host host, Journal journal) {
        this.host = host;
        this.journal = journal;
    }

    /** Checks what can be checked beforehand and changes nothing. */
    public SetPlan plan(String nameOrUuid, List<Change> changes, Reach reach) throws IOException {
        try (Domain domain = host.findDomain(nameOrUuid)) {
            String name = domain.name();
            String uuid = domain.uuid();
            journal.refuseOthers(host.uri(), List.of(name, uuid));
            TemplateMark.refuseChange(domain);
            boolean active = domain.isActive();
            boolean persistent = domain.isPersistent();
            boolean saved = !active && DomainStateFiles.hasSavedState(host, domain);
            if (!active && (reach == Reach.LIVE || reach == Reach.BOTH)) {
                throw JvirtException.refused(
                        "domain '" + name + "' is not running, so nothing of it can change now",
                        "leave --live out: the next start has the change");
            }
            if (!persistent && (reach == Reach.CONFIG || reach == Reach.BOTH)) {
                throw JvirtException.refused(
                        "domain '" + name + "' is transient: it has no definition for a next start",
                        "leave --config out, or define it first");
            }
            boolean now = active && reach != Reach.CONFIG;
            boolean then = persistent && reach != Reach.LIVE;
            String oldXml = persistent ? domain.inactiveXmlWithSecrets() : domain.xml();
            String shown = persistent ? domain.inactiveXml() : domain.xml();
            DomainXml definition = DomainXml.parse(oldXml);
            DomainXml shownDefinition = DomainXml.parse(shown);
            DomainXml running = DomainXml.parse(active ? domain.xml() : oldXml);
            List<Step> first = new ArrayList<>();
            List<Step> steps = new ArrayList<>();
            List<Step> last = new ArrayList<>();
            List<Effect> effects = new ArrayList<>();
            for (Change change : changes) {
                if (change instanceof DiskToTrash trashed && ((active && !now) || (persistent && !then))) {
                    throw trashed.half(name);
                }
                if (saved) {
                    change.refuseSaved(name);
                }
                List<Step> more = change.last(host, now && isIn(change, running) ? running : definition);
                boolean isRunning = now && isIn(change, running);
                boolean isDefined = then && isIn(change, definition);
                List<Step> live = isRunning ? change.live(host, running) : List.of();
                if (isDefined || !isRunning) {
                    change.define(definition);
                    change.define(shownDefinition);
                }
                if (now && live.isEmpty() && more.isEmpty() && (reach != Reach.DEFAULT || !persistent)) {
                    throw JvirtException.refused(
                            (change instanceof DeviceRemoval
                                            ? "a running machine cannot do without it: "
                                            : "a running machine cannot change its ")
                                    + change.summary(),
                            persistent
                                    ? "leave --live out: the next start has it"
                                    : "it is transient, so it has no next start with it either: define it first");
                }
                first.addAll(change.first());
                steps.addAll(live);
                last.addAll(more);
                boolean isNow = !live.isEmpty() || !more.isEmpty();
                effects.add(new Effect(
                        change.summary(),
                        isNow && active && (then || !more.isEmpty())
                                ? When.NOW_AND_NEXT_START
                                : isNow && active ? When.NOW : saved ? When.AFTER_SAVED_MEMORY : When.NEXT_START));
            }
            if (then && !definition.text().equals(oldXml)) {
                steps.add(0, new RedefineStep(new StepDomain(name, uuid), oldXml, definition.text()));
            }
            steps.addAll(0, first);
            steps.addAll(last);
            SeenDomain seen = new SeenDomain(name, uuid, active, persistent ? oldXml : "");
            return new SetPlan(seen, effects, shown, then ? shownDefinition.text() : shown, steps);
        }
    }

    /** A machine may run without a device that is only in its definition, and the other way round. */
    private static boolean isIn(Change change, DomainXml xml) {
        if (change instanceof DiskToTrash trashed) {
            return trashed.removal().isIn(xml);
        }
        return !(change instanceof DeviceRemoval removal) || removal.isIn(xml);
    }

    /** Performs a plan; what fails on the way is undone. */
    public void perform(SetPlan plan, Cancellation cancellation, Operation.Listener listener) throws Exception {
        if (plan.steps().isEmpty()) {
            return;
        }
        SeenDomain seen = plan.seen();
        try (Operation operation = journal.begin("set", host.uri(), List.of(seen.name(), seen.uuid()), plan.steps())) {
            operation.ensure(() -> seen.refuseChanged(host)).perform(host, cancellation, listener);
        } catch (LibvirtException e) {
            if (e.reason().contains("No more available PCI slots")) {
                throw JvirtException.failed(
                        "domain '" + plan.name() + "' has no free slot for another device while it runs",
                        "--config: it has the device from its next start on");
            }
            throw e.hint() != null
                    ? e
                    : new JvirtException(
                            e.kind(),
                            String.valueOf(e.getMessage()),
                            "nothing is changed; what libvirt does not take, an editor mends: jvirt edit "
                                    + ShellWord.quoted(plan.name()),
                            e);
        }
    }
}
