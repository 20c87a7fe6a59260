// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.xml;

import io.jvirt.domain.JvirtException;
import java.util.ArrayList;
import java.util.List;

/** Reads XML 1.0 text into nodes that keep their source. Checks well-formedness; refuses document types. */
final class XmlParser {
    /** libvirt's formats nest a dozen deep; the limit keeps hostile text from exhausting the stack. */
    private static final int MAX_DEPTH = 256;

    private final String source;
    private int at;

    XmlParser(String source) {
        this.source = source;
    }

    XmlDocument parse() {
        List<XmlNode> nodes = new ArrayList<>();
        boolean hasRoot = false;
        if (source.startsWith("\uFEFF")) {
            at = 1;
            nodes.add(new XmlRun(XmlRun.Kind.TEXT, "\uFEFF"));
        }
        while (at < source.length()) {
            int start = at;
            if (source.charAt(at) != '<') {
                skipSpace();
                if (at == start) {
                    throw error(at, hasRoot ? "text after the document's end" : "text before the document's start");
                }
                nodes.add(new XmlRun(XmlRun.Kind.TEXT, source.substring(start, at)));
            } else if (lookingAt("<!--") || lookingAt("<?")) {
                nodes.add(markup());
            } else if (lookingAt("<!DOCTYPE")) {
                throw error(at, "a document type is not accepted in libvirt's XML");
            } else if (hasRoot) {
                throw error(at, "a second document element");
            } else {
                nodes.add(element(1));
                hasRoot = true;
            }
        }
        if (!hasRoot) {
            throw error(at, "no element");
        }
        return new XmlDocument(nodes);
    }

    private XmlElement element(int depth) {
        int start = at;
        if (depth > MAX_DEPTH) {
            throw error(start, "elements nest deeper than " + MAX_DEPTH);
        }
        expect("<");
        XmlElement element = new XmlElement(name());
        while (true) {
            int before = at;
            skipSpace();
            if (lookingAt(">") || lookingAt("/>")) {
                element.tagTail(source.substring(before, at));
                break;
            }
            if (at == before) {
                throw error(at, "expected white space, '>' or '/>' in <" + element.name() + ">");
            }
            attribute(element, before);
        }
        if (lookingAt("/>")) {
            at += 2;
            element.selfClosing(true);
            return element;
        }
        at++;
        content(element, depth);
        expect("</");
        int nameAt = at;
        String end = name();
        if (!end.equals(element.name())) {
            throw error(
                    nameAt,
                    "</" + end + "> closes <" + element.name() + "> of line " + line(start) + ": they must match");
        }
        int tail = at;
        skipSpace();
        element.endTagTail(source.substring(tail, at));
        expect(">");
        return element;
    }

    private void attribute(XmlElement element, int before) {
        int nameAt = at;
        String name = name();
        int equals = at;
        skipSpace();
        expect("=");
        skipSpace();
        String equalsSource = source.substring(equals, at);
        char quote = at < source.length() ? source.charAt(at) : '\0';
        if (quote != '\'' && quote != '"') {
            throw error(at, "the value of attribute '" + name + "' needs quotes");
        }
        at++;
        int value = at;
        while (at < source.length() && source.charAt(at) != quote) {
            character(true);
        }
        String valueSource = source.substring(value, at);
        expect(String.valueOf(quote));
        if (element.attribute(name) != null) {
            throw error(nameAt, "attribute '" + name + "' appears twice in <" + element.name() + ">");
        }
        element.addAttribute(
                new XmlAttribute(source.substring(before, nameAt), name, equalsSource, quote, valueSource));
    }

    private void content(XmlElement element, int depth) {
        while (true) {
            if (at >= source.length()) {
                throw error(at, "the text ends inside <" + element.name() + ">");
            }
            if (lookingAt("</")) {
                return;
            }
            if (source.charAt(at) != '<') {
                int start = at;
                while (at < source.length() && source.charAt(at) != '<') {
                    if (lookingAt("]]>")) {
                        throw error(at, "']]>' in text");
                    }
                    character(false);
                }
                element.append(new XmlRun(XmlRun.Kind.TEXT, source.substring(start, at)));
            } else if (lookingAt("<!") || lookingAt("<?")) {
                element.append(markup());
            } else {
                element.append(element(depth + 1));
            }
        }
    }

    private XmlRun markup() {
        if (lookingAt("<!--")) {
            XmlRun run = run(XmlRun.Kind.COMMENT, "<!--", "-->");
            String inner = run.source().substring(4, run.source().length() - 3);
            if (inner.contains("--") || inner.endsWith("-")) {
                throw error(at, "'--' in a comment");
            }
            return run;
        }
        if (lookingAt("<![CDATA[")) {
            return run(XmlRun.Kind.CDATA, "<![CDATA[", "]]>");
        }
        if (lookingAt("<?")) {
            if (at > 0
                    && source.startsWith("<?xml", at)
                    && at + 5 < source.length()
                    && XmlEscape.isSpace(source.charAt(at + 5))
                    && !source.substring(0, at).equals("\uFEFF")) {
                throw error(at, "the XML declaration must stand at the very start");
            }
            return run(XmlRun.Kind.INSTRUCTION, "<?", "?>");
        }
        throw error(at, "unknown markup after '<!'");
    }

    private XmlRun run(XmlRun.Kind kind, String start, String end) {
        int from = at;
        int to = source.indexOf(end, at + start.length());
        if (to < 0) {
            throw error(from, "'" + start + "' is never closed by '" + end + "'");
        }
        at += start.length();
        while (at < to) {
            int c = source.codePointAt(at);
            if (!XmlEscape.isAllowed(c)) {
                throw error(at, "the character U+" + Integer.toHexString(c) + " is not allowed in XML");
            }
            at += Character.charCount(c);
        }
        at = to + end.length();
        return new XmlRun(kind, source.substring(from, at));
    }

    /** Steps over one character of text or of an attribute's value. */
    private void character(boolean inAttribute) {
        int c = source.codePointAt(at);
        if (c == '&') {
            int end = source.indexOf(';', at);
            if (end < 0 || end - at > 12 || XmlEscape.reference(source.substring(at + 1, end)) < 0) {
                throw error(at, "'&' starts no reference that XML knows; write '&amp;' for the character itself");
            }
            at = end + 1;
            return;
        }
        if (inAttribute && c == '<') {
            throw error(at, "'<' in an attribute's value; write '&lt;'");
        }
        if (!XmlEscape.isAllowed(c)) {
            throw error(at, "the character U+" + Integer.toHexString(c) + " is not allowed in XML");
        }
        at += Character.charCount(c);
    }

    private String name() {
        int start = at;
        while (at < source.length() && isNameCharacter(source.charAt(at), at == start)) {
            at++;
        }
        if (at == start) {
            throw error(at, "expected a name");
        }
        return source.substring(start, at);
    }

    private static boolean isNameCharacter(char c, boolean first) {
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':') {
            return true;
        }
        if (c >= 0x80) {
            return first ? Character.isLetter(c) || Character.isSurrogate(c) : c != 0xD7 && c != 0xF7;
        }
        return !first && ((c >= '0' && c <= '9') || c == '-' || c == '.');
    }

    private void skipSpace() {
        while (at < source.length() && XmlEscape.isSpace(source.charAt(at))) {
            at++;
        }
    }

    private boolean lookingAt(String text) {
        return source.startsWith(text, at);
    }

    private void expect(String text) {
        if (!lookingAt(text)) {
            throw error(at, "expected '" + text + "'");
        }
        at += text.length();
    }

    private int line(int offset) {
        int line = 1;
        for (int i = 0; i < offset && i < source.length(); i++) {
            if (source.charAt(i) == '\n') {
                line++;
            }
        }
        return line;
    }

    private JvirtException error(int offset, String what) {
        int column = offset - source.lastIndexOf('\n', Math.max(0, offset - 1));
        return JvirtException.failed(
                "XML line " + line(offset) + ", column " + Math.max(1, column) + ": " + what,
                "correct the XML at that place");
    }
}
