// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.file;

import io.jvirt.storage.StorageException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A file in the making: written beside its target under another name and renamed over it when whole and synced. Closed
 * before {@link #commit()}, it leaves nothing. A block device is its own target and is written directly.
 */
public final class FreshFile implements Closeable {
    private final HostFile file;
    private final Path target;
    private @Nullable HostFile present;
    private boolean done;

    private FreshFile(HostFile file, Path target) {
        this.file = file;
        this.target = target;
    }

    /**
     * A file that will be {@code named}. Where its directory takes no new file but has a file of that name which the user
     * may write, that one is emptied and written in place, as qemu-img does: a failure then leaves a part of the new one.
     */
    public static FreshFile beside(Path named) throws IOException {
        Path target = followLink(named);
        if (Files.exists(target)) {
            if (!Files.isRegularFile(target)) {
                return new FreshFile(HostFile.open(target, false), target);
            }
            HostFile present = locked(target, named);
            try {
                FreshFile fresh = create(target, named);
                fresh.present = present;
                return fresh;
            } catch (IOException e) {
                if (e instanceof StorageException failure && takesNoFile(failure)) {
                    return inPlace(present, target);
                }
                present.close();
                throw e;
            }
        }
        return create(target, named);
    }

    /** EACCES, EPERM and EROFS: the directory is closed, and not full or broken. */
    private static boolean takesNoFile(StorageException failure) {
        String text = String.valueOf(failure.getMessage());
        return text.endsWith("Permission denied")
                || text.endsWith("Operation not permitted")
                || text.endsWith("Read-only file system");
    }

    private static FreshFile inPlace(HostFile present, Path target) throws IOException {
        try {
            present.truncate(0);
        } catch (IOException e) {
            present.close();
            throw e;
        }
        return new FreshFile(present, target);
    }

    /** A successor of a file that the caller itself has open for writing, and so has locked. */
    public static FreshFile besideInUse(Path named) throws IOException {
        return create(followLink(named), named);
    }

    private static FreshFile create(Path target, Path named) throws IOException {
        Path name = target.getFileName();
        if (name == null) {
            throw new StorageException("Could not create '" + named + "': it names no file");
        }
        HostFile file = null;
        while (file == null) {
            String random = Long.toString(ThreadLocalRandom.current().nextLong(1L << 40), Character.MAX_RADIX);
            Path partial = target.resolveSibling("." + shortened(name.toString()) + "." + random + ".partial");
            if (!Files.exists(partial, LinkOption.NOFOLLOW_LINKS)) {
                try {
                    file = HostFile.createNew(partial);
                } catch (StorageException e) {
                    throw renamed(e, partial, named);
                }
            }
        }
        file.named(named.toString());
        FreshFile fresh = new FreshFile(file, target);
        try {
            fresh.copyOwnerOfTarget();
        } catch (IOException e) {
            fresh.close();
            throw e;
        }
        return fresh;
    }

    /** A file name has at most 255 bytes; the marks around it take about 20. */
    private static String shortened(String name) {
        return name.length() <= 50 ? name : name.substring(0, 50);
    }

    private static StorageException renamed(StorageException cause, Path partial, Path named) {
        String text = String.valueOf(cause.getMessage());
        String reason = text.substring(
                text.indexOf(partial.toString()) + partial.toString().length() + 3);
        return new StorageException("Could not create '" + named + "': " + reason, null, cause);
    }

    private static Path followLink(Path named) throws IOException {
        return Files.isSymbolicLink(named) && Files.exists(named) ? named.toRealPath() : named;
    }

    /**
     * The file that is to be replaced. What a running guest has open must not be replaced under it, and none may open it from now
     * on, as what it wrote would go with the old file.
     */
    private static HostFile locked(Path target, Path named) throws IOException {
        HostFile present = HostFile.open(target, false).named(named.toString());
        try {
            present.lock(LockRequest.WRITE_FORMAT);
        } catch (IOException e) {
            present.close();
            throw e;
        }
        return present;
    }

    /** A file that takes another's place has its owner and mode, where the user may give them. */
    private void copyOwnerOfTarget() throws IOException {
        if (!Files.exists(target)) {
            return;
        }
        PosixFileAttributes old = Files.readAttributes(target, PosixFileAttributes.class);
        PosixFileAttributeView view = Files.getFileAttributeView(file.path(), PosixFileAttributeView.class);
        if (view == null) {
            return;
        }
        PosixFileAttributes fresh = view.readAttributes();
        if (!old.owner().equals(fresh.owner()) || !old.group().equals(fresh.group())) {
            try {
                view.setOwner(old.owner());
                view.setGroup(old.group());
            } catch (IOException e) {
                throw new StorageException(
                        "Could not replace '" + target + "': it belongs to " + old.owner() + " and the new file cannot",
                        "remove it first, or choose another name",
                        e);
            }
        }
        view.setPermissions(old.permissions());
    }

    public HostFile file() {
        return file;
    }

    /** Syncs the content, gives the file its name and syncs that too. The file stays open. */
    public void commit() throws IOException {
        commit(true);
    }

    /**
     * Gives the file its name.
     *
     * @param durable whether the content is synced first; without it a power cut soon after may lose the file
     */
    public void commit(boolean durable) throws IOException {
        if (durable) {
            file.sync();
        }
        String name = file.name();
        if (!file.path().equals(target)) {
            file.renameTo(target, durable);
            file.named(name);
        }
        done = true;
    }

    @Override
    public void close() throws IOException {
        try {
            file.close();
        } finally {
            try {
                if (!done && !file.path().equals(target)) {
                    Files.deleteIfExists(file.path());
                }
            } finally {
                if (present != null) {
                    present.close();
                }
            }
        }
    }
}
