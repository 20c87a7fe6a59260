// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.xml;

/**
 * An attribute as it is written.
 *
 * @param before white space before the name
 * @param name the name with its prefix
 * @param equals the equals sign with the white space around it
 * @param quote the quote character
 * @param source the value as written, references included
 */
record XmlAttribute(String before, String name, String equals, char quote, String source) {
    static XmlAttribute of(String name, String value) {
        return new XmlAttribute(" ", name, "=", '\'', XmlEscape.attribute(value, '\''));
    }

    XmlAttribute withValue(String value) {
        return new XmlAttribute(before, name, equals, quote, XmlEscape.attribute(value, quote));
    }

    String value() {
        // Line ends and tabs in an attribute read as spaces; written as references they stay what they are.
        String spaced = source.replace("\r\n", " ")
                .replace('\n', ' ')
                .replace('\r', ' ')
                .replace('\t', ' ');
        return XmlEscape.unescape(spaced);
    }

    void writeTo(StringBuilder out) {
        out.append(before)
                .append(name)
                .append(equals)
                .append(quote)
                .append(source)
                .append(quote);
    }
}
