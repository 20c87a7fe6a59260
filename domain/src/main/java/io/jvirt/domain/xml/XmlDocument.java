// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.xml;

import java.util.List;

/** A whole document: its element and what stands around it. Written out it is what was read, but for the changes. */
public final class XmlDocument {
    private final List<XmlNode> nodes;

    XmlDocument(List<XmlNode> nodes) {
        this.nodes = nodes;
    }

    /** Reads XML text; text that is not well-formed is an error that names line and column. */
    public static XmlDocument parse(String source) {
        return new XmlParser(source).parse();
    }

    /** A new document of one empty element. */
    public static XmlDocument of(String rootName) {
        XmlElement root = new XmlElement(rootName);
        root.selfClosing(true);
        return new XmlDocument(List.of(root, new XmlRun(XmlRun.Kind.TEXT, "\n")));
    }

    public XmlElement root() {
        for (XmlNode node : nodes) {
            if (node instanceof XmlElement element) {
                return element;
            }
        }
        throw new IllegalStateException("a document without an element");
    }

    @Override
    public String toString() {
        StringBuilder out = new StringBuilder();
        for (XmlNode node : nodes) {
            node.writeTo(out);
        }
        return out.toString();
    }
}
