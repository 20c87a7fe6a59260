// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.inspect;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlElement;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A file that is written about a domain: QEMU's own log, or the record of its console. */
public final class DomainLog {
    private static final int CHUNK_BYTES = 64 * 1024;
    private static final long POLL_MILLIS = 200;

    private final Path file;

    private DomainLog(Path file) {
        this.file = file;
    }

    /** Takes what is read. */
    @FunctionalInterface
    public interface Sink {
        void write(byte[] bytes, int length) throws IOException;
    }

    /** Where libvirt has QEMU write its messages. */
    public static DomainLog ofQemu(Host host, Domain domain) {
        String uri = host.uri();
        String home = System.getProperty("user.home", "/");
        String xdg = System.getenv("XDG_CACHE_HOME");
        Path cache = xdg != null && xdg.startsWith("/") ? Path.of(xdg) : Path.of(home, ".cache");
        Path directory =
                uri.endsWith("/session") ? cache.resolve("libvirt/qemu/log") : Path.of("/var/log/libvirt/qemu");
        Path file = directory.resolve(domain.name() + ".log");
        refuseRemote(host, domain, file);
        if (!host.hypervisor().equalsIgnoreCase("QEMU")) {
            throw JvirtException.failed(
                    "the driver of " + uri + " writes no log of its domains", "QEMU's and KVM's domains have one");
        }
        return existing(file, domain, "it may never have been started: jvirt start " + ShellWord.quoted(domain.name()));
    }

    /** What the guest wrote to its console: where the definition has a {@code <log file='…'/>}. */
    public static DomainLog ofConsole(Host host, Domain domain) {
        XmlElement devices = DomainXml.parse(domain.xml()).element().element("devices");
        for (String kind : new String[] {"serial", "console"}) {
            for (XmlElement device : devices == null ? List.<XmlElement>of() : devices.elements(kind)) {
                XmlElement log = device.element("log");
                String path = log == null ? null : log.attribute("file");
                if (path != null) {
                    refuseRemote(host, domain, Path.of(path));
                    return existing(Path.of(path), domain, "it may never have been started");
                }
            }
        }
        throw JvirtException.notFound(
                "the console of domain '" + domain.name() + "' is not recorded",
                "add <log file='/var/log/libvirt/qemu/" + domain.name() + "-console.log'/> to <serial>: jvirt edit "
                        + ShellWord.quoted(domain.name()) + "; or jvirt console --log FILE");
    }

    private static void refuseRemote(Host host, Domain domain, Path file) {
        if (host.isRemote()) {
            throw JvirtException.failed(
                    "the log of domain '" + domain.name() + "' is a file on " + host.hostname()
                            + ", and libvirt does not give it to others",
                    "ssh " + host.hostname() + " cat " + file);
        }
    }

    private static DomainLog existing(Path file, Domain domain, String hint) {
        if (!Files.exists(file)) {
            Path directory = file.getParent();
            if (directory != null && Files.exists(directory) && !Files.isReadable(directory)) {
                throw unreadable(file);
            }
            throw JvirtException.notFound("domain '" + domain.name() + "' has no log " + file, hint);
        }
        if (!Files.isReadable(file)) {
            throw unreadable(file);
        }
        return new DomainLog(file);
    }

    private static JvirtException unreadable(Path file) {
        return JvirtException.failed("cannot read " + file + ": permission denied", "run it as root");
    }

    /**
     * Copies the log.
     *
     * @param lastLines how many of the last lines; -1 for all
     * @param follow goes on until it is cancelled, also in the file that takes this one's place when it is full
     */
    public void copy(int lastLines, boolean follow, Cancellation cancellation, Sink sink) throws IOException {
        byte[] chunk = new byte[CHUNK_BYTES];
        RandomAccessFile in = new RandomAccessFile(file.toFile(), "r");
        try {
            Object identity = identity();
            in.seek(lastLines < 0 ? 0 : startOfLast(in, lastLines));
            while (true) {
                for (int length = in.read(chunk); length > 0; length = in.read(chunk)) {
                    sink.write(chunk, length);
                }
                if (!follow) {
                    return;
                }
                cancellation.check();
                pause();
                Object now = identity();
                if (now != null && !now.equals(identity)) {
                    in.close();
                    in = new RandomAccessFile(file.toFile(), "r");
                    identity = now;
                } else if (in.length() < in.getFilePointer()) {
                    in.seek(0);
                }
            }
        } finally {
            in.close();
        }
    }

    private @Nullable Object identity() throws IOException {
        return Files.exists(file)
                ? Files.readAttributes(file, BasicFileAttributes.class).fileKey()
                : null;
    }

    private static long startOfLast(RandomAccessFile in, int lines) throws IOException {
        long at = in.length();
        int left = lines;
        byte[] chunk = new byte[CHUNK_BYTES];
        // The last line's own end does not count.
        boolean isFirst = true;
        while (at > 0) {
            int length = (int) Math.min(chunk.length, at);
            in.seek(at - length);
            in.readFully(chunk, 0, length);
            for (int i = length - 1; i >= 0; i--) {
                if ((chunk[i] == '\n' && !isFirst && --left <= 0) || lines == 0) {
                    return at - length + i + 1;
                }
                isFirst = false;
            }
            at -= length;
        }
        return 0;
    }

    private static void pause() {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JvirtException(JvirtException.Kind.INTERRUPTED, "interrupted", null, e);
        }
    }
}
