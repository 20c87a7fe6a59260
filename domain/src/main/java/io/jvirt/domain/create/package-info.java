// SPDX-License-Identifier: Apache-2.0
/**
 * The verb {@code create}: a request, a plan that checks everything before anything is changed, and journaled steps.
 */
@NullMarked
package io.jvirt.domain.create;

import org.jspecify.annotations.NullMarked;
