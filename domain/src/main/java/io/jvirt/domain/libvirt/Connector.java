// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Pointer;
import io.jvirt.domain.JvirtException;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Opens connections in bounded time and says what to do when one cannot be opened. */
final class Connector {
    private static final int KEEPALIVE_INTERVAL_SECONDS = 5;
    private static final int KEEPALIVE_COUNT = 4;

    // libvirt keeps the address for the life of the process.
    private static @Nullable Pointer silentErrorFunction;

    private Connector() {}

    static Pointer open(ConnectUri target, Duration limit) {
        try {
            silence();
            if (!target.isTestDriver()) {
                EventLoop.enter();
            }
        } catch (LinkageError e) {
            throw new JvirtException(
                    JvirtException.Kind.FAILED,
                    "cannot load libvirt's client library (libvirt.so.0): " + e.getMessage(),
                    "install it: apt install libvirt0 libvirt-daemon-system, or dnf install libvirt",
                    e);
        }
        if (target.isTestDriver()) {
            return openNow(target);
        }
        Pointer connection;
        try {
            Opening opening = new Opening(target);
            connection = Bounded.call("libvirt-open", limit, opening, opening);
        } catch (RuntimeException | Error e) {
            EventLoop.leave();
            throw e;
        }
        if (connection == null) {
            throw JvirtException.failed(
                    "cannot connect to " + target.uri() + ": no answer within " + limit.toSeconds() + " s",
                    hintForSilence(target.uri()));
        }
        return connection;
    }

    private static void silence() {
        // Without an error function libvirt prints each error on stderr by itself. One of its own functions that does
        // nothing when its first argument (our user data) is null needs no Java callback and cannot be collected.
        synchronized (Connector.class) {
            if (silentErrorFunction == null) {
                Pointer function = NativeLoader.function("virFreeError");
                NativeLibvirt.virSetErrorFunc(null, function);
                silentErrorFunction = function;
            }
        }
    }

    /** A class and no lambdas: each command goes this way, and linking the first lambda takes tens of milliseconds. */
    private static final class Opening implements Supplier<Pointer>, Consumer<Pointer> {
        private final ConnectUri target;

        Opening(ConnectUri target) {
            this.target = target;
        }

        @Override
        public Pointer get() {
            return openNow(target);
        }

        /** A connection that came too late. */
        @Override
        public void accept(Pointer late) {
            NativeLibvirt.virConnectClose(late);
            EventLoop.leave();
        }
    }

    private static Pointer openNow(ConnectUri target) {
        Pointer connection = NativeLibvirt.virConnectOpen(target.uri());
        if (connection == null) {
            throw failure(target.uri());
        }
        if (!target.isTestDriver()
                && NativeLibvirt.virConnectSetKeepAlive(connection, KEEPALIVE_INTERVAL_SECONDS, KEEPALIVE_COUNT) < 0) {
            // A driver without a daemon (esx, …) has no keepalive: the connection is as good without.
            NativeLibvirt.virResetLastError();
        }
        return connection;
    }

    private static LibvirtException failure(String uri) {
        LibvirtException bare = LibvirtException.last("cannot connect to " + uri);
        return new LibvirtException(
                "cannot connect to " + uri,
                bare.number(),
                bare.source(),
                bare.reason(),
                ConnectHint.of(uri, bare.number(), bare.reason()));
    }

    private static String hintForSilence(String uri) {
        String host = ConnectUri.remoteHost(uri);
        return host == null
                ? "libvirt's daemon hangs: systemctl restart libvirtd, and look at journalctl -u libvirtd"
                : "is " + host + " up, and does its libvirt daemon answer? Try: ssh " + host + " virsh list";
    }
}
