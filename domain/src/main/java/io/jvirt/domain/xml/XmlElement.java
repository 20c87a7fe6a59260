// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.xml;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An element with its attributes and children. Additions take the indentation of their surroundings. */
public final class XmlElement extends XmlNode {
    private static final String INDENT_STEP = "  ";

    private final String name;
    private final List<XmlAttribute> attributes = new ArrayList<>();
    private final List<XmlNode> children = new ArrayList<>();
    private String tagTail = "";
    private String endTagTail = "";
    private boolean selfClosing;

    XmlElement(String name) {
        this.name = name;
    }

    /** A new element without attributes and content, to be added to a parent. */
    public static XmlElement named(String name) {
        XmlElement element = new XmlElement(name);
        element.selfClosing = true;
        return element;
    }

    /** The name as written, with its prefix. */
    public String name() {
        return name;
    }

    /** The name without its prefix. */
    public String localName() {
        return name.substring(name.indexOf(':') + 1);
    }

    /** The URI of the namespace that the element is in, or null. */
    public @Nullable String namespace() {
        int colon = name.indexOf(':');
        String declaration = colon < 0 ? "xmlns" : "xmlns:" + name.substring(0, colon);
        for (XmlElement e = this; e != null; e = e.parent()) {
            String uri = e.attribute(declaration);
            if (uri != null) {
                return uri.isEmpty() ? null : uri;
            }
        }
        return null;
    }

    // Attributes

    public @Nullable String attribute(String attributeName) {
        for (XmlAttribute a : attributes) {
            if (a.name().equals(attributeName)) {
                return a.value();
            }
        }
        return null;
    }

    /** True where the element has neither content nor attributes, but for declarations of namespaces. */
    boolean saysNothing() {
        for (XmlAttribute a : attributes) {
            if (!a.name().equals("xmlns") && !a.name().startsWith("xmlns:")) {
                return false;
            }
        }
        return isEmpty();
    }

    /** Sets an attribute; null removes it. An attribute that has the value already is not touched. */
    public XmlElement attribute(String attributeName, @Nullable String value) {
        for (int i = 0; i < attributes.size(); i++) {
            XmlAttribute a = attributes.get(i);
            if (a.name().equals(attributeName)) {
                if (value == null) {
                    attributes.remove(i);
                } else if (!a.value().equals(value)) {
                    attributes.set(i, a.withValue(value));
                }
                return this;
            }
        }
        if (value != null) {
            attributes.add(XmlAttribute.of(attributeName, value));
        }
        return this;
    }

    // Content

    /** The element's own characters, without those of its children. */
    public String text() {
        StringBuilder out = new StringBuilder();
        for (XmlNode child : children) {
            if (child instanceof XmlRun run) {
                out.append(run.value());
            }
        }
        return out.toString();
    }

    /** Replaces the element's own characters; comments and children stay. */
    public XmlElement text(String value) {
        if (text().equals(value)) {
            return this;
        }
        int first = 0;
        for (int i = children.size() - 1; i >= 0; i--) {
            if (children.get(i) instanceof XmlRun run && run.isCharacters()) {
                children.remove(i);
                first = i;
            }
        }
        if (!value.isEmpty()) {
            insert(first, XmlRun.text(value));
        }
        return this;
    }

    public List<XmlElement> elements() {
        List<XmlElement> found = new ArrayList<>();
        for (XmlNode child : children) {
            if (child instanceof XmlElement element) {
                found.add(element);
            }
        }
        return found;
    }

    /** The child elements of that name that are in no namespace. */
    public List<XmlElement> elements(String elementName) {
        List<XmlElement> found = new ArrayList<>();
        for (XmlNode child : children) {
            if (child instanceof XmlElement e && e.name.equals(elementName) && e.namespace() == null) {
                found.add(e);
            }
        }
        return found;
    }

    public @Nullable XmlElement element(String elementName) {
        List<XmlElement> found = elements(elementName);
        return found.isEmpty() ? null : found.get(0);
    }

    /** True where only white space stands in the element. */
    public boolean isEmpty() {
        for (XmlNode child : children) {
            if (!(child instanceof XmlRun run) || !run.isBlank()) {
                return false;
            }
        }
        return true;
    }

    /** Adds a new element at the end and returns it. */
    public XmlElement add(String elementName) {
        XmlElement element = named(elementName);
        add(element);
        return element;
    }

    /** Adds an element after the last one of the same name, else after the last one; indents it like its neighbours. */
    public void add(XmlElement element) {
        int after = -1;
        for (int i = 0; i < children.size(); i++) {
            if (children.get(i) instanceof XmlElement e && e.name.equals(element.name)) {
                after = i;
            }
        }
        for (int i = children.size() - 1; i >= 0 && after < 0; i--) {
            if (children.get(i) instanceof XmlElement
                    || (children.get(i) instanceof XmlRun run && !run.isCharacters())) {
                after = i;
            }
        }
        String indent = childIndent();
        if (after < 0) {
            if (isEmpty()) {
                children.clear();
            }
            insert(children.size(), new XmlRun(XmlRun.Kind.TEXT, indent));
            insert(children.size(), element);
            insert(children.size(), new XmlRun(XmlRun.Kind.TEXT, ownIndent()));
        } else {
            insert(after + 1, element);
            insert(after + 1, new XmlRun(XmlRun.Kind.TEXT, indent));
        }
        element.indentContent(indent);
    }

    /** Puts a new element in the place of this one. */
    public void replaceWith(XmlElement element) {
        XmlElement parent = parentOrFail();
        String indent = ownIndent();
        int index = parent.children.indexOf(this);
        parent.children.remove(index);
        attach(null);
        parent.insert(index, element);
        element.indentContent(indent);
    }

    /** Takes the element out of its parent, with the white space before it. */
    public void remove() {
        XmlElement parent = parentOrFail();
        int index = parent.children.indexOf(this);
        parent.children.remove(index);
        attach(null);
        if (index > 0 && parent.children.get(index - 1) instanceof XmlRun run && run.isBlank()) {
            parent.children.remove(index - 1);
        }
        if (parent.isEmpty()) {
            parent.children.clear();
            parent.selfClosing = true;
        }
    }

    /** A copy with its content in which a namespace's elements have no prefix and its declarations are gone. */
    public XmlElement copyWithout(Namespace namespace) {
        XmlElement copy = new XmlElement(namespace.uri().equals(namespace()) ? localName() : name);
        copy.selfClosing = selfClosing;
        copy.tagTail = tagTail;
        copy.endTagTail = endTagTail;
        for (XmlAttribute a : attributes) {
            boolean declares = a.name().equals("xmlns") || a.name().startsWith("xmlns:");
            if (!declares || !a.value().equals(namespace.uri())) {
                copy.attributes.add(a);
            }
        }
        for (XmlNode child : children) {
            XmlNode copied = child instanceof XmlElement e
                    ? e.copyWithout(namespace)
                    : new XmlRun(((XmlRun) child).kind(), ((XmlRun) child).source());
            copy.children.add(copied);
            copied.attach(copy);
        }
        return copy;
    }

    // Building blocks of the parser and of the methods above

    void append(XmlNode node) {
        insert(children.size(), node);
    }

    void addAttribute(XmlAttribute attribute) {
        attributes.add(attribute);
    }

    void tagTail(String tail) {
        tagTail = tail;
    }

    void endTagTail(String tail) {
        endTagTail = tail;
    }

    void selfClosing(boolean closing) {
        selfClosing = closing;
    }

    private XmlElement parentOrFail() {
        XmlElement parent = parent();
        if (parent == null) {
            throw new IllegalStateException("<" + name + "> has no parent");
        }
        return parent;
    }

    private void insert(int index, XmlNode node) {
        children.add(index, node);
        node.attach(this);
        selfClosing = false;
    }

    /** The line end and indentation before this element, or "" where it shares a line with its neighbour. */
    private String ownIndent() {
        XmlElement parent = parent();
        if (parent == null) {
            return "\n";
        }
        int index = parent.children.indexOf(this);
        return index > 0 ? indentOf(parent.children.get(index - 1)) : "";
    }

    private String childIndent() {
        for (int i = children.size() - 1; i >= 0; i--) {
            if (children.get(i) instanceof XmlElement) {
                return i == 0 ? "" : indentOf(children.get(i - 1));
            }
        }
        String own = ownIndent();
        return own.isEmpty() ? "" : own + INDENT_STEP;
    }

    private static String indentOf(XmlNode node) {
        if (!(node instanceof XmlRun run) || run.kind() != XmlRun.Kind.TEXT) {
            return "";
        }
        int newline = run.source().lastIndexOf('\n');
        return newline >= 0 && run.source().substring(newline).isBlank()
                ? run.source().substring(newline)
                : "";
    }

    /** Re-indents what was built before the element had a place. */
    private void indentContent(String indent) {
        boolean hasElements = false;
        for (int i = children.size() - 1; i >= 0; i--) {
            hasElements |= children.get(i) instanceof XmlElement;
        }
        if (!hasElements) {
            return;
        }
        for (XmlNode child : children) {
            if (child instanceof XmlRun run && run.isCharacters() && !run.isBlank()) {
                return;
            }
        }
        children.removeIf(child -> child instanceof XmlRun run && run.isBlank());
        List<XmlNode> content = new ArrayList<>(children);
        children.clear();
        String inner = indent.isEmpty() ? "" : indent + INDENT_STEP;
        for (XmlNode child : content) {
            insert(children.size(), new XmlRun(XmlRun.Kind.TEXT, inner));
            insert(children.size(), child);
            if (child instanceof XmlElement e) {
                e.indentContent(inner);
            }
        }
        insert(children.size(), new XmlRun(XmlRun.Kind.TEXT, indent));
    }

    @Override
    void writeTo(StringBuilder out) {
        out.append('<').append(name);
        for (XmlAttribute a : attributes) {
            a.writeTo(out);
        }
        out.append(tagTail);
        if (selfClosing) {
            out.append("/>");
            return;
        }
        out.append('>');
        for (XmlNode child : children) {
            child.writeTo(out);
        }
        out.append("</").append(name).append(endTagTail).append('>');
    }
}
