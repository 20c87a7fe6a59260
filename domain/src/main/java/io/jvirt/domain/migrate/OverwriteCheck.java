// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.domain.reference.ReferenceGraph;
import io.jvirt.domain.reference.Use;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Whether what --delta overwrites on the target is nobody else's: an older copy of a machine belongs to no machine there. */
final class OverwriteCheck {
    private OverwriteCheck() {}

    static void run(Move move, FilePlan plan, Findings findings) {
        List<MovedFile> overwritten = plan.files().stream()
                .filter(file -> file.action() == MovedFile.Action.UPDATE)
                .toList();
        if (overwritten.isEmpty()) {
            return;
        }
        Set<String> ours = new HashSet<>();
        overwritten.forEach(file -> ours.add(file.targetPath()));
        ReferenceGraph graph = ReferenceGraph.read(move.target());
        for (MovedFile file : overwritten) {
            for (Use use : graph.uses(file.targetPath())) {
                // The older copies name each other as the new ones do.
                if (use.domain() != null || !ours.contains(String.valueOf(use.image()))) {
                    findings.blocker(
                            "disk",
                            file.targetPath() + " on the target is used by " + use + " there and is not overwritten",
                            "take another pool: --pool-map");
                }
            }
        }
    }
}
