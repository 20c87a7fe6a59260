// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Option parsing as getopt_long(3) does it: options and operands in any order, short options bundled, long ones
 * abbreviated, {@code --} ends them.
 */
final class GetOpt {
    /** No further option. */
    static final int END = -1;

    /** An option that is not known or not well used; {@link #culprit()} says which. */
    static final int UNKNOWN = '?';

    /** An option without the argument it needs. */
    static final int MISSING = ':';

    /** A long option. {@code code} is what {@link #next()} returns for it. */
    record Long(String name, boolean hasArgument, int code) {}

    private final String[] args;
    private final String shorts;
    private final Long[] longs;
    private final boolean inOrder;
    private final List<String> operands = new ArrayList<>();
    private int index;
    private int inCluster;
    private @Nullable String argument;
    private String complaint = "";

    /**
     * @param shorts the letters, {@code :} behind those with an argument; {@code +} in front stops at the first operand
     */
    GetOpt(String[] args, String shorts, Long... longs) {
        this.args = args;
        this.inOrder = shorts.startsWith("+");
        this.shorts = inOrder ? shorts.substring(1) : shorts;
        this.longs = longs;
    }

    static Long flag(String name, int code) {
        return new Long(name, false, code);
    }

    static Long valued(String name, int code) {
        return new Long(name, true, code);
    }

    /** The next option's code, {@link #UNKNOWN}, {@link #MISSING} or {@link #END}. */
    int next() {
        argument = null;
        if (inCluster > 0) {
            return nextShort();
        }
        while (index < args.length) {
            String word = args[index];
            if (word.equals("--")) {
                index++;
                break;
            }
            if (word.length() > 1 && word.charAt(0) == '-') {
                if (word.charAt(1) == '-') {
                    index++;
                    return nextLong(word.substring(2));
                }
                inCluster = 1;
                return nextShort();
            }
            if (inOrder) {
                break;
            }
            operands.add(word);
            index++;
        }
        while (index < args.length) {
            operands.add(args[index++]);
        }
        return END;
    }

    private int nextShort() {
        String word = args[index];
        char letter = word.charAt(inCluster++);
        boolean last = inCluster == word.length();
        if (last) {
            index++;
            inCluster = 0;
        }
        int at = letter == ':' ? -1 : shorts.indexOf(letter);
        if (at < 0) {
            complaint = "invalid option -- '" + letter + "'";
            return UNKNOWN;
        }
        if (at + 1 < shorts.length() && shorts.charAt(at + 1) == ':') {
            if (!last) {
                argument = word.substring(inCluster);
                index++;
                inCluster = 0;
            } else if (index < args.length) {
                argument = args[index++];
            } else {
                complaint = "option requires an argument -- '" + letter + "'";
                return MISSING;
            }
        }
        return letter;
    }

    private int nextLong(String text) {
        int equals = text.indexOf('=');
        String name = equals < 0 ? text : text.substring(0, equals);
        Long found = null;
        StringBuilder candidates = new StringBuilder();
        boolean ambiguous = false;
        for (Long option : longs) {
            if (option.name().equals(name)) {
                found = option;
                ambiguous = false;
                break;
            }
            if (option.name().startsWith(name)) {
                candidates.append(" '--").append(option.name()).append('\'');
                if (found == null) {
                    found = option;
                } else if (found.code() != option.code() || found.hasArgument() != option.hasArgument()) {
                    ambiguous = true;
                }
            }
        }
        if (ambiguous) {
            complaint = "option '--" + text + "' is ambiguous; possibilities:" + candidates;
            return UNKNOWN;
        }
        if (found == null) {
            complaint = "unrecognized option '--" + name + "'";
            return UNKNOWN;
        }
        if (found.hasArgument()) {
            if (equals >= 0) {
                argument = text.substring(equals + 1);
            } else if (index < args.length) {
                argument = args[index++];
            } else {
                complaint = "option '--" + found.name() + "' requires an argument";
                return MISSING;
            }
        } else if (equals >= 0) {
            complaint = "option '--" + found.name() + "' doesn't allow an argument";
            return UNKNOWN;
        }
        return found.code();
    }

    /** The argument of the option that {@link #next()} returned. */
    String argument() {
        if (argument == null) {
            throw new IllegalStateException("this option has no argument");
        }
        return argument;
    }

    /** The word in which parsing stopped, as a message about it shows it; the verb's name when that word was the first. */
    String culprit(String verb) {
        return index == 0 ? verb : args[index - 1];
    }

    /** What the C library itself would say of it. */
    String complaint() {
        return complaint;
    }

    /** The words that are no options. Complete once {@link #next()} returned {@link #END}. */
    List<String> operands() {
        return operands;
    }
}
