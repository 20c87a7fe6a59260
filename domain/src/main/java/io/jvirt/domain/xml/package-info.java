// SPDX-License-Identifier: Apache-2.0
/**
 * libvirt's XML as live documents: declared properties on elements; what jvirt does not know survives.
 *
 * <p>{@link io.jvirt.domain.xml.XmlDocument} keeps every byte of its source: attribute order and quotes, white space,
 * comments, CDATA, prefixes. An unchanged document is written as it was read, and a change alters only what it names.
 * {@code javax.xml} is not used: it sorts attributes, drops quotes and white space inside tags, and costs some 100 ms at
 * start-up for one small definition. Document types and entities other than XML's own five are refused, so nothing
 * outside the text is ever read.
 *
 * <p>{@link io.jvirt.domain.xml.Property} declares what an element carries and where; {@link
 * io.jvirt.domain.xml.DomainXml} and the device classes are lists of such declarations.
 */
@NullMarked
package io.jvirt.domain.xml;

import org.jspecify.annotations.NullMarked;
