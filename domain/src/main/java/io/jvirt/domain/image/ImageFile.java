// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.image;

import java.nio.file.Path;

/**
 * An image that is a file of this machine.
 *
 * @param file where
 * @param verification what it was compared with, for people: a sentence without its end
 */
public record ImageFile(Path file, String verification) {}
