// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.xml;

import io.jvirt.domain.JvirtException;
import org.jspecify.annotations.Nullable;

/**
 * A declared property: where it lies (see {@link ElementPath}) and how it reads. An absent property is null; setting it
 * to null removes it, with the elements on its path that nothing is left in.
 */
public abstract class Property<T> {
    private final String declared;
    private final ElementPath path;

    private Property(String declared) {
        this.declared = declared;
        this.path = new ElementPath(declared);
    }

    abstract T decode(String text, XmlElement element);

    abstract String encode(T value);

    @Nullable
    T get(XmlElement from) {
        XmlElement element = path.find(from);
        if (element == null) {
            return null;
        }
        String attribute = path.attribute();
        String text = attribute == null ? element.text() : element.attribute(attribute);
        return text == null ? null : decode(text, element);
    }

    void set(XmlElement from, @Nullable T value) {
        if (value == null) {
            remove(from);
            return;
        }
        if (value.equals(get(from))) {
            return;
        }
        write(path.findOrAdd(from), value);
    }

    void write(XmlElement element, T value) {
        String attribute = path.attribute();
        if (attribute == null) {
            element.text(encode(value));
        } else {
            element.attribute(attribute, encode(value));
        }
    }

    private void remove(XmlElement from) {
        XmlElement element = path.find(from);
        if (element == null) {
            return;
        }
        String attribute = path.attribute();
        if (attribute == null && element != from) {
            XmlElement parent = element.parent();
            element.remove();
            if (parent != null) {
                path.prune(from, parent);
            }
        } else if (attribute != null && element.attribute(attribute) != null) {
            element.attribute(attribute, null);
            path.prune(from, element);
        }
    }

    private JvirtException unreadable(String text, String expected) {
        return JvirtException.failed(
                "the XML has '" + text + "' at " + declared + " where " + expected + " is expected",
                "correct the definition with: virsh edit");
    }

    /** Text as it stands. */
    public static Property<String> text(String path) {
        return new Property<>(path) {
            @Override
            String decode(String text, XmlElement element) {
                return text;
            }

            @Override
            String encode(String value) {
                return value;
            }
        };
    }

    /** A whole number, decimal or with 0x. */
    public static Property<Long> number(String path) {
        return new Property<>(path) {
            @Override
            Long decode(String text, XmlElement element) {
                try {
                    return Long.decode(text.trim());
                } catch (NumberFormatException e) {
                    throw super.unreadable(text, "a number");
                }
            }

            @Override
            String encode(Long value) {
                return Long.toString(value);
            }
        };
    }

    /** {@code yes} or {@code no}. */
    public static Property<Boolean> yesNo(String path) {
        return words(path, "yes", "no");
    }

    /** {@code on} or {@code off}. */
    public static Property<Boolean> onOff(String path) {
        return words(path, "on", "off");
    }

    private static Property<Boolean> words(String path, String yes, String no) {
        return new Property<>(path) {
            @Override
            Boolean decode(String text, XmlElement element) {
                if (!text.equals(yes) && !text.equals(no)) {
                    throw super.unreadable(text, "'" + yes + "' or '" + no + "'");
                }
                return text.equals(yes);
            }

            @Override
            String encode(Boolean value) {
                return value ? yes : no;
            }
        };
    }

    /** An element that says something by being there; reads true or null, false removes it. */
    public static Property<Boolean> flag(String path) {
        return new Property<>(path) {
            @Override
            Boolean decode(String text, XmlElement element) {
                return true;
            }

            @Override
            String encode(Boolean value) {
                return "";
            }

            @Override
            void set(XmlElement from, @Nullable Boolean value) {
                super.set(from, (value != null && value) ? Boolean.TRUE : null);
            }
        };
    }

    /** Bytes, written with libvirt's {@code unit} attribute; KiB where there is none. */
    public static Property<Long> sizeBytes(String path) {
        return new Property<>(path) {
            @Override
            Long decode(String text, XmlElement element) {
                long unit = unitBytes(element.attribute("unit"));
                try {
                    return unit < 0 ? fail(text) : Math.multiplyExact(Long.parseLong(text.trim()), unit);
                } catch (NumberFormatException | ArithmeticException e) {
                    return fail(text);
                }
            }

            private long fail(String text) {
                throw super.unreadable(text, "a size");
            }

            @Override
            String encode(Long value) {
                return Long.toString(value);
            }

            @Override
            void write(XmlElement element, Long value) {
                long unit = unitBytes(element.attribute("unit"));
                if (unit <= 0 || value % unit != 0) {
                    unit = value % 1024 == 0 ? 1024 : 1;
                    element.attribute("unit", unit == 1024 ? "KiB" : "bytes");
                } else if (element.saysNothing()) {
                    element.attribute("unit", "KiB");
                }
                element.text(Long.toString(value / unit));
            }
        };
    }

    /** libvirt's units: k, KiB, KB, m, …; -1 for an unknown one. */
    private static long unitBytes(@Nullable String unit) {
        if (unit == null) {
            return 1024;
        }
        if (unit.equals("b") || unit.equals("bytes") || unit.isEmpty()) {
            return 1;
        }
        int power = "kmgtpe".indexOf(Character.toLowerCase(unit.charAt(0))) + 1;
        String rest = unit.substring(1);
        boolean decimal = rest.equalsIgnoreCase("b");
        if (power == 0 || !(decimal || rest.isEmpty() || rest.equalsIgnoreCase("ib"))) {
            return -1;
        }
        long bytes = 1;
        for (int i = 0; i < power; i++) {
            bytes *= decimal ? 1000 : 1024;
        }
        return bytes;
    }
}
