// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain;

/** Names of domains that jvirt makes: they become file names, and must survive shells, logs and other tools. */
public final class DomainName {
    /** A file name has 255 bytes at most; suffixes of disks, NVRAM and logs need room. */
    public static final int MAX_LENGTH = 200;

    private DomainName() {}

    /** Throws USAGE where a name will not do. */
    public static String check(String name) {
        String hint = "use letters, digits, '-', '_' and '.', such as web-01";
        if (name.isBlank()) {
            throw JvirtException.usage("the name is empty", hint);
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '/') {
                throw JvirtException.usage("the name '" + name + "' has a '/' in it", hint);
            }
            if (c == '\n' || c == '\r') {
                throw JvirtException.usage("the name '" + escaped(name) + "' has a line break in it", hint);
            }
            if (c < ' ' || c == 0x7f) {
                throw JvirtException.usage("the name '" + escaped(name) + "' has a control character in it", hint);
            }
            if (c > 0x7f) {
                throw JvirtException.usage("the name '" + name + "' has a character that is not ASCII in it", hint);
            }
        }
        if (name.startsWith("-") || name.startsWith(".") || !name.equals(name.strip())) {
            throw JvirtException.usage("the name '" + name + "' starts or ends with a character that it cannot", hint);
        }
        if (name.length() > MAX_LENGTH) {
            throw JvirtException.usage(
                    "the name has " + name.length() + " characters, more than " + MAX_LENGTH, "choose a shorter one");
        }
        return name;
    }

    /** With what a terminal would obey written as {@code \\n} and {@code \\x1b}. */
    public static String escaped(String name) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '\n') {
                out.append("\\n");
            } else if (c < ' ' || c == 0x7f) {
                out.append("\\x").append(Integer.toHexString(0x100 | c).substring(1));
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }
}
