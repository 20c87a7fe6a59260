// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.migrate.MigrateRequest.Chain;
import io.jvirt.domain.migrate.MigrateRequest.Sharing;
import io.jvirt.domain.transfer.Route;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which files go where; the target is the pool of libvirt's test driver. */
class FilePlannerTest {
    private static final String THERE = "/default-pool/";
    private static final String DISK = "<disk type='file' device='disk'><driver type='%s'/><source file='%s'/>"
            + "<target dev='%s' bus='virtio'/></disk>";

    private final Host host = Host.open("test:///default");
    private final HostStorage storage = new HostStorage(host);
    private final Findings findings = new Findings();
    private final Map<String, String> poolMap = new HashMap<>();

    @TempDir
    private Path home;

    private Path one = Path.of("one");
    private Path other = Path.of("other");

    @BeforeEach
    void directories() throws IOException {
        one = Files.createDirectory(home.resolve("one"));
        other = Files.createDirectory(home.resolve("other"));
        for (Path directory : List.of(one, other)) {
            poolMap.put(directory.toString(), "default-pool");
        }
    }

    @AfterEach
    void close() {
        storage.close();
        host.close();
    }

    private static String disk(String format, Object path, String target) {
        return DISK.formatted(format, path, target);
    }

    private static Path raw(Path file, int bytes) throws IOException {
        return Files.write(file, new byte[bytes]);
    }

    private void there(String name, int bytes) {
        try (Pool pool = Pool.find(host, "default-pool")) {
            pool.createVolume("<volume><name>" + name + "</name><capacity>" + bytes + "</capacity></volume>")
                    .close();
        }
    }

    private Domain domain(String name, String devices) {
        return host.defineDomain(
                "<domain type='test'><name>" + name + "</name><memory>1024</memory><os><type>hvm</type></os><devices>"
                        + devices + "</devices></domain>",
                false);
    }

    private void plan(String devices, boolean isDelta, @Nullable ImageFormat format) throws IOException {
        MigrateRequest request = new MigrateRequest(
                "qemu+ssh://b/system",
                Chain.KEEP,
                Sharing.UNKNOWN,
                poolMap,
                Map.of(),
                null,
                false,
                true,
                isDelta,
                format,
                false,
                Route.AUTO,
                null,
                null,
                false,
                0);
        try (Domain domain = domain("web", devices)) {
            String xml = domain.inactiveXml();
            FilePlanner.plan(
                    new Move(host, host, domain, domain.uuid(), xml, DomainXml.parse(xml), request, storage), findings);
        }
    }

    private List<String> blockers() {
        return findings.sorted().stream()
                .filter(finding -> finding.kind() == Finding.Kind.BLOCKER)
                .map(finding -> finding.text() + " > " + finding.solution())
                .toList();
    }

    /** With --delta the second would be written over the first. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void twoFilesThatWouldBeOne(boolean isDelta) throws IOException {
        Path first = raw(one.resolve("disk.raw"), 512);
        Path second = raw(other.resolve("disk.raw"), 512);
        if (isDelta) {
            there("disk.raw", 512);
        }
        plan(disk("raw", first, "vda") + disk("raw", second, "vdb"), isDelta, null);
        assertThat(blockers())
                .containsExactly(first + " and " + second + " would both be " + THERE
                        + "disk.raw on the target > give one of them another place: --pool-map, jvirt edit web");
    }

    @Test
    void twoFilesThatAnotherFormatMakesOne() throws IOException {
        Path first = raw(one.resolve("disk.raw"), 512);
        Path second = one.resolve("disk.qcow2");
        DiskImages.create(CreateRequest.qcow2(second, 512));
        plan(disk("raw", first, "vda") + disk("qcow2", second, "vdb"), false, ImageFormat.RAW);
        assertThat(blockers())
                .singleElement()
                .asString()
                .contains(" would both be " + THERE + "disk.raw on the target");
    }

    @Test
    void whatAMachineOfTheTargetUsesIsNoOlderCopy() throws IOException {
        Path disk = raw(one.resolve("disk.raw"), 512);
        there("disk.raw", 512);
        domain("other", disk("raw", THERE + "disk.raw", "vda")).close();
        plan(disk("raw", disk, "vda"), true, null);
        assertThat(blockers())
                .containsExactly(THERE + "disk.raw on the target is used by domain 'other' there and is not overwritten"
                        + " > take another pool: --pool-map");
    }

    @Test
    void whatNobodyUsesIsOverwritten() throws IOException {
        there("disk.raw", 512);
        plan(disk("raw", raw(one.resolve("disk.raw"), 512), "vda"), true, null);
        assertThat(blockers()).isEmpty();
    }
}
