// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GetOptTest {
    private static final int OUTPUT = 256;

    private static List<String> parse(String shorts, String... args) {
        GetOpt options = new GetOpt(
                args,
                shorts,
                GetOpt.flag("help", 'h'),
                GetOpt.valued("output", OUTPUT),
                GetOpt.valued("object", 257),
                GetOpt.flag("force-share", 'U'));
        List<String> seen = new ArrayList<>();
        for (int option = options.next(); option != GetOpt.END; option = options.next()) {
            if (option == GetOpt.UNKNOWN || option == GetOpt.MISSING) {
                seen.add((char) option + " " + options.culprit("verb") + ": " + options.complaint());
                return seen;
            }
            String name = option < 256 ? "-" + (char) option : "--" + option;
            boolean valued = option == 'f' || option >= 256;
            seen.add(valued ? name + "=" + options.argument() : name);
        }
        seen.addAll(options.operands());
        return seen;
    }

    @Test
    void takesOptionsAndOperandsInAnyOrder() {
        assertThat(parse("f:qU", "a", "-q", "b", "-f", "raw", "c")).containsExactly("-q", "-f=raw", "a", "b", "c");
        assertThat(parse("f:qU", "-q", "--", "-f", "c")).containsExactly("-q", "-f", "c");
        assertThat(parse("+f:qU", "-q", "a", "-f", "c")).containsExactly("-q", "a", "-f", "c");
        assertThat(parse("f:qU", "-")).containsExactly("-");
    }

    @Test
    void takesBundlesAndAttachedArguments() {
        assertThat(parse("f:qU", "-qUfraw", "-fqcow2")).containsExactly("-q", "-U", "-f=raw", "-f=qcow2");
        assertThat(parse("f:qU", "-qf", "raw")).containsExactly("-q", "-f=raw");
    }

    @Test
    void takesLongOptionsAndTheirAbbreviations() {
        assertThat(parse("f:qU", "--output=json", "--out", "human")).containsExactly("--256=json", "--256=human");
        assertThat(parse("f:qU", "--force")).containsExactly("-U");
    }

    @Test
    void saysWhatIsWrong() {
        assertThat(parse("f:q", "-Z")).containsExactly("? -Z: invalid option -- 'Z'");
        assertThat(parse("f:q", "-Zq")).containsExactly("? verb: invalid option -- 'Z'");
        assertThat(parse("f:q", "-qZ")).containsExactly("-q", "? -qZ: invalid option -- 'Z'");
        assertThat(parse("f:q", "-f")).containsExactly(": -f: option requires an argument -- 'f'");
        assertThat(parse("f:q", "--output")).containsExactly(": --output: option '--output' requires an argument");
        assertThat(parse("f:q", "--foo=1")).containsExactly("? --foo=1: unrecognized option '--foo'");
        assertThat(parse("f:q", "--help=1")).containsExactly("? --help=1: option '--help' doesn't allow an argument");
        assertThat(parse("f:q", "--o"))
                .containsExactly("? --o: option '--o' is ambiguous; possibilities: '--output' '--object'");
    }
}
