// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.image;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The proxies of {@code http_proxy}, {@code https_proxy} and {@code no_proxy}, as curl and wget take them. */
final class ProxySettings extends ProxySelector {
    private final Map<String, String> environment;

    ProxySettings(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public List<Proxy> select(@Nullable URI uri) {
        String host = uri == null || uri.getHost() == null ? "" : uri.getHost().toLowerCase(Locale.ROOT);
        String proxy = uri == null ? null : variable(uri.getScheme() + "_proxy");
        if (proxy == null || proxy.isBlank() || isDirect(host)) {
            return List.of(Proxy.NO_PROXY);
        }
        URI at = URI.create(proxy.contains("://") ? proxy : "http://" + proxy);
        int port = at.getPort() < 0 ? 80 : at.getPort();
        return List.of(
                new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(String.valueOf(at.getHost()), port)));
    }

    private boolean isDirect(String host) {
        if (host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]")) {
            return true;
        }
        String none = variable("no_proxy");
        if (none == null) {
            return false;
        }
        for (String each : none.split(",", -1)) {
            String name = each.strip().toLowerCase(Locale.ROOT).replaceFirst("^\\*?\\.", "");
            if (name.equals("*") || (!name.isEmpty() && (host.equals(name) || host.endsWith("." + name)))) {
                return true;
            }
        }
        return false;
    }

    private @Nullable String variable(String name) {
        String value = environment.get(name);
        return value == null ? environment.get(name.toUpperCase(Locale.ROOT)) : value;
    }

    @Override
    public void connectFailed(@Nullable URI uri, @Nullable SocketAddress address, @Nullable IOException failure) {
        // The request fails with the reason.
    }
}
