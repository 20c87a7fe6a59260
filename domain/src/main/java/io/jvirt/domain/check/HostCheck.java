// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.check;

/** One question to the facts. Asks nobody else. */
interface HostCheck {
    CheckResult look(CheckFacts facts);
}
