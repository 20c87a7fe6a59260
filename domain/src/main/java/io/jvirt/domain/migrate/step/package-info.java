// SPDX-License-Identifier: Apache-2.0
/**
 * The steps of a migration. The operation's own host is the source; the target is named by its URI in each step.
 *
 * <p>Order, and what it keeps: files are sent and read back while the domain stays as it is on the source; the definition
 * comes to the target locked, so that it cannot start there; the source's is locked; the target's is unlocked, from where on
 * there is only the way forward; the source's is removed. So at no moment the domain can start on both hosts, and both hold
 * its definition until it can start on the target.
 */
@NullMarked
package io.jvirt.domain.migrate.step;

import org.jspecify.annotations.NullMarked;
