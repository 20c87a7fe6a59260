// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.StorageException;
import io.jvirt.storage.nbd.TlsCredentials;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code --object} gave, found by its id: {@code secret,id=…,data=…} or {@code file=…}, and certificates for TLS
 * ({@link TlsObject}).
 */
final class Secrets {
    private final Map<String, byte[]> byId = new HashMap<>();
    private final Map<String, TlsObject> tlsById = new HashMap<>();

    /** The secret of an id, or null. */
    byte @Nullable [] find(String id) {
        return byId.get(id);
    }

    /** The certificates of an id. */
    TlsCredentials credentials(String id) throws StorageException {
        TlsObject found = tlsById.get(id);
        if (found == null) {
            throw new StorageException(
                    byId.containsKey(id)
                            ? "Object with id '" + id + "' is not TLS credentials"
                            : "No TLS credentials with id '" + id + "'",
                    "give them with --object tls-creds-x509,id=" + id + ",endpoint=client,dir=DIR");
        }
        TlsCredentials credentials = found.credentials();
        if (credentials == null) {
            throw new StorageException("Expected TLS credentials for a client endpoint");
        }
        return credentials;
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
            console.println("List of user creatable objects:\n  secret\n  " + TlsObject.TYPE);
            throw new VerbExit(0);
        }
        if (properties.containsKey("help") || properties.containsKey("?")) {
            console.println(
                    type.equals(TlsObject.TYPE)
                            ? TlsObject.HELP
                            : "secret options:\n  data=<string>\n  file=<string>\n  format=<QCryptoSecretFormat>");
            throw new VerbExit(0);
        }
        if (type.equals("tls-creds-psk") || type.equals("tls-creds-anon")) {
            throw new UnsupportedOperationException("TLS without certificates ('" + type + "')");
        }
        if (!type.equals("secret") && !type.equals(TlsObject.TYPE)) {
            return "Parameter 'qom-type' does not accept value '" + type + "'";
        }
        if (id == null) {
            return "Parameter 'id' is missing";
        }
        if (type.equals(TlsObject.TYPE)) {
            return tryAddTls(console, id, properties, failureCode);
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
        checkIdentifier(console, id, failureCode);
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
        return tlsById.containsKey(id) || byId.putIfAbsent(id, secret) != null ? duplicate(id) : null;
    }

    private @Nullable String tryAddTls(Console console, String id, Map<String, String> properties, int failureCode)
            throws StorageException {
        checkIdentifier(console, id, failureCode);
        TlsObject tls = TlsObject.take(properties);
        return byId.containsKey(id) || tlsById.putIfAbsent(id, tls) != null ? duplicate(id) : null;
    }

    private static String duplicate(String id) {
        return "attempt to add duplicate property '" + id + "' to object (type 'container')";
    }

    private static void checkIdentifier(Console console, String id, int failureCode) {
        if (!isIdentifier(id)) {
            console.fail(
                    "Parameter 'id' expects an identifier",
                    "Identifiers consist of letters, digits, '-', '.', '_', starting with a letter.");
            throw new VerbExit(failureCode);
        }
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
