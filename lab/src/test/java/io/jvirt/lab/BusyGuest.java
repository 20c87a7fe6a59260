// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;

/**
 * A guest that writes ten times a second at most: numbers in ascending order into a ring of sectors, each synced. Whichever
 * was the last, those before it must all be there.
 */
record BusyGuest(String name) {
    private static final int RING = 20;
    private static final long POLL_MILLIS = 500;

    /** The disk that it writes to. */
    String data() {
        return OnKvm1.POOL + name + "-2.raw";
    }

    /** Its other disk. */
    String system() {
        return OnKvm1.POOL + name + ".qcow2";
    }

    /** Makes it, and lets it write for a while. */
    void start(LabHost host, String systemSize) {
        Jvirt jvirt = new Jvirt(host);
        jvirt.run(
                        "create",
                        name,
                        "--image",
                        OnKvm1.TINY_DISK,
                        "--vcpus",
                        "1",
                        "--disk",
                        systemSize,
                        "--disk",
                        "64M,format=raw",
                        "--start")
                .ok();
        try (Running console = jvirt.console(name)) {
            long deadline = System.nanoTime() + OnKvm1.BOOT.toNanos();
            while (!console.out().contains("tiny#") && console.isAlive() && System.nanoTime() < deadline) {
                console.send("\n");
                Running.pause();
            }
            console.send(
                    "(while :; do n=$((n+1)); echo $n | dd of=/dev/vdb bs=512 count=1 conv=sync,notrunc,fsync seek=$((n % "
                            + RING + ")) 2>/dev/null; sleep 0.1; done) &\n");
            console.expect("tiny#", OnKvm1.BOOT);
            long limit = System.nanoTime() + OnKvm1.BOOT.toNanos();
            while (console.isAliveAfter(POLL_MILLIS) && last(host) < RING && System.nanoTime() < limit) {}
        }
    }

    /** The highest number on the disk; the ones before it must be there too. */
    long last(LabHost host) {
        List<Long> numbers = new ArrayList<>();
        for (String line : host.sh("qemu-io -U -r -f raw -c 'read -v 0 " + RING * 512 + "' " + data()
                        + " >/dev/null; dd if=" + data() + " bs=512 count=" + RING
                        + " iflag=nonblock 2>/dev/null | tr -d ' \\000' | grep -aE '^[0-9]+$' || true")
                .ok()
                .lines()) {
            numbers.add(Long.parseLong(line));
        }
        numbers.sort(null);
        for (int i = 1; i < numbers.size(); i++) {
            assertThat(numbers.get(i)).as("%s", numbers).isEqualTo(numbers.get(i - 1) + 1);
        }
        return numbers.isEmpty() ? 0 : numbers.get(numbers.size() - 1);
    }

    /** Removes it from a host, by other means than jvirt's. */
    void remove(LabHost host) {
        host.sh("virsh -q destroy " + name + " 2>/dev/null || true; virsh -q undefine " + name
                        + " 2>/dev/null || true; rm -rf " + OnKvm1.POOL + name
                        + "* /var/lib/libvirt/.jvirt-trash /var/lib/jvirt/trash; virsh -q pool-refresh default")
                .ok();
    }

    /** What is in the pool. */
    static List<String> files(LabHost host) {
        return host.sh("ls " + OnKvm1.POOL).ok().lines();
    }
}
