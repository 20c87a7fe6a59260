// SPDX-License-Identifier: Apache-2.0
/** Storage pools and their volumes: making, reading within a time limit, removing; bytes in and out with holes kept. */
@NullMarked
package io.jvirt.domain.pool;

import org.jspecify.annotations.NullMarked;
