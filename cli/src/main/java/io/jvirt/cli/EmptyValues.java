// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import io.jvirt.domain.JvirtException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/**
 * Values that are empty, as a script's unset variable leaves them: {@code --dir "$DIR"} would be the current directory.
 * Only free text may be empty.
 */
final class EmptyValues {
    private static final String FREE_TEXT = "TEXT";
    private static final String FILE = "FILE";

    private EmptyValues() {}

    static void refuse(ParseResult parsed) {
        for (ArgSpec given : parsed.matchedArgs()) {
            if (given.originalStringValues().contains("") && isRefused(given)) {
                throw JvirtException.usage(
                        given instanceof OptionSpec option
                                ? "the option " + option.longestName() + " has an empty value"
                                : given.paramLabel() + " is empty",
                        given instanceof OptionSpec
                                ? "it takes " + given.paramLabel() + "; leave it out where there is none"
                                : "name one; a variable in a script may be unset");
            }
        }
    }

    /** Commands say of an empty name themselves where to look for names. */
    private static boolean isRefused(ArgSpec given) {
        return given instanceof PositionalParamSpec
                ? given.paramLabel().startsWith(FILE)
                : !given.paramLabel().equals(FREE_TEXT);
    }
}
