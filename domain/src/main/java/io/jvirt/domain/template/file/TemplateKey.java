// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.template.file;

import java.util.List;

/**
 * A key that a template may have.
 *
 * @param words what a {@link Type#WORD} may be
 * @param parts the keys of a {@link Type#BLOCK}, or of each item of a {@link Type#LIST}
 * @param meaning for the schema
 */
record TemplateKey(String name, Type type, List<String> words, List<TemplateKey> parts, String meaning) {
    /** What stands behind a key. */
    enum Type {
        TEXT,
        /** A path; where it is relative, to the template's directory. */
        FILE,
        /** A path or an address. */
        PLACE,
        /** {@code sha256:HEX}. */
        CHECKSUM,
        /** {@code 10G}; a bare number is in MiB. */
        MEMORY,
        /** {@code 10G}; a bare number is refused. */
        SIZE,
        COUNT,
        YES_NO,
        WORD,
        /** One text or a list of them. */
        TEXTS,
        BLOCK,
        LIST
    }

    static TemplateKey of(String name, Type type, String meaning) {
        return new TemplateKey(name, type, List.of(), List.of(), meaning);
    }

    static TemplateKey word(String name, List<String> words, String meaning) {
        return new TemplateKey(name, Type.WORD, words, List.of(), meaning);
    }

    static TemplateKey parts(String name, Type type, List<TemplateKey> parts, String meaning) {
        return new TemplateKey(name, type, List.of(), parts, meaning);
    }
}
