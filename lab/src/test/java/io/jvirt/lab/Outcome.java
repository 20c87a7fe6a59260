// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/** What a command answered. */
record Outcome(List<String> command, int exit, String out, String err) {

    /** Asserts that it succeeded. */
    Outcome ok() {
        assertThat(exit).as("%s", this).isZero();
        return this;
    }

    /** Asserts the exit code, that the message and the hint say what is expected, and that no stack trace shows. */
    Outcome failsWith(int code, String message, String hint) {
        assertThat(exit).as("%s", this).isEqualTo(code);
        assertThat(err).as("%s", this).containsIgnoringCase(message);
        assertThat(err).as("%s", this).contains("hint:").containsIgnoringCase(hint);
        assertThat(err).as("%s", this).doesNotContain("\tat ", "Exception", "libvirt: ");
        return this;
    }

    /** The output's lines without those that are empty. */
    List<String> lines() {
        return out.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    }

    @Override
    public String toString() {
        return String.join(" ", command) + "\n  exit " + exit + "\n--- out\n" + out + "\n--- err\n" + err;
    }
}
