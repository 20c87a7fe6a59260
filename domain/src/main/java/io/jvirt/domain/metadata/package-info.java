// SPDX-License-Identifier: Apache-2.0
/**
 * What jvirt keeps with a domain: one element in its {@code <metadata>}, in jvirt's own namespace. libvirt carries it
 * with the definition, over renames, saves and migrations.
 *
 * <pre>{@code
 * <jvirt:vm xmlns:jvirt="https://jvirt.io/xmlns/domain/1" createdBy="jvirt">
 *   <jvirt:lock operation="migrate-0a1b2c3d" reason="…" next="jvirt recover …" since="2026-01-31T08:00:00Z"/>
 *   <jvirt:template since="2026-01-31T08:00:00Z"/>
 *   <jvirt:autostart order="10" …/>
 * </jvirt:vm>
 * }</pre>
 *
 * A part is a class with properties under {@code metadata/jvirt:vm/}, which reads itself from a {@link
 * io.jvirt.domain.metadata.VmMetadata} and writes itself there. What jvirt does not know in the element survives.
 */
@NullMarked
package io.jvirt.domain.metadata;

import org.jspecify.annotations.NullMarked;
