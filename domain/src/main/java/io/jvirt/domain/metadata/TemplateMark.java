// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.metadata;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.xml.Property;
import org.jspecify.annotations.Nullable;

/**
 * Makes a domain a template: clones are made of it, and it does not start itself.
 *
 * @param since ISO 8601 in UTC
 */
public record TemplateMark(String since) {
    private static final String ELEMENT = "metadata/jvirt:vm/jvirt:template";
    private static final Property<String> SINCE = Property.text(ELEMENT + "/@since");

    /** Null where there is none. */
    public static @Nullable TemplateMark of(VmMetadata metadata) {
        if (metadata.elements(ELEMENT).isEmpty()) {
            return null;
        }
        String since = metadata.get(SINCE);
        return new TemplateMark(since == null ? "" : since);
    }

    /** Throws where the domain is a template: what its clones lie on stays as it is. */
    public static void refuseChange(Domain domain) {
        if (of(VmMetadata.of(domain)) != null) {
            throw JvirtException.refused(
                    "domain '" + domain.name() + "' is a template and is not changed",
                    "jvirt template unmark " + ShellWord.quoted(domain.name()));
        }
    }

    public void writeTo(VmMetadata metadata) {
        metadata.set(SINCE, since);
    }

    public static void remove(VmMetadata metadata) {
        metadata.remove(ELEMENT);
    }
}
