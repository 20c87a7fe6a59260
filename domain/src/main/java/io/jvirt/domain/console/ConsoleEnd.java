// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.console;

/** Why a console session ended. */
public enum ConsoleEnd {
    /** The user typed the escape character. */
    LEFT,
    /** The guest is off, or somebody took the console. */
    CLOSED,
    /** The time limit passed. */
    TIME_UP,
    /** Nobody reads the output any more. */
    NO_READER,
    /** The user asked the process to stop. */
    CANCELLED
}
