// SPDX-License-Identifier: Apache-2.0
/**
 * Who uses which image: over all domains and all pools of a host.
 *
 * <p>{@link io.jvirt.domain.reference.ReferenceGraph#read} looks at every domain's definitions, follows the backing chains
 * and data files that image headers name, and looks into every pool for overlays that no domain knows of. Whoever removes,
 * moves or changes an image asks it first: {@code uses(path)}. Images are read to their headers only and a place that does
 * not answer in time is left out and named in {@code blindSpots()}.
 */
@NullMarked
package io.jvirt.domain.reference;

import org.jspecify.annotations.NullMarked;
