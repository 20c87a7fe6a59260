// SPDX-License-Identifier: Apache-2.0
/** Commands about hosts, their pools and networks. */
@NullMarked
package io.jvirt.cli.host;

import org.jspecify.annotations.NullMarked;
