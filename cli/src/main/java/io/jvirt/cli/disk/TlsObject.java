// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.StorageException;
import io.jvirt.storage.nbd.TlsCredentials;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code --object tls-creds-x509,id=…,dir=…} describes.
 *
 * @param credentials null where they are those of a server
 */
record TlsObject(@Nullable TlsCredentials credentials) {
    static final String TYPE = "tls-creds-x509";
    static final String HELP = TYPE
            + " options:\n  dir=<string>\n  endpoint=<QCryptoTLSCredsEndpoint>\n  passwordid=<string>\n"
            + "  priority=<string>\n  sanity-check=<bool>\n  verify-peer=<bool>";

    /** Takes the properties that it knows and reads the certificates; the message tells what is wrong with them. */
    static TlsObject take(Map<String, String> properties) throws StorageException {
        String directory = properties.remove("dir");
        String endpoint = properties.remove("endpoint");
        boolean verify = isOn(properties, "verify-peer");
        // GnuTLS looks at certificates before they are used; here their use shows what is wrong with them.
        isOn(properties, "sanity-check");
        if (endpoint != null && !endpoint.equals("client") && !endpoint.equals("server")) {
            throw new StorageException("Parameter 'endpoint' does not accept value '" + endpoint + "'");
        }
        for (String other : new String[] {"passwordid", "priority"}) {
            if (properties.containsKey(other)) {
                throw new UnsupportedOperationException("the property '" + other + "' of " + TYPE);
            }
        }
        for (String unknown : properties.keySet()) {
            throw new StorageException("Parameter '" + unknown + "' is unexpected");
        }
        if (directory == null) {
            throw new StorageException("Missing 'dir' property value");
        }
        return new TlsObject("server".equals(endpoint) ? null : TlsCredentials.ofClient(Path.of(directory), verify));
    }

    private static boolean isOn(Map<String, String> properties, String name) throws StorageException {
        String value = properties.remove(name);
        if (value == null) {
            return true;
        }
        return switch (value) {
            case "on", "yes", "true", "y" -> true;
            case "off", "no", "false", "n" -> false;
            default -> throw new StorageException("Parameter '" + name + "' expects 'on' or 'off'");
        };
    }
}
