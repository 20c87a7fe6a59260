// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.clone.Clone;
import io.jvirt.domain.clone.CloneMode;
import io.jvirt.domain.clone.ClonePlan;
import io.jvirt.domain.clone.CloneRequest;
import io.jvirt.domain.clone.IdentityReset;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code clone} cut off before and after every record of the journal, and failing on the second of three disks. */
@Tag("one-jdk")
class CloneCrashTest {
    private static final Operation.Listener QUIET = (plan, undoing) -> {};
    private static final List<String> SOURCE_FILES = List.of("src-2.raw", "src-3.qcow2", "src.qcow2");

    @TempDir
    Path state;

    @TempDir
    Path disks;

    private Host host;

    @BeforeEach
    void open() throws IOException {
        host = Host.open("test:///default");
        DiskImages.create(CreateRequest.qcow2(disks.resolve("src.qcow2"), 8 << 20));
        DiskImages.create(CreateRequest.raw(disks.resolve("src-2.raw"), 8 << 20));
        DiskImages.create(CreateRequest.qcow2(disks.resolve("src-3.qcow2"), 8 << 20));
        String three = disk("vda", "qcow2", "src.qcow2")
                + disk("vdb", "raw", "src-2.raw")
                + disk("vdc", "qcow2", "src-3.qcow2");
        host.defineDomain(
                        "<domain type='test'><name>src</name><memory>65536</memory><os><type>hvm</type></os><devices>"
                                + three + "</devices></domain>",
                        false)
                .close();
    }

    private String disk(String target, String format, String file) {
        return "<disk type='file' device='disk'><driver name='qemu' type='" + format + "'/><source file='"
                + disks.resolve(file) + "'/><target dev='" + target + "' bus='virtio'/></disk>";
    }

    @AfterEach
    void close() {
        host.close();
    }

    private Journal journal(int crashAt) {
        return CrashingJournal.at(crashAt, state);
    }

    private static CloneRequest request(CloneMode mode) {
        return new CloneRequest("src", "copy", 2, mode, null, null, false, true, IdentityReset.NONE);
    }

    private boolean cloneCrashes(int n, CloneMode mode) throws Exception {
        Clone clone = new Clone(host, journal(n));
        try {
            clone.perform(clone.plan(request(mode)), new Cancellation(), QUIET);
            return false;
        } catch (CrashingJournal.Crash e) {
            return true;
        }
    }

    private List<String> files() throws IOException {
        try (Stream<Path> found = Files.list(disks)) {
            return found.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }

    private boolean isDefined(String name) {
        try (Domain domain = host.domainNamed(name)) {
            return domain != null;
        }
    }

    private void assertNothing(int n) throws IOException {
        assertThat(files()).as("cut at %d", n).isEqualTo(SOURCE_FILES);
        assertThat(isDefined("copy-01") || isDefined("copy-02"))
                .as("cut at %d", n)
                .isFalse();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(disks.resolve("src.qcow2"))))
                .as("the base is writable again, cut at %d", n)
                .startsWith("rw");
    }

    private void assertWhole(int n) throws IOException {
        assertThat(files()).as("cut at %d", n).hasSize(9);
        for (String name : List.of("copy-01", "copy-02")) {
            try (Domain domain = host.domainNamed(name)) {
                assertThat(domain).as("cut at %d", n).isNotNull();
                assertThat(domain.isActive()).as("cut at %d", n).isTrue();
            }
        }
    }

    private void removeClones() throws IOException {
        for (String name : List.of("copy-01", "copy-02")) {
            try (Domain domain = host.domainNamed(name)) {
                if (domain != null) {
                    domain.destroy();
                    domain.undefine(Set.of());
                }
            }
        }
        for (String file : files()) {
            if (!SOURCE_FILES.contains(file)) {
                Files.delete(disks.resolve(file));
            }
        }
        for (String file : SOURCE_FILES) {
            Files.setPosixFilePermissions(disks.resolve(file), PosixFilePermissions.fromString("rw-------"));
        }
    }

    @Test
    void linkedClonesThatAreCutOffAreUndone() throws Exception {
        int n = 0;
        for (; cloneCrashes(n, CloneMode.LINKED); n += 3) {
            CrashingJournal.recover(state, host, false);
            if (isDefined("copy-02")) {
                // Cut off after its last record: it was complete.
                assertWhole(n);
                removeClones();
            }
            assertNothing(n);
        }
        assertThat(n).isGreaterThan(40);
        assertWhole(n);
    }

    @Test
    void fullClonesThatAreCutOffAreFinished() throws Exception {
        for (int n = 0; cloneCrashes(n, CloneMode.FULL); n += 7) {
            CrashingJournal.recover(state, host, true);
            if (isDefined("copy-02")) {
                assertWhole(n);
                removeClones();
            } else {
                assertThat(n).isLessThan(2);
            }
            assertNothing(n);
        }
    }

    @Test
    void aFailureOnTheSecondOfThreeDisksLeavesNothing() throws Exception {
        for (CloneMode mode : List.of(CloneMode.FULL, CloneMode.LINKED)) {
            Clone clone = new Clone(host, journal(Integer.MAX_VALUE));
            ClonePlan plan = clone.plan(request(mode));
            String taken = mode == CloneMode.FULL ? "copy-02-2.raw" : "copy-02-2.qcow2";
            Files.writeString(disks.resolve(taken), "precious");
            assertThatThrownBy(() -> clone.perform(plan, new Cancellation(), QUIET))
                    .isInstanceOf(JvirtException.class)
                    .hasMessage(disks.resolve(taken) + " has appeared meanwhile and was not touched");
            assertThat(disks.resolve(taken)).hasContent("precious");
            Files.delete(disks.resolve(taken));
            assertNothing(0);
        }
    }

    @Test
    void nobodyElseHasTheSourceMeanwhile() throws Exception {
        Journal journal = journal(Integer.MAX_VALUE);
        Clone clone = new Clone(host, journal);
        ClonePlan plan = clone.plan(request(CloneMode.FULL));
        try (Operation held = journal.begin("delete", host.uri(), List.of("src"), List.of())) {
            assertThatThrownBy(() -> clone.perform(plan, new Cancellation(), QUIET))
                    .hasMessageContaining("domain 'src' is being changed by 'jvirt delete src'");
            held.rollback(host, QUIET);
        }
    }
}
