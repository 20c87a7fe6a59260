// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.StorageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The secrets given with {@code --object secret,id=…,data=…} or {@code file=…}, found by their id. */
final class Secrets {
    private final Map<String, byte[]> byId = new HashMap<>();

    /** The secret of an id, or null. */
    byte @Nullable [] find(String id) {
        return byId.get(id);
    }

    /** Takes one {@code --object}; a wrong one ends the verb with {@code failureCode}. */
    void add(Console console, String definition, int failureCode) throws IOException {
        String fault;
        try {
            fault = tryAdd(console, definition, failureCode);
        } catch (StorageException e) {
            fault = Console.text(e);
        }
        if (fault != null) {
            console.fail(fault);
            throw new VerbExit(failureCode);
        }
    }

    private @Nullable String tryAdd(Console console, String definition, int failureCode) throws IOException {
        Map<String, String> properties = new LinkedHashMap<>();
        if (definition.startsWith("{")) {
            properties.putAll(JsonNames.object(definition));
        } else {
            for (OptionList.Pair pair : OptionList.parse(definition, "qom-type")) {
                properties.put(pair.name(), pair.value());
            }
        }
        String type = properties.remove("qom-type");
        String id = properties.remove("id");
        if (type == null) {
            return "Parameter 'qom-type' is missing";
        }
        if (OptionList.isHelp(type)) {
            console.println("List of user creatable objects:\n  secret");
            throw new VerbExit(0);
        }
        if (properties.containsKey("help") || properties.containsKey("?")) {
            console.println("secret options:\n  data=<string>\n  file=<string>\n  format=<QCryptoSecretFormat>");
            throw new VerbExit(0);
        }
        if (!type.equals("secret")) {
            return "Parameter 'qom-type' does not accept value '" + type + "'";
        }
        if (id == null) {
            return "Parameter 'id' is missing";
        }
        String data = properties.remove("data");
        String file = properties.remove("file");
        String format = properties.remove("format");
        if (properties.containsKey("keyid") || properties.containsKey("iv")) {
            throw new UnsupportedOperationException("a secret encrypted by another secret ('keyid')");
        }
        for (String unknown : properties.keySet()) {
            return "Parameter '" + unknown + "' is unexpected";
        }
        if (format != null && !format.equals("raw") && !format.equals("base64")) {
            return "Parameter 'format' does not accept value '" + format + "'";
        }
        if (!isIdentifier(id)) {
            console.fail(
                    "Parameter 'id' expects an identifier",
                    "Identifiers consist of letters, digits, '-', '.', '_', starting with a letter.");
            throw new VerbExit(failureCode);
        }
        if (data != null && file != null) {
            return "'file' and 'data' are mutually exclusive";
        }
        byte[] secret;
        if (data != null) {
            secret = data.getBytes(StandardCharsets.UTF_8);
        } else if (file != null) {
            try {
                secret = Files.readAllBytes(Path.of(file));
            } catch (IOException e) {
                return "Unable to read " + file + ": Failed to open file “" + file + "”: " + Console.text(e);
            }
        } else {
            return "Either 'file' or 'data' must be provided";
        }
        if ("base64".equals(format)) {
            try {
                secret = Base64.getMimeDecoder().decode(secret);
            } catch (IllegalArgumentException e) {
                return "Base64 data '" + new String(secret, StandardCharsets.UTF_8) + "' is not valid";
            }
        }
        if (byId.putIfAbsent(id, secret) != null) {
            return "attempt to add duplicate property '" + id + "' to object (type 'container')";
        }
        return null;
    }

    private static boolean isIdentifier(String id) {
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            boolean other = (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
            if (!letter && (i == 0 || !other)) {
                return false;
            }
        }
        return !id.isEmpty();
    }
}
