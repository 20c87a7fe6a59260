// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.xml;

import org.jspecify.annotations.Nullable;

/** The namespaces that declared properties use; in a document they may have any prefix. */
public enum Namespace {
    /** jvirt's own metadata in a domain's {@code <metadata>}. */
    JVIRT("jvirt", "https://jvirt.io/xmlns/domain/1"),
    QEMU("qemu", "http://libvirt.org/schemas/domain/qemu/1.0"),
    LIBOSINFO("libosinfo", "http://libosinfo.org/xmlns/libvirt/domain/1.0");

    private final String prefix;
    private final String uri;

    Namespace(String prefix, String uri) {
        this.prefix = prefix;
        this.uri = uri;
    }

    public String uri() {
        return uri;
    }

    /** True where the element is the one that a declared name such as {@code jvirt:vm} or {@code disk} means. */
    static boolean nameMatches(XmlElement element, String declaredName) {
        Namespace namespace = ofName(declaredName);
        if (namespace == null) {
            return element.name().equals(declaredName) && element.namespace() == null;
        }
        return element.localName().equals(localName(declaredName)) && namespace.uri.equals(element.namespace());
    }

    /** Adds an element of a declared name; uses the prefix that is in scope, else declares one on the element. */
    static XmlElement add(XmlElement parent, String declaredName) {
        Namespace namespace = ofName(declaredName);
        if (namespace == null) {
            return parent.add(declaredName);
        }
        String local = localName(declaredName);
        String inScope = parent.name().indexOf(':') > 0 && namespace.uri.equals(parent.namespace())
                ? parent.name().substring(0, parent.name().indexOf(':'))
                : null;
        if (inScope != null) {
            return parent.add(inScope + ':' + local);
        }
        XmlElement element = XmlElement.named(namespace.prefix + ':' + local);
        element.attribute("xmlns:" + namespace.prefix, namespace.uri);
        parent.add(element);
        return element;
    }

    private static String localName(String declaredName) {
        return declaredName.substring(declaredName.indexOf(':') + 1);
    }

    private static @Nullable Namespace ofName(String declaredName) {
        int colon = declaredName.indexOf(':');
        if (colon < 0) {
            return null;
        }
        for (Namespace n : values()) {
            if (n.prefix.length() == colon && declaredName.startsWith(n.prefix)) {
                return n;
            }
        }
        throw new IllegalArgumentException("no namespace is declared for " + declaredName);
    }
}
