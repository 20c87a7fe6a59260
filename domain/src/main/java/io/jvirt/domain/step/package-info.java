// SPDX-License-Identifier: Apache-2.0
/** The journaled steps that verbs are made of; each can be rebuilt from its plan, performed and undone. */
@NullMarked
package io.jvirt.domain.step;

import org.jspecify.annotations.NullMarked;
