// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.doctor;

import io.jvirt.domain.ShellWord;
import io.jvirt.domain.doctor.Finding.Severity;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Disk images in pools that no domain and no image uses, nor a program now. Media are there to be used one day. */
final class OrphanVolumes implements DoctorCheck {
    @Override
    public void look(DoctorFacts facts, Consumer<Finding> found) {
        Set<String> used = facts.usedFiles();
        for (Map.Entry<String, Set<String>> pool : facts.poolImages().entrySet()) {
            for (String path : pool.getValue()) {
                String name = path.substring(path.lastIndexOf('/') + 1);
                boolean isMedium = name.endsWith(".iso") || name.endsWith(".img.xz") || name.startsWith(".");
                if (!used.contains(path) && !isMedium && !facts.images().isInUse(path)) {
                    boolean isShared = facts.pools().stream()
                            .anyMatch(p -> p.name().equals(pool.getKey()) && "netfs".equals(p.type()));
                    found.accept(new Finding(
                            Severity.NOTE,
                            "orphan-volume",
                            "volume '" + name + "' of pool '" + pool.getKey() + "'",
                            isShared ? "no domain of this host and no image uses it" : "no domain and no image uses it",
                            "jvirt volume delete " + ShellWord.quoted(pool.getKey()) + " " + ShellWord.quoted(name)
                                    + (isShared
                                            ? ", where no machine of another host does"
                                            : ", where nobody else does")));
                }
            }
        }
    }
}
