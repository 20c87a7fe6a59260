// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.domain.check.CheckResult.Verdict;
import io.jvirt.domain.host.KvmVerdict;
import io.jvirt.domain.libvirt.PoolState;
import io.jvirt.domain.libvirt.Version;
import io.jvirt.domain.network.NetworkSummary;
import io.jvirt.domain.pool.PoolSummary;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Each check on facts that are handed to it. */
class HostChecksTest {
    private static final Version V9 = new Version(9, 0, 0);

    private KvmVerdict kvm = new KvmVerdict(true, "a probe guest ran in 200 ms");
    private Version libvirt = V9;
    private Version qemu = new Version(7, 2, 0);
    private List<String> machines = List.of("q35", "pc");
    private List<String> firmwares = List.of("bios", "efi");
    private long freeBytes = 100L << 30;
    private boolean hasPool = true;
    private boolean hasNetwork = true;
    private long freeMemoryBytes = 4L << 30;
    private boolean isHere = true;
    private Set<String> flags = Set.of("fpu", "vmx");
    private @Nullable String nested = "Y";
    private int iommuGroups = 12;
    private int cgroupVersion = 2;
    private Set<String> controllers = Set.of("cpu", "cpuset", "memory", "io");
    private long hugepages = 8;
    private String source = "tsc";
    private @Nullable String keeper = "chrony";
    private boolean hasVhost = true;
    private boolean hasTun = true;
    private boolean isForwarding = true;

    private List<CheckResult> results() {
        PoolSummary pool = new PoolSummary(
                "default", "u", PoolState.RUNNING, true, true, "dir", "/p", null, 200L << 30, 0L, freeBytes, null);
        return HostChecks.judge(new CheckFacts(
                "qemu:///system",
                "x86_64",
                kvm,
                libvirt,
                V9,
                qemu,
                machines,
                firmwares,
                hasPool ? List.of(pool) : List.of(),
                List.of(new NetworkSummary("default", "u", hasNetwork, true, true, "nat", "virbr0", null)),
                8L << 30,
                freeMemoryBytes,
                isHere
                        ? new MachineFacts(
                                flags,
                                nested,
                                iommuGroups,
                                "quiet",
                                cgroupVersion,
                                controllers,
                                hugepages,
                                hugepages,
                                2L << 20,
                                source,
                                keeper,
                                hasVhost,
                                hasTun,
                                isForwarding)
                        : null));
    }

    private String result(String check) {
        CheckResult result = results().stream()
                .filter(r -> r.check().equals(check))
                .findFirst()
                .orElseThrow();
        assertThat(result.fix() == null)
                .as("%s", result)
                .isEqualTo(result.verdict() == Verdict.PASS || result.fix() == null);
        return result.verdict() + ": " + result.finding() + (result.fix() == null ? "" : " | " + result.fix());
    }

    @Test
    void aGoodHostPassesAll() {
        assertThat(results())
                .allSatisfy(r -> assertThat(r.verdict()).as("%s", r).isEqualTo(Verdict.PASS));
        assertThat(results())
                .extracting(CheckResult::check)
                .doesNotHaveDuplicates()
                .hasSizeGreaterThan(12);
    }

    private void lackWhatGuestsNeed() {
        hasPool = false;
        hasNetwork = false;
        freeMemoryBytes = 1 << 20;
        flags = Set.of();
        iommuGroups = 0;
        cgroupVersion = 0;
        hugepages = 0;
        keeper = null;
    }

    @Test
    void everyFailureHasAFix() {
        kvm = new KvmVerdict(false, "there is no /dev/kvm");
        libvirt = new Version(4, 0, 0);
        qemu = new Version(2, 11, 0);
        machines = List.of();
        lackWhatGuestsNeed();
        hasTun = false;
        nested = "N";
        assertThat(results())
                .allSatisfy(r -> assertThat(r.verdict()).as("%s", r).isNotEqualTo(Verdict.PASS));
        assertThat(results()).allSatisfy(r -> assertThat(r.fix()).as("%s", r).isNotBlank());
        assertThat(result("devices"))
                .isEqualTo("FAIL: there is no /dev/net/tun: guests have no network | modprobe tun");
        assertThat(result("qemu"))
                .isEqualTo("FAIL: QEMU 2.11.0 is older than 4.2.0, the oldest that jvirt knows | update it");
        assertThat(result("libvirt"))
                .isEqualTo("FAIL: libvirt 4.0.0 is older than 6.0.0, the oldest that jvirt knows | update it");
        assertThat(result("machine-types"))
                .isEqualTo(
                        "FAIL: QEMU offers no machine for x86_64 | apt install qemu-system-x86, or the package of that"
                                + " architecture");
        assertThat(result("kvm"))
                .isEqualTo(
                        "FAIL: KVM does not work: there is no /dev/kvm | machines run by emulation, ten times slower;"
                                + " modprobe kvm_intel or kvm_amd where the processor can do it");
        assertThat(result("processor")).endsWith(" | switch Intel VT-x or AMD-V (SVM) on in the firmware's setup");
        flags = Set.of("hypervisor");
        assertThat(result("processor"))
                .endsWith(
                        " | on the host outside: allow nested virtualisation (kvm_intel.nested=1 or kvm_amd.nested=1), and"
                                + " give this machine the CPU host-passthrough");
        hasNetwork = true;
        isForwarding = false;
        assertThat(result("networks"))
                .endsWith(
                        " | sysctl net.ipv4.ip_forward=1, or start the network anew: jvirt net stop default, jvirt net start"
                                + " default");
    }

    @Test
    void processor() {
        flags = Set.of("svm");
        assertThat(result("processor")).isEqualTo("PASS: AMD-V (svm)");
        flags = Set.of("fpu");
        assertThat(result("processor"))
                .startsWith("FAIL: the processor has no virtualisation switched on")
                .contains("firmware");
        flags = Set.of("hypervisor");
        assertThat(result("processor"))
                .startsWith("FAIL: this machine is a guest itself")
                .contains("nested=1");
    }

    @Test
    void kvmAndNesting() {
        kvm = new KvmVerdict(false, "a probe guest started and did not run");
        assertThat(result("kvm")).startsWith("FAIL: KVM does not work: a probe guest started and did not run | ");
        nested = null;
        assertThat(result("nested")).isEqualTo("NOTE: no KVM module of this processor is loaded");
        nested = "0";
        assertThat(result("nested")).startsWith("NOTE: guests cannot have guests | ");
    }

    @Test
    void kernel() {
        controllers = Set.of("cpu");
        assertThat(result("cgroups")).startsWith("WARN: version 2, without the controllers cpuset, memory | ");
        source = "hpet";
        assertThat(result("clock")).startsWith("WARN: the kernel counts time by the slow source hpet | ");
        hasVhost = false;
        assertThat(result("devices"))
                .isEqualTo("WARN: there is no /dev/vhost-net: guests' networks are slower | modprobe vhost_net");
        assertThat(result("hugepages")).isEqualTo("PASS: 8 of 8 free, 2 MiB each");
    }

    @Test
    void networksAndSpace() {
        isForwarding = false;
        assertThat(result("networks"))
                .startsWith("FAIL: the kernel does not forward packets")
                .contains("ip_forward=1");
        hasNetwork = false;
        assertThat(result("networks")).startsWith("WARN: no network is active | jvirt setup");
        freeBytes = 1L << 30;
        assertThat(result("space")).startsWith("WARN: free: default 1 GiB | ");
        hasPool = false;
        assertThat(result("space")).startsWith("WARN: no storage pool is active | jvirt setup");
    }

    @Test
    void versions() {
        libvirt = new Version(10, 0, 0);
        assertThat(result("libvirt"))
                .isEqualTo("NOTE: the daemon is libvirt 10.0.0, the library here 9.0.0 | after an update the daemon is"
                        + " still the old one: systemctl restart libvirtd");
        firmwares = List.of("bios");
        assertThat(result("machine-types"))
                .isEqualTo("NOTE: 2 for x86_64, no UEFI firmware | for --firmware uefi: apt install ovmf");
        machines = List.of("pc");
        assertThat(result("machine-types")).startsWith("WARN: 1 for x86_64, q35 not among them");
    }

    @Test
    void ofAnotherMachineOnlyWhatItsLibvirtTells() {
        isHere = false;
        assertThat(result("processor"))
                .isEqualTo("NOTE: not known: the host is another machine | run jvirt host check there");
        assertThat(result("space")).startsWith("PASS");
    }

    @Test
    void readsTheKernelsFiles() {
        assertThat(FactFinding.cpuFlags("processor\t: 0\nflags\t\t: fpu vme svm\nbugs: x\n"))
                .containsExactlyInAnyOrder("fpu", "vme", "svm");
        assertThat(FactFinding.memory("MemTotal:  16 kB\nHugePages_Total:       4\nHugepagesize:       2048 kB\n"))
                .containsEntry("HugePages_Total", 4L)
                .containsEntry("Hugepagesize", 2097152L);
        assertThat(FactFinding.cgroup1(
                        "#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t2\t1\t1\nmemory\t0\t1\t0\n"))
                .containsExactly("cpu");
    }

    /** Findings and fixes in full, in the order of the checks. */
    private List<String> told() {
        return results().stream()
                .map(r ->
                        r.check() + ": " + r.verdict() + ": " + r.finding() + (r.fix() == null ? "" : " | " + r.fix()))
                .toList();
    }

    @Test
    void aGoodHostInFull() {
        assertThat(told())
                .contains(
                        "processor: PASS: Intel VT-x (vmx)",
                        "devices: PASS: /dev/net/tun and /dev/vhost-net",
                        "iommu: PASS: 12 groups of devices",
                        "nested: PASS: guests can have guests",
                        "machine-types: PASS: 2 for x86_64, BIOS and UEFI");
        flags = Set.of("svm");
        assertThat(result("processor")).isEqualTo("PASS: AMD-V (svm)");
    }

    @Test
    void aPoorHostInFull() {
        lackWhatGuestsNeed();
        nested = "N";
        firmwares = List.of("bios");
        assertThat(told())
                .contains(
                        "processor: FAIL: the processor has no virtualisation switched on (neither vmx nor svm) | switch Intel"
                                + " VT-x or AMD-V (SVM) on in the firmware's setup",
                        "cgroups: WARN: no control groups are mounted: guests cannot be limited | mount -t cgroup2 none"
                                + " /sys/fs/cgroup",
                        "clock: NOTE: nothing was seen that keeps the clock right (tsc) | apt install chrony, where nobody"
                                + " else does",
                        "hugepages: NOTE: none are set aside | only for machines that ask for them: sysctl"
                                + " vm.nr_hugepages=N",
                        "iommu: NOTE: no IOMMU: devices of the host cannot be given to guests | only where that is wanted:"
                                + " VT-d or AMD-Vi in the firmware's setup, and intel_iommu=on on the kernel's command line"
                                + " (GRUB_CMDLINE_LINUX in /etc/default/grub, then update-grub)",
                        "memory: WARN: 1 MiB of 8 GiB free | jvirt list --running shows what takes it",
                        "nested: NOTE: guests cannot have guests | only where that is wanted: options kvm_intel nested=1"
                                + " (or kvm_amd) in /etc/modprobe.d/kvm.conf",
                        "networks: WARN: no network is active | jvirt setup starts or makes the default network",
                        "space: WARN: no storage pool is active | jvirt setup starts or makes the default pool");
    }

    @Test
    void anOddHostInFull() {
        machines = List.of("pc");
        freeBytes = 1 << 30;
        flags = Set.of("hypervisor");
        controllers = Set.of("cpu", "cpuset");
        source = "hpet";
        isForwarding = false;
        nested = null;
        assertThat(told())
                .contains(
                        "processor: FAIL: this machine is a guest itself, and its processor has no virtualisation (neither"
                                + " vmx nor svm) | on the host outside: allow nested virtualisation (kvm_intel.nested=1 or"
                                + " kvm_amd.nested=1), and give this machine the CPU host-passthrough",
                        "cgroups: WARN: version 2, without the controllers memory | switch them on on the kernel's command"
                                + " line, such as cgroup_enable=memory",
                        "clock: WARN: the kernel counts time by the slow source hpet | why is there no tsc? dmesg | grep -i"
                                + " tsc",
                        "machine-types: WARN: 1 for x86_64, q35 not among them | update QEMU",
                        "nested: NOTE: no KVM module of this processor is loaded",
                        "networks: FAIL: the kernel does not forward packets: guests see nothing beyond this host | sysctl"
                                + " net.ipv4.ip_forward=1, or start the network anew: jvirt net stop default, jvirt net start"
                                + " default",
                        "space: WARN: free: default 1 GiB | jvirt doctor finds volumes that nobody uses; jvirt purge empties"
                                + " the trash");
    }
}
