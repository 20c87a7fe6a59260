// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.FileReason;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.trash.TrashRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes down what is going to be in the trash, before the first file goes there. */
public final class TrashRecordStep implements Step {
    static final String KIND = "trash-record";

    private static final FileAttribute<?> PRIVATE_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final FileAttribute<?> PRIVATE_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final TrashDirectories directories;
    private final String xml;

    /** @param link in the state directory, to the record's directory; null where that is in the state directory itself */
    public TrashRecordStep(TrashRecord record, @Nullable Path link) {
        this(new TrashDirectories(record.directories(), link), record.xml());
    }

    private TrashRecordStep(TrashDirectories directories, String xml) {
        this.directories = directories;
        this.xml = xml;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("directories", directories.text());
        if (directories.link() != null) {
            p.put("link", directories.link().toString());
        }
        p.put("xml", xml);
        return new StepPlan(KIND, "record the definition in " + directories.home(), p);
    }

    static TrashRecordStep read(StepPlan plan) {
        return new TrashRecordStep(TrashDirectories.read(plan), Parameters.required(plan, "xml"));
    }

    @Override
    public void perform(StepContext context) throws Exception {
        Path home = directories.home();
        try {
            Path link = directories.link();
            if (link != null && link.getParent() != null) {
                Files.createDirectories(link.getParent(), PRIVATE_DIRECTORY);
                Files.createSymbolicLink(link, home);
                Directories.sync(link);
            }
            Files.createDirectories(home, PRIVATE_DIRECTORY);
            Directories.sync(home);
            write(home.resolve(TrashRecord.FILE));
        } catch (FileSystemException e) {
            throw new JvirtException(
                    JvirtException.Kind.FAILED,
                    "cannot write to the trash " + home + ": " + FileReason.of(e),
                    "is the file system full? --purge removes the machine at once",
                    e);
        }
    }

    private void write(Path file) throws IOException {
        Path fresh = file.resolveSibling(TrashRecord.FILE + ".new");
        Files.deleteIfExists(fresh);
        try (FileChannel channel = FileChannel.open(
                fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), PRIVATE_FILE)) {
            ByteBuffer bytes = ByteBuffer.wrap(xml.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        Directories.sync(file);
    }

    @Override
    public void undo(StepContext context) throws Exception {
        Files.deleteIfExists(directories.home().resolve(TrashRecord.FILE + ".new"));
        directories.remove(false);
    }
}
