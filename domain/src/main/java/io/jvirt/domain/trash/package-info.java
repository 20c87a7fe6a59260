// SPDX-License-Identifier: Apache-2.0
/**
 * Deleted machines until they are purged.
 *
 * <p>A deleted machine is an entry: a directory with a random id in the trash area beside each file that was moved (the
 * same file system, so a rename moves it), and in the first of them the record {@code entry.xml} with the definition, the
 * snapshots' metadata and where each file came from ({@link io.jvirt.domain.trash.TrashRecord}). The state directory has a
 * link to each record's directory, so that files outside of any pool are found again.
 *
 * <p>Write ordering: the record is synced before the first file is moved and removed after the last one is back or gone,
 * so there is never a file in the trash that no record names.
 */
@NullMarked
package io.jvirt.domain.trash;

import org.jspecify.annotations.NullMarked;
