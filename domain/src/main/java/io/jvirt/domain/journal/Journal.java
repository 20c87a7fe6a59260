// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.journal;

import io.jvirt.domain.FileReason;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.JournalRecord.Adopted;
import io.jvirt.domain.journal.JournalRecord.Begin;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The directory of journal entries. */
public final class Journal {
    private static final String SUFFIX = ".jsonl";
    /** The lock of the directory keeps other processes out, and would fail for a second thread of this one. */
    private static final Object PROCESS_LOCK = new Object();

    private final Path directory;
    private final StepReader reader;
    private final JournalFile.Boundary boundary;
    private final @Nullable String outerVerb;

    public Journal(Path stateDirectory, StepReader reader) {
        this(stateDirectory, reader, JournalFile.Boundary.NONE);
    }

    Journal(Path stateDirectory, StepReader reader, JournalFile.Boundary boundary) {
        this(stateDirectory.resolve("journal"), reader, boundary, null);
    }

    private Journal(Path directory, StepReader reader, JournalFile.Boundary boundary, @Nullable String outerVerb) {
        this.directory = directory;
        this.reader = reader;
        this.boundary = boundary;
        this.outerVerb = outerVerb;
    }

    /** The same journal for verbs that a verb of this process calls: what that one has, they have too. */
    public Journal inside(String verb) {
        return new Journal(directory, reader, boundary, verb);
    }

    private boolean isOuter(JournalEntry entry) {
        return entry.verb().equals(outerVerb) && entry.owner().isThisProcess();
    }

    /**
     * Writes a new operation down; it is synced when this returns, and nothing is changed yet.
     *
     * @param domains names and UUIDs of the domains that it changes: no other operation may have them meanwhile
     */
    public Operation begin(String verb, String uri, List<String> domains, List<? extends Step> steps)
            throws IOException {
        synchronized (PROCESS_LOCK) {
            return beginLocked(verb, uri, domains, steps);
        }
    }

    private Operation beginLocked(String verb, String uri, List<String> domains, List<? extends Step> steps)
            throws IOException {
        makeDirectory();
        String command = JournalName.command(verb, domains);
        try (FileChannel lock = lockDirectory();
                FileLock held = lock.lock()) {
            refuseOthers(uri, domains);
            String id = newId(verb);
            List<StepPlan> plans = new ArrayList<>();
            for (Step step : steps) {
                plans.add(step.plan());
            }
            Begin begin = new Begin(
                    Begin.VERSION,
                    id,
                    verb,
                    uri,
                    List.copyOf(domains),
                    Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                    Owner.current(command),
                    plans);
            Path path = directory.resolve(id + SUFFIX);
            JournalFile file = begun(path, begin);
            return new Operation(new JournalEntry(path, List.of(begin)), file, List.copyOf(steps));
        }
    }

    /** Where it cannot be written whole, nothing of it stays: the operation has not begun. */
    private JournalFile begun(Path path, Begin begin) throws IOException {
        JournalFile file = null;
        try {
            file = JournalFile.create(path, boundary);
            file.append(begin);
            JournalFile.syncDirectory(path);
            return file;
        } catch (IOException e) {
            if (file != null) {
                file.close();
                Files.deleteIfExists(path);
            }
            throw unusable(e instanceof FileSystemException ? "cannot write to the journal " + path + ": " : "", e);
        }
    }

    /** Throws where another operation has one of the domains: REFUSED if it runs, NEEDS_RECOVERY if its owner is dead. */
    public void refuseOthers(String uri, List<String> domains) throws IOException {
        for (JournalEntry entry : entries()) {
            if (!entry.uri().equals(uri) || isOuter(entry)) {
                continue;
            }
            for (String domain : domains) {
                if (!entry.domains().contains(domain)) {
                    continue;
                }
                Owner owner = entry.owner();
                if (owner.mayBeAlive()) {
                    throw JvirtException.refused(
                            JournalName.thing(domain, entry.domains()) + " is being changed by '" + owner.command()
                                    + "' (pid " + owner.pid() + " on " + owner.hostname() + ", since "
                                    + entry.startedAt() + ")",
                            "wait for it to end, or interrupt it: kill " + owner.pid());
                }
                throw unfinished(entry);
            }
        }
    }

    private static JvirtException unfinished(JournalEntry entry) {
        return new JvirtException(
                JvirtException.Kind.NEEDS_RECOVERY,
                "'" + entry.owner().command() + "' of " + entry.startedAt() + " was cut off and is unfinished",
                "jvirt recover " + entry.id() + (entry.isRollingBack() ? " --rollback" : " --rollback (or --resume)"));
    }

    /** All entries, oldest first. What ended before its file could go is removed on the way. */
    public List<JournalEntry> entries() throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.list(directory)) {
            files = found.filter(f -> f.toString().endsWith(SUFFIX)).sorted().toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (FileSystemException e) {
            throw unusable("cannot read the journal " + directory + ": ", e);
        }
        List<JournalEntry> entries = new ArrayList<>();
        for (Path file : files) {
            List<JournalRecord> records;
            try {
                records = JournalFile.read(file);
            } catch (NoSuchFileException e) {
                continue;
            } catch (IOException e) {
                throw damaged(file, e);
            }
            if (records.isEmpty()) {
                // The begin record is synced before anything is changed: without it nothing was. A younger one may
                // still be in the making.
                if (Files.getLastModifiedTime(file)
                        .toInstant()
                        .isBefore(Instant.now().minusSeconds(60))) {
                    Files.deleteIfExists(file);
                }
                continue;
            }
            if (!(records.get(0) instanceof Begin begin) || begin.version() > Begin.VERSION) {
                throw damaged(file, new IOException("it does not start with a known begin record"));
            }
            JournalEntry entry = new JournalEntry(file, records);
            if (entry.isOver() || entry.isDeadLock()) {
                Files.deleteIfExists(file);
            } else {
                entries.add(entry);
            }
        }
        entries.sort((a, b) -> a.startedAt().compareTo(b.startedAt()));
        return entries;
    }

    /** An entry by its id or by a domain of it. */
    public JournalEntry find(String idOrDomain) throws IOException {
        for (JournalEntry entry : entries()) {
            if (entry.id().equals(idOrDomain) || entry.domains().contains(idOrDomain)) {
                return entry;
            }
        }
        throw JvirtException.notFound(
                "no unfinished operation '" + idOrDomain + "' in " + directory, "jvirt recover lists them");
    }

    /** Takes over an operation whose owner is dead, or that this user interrupted. */
    public Operation adopt(JournalEntry entry) throws IOException {
        synchronized (PROCESS_LOCK) {
            return adoptLocked(entry);
        }
    }

    private Operation adoptLocked(JournalEntry entry) throws IOException {
        try (FileChannel lock = lockDirectory();
                FileLock held = lock.lock()) {
            JournalEntry current = find(entry.id());
            Owner owner = current.owner();
            if (owner.mayBeAlive() && !owner.isThisProcess()) {
                throw JvirtException.refused(
                        "'" + owner.command() + "' is still running (pid " + owner.pid() + " on " + owner.hostname()
                                + ")",
                        "wait for it to end, or interrupt it: kill " + owner.pid());
            }
            List<Step> steps = new ArrayList<>();
            for (StepPlan plan : current.steps()) {
                steps.add(reader.read(plan));
            }
            JournalFile file = JournalFile.resume(current.path(), boundary);
            Operation operation = new Operation(current, file, steps);
            operation.append(new Adopted(Owner.current("jvirt recover " + current.id())));
            return operation;
        }
    }

    private static JvirtException damaged(Path file, IOException cause) {
        return new JvirtException(
                JvirtException.Kind.NEEDS_RECOVERY,
                "the journal entry " + file + " cannot be read: " + cause.getMessage(),
                "look at what it names, mend that by hand, then remove the file",
                cause);
    }

    private void makeDirectory() throws IOException {
        try {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (FileSystemException e) {
            throw unusable("cannot make the journal " + directory + ": ", e);
        }
    }

    /** @param what what failed, up to the reason */
    static JvirtException unusable(String what, IOException e) {
        return new JvirtException(
                JvirtException.Kind.FAILED,
                what + FileReason.of(e),
                e instanceof AccessDeniedException
                        ? "run it as root, or set " + StateDirectory.VARIABLE + " to a directory of your own"
                        : "is its file system full or read-only? " + StateDirectory.VARIABLE
                                + " names another directory",
                e);
    }

    private FileChannel lockDirectory() throws IOException {
        return FileChannel.open(directory.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    private static String newId(String verb) {
        return verb.replace(' ', '-') + "-"
                + Long.toString(0x100000000L | Integer.toUnsignedLong(new SecureRandom().nextInt()), 16)
                        .substring(1);
    }
}
