// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.trash.TrashRecord;
import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.Preallocation;
import io.jvirt.storage.qcow2.Qcow2Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What somebody else did between the look at the host and the step: each step says what it met, and what helps. */
class MeanwhileTest {
    private static final String UUID = "11111111-1111-4111-8111-111111111111";
    private static final String TARGET = "qemu+ssh://root@kvm2/system";

    @TempDir
    Path directory;

    private final Host host = Host.open("test:///default");
    private final AloneContext context = new AloneContext(host);

    @AfterEach
    void close() {
        host.close();
    }

    private static Step step(String kind, Map<String, String> parameters) {
        return Steps.read(new StepPlan(kind, "", parameters));
    }

    private void fails(Step step, String message, String hint) {
        assertThatThrownBy(() -> step.perform(context)).isInstanceOfSatisfying(JvirtException.class, e -> {
            assertThat(e).hasMessage(message);
            assertThat(e.hint()).isEqualTo(hint);
            assertThat(e.kind()).isEqualTo(JvirtException.Kind.FAILED);
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "autostart",
                "redefine",
                "snapshot-metadata",
                "start",
                "template-mark",
                "stop-source",
                "lock-source"
            })
    void theDomainIsGone(String kind) {
        Step step = step(
                kind,
                Map.of(
                        "name",
                        "web",
                        "uuid",
                        UUID,
                        "xml",
                        "<domain/>",
                        "before",
                        "<domain/>",
                        "after",
                        "<domain/>",
                        "current",
                        "false",
                        "since",
                        "now",
                        "limitSeconds",
                        "1"));
        fails(
                step,
                "domain 'web' has disappeared meanwhile",
                "jvirt list shows the domains, jvirt trash list those that were deleted");
    }

    /** The last three kinds are those of older versions' journals, whose steps named the snapshot and not the domain. */
    @ParameterizedTest
    @ValueSource(strings = {"unlock-target", "target-autostart", "target-snapshot", "target-checkpoint"})
    void theDomainIsGoneFromTheTarget(String kind) {
        boolean isNamed = !kind.contains("snapshot") && !kind.contains("checkpoint");
        Step step = step(
                kind,
                isNamed
                        ? Map.of("uri", TARGET, "name", "web", "uuid", UUID, "xml", "<domain/>")
                        : Map.of("uri", TARGET, "snapshot", "one", "uuid", UUID, "xml", "<domainsnapshot/>"));
        fails(
                step,
                "domain '" + (isNamed ? "web" : UUID) + "' has disappeared from " + TARGET + " meanwhile",
                "jvirt -c " + TARGET + " list shows the domains, jvirt -c " + TARGET
                        + " trash list those that were deleted");
    }

    @Test
    void theDomainInOverlaysIsGone() {
        Path overlay = directory.resolve("web.side");
        fails(
                new SetAsideStep(
                        "web", UUID, List.of(new SetAsideStep.Aside("vda", "/d/web.qcow2", "qcow2", false, overlay))),
                "domain 'web' has disappeared meanwhile",
                "what it wrote last is in " + overlay + ": jvirt disk commit puts it into the disk");
    }

    @Test
    void aDomainOrVolumeOfThatNameIsThere() {
        fails(
                new DefineStep("test", UUID, "<domain/>"),
                "a domain 'test' has appeared meanwhile and was not touched",
                "choose another name");
        try (Pool pool = Pool.find(host, "default-pool")) {
            pool.createVolume("<volume><name>web.raw</name><capacity>1</capacity></volume>")
                    .close();
        }
        fails(
                new VolumeStep(new VolumeStep.Spec("default-pool", "web.raw", "raw", 1, 0, true, null)),
                "volume 'web.raw' has appeared in pool 'default-pool' meanwhile and was not touched",
                "choose another name");
    }

    @Test
    void theDomainIsOff() {
        fails(
                new LiveChangeStep("plug a disk", UUID, LiveChangeStep.Kind.ATTACH, "<disk/>", "<disk/>"),
                "the domain has stopped meanwhile",
                "try again: it is changed as it is then");
        String uuid;
        try (Domain domain = host.defineDomain(
                "<domain type='test'><name>off</name><memory>65536</memory><os><type>hvm</type></os></domain>",
                false)) {
            uuid = domain.uuid();
        }
        Path overlay = directory.resolve("off.side");
        fails(
                new SetAsideStep(
                        "off", uuid, List.of(new SetAsideStep.Aside("vda", "/d/off.qcow2", "qcow2", false, overlay))),
                "domain 'off' has stopped meanwhile",
                "clone it again: it is off now");
    }

    @Test
    void aVolumeIsGone() throws IOException {
        Path file = Files.writeString(directory.resolve("content"), "x");
        fails(
                new UploadStep(file, "default-pool", "seed", bytes -> {}),
                "volume 'seed' has disappeared from pool 'default-pool' meanwhile",
                "jvirt volume list default-pool shows what is there");
        VolumeStep.Origin origin = new VolumeStep.Origin("default-pool", "base", "/default-pool/base", "raw", false);
        fails(
                new VolumeStep(new VolumeStep.Spec("default-pool", "web", "raw", 1024, 0, true, origin)),
                "volume 'base' has disappeared from pool 'default-pool' meanwhile",
                "jvirt volume list default-pool shows what is there");
        fails(
                new ResizeDiskStep(UUID, "vda", "/nowhere/web.raw", "raw", 1024),
                "cannot resize /nowhere/web.raw: it is no volume of that host",
                "is its pool active? jvirt pool list shows it");
    }

    @Test
    void aFileIsGoneOrAnother() throws IOException {
        Path from = Files.writeString(directory.resolve("web.qcow2"), "x");
        Path to = directory.resolve("trash/web.qcow2");
        MoveFileStep move = new MoveFileStep("web's disk", from, to, null);
        // A hard link keeps the number of the first one from the second.
        Files.createLink(directory.resolve("keep"), from);
        Files.delete(from);
        fails(move, from + " has disappeared meanwhile", "try again: what is there then is taken");
        Files.writeString(from, "another");
        fails(move, from + " was replaced meanwhile", "try again: what is there then is taken");
        MoveFileStep again = new MoveFileStep("web's disk", from, to, null);
        Files.createDirectories(to.getParent());
        Files.writeString(to, "in the way");
        fails(again, "cannot move " + from + ": " + to + " exists", "move that out of the way");
    }

    /** Nobody makes files in there, whoever he is. */
    @Test
    void aFileSystemTakesNothing() throws IOException {
        Path from = Files.writeString(directory.resolve("web.qcow2"), "x");
        Path to = Path.of("/proc/jvirt/web.qcow2");
        assertThatThrownBy(() -> new MoveFileStep("web's disk", from, to, null).perform(context))
                .isInstanceOfSatisfying(JvirtException.class, e -> {
                    assertThat(e).hasMessageStartingWith("cannot move " + from + " to " + to + ": ");
                    assertThat(e.hint()).isEqualTo("is the file system writable?");
                });
        assertThat(from).hasContent("x");
        Path fixed = Path.of("/proc/self/status");
        assertThatThrownBy(() -> new DeleteFileStep(fixed, null).perform(context))
                .isInstanceOfSatisfying(JvirtException.class, e -> {
                    assertThat(e).hasMessageStartingWith("cannot remove disk " + fixed + ": ");
                    assertThat(e.hint()).isEqualTo("is its file system writable?");
                });
        TrashRecord record = new TrashRecord(
                "1",
                "web",
                UUID,
                "test:///default",
                "2026-01-01T00:00:00Z",
                false,
                "<domain/>",
                List.of(),
                List.of(),
                Path.of("/proc/jvirt"));
        assertThatThrownBy(() -> new TrashRecordStep(record, null).perform(context))
                .isInstanceOfSatisfying(JvirtException.class, e -> {
                    assertThat(e).hasMessageStartingWith("cannot write to the trash /proc/jvirt: ");
                    assertThat(e.hint()).isEqualTo("is the file system full? --purge removes the machine at once");
                });
    }

    @Test
    void aChainThatDoesNotSayWhatItIs() throws Exception {
        Path alone = directory.resolve("alone.qcow2");
        DiskImages.create(CreateRequest.qcow2(alone, 1 << 20));
        assertThatThrownBy(() -> new CommitStep(alone).perform(context))
                .hasMessage(alone + " does not say what lies below it, and of what format that is");
    }

    @Test
    void aChainWhoseMiddleDoesNotSayWhatItIs() throws Exception {
        Path base = directory.resolve("base.raw");
        DiskImages.create(CreateRequest.raw(base, 1 << 20));
        Path overlay = directory.resolve("overlay.qcow2");
        DiskImages.create(CreateRequest.qcow2(overlay, 1 << 20)
                .withQcow2(Qcow2Options.defaults().withBacking(base.toString(), null)));
        assertThatThrownBy(() -> new RebaseStep(overlay).perform(context))
                .hasMessage("the image above " + base + " does not say of what format that is");
    }

    @Test
    void aDiskThatCannotBeMade() {
        Path path = Path.of("/proc/web.raw");
        DiskFileStep step = new DiskFileStep(new DiskFileStep.Spec(
                path, ImageFormat.RAW, 1 << 20, Preallocation.OFF, DiskFileStep.Content.EMPTY, null, null, null));
        assertThatThrownBy(() -> step.perform(context)).isInstanceOfSatisfying(JvirtException.class, e -> {
            assertThat(e).hasMessageStartingWith("cannot create disk /proc/web.raw: ");
            assertThat(e.hint()).isEqualTo("is there space, and may this user write to /proc?");
        });
    }

    @Test
    void aJournalOfAnotherVersion() {
        assertThatThrownBy(() -> step("brew-coffee", Map.of())).isInstanceOfSatisfying(JvirtException.class, e -> {
            assertThat(e).hasMessage("the journal has a step of the unknown kind 'brew-coffee'");
            assertThat(e.hint()).isEqualTo("recover it with the version of jvirt that wrote it");
            assertThat(e.kind()).isEqualTo(JvirtException.Kind.NEEDS_RECOVERY);
        });
        assertThatThrownBy(() -> step("start", Map.of("name", "web")))
                .isInstanceOfSatisfying(JvirtException.class, e -> {
                    assertThat(e).hasMessage("the journal's step 'start' has no 'uuid'");
                    assertThat(e.hint()).isEqualTo("recover it with the version of jvirt that wrote it");
                    assertThat(e.kind()).isEqualTo(JvirtException.Kind.NEEDS_RECOVERY);
                });
    }
}
