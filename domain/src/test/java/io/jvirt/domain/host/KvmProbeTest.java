// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.domain.libvirt.Host;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KvmProbeTest {
    @TempDir
    Path folder;

    @Test
    void anotherHypervisorHasNoKvm() {
        try (Host host = Host.open("test:///default")) {
            assertThat(KvmProbe.of(host)).isEqualTo(new KvmVerdict(false, "the hypervisor is not QEMU"));
        }
    }

    @Test
    void remembersUntilTheKeyChanges() throws IOException {
        KvmVerdictCache cache = new KvmVerdictCache(folder.resolve("new"), "boot-1 8576:0:0");
        assertThat(cache.find("qemu:///system")).isNull();
        KvmVerdict verdict = new KvmVerdict(true, "a probe guest ran in 120 ms");
        cache.remember("qemu:///system", verdict);
        assertThat(cache.find("qemu:///system")).isEqualTo(verdict);
        assertThat(cache.find("qemu:///session")).isNull();
        assertThat(new KvmVerdictCache(folder.resolve("new"), "boot-2 8576:0:0").find("qemu:///system"))
                .isNull();
        try (var files = Files.list(folder.resolve("new"))) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void aDamagedFileIsNoVerdict() throws IOException {
        KvmVerdictCache cache = new KvmVerdictCache(folder, "boot-1 8576:0:0");
        Files.writeString(folder.resolve("kvm-qemu____system"), "boot-1 8576:0:0\nworks\n");
        assertThat(cache.find("qemu:///system")).isNull();
    }

    @Test
    void aPlaceThatCannotBeWrittenIsNoFailure() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        new KvmVerdictCache(file.resolve("below"), "b p").remember("qemu:///system", new KvmVerdict(false, "no"));
        assertThat(new KvmVerdictCache(file.resolve("below"), "b p").find("qemu:///system"))
                .isNull();
    }

    @Test
    void theVerdictNamesTheDomainType() {
        assertThat(new KvmVerdict(true, "").domainType()).isEqualTo("kvm");
        assertThat(new KvmVerdict(false, "").domainType()).isEqualTo("qemu");
    }

    @Test
    void aParavirtualisedKvmIsSaidToBeOne() {
        String log = "internal error: process exited while connecting to monitor: 2026-11-30T18:50:32.239622Z"
                + " qemu-system-x86_64: warning: host doesn't support requested feature: CPUID.01H:ECX.pni [bit 0]\n";
        assertThat(KvmProbe.explain(log
                        + "2026-11-30T18:50:32.240107Z qemu-system-x86_64: System Management Mode not supported by this"
                        + " hypervisor."))
                .isEqualTo(
                        "it has no System Management Mode: it is not the processor's own, and guests hang under such a"
                                + " KVM");
        assertThat(KvmProbe.explain("a probe guest did not start")).isEqualTo("a probe guest did not start");
        assertThat(KvmProbe.explain(log + "qemu-system-x86_64: no memory")).isEqualTo("qemu-system-x86_64: no memory");
        assertThat(KvmProbe.explain(log)).isEqualTo(log.strip());
    }
}
