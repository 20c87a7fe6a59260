// SPDX-License-Identifier: Apache-2.0
/** What a guest keeps on its disk, as far as jvirt reads it: partitions, and which blocks a file system does not use. */
@org.jspecify.annotations.NullMarked
package io.jvirt.storage.guest;
