// SPDX-License-Identifier: Apache-2.0
/**
 * The verbs {@code set}, {@code edit} and {@code define}: changes of a machine's definition and of the running machine.
 *
 * <p>A {@link io.jvirt.domain.change.Change} knows how it looks in a definition, and which step, if any, makes it true of a
 * running machine. {@link io.jvirt.domain.change.SetPlan} puts them together: the definition first, because libvirt checks
 * it whole, then the running machine, each undone if a later one fails.
 */
@NullMarked
package io.jvirt.domain.change;

import org.jspecify.annotations.NullMarked;
