// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.StorageException;
import io.jvirt.storage.nbd.NbdAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An image as the command line names it: a file name, an nbd: name, {@code json:{…}}, or with {@code --image-opts} a list
 * of options.
 *
 * @param typed the text as given, for messages
 * @param shown the name as output shows it
 * @param driver the format that was asked for, or null to recognise it
 * @param file the path of the file, or the NBD address
 * @param nbd true for an NBD address
 * @param options what else was given: dotted names without the driver and the file
 */
record ImageName(
        String typed, String shown, @Nullable String driver, String file, boolean nbd, Map<String, String> options) {

    static final String TLS_CREDENTIALS = "tls-creds";
    static final String TLS_HOSTNAME = "tls-hostname";

    private static final String NBD_BITMAP = "x-dirty-bitmap";
    private static final Set<String> OF_NBD = Set.of(NBD_BITMAP, TLS_CREDENTIALS, TLS_HOSTNAME);

    /** A plain name: the path behind {@code file:}, an NBD address, or {@code json:}. */
    static ImageName plain(String text, @Nullable String format) throws StorageException {
        if (text.startsWith("json:")) {
            return fromOptions(text, json(text), format);
        }
        if (isNbd(text)) {
            return new ImageName(text, shownNbd(text), format, text, true, Map.of());
        }
        String path = text;
        int colon = text.indexOf(':');
        int slash = text.indexOf('/');
        if (colon > 0 && (slash < 0 || colon < slash)) {
            String protocol = text.substring(0, colon);
            if (!protocol.equals("file")) {
                throw new StorageException("Unknown protocol '" + protocol + "'");
            }
            path = text.substring(colon + 1);
            int next = path.indexOf(':');
            int nextSlash = path.indexOf('/');
            if (next > 0 && (nextSlash < 0 || next < nextSlash)) {
                // The name alone would pass for one with a protocol.
                path = "./" + path;
            }
        }
        if (path.isEmpty()) {
            throw new StorageException("The 'file' block driver requires a file name");
        }
        checkCharacters(path);
        checkDriver(format);
        return new ImageName(text, path, format, path, false, Map.of());
    }

    /** The name of a list of options, {@code driver=qcow2,file.filename=x}. */
    static ImageName imageOpts(String text) throws StorageException {
        Map<String, String> options = new LinkedHashMap<>();
        for (OptionList.Pair pair : OptionList.parse(text, "file")) {
            options.put(pair.name(), pair.value());
        }
        return fromOptions(text, options, null);
    }

    /** Whether direct I/O is asked for, which goes by whole sectors. */
    boolean isDirect() {
        return "on".equals(options.get(NodeOptions.DIRECT));
    }

    /** The bitmap that an NBD server's map is to be taken from, or null. */
    @Nullable
    String nbdBitmap() {
        return options.get(NBD_BITMAP);
    }

    /** The backing file that the options {@code backing.…} name in place of the one that the image names, or null. */
    @Nullable
    ImageName backing() throws StorageException {
        return below("backing.");
    }

    /** The data file that the options {@code data-file.…} name in place of the one that the image names, or null. */
    @Nullable
    ImageName dataFile() throws StorageException {
        return below("data-file.");
    }

    private @Nullable ImageName below(String prefix) throws StorageException {
        Map<String, String> inner = new LinkedHashMap<>();
        for (Map.Entry<String, String> option : options.entrySet()) {
            if (option.getKey().startsWith(prefix)) {
                inner.put(option.getKey().substring(prefix.length()), option.getValue());
            }
        }
        if (prefix.equals("data-file.") && inner.containsKey("filename")) {
            // Unlike a backing file, it is a file and not an image.
            inner.putIfAbsent("driver", "file");
        }
        return inner.isEmpty() ? null : fromOptions(typed, inner, null);
    }

    /** Refuses the options that no raw image has, where the format was not known before. */
    void checkRaw() throws StorageException {
        for (String option : options.keySet()) {
            if (option.startsWith("data-file.")
                    || option.equals("backing")
                    || option.startsWith("backing.")
                    || isOfEncryption(option)
                    || NodeOptions.isOfQcow2(option)) {
                throw new StorageException("Block format 'raw' does not support the option '" + option + "'");
            }
        }
    }

    private static boolean isOfEncryption(String option) {
        return option.equals("encrypt.key-secret") || option.equals("encrypt.format");
    }

    /** No command line has such a name, but an image can have stored it. */
    private static void checkCharacters(String file) throws StorageException {
        if (file.indexOf('\0') >= 0) {
            throw new StorageException("The name of a file cannot hold a NUL character");
        }
    }

    static boolean isNbd(String text) {
        return text.startsWith("nbd:") || text.startsWith("nbd+unix:") || text.startsWith("nbd+tcp:");
    }

    private static String shownNbd(String text) {
        try {
            return NbdAddress.parse(text).toString();
        } catch (StorageException e) {
            return text;
        }
    }

    private static void checkDriver(@Nullable String driver) throws StorageException {
        if (driver == null) {
            return;
        }
        switch (driver) {
            case "raw", "qcow2", "luks", "file", "host_device", "nbd" -> {}
            case "vmdk", "vdi", "vpc", "vhdx", "qed", "qcow", "parallels", "dmg", "bochs", "cloop" ->
                throw new StorageException(
                        "Format '" + driver + "' is not supported by this version of jvirt",
                        "convert it first: qemu-img convert -O qcow2 FILE NEW.qcow2");
            default -> throw new StorageException("Unknown driver '" + driver + "'");
        }
    }

    private static Map<String, String> json(String text) throws StorageException {
        try {
            return JsonNames.object(text.substring("json:".length()));
        } catch (JsonNames.NoObject e) {
            throw e;
        } catch (StorageException e) {
            throw new StorageException("Could not parse the JSON options: " + e.getMessage());
        }
    }

    private static ImageName fromOptions(String typed, Map<String, String> given, @Nullable String format)
            throws StorageException {
        Map<String, String> options = new LinkedHashMap<>(given);
        String driver = options.remove("driver");
        if (driver == null) {
            driver = format;
        }
        checkDriver(driver);
        boolean protocol =
                driver != null && (driver.equals("file") || driver.equals("host_device") || driver.equals("nbd"));
        String prefix = protocol ? "" : "file.";
        String fileDriver = protocol ? driver : options.remove("file.driver");
        if (fileDriver != null && !protocol) {
            checkDriver(fileDriver);
        }
        if ("raw".equals(fileDriver) || "qcow2".equals(fileDriver) || "luks".equals(fileDriver)) {
            throw new UnsupportedOperationException("a format on top of format '" + fileDriver + "'");
        }
        String node = options.remove("file");
        if (node != null) {
            throw new StorageException("Cannot find device='" + node + "' nor node-name='" + node + "'");
        }
        String file = options.remove(prefix + "filename");
        boolean nbd = "nbd".equals(fileDriver) || (file != null && isNbd(file));
        if (nbd && file == null) {
            file = nbdAddress(options, prefix);
        }
        if (file == null) {
            if (driver == null && !options.containsKey("file.driver")) {
                throw new StorageException("Must specify either driver or file");
            }
            throw new StorageException(
                    protocol
                            ? "The 'file' block driver requires a file name"
                            : "A block device must be specified for \"file\"");
        }
        if (file.startsWith("file:")) {
            file = file.substring("file:".length());
        }
        checkCharacters(file);
        Map<String, String> rest = new LinkedHashMap<>();
        boolean shownPlain = true;
        for (Map.Entry<String, String> option : options.entrySet()) {
            String name = option.getKey();
            boolean ofFile = protocol || name.startsWith("file.");
            String bare = name.startsWith("file.") ? name.substring("file.".length()) : name;
            if (ofFile ? NodeOptions.isOfFile(bare, nbd) : NodeOptions.isOfFormat(bare, driver)) {
                String value = NodeOptions.checked(bare, option.getValue());
                if (NodeOptions.isKept(bare)) {
                    rest.merge(bare, value, NodeOptions::either);
                }
                continue;
            }
            boolean offset = "raw".equals(driver) && (name.equals("offset") || name.equals("size"));
            boolean secret =
                    "luks".equals(driver) ? name.equals("key-secret") : !"raw".equals(driver) && isOfEncryption(name);
            boolean qcow2 = name.equals("backing") || name.startsWith("backing.") || name.startsWith("data-file.");
            boolean ofServer = nbd && ofFile && OF_NBD.contains(bare);
            if (!offset && !secret && !ofServer && !(qcow2 && (driver == null || "qcow2".equals(driver)))) {
                throw new StorageException(
                        ofFile
                                ? "Block protocol '" + (nbd ? "nbd" : fileDriver == null ? "file" : fileDriver)
                                        + "' doesn't support the option '" + bare + "'"
                                : "Block format '" + (driver == null ? "raw" : driver)
                                        + "' does not support the option '" + name + "'");
            }
            shownPlain &= !offset && !secret;
            rest.put(ofServer ? bare : name, option.getValue());
        }
        NodeOptions.checkTogether(rest);
        String shown =
                shownPlain ? nbd ? shownNbd(file) : file : shownAsJson(driver == null ? "raw" : driver, file, given);
        return new ImageName(typed, shown, driver, file, nbd, rest);
    }

    private static @Nullable String nbdAddress(Map<String, String> options, String prefix) {
        String path = options.remove(prefix + "path");
        path = path == null ? options.remove(prefix + "server.path") : path;
        String host = options.remove(prefix + "host");
        host = host == null ? options.remove(prefix + "server.host") : host;
        String port = options.remove(prefix + "port");
        port = port == null ? options.remove(prefix + "server.port") : port;
        options.remove(prefix + "server.type");
        String export = options.remove(prefix + "export");
        String name = export == null ? "" : export;
        if (path != null) {
            return "nbd+unix:///" + name + "?socket=" + path;
        }
        return host == null
                ? null
                : "nbd://" + host + ":" + (port == null ? "10809" : port) + (name.isEmpty() ? "" : "/" + name);
    }

    private static String shownAsJson(String driver, String file, Map<String, String> given) {
        Map<String, Object> tree = new LinkedHashMap<>();
        for (Map.Entry<String, String> option : new TreeMap<>(given).entrySet()) {
            String name = option.getKey();
            if (!name.startsWith("file")
                    && !NodeOptions.isOfFormat(name, null)
                    && !NodeOptions.isOfFile(name, false)
                    && !name.equals("driver")) {
                tree.put(name, option.getValue());
            }
        }
        tree.put("driver", driver);
        Map<String, Object> inner = new LinkedHashMap<>();
        inner.put("driver", isNbd(file) ? "nbd" : "file");
        inner.put("filename", file);
        tree.put("file", inner);
        return "json:" + QemuJson.compact(tree);
    }
}
