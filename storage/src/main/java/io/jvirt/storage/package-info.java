// SPDX-License-Identifier: Apache-2.0
/**
 * The disk engine's public interface: open, create, read, write, zero, discard, map, flush.
 *
 * <p>Formats live in packages of their own ({@code qcow2}, {@code raw}); native calls for files live in {@code file}.
 * Nothing here knows libvirt.
 */
@NullMarked
package io.jvirt.storage;

import org.jspecify.annotations.NullMarked;
