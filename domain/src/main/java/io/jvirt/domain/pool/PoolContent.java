// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.pool;

import java.util.List;

/** A pool and its volumes. */
public record PoolContent(PoolSummary pool, List<VolumeSummary> volumes) {}
