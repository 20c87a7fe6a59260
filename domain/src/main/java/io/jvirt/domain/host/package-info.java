// SPDX-License-Identifier: Apache-2.0
/** What a host can do: probes and checks. */
@NullMarked
package io.jvirt.domain.host;

import org.jspecify.annotations.NullMarked;
