// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;

/** The product, run in a host as a user runs it: {@code ./jvirt} of the checkout. */
record Jvirt(LabHost host) {
    private static final ObjectMapper JSON = new ObjectMapper();

    Outcome run(String... arguments) {
        return host.exec(command(arguments));
    }

    Running start(String... arguments) {
        return host.start(command(arguments));
    }

    /** Runs with {@code -o json} and parses the answer. */
    JsonNode json(String... arguments) {
        List<String> all = new ArrayList<>(List.of("-o", "json"));
        all.addAll(List.of(arguments));
        return parsed(run(all.toArray(String[]::new)).ok());
    }

    static JsonNode parsed(Outcome outcome) {
        try {
            return JSON.readTree(outcome.out());
        } catch (JsonProcessingException e) {
            throw new AssertionError("no JSON: " + outcome, e);
        }
    }

    /** {@code jvirt console} in a pipe. */
    Running console(String domain) {
        return start("console", domain);
    }

    static List<String> command(String... arguments) {
        List<String> command =
                new ArrayList<>(List.of(LabHost.CHECKOUT.resolve("jvirt").toString()));
        command.addAll(List.of(arguments));
        return command;
    }
}
