// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.doctor;

import io.jvirt.domain.ShellWord;
import io.jvirt.domain.SizeText;
import io.jvirt.domain.doctor.Finding.Severity;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;

/** Images whose metadata is wrong or wasteful; those that a hypervisor has open change under the eyes and are left out. */
final class ImageHealth implements DoctorCheck {
    @Override
    public void look(DoctorFacts facts, Consumer<Finding> found) {
        Set<String> open = facts.openFiles();
        Set<String> all = new LinkedHashSet<>(facts.usedFiles());
        facts.poolImages().values().forEach(all::addAll);
        for (String path : all) {
            ImageState state = open.contains(path) || !facts.images().exists(path)
                    ? null
                    : facts.images().state(path);
            if (state != null) {
                look(path, state, found);
            }
        }
    }

    private static void look(String path, ImageState state, Consumer<Finding> found) {
        String subject = "image " + path;
        if (state.failure() != null) {
            found.accept(new Finding(
                    Severity.ERROR,
                    "image-unreadable",
                    subject,
                    state.failure(),
                    "jvirt disk check " + ShellWord.quoted(path)));
        } else if (state.corruptions() > 0) {
            found.accept(new Finding(
                    Severity.ERROR,
                    "image-corrupt",
                    subject,
                    state.corruptions() == 1 ? "it is corrupt" : state.corruptions() + " corruptions",
                    "copy it first, then: jvirt disk check -r all " + ShellWord.quoted(path)));
        } else if (state.isDirty()) {
            found.accept(new Finding(
                    Severity.WARNING,
                    "image-dirty",
                    subject,
                    "it was not closed properly",
                    "jvirt disk check -r all " + ShellWord.quoted(path)));
        }
        if (state.leakedClusters() > 0) {
            found.accept(new Finding(
                    Severity.WARNING,
                    "image-leaks",
                    subject,
                    state.leakedClusters() + " leaked clusters take "
                            + SizeText.of(state.leakedClusters() * state.clusterBytes()),
                    "jvirt disk check -r leaks " + ShellWord.quoted(path)));
        }
    }
}
