// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.xml;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a property lies below an element, in the part of XPath that libvirt's formats need: steps by name, one attribute
 * test in a step, an attribute at the end: {@code os/type/@machine}, {@code clock/timer[@name='rtc']/@present}, {@code .}.
 */
final class ElementPath {
    private record Step(String name, @Nullable String testedAttribute, String testedValue) {
        boolean matches(XmlElement element) {
            return (testedAttribute == null || testedValue.equals(element.attribute(testedAttribute)))
                    && Namespace.nameMatches(element, name);
        }
    }

    private final List<Step> steps = new ArrayList<>();
    private final @Nullable String attribute;

    ElementPath(String path) {
        String lastAttribute = null;
        for (String part : split(path)) {
            if (part.startsWith("@")) {
                lastAttribute = part.substring(1);
            } else if (!part.equals(".")) {
                steps.add(step(part));
            }
        }
        attribute = lastAttribute;
    }

    /** The attribute's name, or null where the path names an element. */
    @Nullable
    String attribute() {
        return attribute;
    }

    @Nullable
    XmlElement find(XmlElement from) {
        XmlElement at = from;
        for (Step step : steps) {
            at = childOf(at, step);
            if (at == null) {
                return null;
            }
        }
        return at;
    }

    /** All elements that the path names; the last step may match several. */
    List<XmlElement> findAll(XmlElement from) {
        List<XmlElement> found = List.of(from);
        for (Step step : steps) {
            List<XmlElement> next = new ArrayList<>();
            for (XmlElement parent : found) {
                for (XmlElement child : parent.elements()) {
                    if (step.matches(child)) {
                        next.add(child);
                    }
                }
            }
            found = next;
        }
        return found;
    }

    XmlElement findOrAdd(XmlElement from) {
        XmlElement at = from;
        for (Step step : steps) {
            XmlElement child = childOf(at, step);
            if (child == null) {
                child = addTo(at, step);
            }
            at = child;
        }
        return at;
    }

    /** Adds another element at the path's end, beside those that are there. */
    XmlElement add(XmlElement from) {
        XmlElement at = from;
        for (int i = 0; i < steps.size(); i++) {
            XmlElement child = i < steps.size() - 1 ? childOf(at, steps.get(i)) : null;
            at = child == null ? addTo(at, steps.get(i)) : child;
        }
        return at;
    }

    /** Removes an element of this path and the parents on the path that nothing is left in. */
    void prune(XmlElement from, XmlElement element) {
        XmlElement at = element;
        while (at != from && at.saysNothing()) {
            XmlElement parent = at.parent();
            at.remove();
            if (parent == null) {
                return;
            }
            at = parent;
        }
    }

    private static XmlElement addTo(XmlElement parent, Step step) {
        XmlElement child = Namespace.add(parent, step.name);
        if (step.testedAttribute != null) {
            child.attribute(step.testedAttribute, step.testedValue);
        }
        return child;
    }

    private static @Nullable XmlElement childOf(XmlElement parent, Step step) {
        for (XmlElement child : parent.elements()) {
            if (step.matches(child)) {
                return child;
            }
        }
        return null;
    }

    private static Step step(String part) {
        int bracket = part.indexOf('[');
        if (bracket < 0) {
            return new Step(part, null, "");
        }
        int equals = part.indexOf('=', bracket);
        return new Step(
                part.substring(0, bracket),
                part.substring(bracket + 2, equals),
                part.substring(equals + 2, part.length() - 2));
    }

    /** Splits at slashes that stand outside of a test. */
    private static List<String> split(String path) {
        List<String> parts = new ArrayList<>();
        int start = 0;
        boolean inTest = false;
        for (int i = 0; i <= path.length(); i++) {
            char c = i < path.length() ? path.charAt(i) : '/';
            inTest = (inTest || c == '[') && c != ']';
            if (c == '/' && !inTest) {
                parts.add(path.substring(start, i));
                start = i + 1;
            }
        }
        return parts;
    }
}
