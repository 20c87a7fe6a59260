// SPDX-License-Identifier: Apache-2.0
/** Machines that are templates: clones are made of them, linked ones unless told otherwise, and they do not start. */
@NullMarked
package io.jvirt.domain.template;

import org.jspecify.annotations.NullMarked;
