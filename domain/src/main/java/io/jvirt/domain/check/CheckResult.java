// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.check;

import org.jspecify.annotations.Nullable;

/**
 * What a check says.
 *
 * @param check its name: {@code kvm}
 * @param finding what there is
 * @param fix what to do about it; null where nothing is to do
 */
public record CheckResult(
        String check,
        Verdict verdict,
        String finding,
        @Nullable String fix) {
    /** How good that is. */
    public enum Verdict {
        PASS,
        /** As it should be, with something worth knowing; or it cannot be told. */
        NOTE,
        /** Machines run, and something about them will be slow, missing or in danger. */
        WARN,
        /** Machines do not run as they should. */
        FAIL
    }

    static CheckResult pass(String check, String finding) {
        return new CheckResult(check, Verdict.PASS, finding, null);
    }

    static CheckResult note(String check, String finding, @Nullable String fix) {
        return new CheckResult(check, Verdict.NOTE, finding, fix);
    }

    static CheckResult warn(String check, String finding, String fix) {
        return new CheckResult(check, Verdict.WARN, finding, fix);
    }

    static CheckResult fail(String check, String finding, String fix) {
        return new CheckResult(check, Verdict.FAIL, finding, fix);
    }

    static CheckResult unknown(String check) {
        return note(check, "not known: the host is another machine", "run jvirt host check there");
    }
}
