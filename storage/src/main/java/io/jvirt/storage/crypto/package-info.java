// SPDX-License-Identifier: Apache-2.0
/**
 * Encryption of disks: LUKS headers and key slots, and the ciphers that turn sectors into ciphertext. The primitives come
 * from {@code javax.crypto}.
 */
@NullMarked
package io.jvirt.storage.crypto;

import org.jspecify.annotations.NullMarked;
