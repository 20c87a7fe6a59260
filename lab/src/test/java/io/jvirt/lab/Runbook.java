// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A page of {@code examples/}: its commands, and what they are said to print. examples/README.md has the convention. */
record Runbook(String name, List<Step> steps) {
    private static final String REPLACEMENT = "<!-- in the lab: ";

    /** The lines of one {@code sh} block, and the lines that its output must hold in this order. */
    record Step(int line, String script, List<String> output) {}

    static Runbook read(Path page) {
        try {
            return parse(page.getFileName().toString(), Files.readAllLines(page));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Runbook parse(String name, List<String> lines) {
        List<Step> steps = new ArrayList<>();
        Map<String, String> replacements = new LinkedHashMap<>();
        String block = null;
        int start = 0;
        StringBuilder body = new StringBuilder();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (block == null && line.startsWith(REPLACEMENT)) {
                String[] pair = line.substring(REPLACEMENT.length())
                        .replace("-->", "")
                        .strip()
                        .split(" = ", 2);
                replacements.put(pair[0], pair[1]);
            } else if (block == null && line.startsWith("```")) {
                block = line.substring(3).strip();
                start = i + 1;
                body.setLength(0);
            } else if (block != null && line.equals("```")) {
                if (block.equals("sh")) {
                    steps.add(new Step(start, replace(body.toString(), replacements), List.of()));
                } else if (block.equals("text") && !steps.isEmpty()) {
                    Step last = steps.remove(steps.size() - 1);
                    steps.add(new Step(
                            last.line(),
                            last.script(),
                            replace(body.toString(), replacements)
                                    .lines()
                                    .filter(text -> !text.isBlank())
                                    .toList()));
                }
                block = null;
            } else if (block != null) {
                body.append(line).append('\n');
            }
        }
        if (block != null) {
            throw new IllegalArgumentException(name + ":" + start + ": a block that does not end");
        }
        return new Runbook(name, List.copyOf(steps));
    }

    /** The first expected line that the output does not have (after those before it), or an empty string. */
    static String firstMissing(List<String> expected, String output) {
        List<String> printed = output.lines().toList();
        int at = 0;
        for (String line : expected) {
            while (at < printed.size() && !matches(line.strip(), printed.get(at).strip())) {
                at++;
            }
            if (at++ >= printed.size()) {
                return line;
            }
        }
        return "";
    }

    /** In an expected line {@code …} stands for any text; runs of spaces are one. */
    private static boolean matches(String expected, String printed) {
        String rest = printed.replaceAll("\\s+", " ");
        String[] parts = expected.replaceAll("\\s+", " ").split("…", -1);
        if (!rest.startsWith(parts[0])) {
            return false;
        }
        for (String part : parts) {
            int found = rest.indexOf(part);
            if (found < 0) {
                return false;
            }
            rest = rest.substring(found + part.length());
        }
        return rest.isEmpty() || parts[parts.length - 1].isEmpty();
    }

    private static String replace(String text, Map<String, String> replacements) {
        String replaced = text;
        for (Map.Entry<String, String> pair : replacements.entrySet()) {
            replaced = replaced.replace(pair.getKey(), pair.getValue());
        }
        return replaced;
    }

    @Override
    public String toString() {
        return name;
    }
}
