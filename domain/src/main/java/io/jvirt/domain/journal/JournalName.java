// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.journal;

import java.util.List;
import java.util.regex.Pattern;

/** How the journal calls what an operation changes: a domain by its name and UUID, other things with what they are. */
public final class JournalName {
    private static final Pattern UUID = Pattern.compile("\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}");
    private static final String POOL = "pool:";
    private static final String NETWORK = "network:";
    private static final String VOLUME = "volume:";

    private JournalName() {}

    public static String pool(String name) {
        return POOL + name;
    }

    public static String network(String name) {
        return NETWORK + name;
    }

    public static String volume(String pool, String name) {
        return VOLUME + pool + "/" + name;
    }

    /** The command of which an operation is, for people. */
    static String command(String verb, List<String> things) {
        String words = "jvirt " + verb.replace('-', ' ');
        if (things.isEmpty()) {
            return words;
        }
        String first = things.get(0);
        if (first.startsWith(VOLUME)) {
            return words + " " + first.substring(VOLUME.length()).replaceFirst("/", " ");
        }
        return words + " " + withoutKind(first);
    }

    /**
     * For people: {@code domain 'web'}, {@code pool 'default'}.
     *
     * @param thing what two operations want
     * @param all what the one that has it works on: a domain's name is there where {@code thing} is its UUID
     */
    static String thing(String thing, List<String> all) {
        if (thing.startsWith(POOL)) {
            return "pool '" + withoutKind(thing) + "'";
        }
        if (thing.startsWith(NETWORK)) {
            return "network '" + withoutKind(thing) + "'";
        }
        if (thing.startsWith(VOLUME)) {
            int slash = thing.indexOf('/');
            return "volume '" + thing.substring(slash + 1) + "' of pool '" + thing.substring(VOLUME.length(), slash)
                    + "'";
        }
        int at = all.indexOf(thing);
        boolean isUuid = UUID.matcher(thing).matches();
        return "domain '" + (isUuid && at > 0 ? all.get(at - 1) : thing) + "'";
    }

    private static String withoutKind(String thing) {
        for (String kind : List.of(POOL, NETWORK)) {
            if (thing.startsWith(kind)) {
                return thing.substring(kind.length());
            }
        }
        return thing;
    }
}
