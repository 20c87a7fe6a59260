// SPDX-License-Identifier: Apache-2.0
/**
 * The write-ahead journal of verbs that change more than one thing, and recovery from it.
 *
 * <p>A verb plans its {@link io.jvirt.domain.journal.Step}s, writes them all into a journal entry (one file of JSON lines,
 * {@link io.jvirt.domain.journal.JournalRecord}), and only then performs them: before each step an intent is written and
 * synced, after it that it is done. A failure or Ctrl-C undoes the begun steps in reverse; after a crash {@code jvirt
 * recover} does that, or performs the rest. A finished operation leaves no entry.
 *
 * <p>Write ordering: the begin record and the directory are synced before the first step; each intent is synced before the
 * change it announces; a fact that proves ownership (an inode) is synced before the change becomes visible under its final
 * name. A torn last line is a record that was never acknowledged, so it is as if it had not been written.
 *
 * <p>Entries also are the locks: a live entry for a domain keeps other verbs from it, an entry whose owner is dead asks for
 * recovery first.
 */
@NullMarked
package io.jvirt.domain.journal;

import org.jspecify.annotations.NullMarked;
