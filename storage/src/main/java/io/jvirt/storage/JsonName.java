// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A file's name in QEMU's {@code json:} form, such as <code>json:{"driver":"qcow2","file":{"driver":"file",
 * "filename":"x"}}</code>: objects of strings, numbers and literals, nested or with dotted keys. Read by hand, as no JSON
 * library may be loaded for it.
 */
final class JsonName {
    private JsonName() {}

    /** The host file that the description leads to. */
    static String fileOf(String name) throws StorageException {
        Map<String, String> values = parse(name);
        String path = values.get("file.filename");
        String driver = values.get("file.driver");
        if (path == null) {
            path = values.get("filename");
            driver = values.get("driver");
        }
        if (path == null || (driver != null && !driver.equals("file") && !driver.equals("host_device"))) {
            throw new StorageException(
                    "Could not open '" + name + "': only files are supported in a json: name",
                    "name a file with \"driver\": \"file\" and \"filename\"");
        }
        return path;
    }

    /** The image format that the description asks for, or null where it leaves that open. */
    static @Nullable String formatOf(String name) throws StorageException {
        String driver = parse(name).get("driver");
        return driver == null || driver.equals("file") || driver.equals("host_device") ? null : driver;
    }

    private static Map<String, String> parse(String name) throws StorageException {
        return FlatJson.parse(name, "json:".length(), "the JSON options of '" + name + "'");
    }
}
