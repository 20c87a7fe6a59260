// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.doctor;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A label of SELinux, as a file or a process has it.
 *
 * @param type {@code svirt_image_t}
 * @param level sensitivity and categories, {@code s0:c1,c3.c5}; of a range the upper end
 */
record SelinuxContext(String text, String type, String level) {
    /** What libvirt's policy lets a machine write, and what it lets it read besides. Network file systems have switches. */
    static final String IMAGE = "svirt_image_t";

    static final String CONTENT = "virt_content_t";
    private static final Set<String> WRITABLE = Set.of(IMAGE, "nfs_t", "cifs_t", "fusefs_t");
    private static final Set<String> MACHINES = Set.of("svirt_t", "svirt_tcg_t");

    private static final Pattern CONTEXT =
            Pattern.compile("[^:]+:[^:]+:([^:]+):(?:[^:-]+(?::[^-]*)?-)?([^:-]+(?::[^-]*)?)");
    private static final Pattern CATEGORIES = Pattern.compile("c(\\d{1,4})(?:\\.c(\\d{1,4}))?");

    /** Null where it is no such label. */
    static @Nullable SelinuxContext parse(@Nullable String text) {
        Matcher parts = CONTEXT.matcher(text == null ? "" : text.strip());
        return parts.matches() ? new SelinuxContext(parts.group(), parts.group(1), parts.group(2)) : null;
    }

    /** Whether a process with this label may open a file with that one; true also where its own type is not known here. */
    boolean mayOpen(SelinuxContext file, boolean writes) {
        return !MACHINES.contains(type)
                || ((WRITABLE.contains(file.type) || (!writes && file.type.equals(CONTENT)))
                        && categories().containsAll(file.categories()));
    }

    /** The label with which libvirt gives a file to a machine of this one. */
    String ofItsFile(boolean writes) {
        return "system_u:object_r:" + (writes ? IMAGE + ":" + level : CONTENT + ":s0");
    }

    private Set<Integer> categories() {
        Set<Integer> found = new TreeSet<>();
        Matcher each = CATEGORIES.matcher(level);
        while (each.find()) {
            int first = Integer.parseInt(each.group(1));
            int last = each.group(2) == null ? first : Integer.parseInt(each.group(2));
            for (int category = first; category <= last; category++) {
                found.add(category);
            }
        }
        return found;
    }
}
