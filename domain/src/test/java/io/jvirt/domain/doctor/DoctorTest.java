// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.domain.libvirt.PoolState;
import io.jvirt.domain.network.NetworkSummary;
import io.jvirt.domain.pool.PoolSummary;
import io.jvirt.domain.recover.UnfinishedOperation;
import io.jvirt.domain.reference.DomainFile;
import io.jvirt.domain.reference.ImageLink;
import io.jvirt.domain.reference.SnapshotFile;
import io.jvirt.domain.xml.DomainXml;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Each check on facts that are handed to it. */
class DoctorTest {
    private final List<DoctorFacts.DomainFacts> domains = new ArrayList<>();
    private final List<PoolSummary> pools = new ArrayList<>();
    private final List<NetworkSummary> networks = new ArrayList<>();
    private final List<DomainFile> files = new ArrayList<>();
    private final List<ImageLink> links = new ArrayList<>();
    private final Set<String> inUse = new HashSet<>();
    private final List<SnapshotFile> snapshotFiles = new ArrayList<>();
    private final Map<String, Set<String>> poolImages = new LinkedHashMap<>();
    private final List<DoctorFacts.Unseen> blindSpots = new ArrayList<>();
    private final List<UnfinishedOperation> operations = new ArrayList<>();
    private final Set<String> missing = new HashSet<>();
    private final Map<String, ImageState> states = new HashMap<>();
    private static final String CAPABILITIES =
            "<capabilities><host><secmodel><model>apparmor</model></secmodel><secmodel>"
                    + "<model>dac</model><baselabel type='kvm'>+64055:+109</baselabel></secmodel></host></capabilities>";

    private @Nullable String closed;
    private FileOwner owner = new FileOwner(0, 0, 0100600);
    private boolean changesOwners = true;
    private String capabilities = CAPABILITIES;
    private final Map<String, String> labels = new HashMap<>();

    private List<String> findings() {
        DoctorFacts facts = new DoctorFacts(
                domains,
                pools,
                networks,
                files,
                links,
                snapshotFiles,
                poolImages,
                blindSpots,
                operations,
                new ImageFacts() {
                    @Override
                    public boolean exists(String path) {
                        return !missing.contains(path);
                    }

                    @Override
                    public boolean isInUse(String path) {
                        return inUse.contains(path);
                    }

                    @Override
                    public @Nullable ImageState state(String path) {
                        return states.get(path);
                    }

                    @Override
                    public @Nullable String closedDirectory(String path) {
                        return closed;
                    }

                    @Override
                    public @Nullable FileOwner owner(String path) {
                        return owner;
                    }

                    @Override
                    public @Nullable String selinuxLabel(String path) {
                        return labels.get(path);
                    }

                    @Override
                    public @Nullable Set<String> appArmorProfiles() {
                        return Set.of("virt-aa-helper", "libvirt-loaded", "tight");
                    }

                    @Override
                    public boolean changesOwners() {
                        return changesOwners;
                    }
                },
                QemuUser.of(CAPABILITIES),
                SecurityModels.of(capabilities));
        return Doctor.findings(facts).stream()
                .map(f -> f.severity() + " " + f.check() + " | " + f.subject() + ": " + f.problem() + " | " + f.fix())
                .toList();
    }

    private void domain(String name, boolean active, String devices) {
        DomainXml xml = DomainXml.parse(
                "<domain type='kvm'><name>" + name + "</name><devices>" + devices + "</devices></domain>");
        domains.add(new DoctorFacts.DomainFacts(name, true, xml, active ? xml : null));
    }

    private void disk(String domain, String path, boolean own) {
        files.add(new DomainFile(domain, "uuid-" + domain, DomainFile.Kind.DISK, "vda", path, "qcow2", own));
    }

    private static PoolSummary pool(String type, PoolState state, long capacityBytes, long availableBytes) {
        return new PoolSummary(
                "data",
                "u",
                state,
                true,
                true,
                type,
                "/data",
                null,
                capacityBytes,
                capacityBytes - availableBytes,
                availableBytes,
                null);
    }

    @Test
    void aSoundHostHasNoFindings() {
        domain(
                "web",
                false,
                "<interface type='network'><mac address='52:54:00:00:00:01'/><source network='default'/></interface>");
        networks.add(new NetworkSummary("default", "u", true, true, true, "nat", "virbr0", null));
        disk("web", "/data/web.qcow2", true);
        poolImages.put("data", Set.of("/data/web.qcow2", "/data/debian.iso"));
        states.put("/data/web.qcow2", ImageState.SOUND);
        pools.add(pool("dir", PoolState.RUNNING, 100L << 30, 50L << 30));
        assertThat(findings()).isEmpty();
    }

    @Test
    void missingDisksAndBases() {
        domain("web", false, "");
        disk("web", "/data/web.qcow2", true);
        disk("web", "/iso/cd.iso", false);
        links.add(new ImageLink("/data/over.qcow2", ImageLink.Kind.BACKING, "/data/base.qcow2", "qcow2"));
        links.add(new ImageLink("/data/head.qcow2", ImageLink.Kind.DATA, "/data/body.raw", "raw"));
        missing.addAll(Set.of("/data/web.qcow2", "/iso/cd.iso", "/data/base.qcow2", "/data/body.raw"));
        assertThat(findings())
                .containsExactly(
                        "ERROR missing-file | domain 'web': disk vda: /data/web.qcow2 does not exist | put the file back"
                                + " (jvirt trash list shows what was deleted), or take it out of the definition: jvirt set"
                                + " web --remove-disk vda",
                        "ERROR missing-backing-file | image /data/over.qcow2: its base /data/base.qcow2 does not exist | put"
                                + " it back, or where it has moved: jvirt disk rebase -u -b NEW -F qcow2 /data/over.qcow2",
                        "ERROR missing-data-file | image /data/head.qcow2: its data file /data/body.raw does not exist | put"
                                + " it back: without it the image has no data",
                        "WARNING missing-file | domain 'web': disk vda: /iso/cd.iso does not exist | put the file back"
                                + " (jvirt trash list shows what was deleted), or take it out of the definition: jvirt set"
                                + " web --eject vda");
    }

    @Test
    void imagesThatAreDirtyLeakOrAreCorrupt() {
        domain("off", false, "");
        domain("on", true, "");
        disk("off", "/d/dirty", true);
        disk("on", "/d/open", true);
        links.add(new ImageLink("/d/open", ImageLink.Kind.BACKING, "/d/open-base", "qcow2"));
        poolImages.put("data", Set.of("/d/dirty", "/d/open"));
        links.add(new ImageLink("/d/x", ImageLink.Kind.BACKING, "/d/leaks", "qcow2"));
        links.add(new ImageLink("/d/y", ImageLink.Kind.BACKING, "/d/corrupt", "qcow2"));
        states.put("/d/dirty", new ImageState(true, 0, 0, 0, null));
        states.put("/d/leaks", new ImageState(false, 0, 16, 65536, null));
        states.put("/d/corrupt", new ImageState(false, 3, 0, 65536, null));
        ImageState whatever = new ImageState(true, 9, 9, 65536, null);
        states.put("/d/open", whatever);
        states.put("/d/open-base", whatever);
        assertThat(findings())
                .containsExactly(
                        "ERROR image-corrupt | image /d/corrupt: 3 corruptions | copy it first, then: jvirt disk check -r all"
                                + " /d/corrupt",
                        "WARNING image-dirty | image /d/dirty: it was not closed properly | jvirt disk check -r all"
                                + " /d/dirty",
                        "WARNING image-leaks | image /d/leaks: 16 leaked clusters take 1 MiB | jvirt disk check -r leaks"
                                + " /d/leaks");
    }

    @Test
    void whatOnlyOneMayHave() {
        String nic = "<interface type='user'><mac address='52:54:00:00:00:0A'/></interface>";
        domain("a", false, nic);
        domain("b", false, nic.replace("0A", "0a"));
        domain("c", false, "");
        disk("a", "/d/x", true);
        disk("c", "/d/x", true);
        disk("a", "/d/shared", false);
        disk("b", "/d/shared", false);
        assertThat(findings())
                .containsExactly(
                        "ERROR duplicate-mac | domains 'a', 'b': they have the MAC address 52:54:00:00:00:0a in common | give"
                                + " one of them another: jvirt edit b",
                        "ERROR shared-disk | domains 'a', 'c': each of them writes to /d/x: the second one to start destroys"
                                + " it | give one of them a copy: jvirt disk convert -O qcow2 /d/x NEW, or mark it"
                                + " <shareable/>");
    }

    @Test
    void firmwareUuids() {
        for (String name : List.of("a", "b")) {
            domains.add(new DoctorFacts.DomainFacts(
                    name,
                    false,
                    DomainXml.parse(
                            "<domain><name>" + name + "</name><sysinfo type='smbios'><system>"
                                    + "<entry name='uuid'>C0FFEE00-0000-4000-8000-000000000001</entry></system></sysinfo></domain>"),
                    null));
        }
        assertThat(findings())
                .containsExactly("WARNING duplicate-uuid | domains 'a', 'b': their firmware shows the same UUID"
                        + " c0ffee00-0000-4000-8000-000000000001 | take <sysinfo>'s uuid out: jvirt edit b");
    }

    @Test
    void networks() {
        String nic = "<interface type='network'><source network='%s'/></interface>";
        domain("web", false, nic.formatted("gone") + nic.formatted("off") + nic.formatted("manual"));
        networks.add(new NetworkSummary("off", "u", false, true, true, "nat", null, null));
        networks.add(new NetworkSummary("manual", "u", true, true, false, "nat", null, null));
        assertThat(findings())
                .containsExactly(
                        "ERROR missing-network | domain 'web': there is no network 'gone', and it cannot start without | jvirt"
                                + " net create gone",
                        "WARNING network-off | domain 'web': its network 'off' is inactive, and it cannot start without |"
                                + " jvirt net start off",
                        "WARNING network-not-at-boot | domain 'web': it starts with the host, its network 'manual' does not |"
                                + " jvirt net autostart manual on");
    }

    @Test
    void pools() {
        pools.add(pool("dir", PoolState.RUNNING, 100L << 30, 1L << 30));
        pools.add(pool("dir", PoolState.RUNNING, 100L << 30, 5L << 30));
        pools.add(pool("dir", PoolState.RUNNING, 10L << 40, 500L << 30));
        pools.add(pool("logical", PoolState.RUNNING, 100L << 30, 0));
        pools.add(pool("dir", PoolState.INACTIVE, 0, 0));
        pools.add(new PoolSummary(
                "nfs",
                null,
                PoolState.INACCESSIBLE,
                true,
                false,
                "",
                null,
                null,
                null,
                null,
                null,
                "no answer within 5 s"));
        String fix = " | jvirt pool info data shows what takes the space; jvirt purge empties the trash";
        assertThat(findings())
                .containsExactly(
                        "ERROR pool-nearly-full | pool 'data': only 1 GiB of 100 GiB are free" + fix,
                        "ERROR pool-silent | pool 'nfs': no answer within 5 s | look at its server or device; a mount that"
                                + " hangs goes with: umount -f -l TARGET",
                        "WARNING pool-nearly-full | pool 'data': only 5 GiB of 100 GiB are free" + fix,
                        "WARNING pool-off | pool 'data': it is inactive, though it starts with the host | jvirt pool start"
                                + " data");
    }

    @Test
    void whatIsLeft() {
        operations.add(new UnfinishedOperation(
                "create-1",
                "create",
                "qemu:///system",
                List.of("web"),
                "2026-01-01T00:00:00Z",
                1,
                "h",
                false,
                null,
                List.of()));
        operations.add(new UnfinishedOperation(
                "create-2",
                "create",
                "qemu:///system",
                List.of("db"),
                "2026-01-01T00:00:00Z",
                1,
                "h",
                true,
                null,
                List.of()));
        blindSpots.add(new DoctorFacts.Unseen("/nfs", "it does not answer"));
        poolImages.put("data", Set.of("/data/old.qcow2", "/data/web.memory"));
        snapshotFiles.add(new SnapshotFile("web", "before", "/data/web.memory", "raw", true));
        domain("web", false, "");
        disk("web", "/root/web.qcow2", true);
        closed = "/root";
        assertThat(findings())
                .containsExactly(
                        "ERROR unfinished-operation | 'create' of 'web': it was cut off, begun at 2026-01-01T00:00:00Z | jvirt"
                                + " recover create-1",
                        "WARNING blind-spot | /nfs: it could not be looked at: it does not answer | mend it, then run jvirt"
                                + " doctor again",
                        "WARNING closed-directory | domain 'web': QEMU's user may not enter /root to open /root/web.qcow2 |"
                                + " chmod o+x /root",
                        "NOTE orphan-volume | volume 'old.qcow2' of pool 'data': no domain and no image uses it | jvirt volume"
                                + " delete data old.qcow2, where nobody else does");
    }

    @Test
    void aPoolThatOtherHostsHaveToo() {
        pools.add(pool("netfs", PoolState.RUNNING, 100L << 30, 50L << 30));
        String name = pools.get(0).name();
        poolImages.put(name, Set.of("/mnt/vm/there.qcow2", "/mnt/vm/off.qcow2"));
        inUse.add("/mnt/vm/there.qcow2");
        assertThat(findings())
                .containsExactly("NOTE orphan-volume | volume 'off.qcow2' of pool '" + name
                        + "': no domain of this host and no image uses it | jvirt volume delete " + name
                        + " off.qcow2, where no machine of another host does");
    }

    @Test
    void whatSnapshotsNeedIsGone() {
        snapshotFiles.add(new SnapshotFile("web", "two words", "/data/web.memory", "raw", true));
        snapshotFiles.add(new SnapshotFile("web", "before", "/data/left.qcow2", "qcow2", false));
        missing.add("/data/web.memory");
        missing.add("/data/left.qcow2");
        String mend = "put the file back (jvirt trash list shows what was deleted), or let libvirt forget the snapshot:"
                + " virsh snapshot-delete web ";
        assertThat(findings())
                .containsExactly(
                        "ERROR missing-snapshot-file | snapshot 'two words' of domain 'web': it needs /data/web.memory,"
                                + " which does not exist | " + mend + "'two words' --metadata",
                        "WARNING missing-snapshot-file | snapshot 'before' of domain 'web': it needs /data/left.qcow2,"
                                + " which does not exist | " + mend + "before --metadata");
    }

    @Test
    void filesThatLibvirtDoesNotGiveToQemu() {
        domain(
                "web",
                false,
                "<disk type='file'><source file='/data/web.qcow2'><seclabel model='dac' relabel='no'/></source>"
                        + "<target dev='vda'/></disk><disk type='file'><source file='/data/b.qcow2'/></disk>");
        disk("web", "/data/web.qcow2", true);
        disk("web", "/data/b.qcow2", true);
        poolImages.put("data", Set.of());
        String told = "WARNING ownership | domain 'web': QEMU's user 64055 may not write /data/web.qcow2"
                + " (of 0:0, mode 600), and libvirt does not give it to it: its <seclabel> says so"
                + " | chown 64055:109 /data/web.qcow2";
        assertThat(findings()).containsExactly(told);
        owner = new FileOwner(0, 109, 0100440);
        assertThat(findings())
                .containsExactly(told.replace("0:0, mode 600", "0:109, mode 440") + "; chmod u+rw /data/web.qcow2");
        owner = new FileOwner(0, 109, 0100660);
        assertThat(findings()).isEmpty();
        owner = new FileOwner(64055, 0, 0100600);
        assertThat(findings()).isEmpty();
        owner = new FileOwner(0, 0, 0100600);
        changesOwners = false;
        assertThat(findings()).hasSize(2).allMatch(line -> line.contains("dynamic_ownership = 0 in qemu.conf"));
        domains.clear();
        domain("web", true, "");
        assertThat(findings()).as("it runs").isEmpty();
    }

    private void labelled(String name, @Nullable String inactive, @Nullable String live, String source) {
        String text = "<domain><name>" + name + "</name>%s<devices><disk type='file'><source file='/data/" + name + "'>"
                + source + "</source></disk></devices></domain>";
        domains.add(new DoctorFacts.DomainFacts(
                name,
                false,
                DomainXml.parse(text.formatted(inactive == null ? "" : inactive)),
                live == null ? null : DomainXml.parse(text.formatted(live))));
        disk(name, "/data/" + name, true);
        poolImages.put("data", Set.of());
    }

    private static String selinux(String attributes, String label) {
        return "<seclabel model='selinux' " + attributes + "><label>system_u:system_r:" + label + "</label></seclabel>";
    }

    @Test
    void filesWhoseSelinuxLabelKeepsQemuFromThem() {
        capabilities = "<capabilities><host><secmodel><model>selinux</model><doi>0</doi>"
                + "<baselabel type='kvm'>system_u:system_r:svirt_t:s0</baselabel></secmodel>"
                + "<secmodel><model>dac</model></secmodel></host></capabilities>";
        String image = "system_u:object_r:svirt_image_t:";
        String found = "system_u:object_r:virt_image_t:s0";
        String kept = "type='static' relabel='no'";
        labelled("off", null, null, "");
        labelled("none", "<seclabel type='none' model='selinux'/>", null, "");
        labelled("again", selinux("type='static' relabel='yes'", "svirt_t:s0:c1,c2"), null, "");
        labelled("static", selinux(kept, "svirt_t:s0:c1,c2"), null, "");
        labelled("mine", selinux(kept, "my_t:s0"), null, "");
        labelled("source", null, null, "<seclabel model='selinux' relabel='no'/>");
        labelled("live", null, selinux("type='dynamic' relabel='yes'", "svirt_t:s0-s0:c3.c5,c9"), "");
        domains.forEach(domain -> labels.put("/data/" + domain.name(), found));
        String message =
                "WARNING selinux-label | domain '%1$s': QEMU, as system_u:system_r:%2$s, may not write /data/%1$s"
                        + " (%3$s), and %4$s | chcon " + image + "%5$s /data/%1$s";
        String said = "libvirt does not label it: its <seclabel> says so";
        String runs = "runs: it was labelled anew since";
        assertThat(findings())
                .containsExactly(
                        message.formatted("static", "svirt_t:s0:c1,c2", found, said, "s0:c1,c2"),
                        message.formatted("source", "svirt_t:s0", found, said, "s0"),
                        message.formatted("live", "svirt_t:s0-s0:c3.c5,c9", found, runs, "s0:c3.c5,c9"));
        labels.put("/data/static", image + "s0:c2,c1");
        labels.put("/data/source", image + "s0");
        labels.put("/data/live", image + "s0:c4,c5,c9");
        assertThat(findings()).isEmpty();
        labels.put("/data/source", image + "s0:c7");
        labels.put("/data/live", image + "s0:c1,c4");
        assertThat(findings())
                .containsExactly(
                        message.formatted("source", "svirt_t:s0", image + "s0:c7", said, "s0"),
                        message.formatted("live", "svirt_t:s0-s0:c3.c5,c9", image + "s0:c1,c4", runs, "s0:c3.c5,c9"));
        files.clear();
        files.add(new DomainFile("static", "u", DomainFile.Kind.DISK, "hda", "/data/cd", "raw", false));
        labels.put("/data/cd", "system_u:object_r:virt_content_t:s0");
        assertThat(findings()).isEmpty();
        labels.put("/data/cd", "unconfined_u:object_r:user_home_t:s0");
        assertThat(findings())
                .containsExactly(
                        "WARNING selinux-label | domain 'static': QEMU, as system_u:system_r:svirt_t:s0:c1,c2, may"
                                + " not read /data/cd (unconfined_u:object_r:user_home_t:s0), and " + said
                                + " | chcon system_u:object_r:virt_content_t:s0 /data/cd");
        labels.remove("/data/cd");
        assertThat(findings()).as("no label is to be had").isEmpty();
    }

    @Test
    void modelsThatLibvirtDoesNotUseAndProfilesThatAreNotLoaded() {
        String label = "<seclabel type='static' model='apparmor'><label>%s</label></seclabel>";
        labelled("other", selinux("type='static'", "svirt_t:s0"), null, "<seclabel model='none'/>");
        labelled("tight", label.formatted("tight"), null, "");
        labelled("loose", label.formatted("loose"), null, "");
        labelled("runs", null, label.formatted("libvirt-loaded"), "");
        labelled("bare", null, label.formatted("libvirt-gone"), "");
        assertThat(findings())
                .containsExactly(
                        "ERROR security-model | domain 'other': its <seclabel> is of model 'selinux', and it cannot start:"
                                + " libvirt on this host uses apparmor, dac only | take the element out: jvirt edit other",
                        "ERROR apparmor-profile | domain 'loose': its AppArmor profile 'loose' is not loaded, and it cannot"
                                + " start | apparmor_parser -r /etc/apparmor.d/loose",
                        "WARNING apparmor-profile | domain 'bare': its AppArmor profile 'libvirt-gone' is not loaded: nothing"
                                + " confines it | apparmor_parser -r /etc/apparmor.d/libvirt/libvirt-gone");
    }
}
