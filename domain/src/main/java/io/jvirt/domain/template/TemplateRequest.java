// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.template;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What {@code template create} is asked for.
 *
 * @param name the template's
 * @param file where it goes
 * @param domain the machine that it is made from: name, UUID or number
 * @param withDisks the disks become bases and the machine is marked; else the template has empty disks of the same sizes
 * @param description null for one that names the machine
 */
public record TemplateRequest(
        String name,
        Path file,
        String domain,
        boolean withDisks,
        @Nullable String description) {
    /** The file with the firmware's variables, beside the template. */
    String nvramFileName() {
        return String.valueOf(file.getFileName()).replaceAll("[.]yaml$", "") + "_VARS.fd";
    }
}
