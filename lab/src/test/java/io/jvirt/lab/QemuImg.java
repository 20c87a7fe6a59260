// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** QEMU's own image tool: the judge of the images that jvirt made. */
record QemuImg(LabHost host) {
    JsonNode info(String file) {
        Outcome outcome =
                host.exec("qemu-img", "info", "-U", "--output=json", file).ok();
        try {
            return new ObjectMapper().readTree(outcome.out());
        } catch (JsonProcessingException e) {
            throw new AssertionError("no JSON: " + outcome, e);
        }
    }

    /** Asserts format and size, and for qcow2 that {@code qemu-img check} finds nothing. */
    void assertSound(String file, String format, long virtualSizeBytes) {
        JsonNode info = info(file);
        assertThat(info.path("format").asText()).as(file).isEqualTo(format);
        assertThat(info.path("virtual-size").asLong()).as(file).isEqualTo(virtualSizeBytes);
        if (format.equals("qcow2")) {
            host.exec("qemu-img", "check", file).ok();
        }
    }

    /** Asserts that a guest would read the same from both. */
    void assertEqual(String one, String other) {
        host.exec("qemu-img", "compare", "-U", one, other).ok();
    }
}
