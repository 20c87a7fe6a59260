// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.image;

import io.jvirt.domain.JvirtException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Locale;

/** URLs of images. */
final class ImageUrl {
    private static final int HIGHEST_PORT = 65_535;

    private ImageUrl() {}

    static URI parse(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw JvirtException.usage("'" + text + "' is no URL: " + e.getReason(), "write blanks as %20");
        }
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https") && !scheme.equals("file")) {
            throw JvirtException.usage(
                    "images are not fetched by " + scheme, "use https, http or file, or download it and --image FILE");
        }
        if (scheme.equals("file")) {
            return uri;
        }
        if (uri.getHost() == null) {
            throw JvirtException.usage("the URL '" + text + "' names no host", "write https://HOST/PATH");
        }
        if (uri.getPort() > HIGHEST_PORT) {
            throw JvirtException.usage(
                    "the URL '" + text + "' has the port " + uri.getPort() + ", and the highest is " + HIGHEST_PORT,
                    "leave it out for the usual one");
        }
        if (uri.getUserInfo() != null) {
            throw JvirtException.usage(
                    "a URL with a password in it would be kept in the cache for others to read",
                    "download it with a tool that logs in, then --image FILE");
        }
        return uri;
    }

    /** The last part of the path. */
    static String name(URI uri) {
        String path = uri.getPath() == null ? "" : uri.getPath();
        String name = path.substring(path.lastIndexOf('/') + 1);
        if (name.isBlank() || name.startsWith(".") || name.length() > 200) {
            throw JvirtException.usage("the URL " + uri + " names no file", "give the image's own URL");
        }
        return name;
    }

    /** The file of a file URL: on this machine. */
    static Path file(String text) {
        URI uri = parse(text);
        String host = uri.getHost();
        if (uri.getPath() == null || (host != null && !host.isEmpty() && !host.equals("localhost"))) {
            throw JvirtException.usage(
                    "'" + text + "' is no file of this machine", "write file:///PATH, or the path alone");
        }
        return Path.of(uri.getPath());
    }
}
