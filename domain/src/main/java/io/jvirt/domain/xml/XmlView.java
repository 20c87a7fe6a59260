// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.xml;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An element seen through declared properties. The element stays the truth: views hold nothing of their own. */
public class XmlView {
    private final XmlElement element;

    protected XmlView(XmlElement element) {
        this.element = element;
    }

    public final XmlElement element() {
        return element;
    }

    public final <T> @Nullable T get(Property<T> property) {
        return property.get(element);
    }

    public final <T> T get(Property<T> property, T absent) {
        T value = property.get(element);
        return value == null ? absent : value;
    }

    /** Sets a property; null removes it. */
    public final <T> XmlView set(Property<T> property, @Nullable T value) {
        property.set(element, value);
        return this;
    }

    /** All elements at a path, each through its view. */
    protected final <V> List<V> views(String path, Function<XmlElement, V> view) {
        List<V> found = new ArrayList<>();
        for (XmlElement e : new ElementPath(path).findAll(element)) {
            found.add(view.apply(e));
        }
        return found;
    }

    /** Takes the element out of the document. */
    public final void remove() {
        element.remove();
    }

    @Override
    public final String toString() {
        return element.toString();
    }
}
