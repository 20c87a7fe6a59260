// SPDX-License-Identifier: Apache-2.0
/**
 * The verb {@code migrate}: a domain that is off moves to another host, definition, disks and all.
 *
 * <p>{@link io.jvirt.domain.migrate.Migrate} plans: {@link io.jvirt.domain.migrate.MoveCheck}s compare the two hosts and
 * collect {@link io.jvirt.domain.migrate.Findings}, {@link io.jvirt.domain.migrate.FilePlanner} decides for each file whether
 * and where it goes, {@link io.jvirt.domain.migrate.TargetDefinition} rewrites the definition. Without a blocker there are
 * steps ({@code migrate.step}), which the journal performs.
 */
@NullMarked
package io.jvirt.domain.migrate;

import org.jspecify.annotations.NullMarked;
