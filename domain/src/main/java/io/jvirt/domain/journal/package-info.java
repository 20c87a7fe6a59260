// SPDX-License-Identifier: Apache-2.0
/** The write-ahead journal of verbs that change more than one thing, and recovery from it. */
@NullMarked
package io.jvirt.domain.journal;

import org.jspecify.annotations.NullMarked;
