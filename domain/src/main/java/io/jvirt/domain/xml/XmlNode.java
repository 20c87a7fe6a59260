// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.xml;

import org.jspecify.annotations.Nullable;

/** A part of a document: an element, or a run of anything else. */
public abstract sealed class XmlNode permits XmlElement, XmlRun {
    private @Nullable XmlElement parent;

    public final @Nullable XmlElement parent() {
        return parent;
    }

    final void attach(@Nullable XmlElement newParent) {
        parent = newParent;
    }

    /** Appends the node as it is written in the document. */
    abstract void writeTo(StringBuilder out);

    @Override
    public final String toString() {
        StringBuilder out = new StringBuilder();
        writeTo(out);
        return out.toString();
    }
}
