// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.metadata;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.StateDirectory;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Scope;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.Namespace;
import io.jvirt.domain.xml.Property;
import io.jvirt.domain.xml.XmlElement;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * jvirt's element in a definition: of a document before it is defined ({@link #in}), or of a domain that exists ({@link
 * #of} to read, {@link #change} to change). Properties start with {@code metadata/jvirt:vm/}.
 */
public final class VmMetadata {
    private static final String PREFIX = "jvirt";
    private static final Object PROCESS_LOCK = new Object();

    private final DomainXml domain;

    private VmMetadata(DomainXml domain) {
        this.domain = domain;
    }

    /** The element of a document; changes are made in the document. */
    public static VmMetadata in(DomainXml document) {
        return new VmMetadata(document);
    }

    /** The element as the domain has it now: of its persistent definition, or of a transient domain. For reading. */
    public static VmMetadata of(Domain domain) {
        return new VmMetadata(DomainXml.parse(domain.isPersistent() ? domain.inactiveXml() : domain.xml()));
    }

    /** The element of the running machine, which may say more than its definition. For reading. */
    public static VmMetadata ofRunning(Domain domain) {
        return new VmMetadata(DomainXml.parse(domain.xml()));
    }

    /** Changes the element of the running machine alone: the change goes with it. */
    public static void changeRunning(Domain domain, Consumer<VmMetadata> change) {
        change(domain, true, change);
    }

    /**
     * Changes the element of a domain, in the definition and in the running machine by one call of libvirt. Two changes
     * from this machine never lose each other's work.
     */
    public static void change(Domain domain, Consumer<VmMetadata> change) {
        change(domain, false, change);
    }

    private static void change(Domain domain, boolean runningAlone, Consumer<VmMetadata> change) {
        synchronized (PROCESS_LOCK) {
            try (FileChannel channel = lockFile();
                    FileLock held = channel.lock()) {
                assert held.isValid();
                VmMetadata metadata = runningAlone ? ofRunning(domain) : of(domain);
                String before = metadata.elementText();
                change.accept(metadata);
                String after = metadata.elementText();
                if (!Objects.equals(before, after)) {
                    domain.setMetadata(
                            Namespace.JVIRT.uri(), PREFIX, after, runningAlone ? Scope.LIVE : scopeOf(domain));
                }
            } catch (IOException e) {
                throw new JvirtException(
                        JvirtException.Kind.FAILED,
                        "cannot lock the metadata of domain '" + domain.name() + "': " + e,
                        "run it as root, or set " + StateDirectory.VARIABLE + " to a directory of your own",
                        e);
            }
        }
    }

    private static Scope scopeOf(Domain domain) {
        if (!domain.isActive()) {
            return Scope.CONFIG;
        }
        return domain.isPersistent() ? Scope.BOTH : Scope.LIVE;
    }

    private static FileChannel lockFile() throws IOException {
        Path directory = StateDirectory.current();
        Files.createDirectories(directory);
        return FileChannel.open(
                directory.resolve("metadata.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    /** libvirt takes the element without prefix and declaration, and adds them. Null where there is none. */
    private @Nullable String elementText() {
        List<XmlElement> found = domain.elementsAt("metadata/jvirt:vm");
        return found.isEmpty()
                ? null
                : found.get(0).copyWithout(Namespace.JVIRT).toString();
    }

    public <T> @Nullable T get(Property<T> property) {
        return domain.get(property);
    }

    /** Sets a property; null removes it, and elements that nothing is left in. */
    public <T> VmMetadata set(Property<T> property, @Nullable T value) {
        domain.set(property, value);
        return this;
    }

    /** All elements at a path, for parts that repeat. */
    public List<XmlElement> elements(String path) {
        return domain.elementsAt(path);
    }

    /** Adds an element at a path's end, beside those that are there. */
    public XmlElement add(String path) {
        return domain.addAt(path);
    }

    /** Removes all elements at a path. */
    public void remove(String path) {
        domain.removeAt(path);
    }
}
