// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.xml;

/** Source text that is no element: characters, a CDATA section, a comment or an instruction, kept as it was written. */
public final class XmlRun extends XmlNode {
    /** What the run is. */
    public enum Kind {
        TEXT,
        CDATA,
        COMMENT,
        INSTRUCTION
    }

    private static final String CDATA_START = "<![CDATA[";
    private static final String CDATA_END = "]]>";

    private final Kind kind;
    private final String source;

    XmlRun(Kind kind, String source) {
        this.kind = kind;
        this.source = source;
    }

    static XmlRun text(String value) {
        return new XmlRun(Kind.TEXT, XmlEscape.text(value));
    }

    public Kind kind() {
        return kind;
    }

    boolean isCharacters() {
        return kind == Kind.TEXT || kind == Kind.CDATA;
    }

    boolean isBlank() {
        return kind == Kind.TEXT && source.isBlank();
    }

    /** The source text, white space and references included. */
    String source() {
        return source;
    }

    /** The characters that a reader of the document sees; empty for comments and instructions. */
    String value() {
        return switch (kind) {
            case TEXT -> XmlEscape.unescape(source.replace("\r\n", "\n").replace('\r', '\n'));
            case CDATA -> source.substring(CDATA_START.length(), source.length() - CDATA_END.length());
            case COMMENT, INSTRUCTION -> "";
        };
    }

    @Override
    void writeTo(StringBuilder out) {
        out.append(source);
    }
}
