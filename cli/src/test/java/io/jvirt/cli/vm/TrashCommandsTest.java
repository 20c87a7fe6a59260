// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.cli.JvirtRun;
import io.jvirt.storage.ImageReferences;
import io.jvirt.storage.file.HostFile;
import io.jvirt.storage.file.LockRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** delete, trash list, undelete and purge on libvirt's test driver. */
class TrashCommandsTest {
    private static final Pattern DELETED = Pattern.compile(
            "Domain 'trashcan' is deleted\n  bring it back: jvirt undelete trashcan; free its space: jvirt purge (\\w+)\n");

    private TestDriver libvirt;

    @BeforeEach
    void open() {
        libvirt = new TestDriver();
        libvirt.define("trashcan");
        libvirt.run("purge", "--all", "--yes");
    }

    @AfterEach
    void close() {
        libvirt.run("purge", "--all", "--yes");
        libvirt.close();
    }

    private String delete() {
        JvirtRun run = libvirt.run("delete", "trashcan", "--yes");
        Matcher said = DELETED.matcher(run.out());
        assertThat(said.matches()).as("%s", run).isTrue();
        return said.group(1);
    }

    @Test
    void intoTheTrashAndBack() {
        String id = delete();
        assertThat(libvirt.run("trash", "list").out())
                .startsWith("ID        NAME      DELETED               SIZE")
                .contains(id + "  trashcan  ");
        assertThat(libvirt.run("trash", "list", "-o", "name").out()).isEqualTo(id + "\n");
        assertThat(libvirt.run("trash", "list", "-o", "json").out())
                .contains("\"machines\" : [", "\"name\" : \"trashcan\"", "\"allocatedBytes\" : 0");
        assertThat(libvirt.run("undelete", "trashcan", "--dry-run").out())
                .isEqualTo("Domain 'trashcan' would be back; nothing is changed:\n"
                        + "  define domain 'trashcan'\n  remove its record from the trash\n");
        assertThat(libvirt.run("undelete", id, "--name", "can").out())
                .isEqualTo("Domain 'can' is back; start it: jvirt start can\n");
        assertThat(libvirt.run("trash", "list", "-o", "name").out()).isEmpty();
        assertThat(libvirt.isActive("can")).isFalse();
    }

    @Test
    void forGood() {
        assertThat(libvirt.run("delete", "trashcan", "--purge", "--yes").out())
                .isEqualTo("Domain 'trashcan' is deleted\n");
        assertThat(libvirt.run("undelete", "trashcan"))
                .isEqualTo(new JvirtRun(
                        3,
                        "",
                        "jvirt: no deleted domain 'trashcan' in the trash of test:///default\n"
                                + "hint: jvirt trash list shows what is there\n"));
    }

    @Test
    void purges() {
        String id = delete();
        assertThat(libvirt.run("purge"))
                .isEqualTo(new JvirtRun(
                        2,
                        "",
                        "jvirt: nothing says what is to be purged\n"
                                + "hint: name a deleted domain, or give --all, --older-than or --max-size\n"));
        assertThat(libvirt.run("purge", "--older-than", "7d", "--yes").out()).isEqualTo("Nothing is to be purged\n");
        assertThat(libvirt.run("purge", "--max-size", "100G", "--yes").out()).isEqualTo("Nothing is to be purged\n");
        assertThat(libvirt.run("purge", "--max-size", "x", "--yes").exit()).isEqualTo(2);
        assertThat(libvirt.run("purge", "--all", "--dry-run").out())
                .isEqualTo("Would be removed for good; nothing is changed: 'trashcan' (" + id + ", 0 B)\n");
        JvirtRun unasked = libvirt.run("purge", "trashcan");
        assertThat(unasked.exit()).isEqualTo(4);
        assertThat(unasked.err()).contains("not confirmed: Remove for good 'trashcan'", "--yes");
        assertThat(libvirt.run("purge", "trashcan", "--yes").out())
                .isEqualTo("Removed for good: 'trashcan' (" + id + ", 0 B)\n");
        assertThat(libvirt.run("purge", "trashcan", "--yes").exit()).isEqualTo(3);
    }

    @Test
    void aDiskThatSnapshotsNeed(@TempDir Path directory) throws IOException {
        Path disk = Files.createFile(directory.resolve("kept.raw"));
        libvirt.host()
                .defineDomain(
                        "<domain type='test'><name>kept</name><memory>65536</memory><os><type>hvm</type></os><devices>"
                                + "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='"
                                + disk
                                + "'/><target dev='vda' bus='virtio'/></disk></devices></domain>",
                        false)
                .close();
        JvirtRun taken = libvirt.run("snapshot", "create", "kept", "one");
        assertThat(taken.exit()).as("%s", taken).isZero();
        assertThat(libvirt.run("set", "kept", "--remove-disk", "vda,file=trash"))
                .isEqualTo(new JvirtRun(
                        4,
                        "",
                        "jvirt: snapshots of domain 'kept' need the disk " + disk
                                + "\nhint: delete them first (jvirt snapshot list kept), or keep the file: --remove-disk"
                                + " vda\n"));
        assertThat(disk).exists();
    }

    @Test
    void aDiskThatAnotherHostsMachineHasOpen(@TempDir Path directory) throws IOException {
        Path disk = Files.createFile(directory.resolve("there.raw"));
        machine("trashed", disk, "raw");
        try (HostFile user = HostFile.open(disk, false)) {
            user.lock(LockRequest.WRITE_RAW);
            assertThat(libvirt.run("delete", "trashed", "--yes"))
                    .isEqualTo(new JvirtRun(
                            4,
                            "",
                            "jvirt: the disk " + disk
                                    + " is open in another program, or in a machine that runs on another host\nhint: lsof "
                                    + disk + " shows a program of this host; --keep-disks leaves the disks\n"));
            assertThat(libvirt.run("delete", "trashed", "--yes", "--keep-disks").exit())
                    .isZero();
        }
        assertThat(disk).exists();
    }

    @Test
    void aNameThatWasDeletedTwice() {
        String first = delete();
        libvirt.define("trashcan");
        String second = delete();
        JvirtRun run = libvirt.run("undelete", "trashcan");
        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.err())
                .matches("jvirt: 'trashcan' was deleted 2 times: (" + first + "|" + second + ") \\(\\S+\\), (" + first
                        + "|" + second + ") \\(\\S+\\)\nhint: name one of them by its id\n");
    }

    private void machine(String name, Path disk) {
        machine(name, disk, "qcow2");
    }

    private void machine(String name, Path disk, String format) {
        libvirt.host()
                .defineDomain(
                        "<domain type='test'><name>" + name + "</name><memory>65536</memory><os><type>hvm</type></os>"
                                + "<devices><disk type='file' device='disk'><driver name='qemu' type='" + format
                                + "'/><source file='" + disk
                                + "'/><target dev='vda' bus='virtio'/></disk></devices></domain>",
                        false)
                .close();
    }

    @Test
    void whatTheTrashNeedsStaysAndWhatItLacksIsSaid(@TempDir Path directory) throws IOException {
        Path base = directory.resolve("base.qcow2");
        Path overlay = directory.resolve("web.qcow2");
        JvirtRun.of("disk", "create", "-q", "-f", "qcow2", base.toString(), "1M");
        JvirtRun.of("disk", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", base.toString(), overlay.toString());
        machine("base", base);
        machine("web", overlay);
        assertThat(libvirt.run("delete", "web", "--yes").exit()).isZero();
        JvirtRun needed = libvirt.run("delete", "base", "--purge", "--yes");
        assertThat(needed.err())
                .startsWith("jvirt: the disk " + base + " is needed by a machine in the trash: ")
                .endsWith("\nhint: jvirt trash list shows it: purge that first, or delete this one without --purge\n");
        assertThat(needed.exit()).isEqualTo(4);
        JvirtRun deleted = libvirt.run("delete", "base", "--yes");
        String id = deleted.out().strip().replaceFirst("(?s).* ", "");
        String lies = "jvirt: the disk " + overlay + " of 'web' is based on " + base;
        assertThat(libvirt.run("undelete", "web"))
                .isEqualTo(new JvirtRun(
                        1,
                        "",
                        lies + ", which does not exist\nhint: undelete its machine first: jvirt undelete " + id
                                + "\n"));
        Files.writeString(base, "another's");
        assertThat(libvirt.run("undelete", "web"))
                .isEqualTo(new JvirtRun(
                        4,
                        "",
                        lies + ", which was deleted with 'base', and another file has its place\n"
                                + "hint: move that one away and undelete the base first: jvirt undelete " + id + "\n"));
        Files.delete(base);
        JvirtRun kept = libvirt.run("purge", "base", "--yes");
        assertThat(kept.err())
                .startsWith("jvirt: the disks of 'base' are the base of 'web', which is in the trash too\n"
                        + "hint: purge that one as well: jvirt purge ")
                .endsWith(" " + id + "\n");
        assertThat(kept.exit()).isEqualTo(4);
        Path trashed = directory.resolve(".jvirt-trash").resolve(id).resolve("0");
        Files.delete(trashed);
        JvirtRun gone = libvirt.run("undelete", "base");
        assertThat(gone.err())
                .startsWith("jvirt: the disk " + base + " of 'base' is no longer in the trash: " + trashed
                        + " does not exist\nhint: its storage may be off; the definition is in ")
                .endsWith("/entry.xml\n");
        assertThat(gone.exit()).isEqualTo(1);
    }

    @Test
    void aDiskThatStayedAndIsAnothersByNowIsToldOf(@TempDir Path directory) throws IOException {
        Path disk = Files.writeString(directory.resolve("web.qcow2"), "disk");
        machine("web", disk);
        assertThat(libvirt.run("delete", "web", "--keep-disks", "--yes").exit()).isZero();
        machine("next", disk);
        JvirtRun back = libvirt.run("undelete", "web");
        assertThat(back.err())
                .isEqualTo("jvirt: the disk " + disk + " is domain 'next''s by now: run only one of the two\n");
        assertThat(back.exit()).isZero();
    }

    /** What an image names is believed where the machine uses it as qcow2, and only of files where disks are kept. */
    @Test
    void aGuestCannotNameAFileThatGoes(@TempDir Path directory) throws IOException {
        Path beside = directory.resolve("precious");
        Path elsewhere = Files.createDirectory(directory.resolve("home")).resolve("precious");
        for (String format : List.of("raw", "qcow2")) {
            Path data = format.equals("raw") ? beside : elsewhere;
            Path disk = directory.resolve("web.img");
            JvirtRun.of("disk", "create", "-q", "-f", "qcow2", "-o", "data_file=" + data, disk.toString(), "1M");
            machine("web", disk, format);
            JvirtRun deleted = libvirt.run("delete", "web", "--purge", "--yes");
            assertThat(deleted.exit()).as("%s", deleted).isZero();
            assertThat(deleted.err())
                    .isEqualTo(
                            format.equals("raw")
                                    ? ""
                                    : "jvirt: " + data + ", which has the data of " + disk
                                            + ", is in no pool and is left where it is\n");
            assertThat(disk).doesNotExist();
            assertThat(data).exists();
        }
    }

    @Test
    void aRemovedDiskTakesTheFileWithItsDataAlong(@TempDir Path directory) throws IOException {
        Path disk = directory.resolve("web.qcow2");
        Path data = directory.resolve("web.data");
        JvirtRun.of("disk", "create", "-q", "-f", "qcow2", "-o", "data_file=" + data, disk.toString(), "1M");
        machine("web", disk);
        JvirtRun removed = libvirt.run("set", "web", "--remove-disk", "vda,file=trash");
        assertThat(removed.exit()).as("%s", removed).isZero();
        assertThat(disk).doesNotExist();
        assertThat(data).doesNotExist();
        Files.writeString(data, "another's");
        JvirtRun back = libvirt.run("undelete", "web:vda");
        Path moved = directory.resolve("web-web.data");
        assertThat(back.err())
                .isEqualTo("jvirt: " + data + " exists already: the disk comes back as " + moved
                        + "\njvirt: plug it in:" + " jvirt set web --add-disk " + disk + "\n");
        assertThat(back.exit()).isZero();
        assertThat(ImageReferences.read(disk).dataFile()).isEqualTo(moved);
        assertThat(data).hasContent("another's");
        assertThat(libvirt.run("trash", "list", "-o", "name").out()).isEmpty();
    }

    /** Somebody's note in an entry of the trash: no verb takes it for a part of the machine, and none stumbles over it. */
    @Test
    void whatSomebodyPutIntoTheTrashStays(@TempDir Path directory) throws IOException {
        Path disk = Files.writeString(directory.resolve("web.qcow2"), "disk");
        machine("web", disk);
        for (String verb : List.of("undelete", "purge")) {
            JvirtRun deleted = libvirt.run("delete", "web", "--yes");
            Path entry = directory
                    .resolve(".jvirt-trash")
                    .resolve(deleted.out().strip().replaceFirst("(?s).* ", ""));
            Path note = Files.writeString(entry.resolve("note.txt"), "do not purge before May");
            JvirtRun run = verb.equals("purge") ? libvirt.run(verb, "web", "--yes") : libvirt.run(verb, "web");
            assertThat(run.exit()).as("%s", run).isZero();
            assertThat(run.err()).contains("jvirt: " + entry + " holds what was not the machine's, and is left\n");
            try (Stream<Path> left = Files.list(entry)) {
                assertThat(left).containsExactly(note);
            }
            assertThat(libvirt.run("trash", "list", "-o", "name").out()).isEmpty();
            assertThat(libvirt.run("recover", "-o", "json").out()).doesNotContain(verb + "-");
        }
        assertThat(disk).doesNotExist();
    }

    @Test
    void aNameThatWillNotDo() {
        delete();
        assertThat(libvirt.run("undelete", "trashcan", "--name", "a/b").exit()).isEqualTo(2);
        assertThat(libvirt.run("undelete", "trashcan", "--name", "test").err())
                .isEqualTo("jvirt: a domain 'test' exists already\nhint: choose another name\n");
    }
}
