// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.doctor;

/**
 * Something that is not as it should be.
 *
 * @param check which check found it: {@code missing-disk}
 * @param subject what it is about: {@code domain 'web'}
 * @param problem what is wrong
 * @param fix the command, or what else to do
 */
public record Finding(Severity severity, String check, String subject, String problem, String fix) {
    /** How bad it is. */
    public enum Severity {
        /** A machine does not start, or data is in danger. */
        ERROR,
        /** It will go wrong one day. */
        WARNING,
        /** Worth knowing. */
        NOTE
    }
}
