// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.image;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A list of checksums as the distributions publish them: the lines of sha256sum ({@code HEX  NAME}, {@code HEX *NAME}), those
 * of its --tag ({@code SHA256 (NAME) = HEX}) or of openssl, or the digits alone for the file that the list is named after. Other
 * lines, such as those of a PGP signature, are passed over; MD5 and SHA-1 are, too.
 */
final class ChecksumList {
    private static final Pattern PLAIN = Pattern.compile("([0-9a-fA-F]{32,128})(?: [ *]|\\t+| +)(\\S.*)");
    private static final Pattern TAGGED = Pattern.compile("SHA(?:2-)?(256|384|512) ?\\((.+)\\) ?= ?([0-9a-fA-F]+)");

    private final Map<String, Checksum> sums = new LinkedHashMap<>();
    private @Nullable Checksum alone;
    private int lines;

    private ChecksumList() {}

    static ChecksumList parse(String text) {
        ChecksumList list = new ChecksumList();
        text.lines().map(String::strip).forEach(list::line);
        return list;
    }

    private void line(String line) {
        Matcher tagged = TAGGED.matcher(line);
        if (tagged.matches()) {
            add(tagged.group(2), "sha" + tagged.group(1), tagged.group(3));
            return;
        }
        Matcher plain = PLAIN.matcher(line);
        if (plain.matches()) {
            add(plain.group(2), Checksum.algorithmOf(plain.group(1)), plain.group(1));
        } else if (line.matches("[0-9a-fA-F]{64,128}") && Checksum.algorithmOf(line) != null) {
            alone = Checksum.parse(line);
        }
    }

    private void add(String name, @Nullable String algorithm, String hex) {
        lines++;
        if (algorithm == null || !algorithm.equals(Checksum.algorithmOf(hex))) {
            return;
        }
        Checksum sum = new Checksum(algorithm, hex.toLowerCase(Locale.ROOT));
        Checksum before = sums.get(name);
        // Of several for one file, the longest.
        if (before == null || before.hex().length() < hex.length()) {
            sums.put(name, sum);
        }
    }

    /** The checksum of a file, or null where the list does not have it. */
    @Nullable
    Checksum of(String name) {
        Checksum found = sums.get(name);
        if (found == null) {
            found = inADirectory(name);
        }
        return found == null && lines == 0 ? alone : found;
    }

    /** Of the file of that name below a directory; null where there are several that differ. */
    private @Nullable Checksum inADirectory(String name) {
        Checksum only = null;
        for (Map.Entry<String, Checksum> each : sums.entrySet()) {
            if (each.getKey().endsWith("/" + name)) {
                if (only != null && !only.equals(each.getValue())) {
                    return null;
                }
                only = each.getValue();
            }
        }
        return only;
    }
}
