// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code compact --free-space} on file systems that mke2fs and mkfs.xfs made; e2fsck and xfs_repair judge what is left. */
class FreeSpaceTest {
    private static final int MIB = 1 << 20;
    private static final long START = MIB;

    @TempDir
    Path temp;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private Path disk;
    private Path kept;

    @BeforeEach
    void name() throws IOException {
        disk = temp.resolve("disk.raw");
        kept = Files.createDirectory(temp.resolve("files"));
        byte[] bytes = new byte[3 * MIB];
        new Random(1).nextBytes(bytes);
        Files.write(kept.resolve("kept"), bytes);
    }

    /** A disk full of noise with one partition, in it a file system with a file of 3 MiB. */
    private void make(String... features) throws Exception {
        Path fileSystem = temp.resolve("fs");
        byte[] noise = new byte[24 * MIB];
        new Random(2).nextBytes(noise);
        Files.write(fileSystem, noise);
        String[] command = {"mke2fs", "-q", "-F", "-t", "ext4", "-E", "nodiscard,lazy_itable_init=0"};
        List<String> words = new ArrayList<>(List.of(command));
        words.addAll(List.of(features));
        words.addAll(List.of("-d", kept.toString(), fileSystem.toString()));
        tool(words.toArray(new String[0]));
        byte[] mbr = new byte[512];
        mbr[446 + 4] = (byte) 0x83;
        mbr[446 + 9] = (byte) (START / 512 >> 8);
        mbr[446 + 13] = (byte) (24 * MIB / 512 >> 8);
        mbr[446 + 14] = (byte) (24 * MIB / 512 >> 16);
        mbr[510] = 0x55;
        mbr[511] = (byte) 0xaa;
        try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
            file.write(mbr);
            file.seek(START);
            file.write(Files.readAllBytes(fileSystem));
        }
    }

    private void tool(String... command) throws Exception {
        Process tool = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .directory(temp.toFile())
                .start();
        tool.getOutputStream().close();
        String said = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(tool.waitFor()).as(String.join(" ", command) + ": " + said).isZero();
    }

    private int run(String... args) {
        PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        return DiskMain.run("jvirt disk", args, stream, stream, null);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-b 1024", "-b 4096", "-b 4096 -O ^metadata_csum,^64bit", "-b 1024 -O ^has_journal"})
    void deletedFilesGiveTheirSpaceBack(String features) throws Exception {
        make(features.split(" "));
        Path qcow2 = temp.resolve("disk.qcow2");
        run("convert", "-f", "raw", "-O", "qcow2", "-o", "cluster_size=4k", disk.toString(), qcow2.toString());
        long before = Files.size(qcow2);
        assertThat(run("compact", "--in-place", "--free-space", qcow2.toString()))
                .as(out.toString(StandardCharsets.UTF_8))
                .isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("Free in 1 file system: ");
        assertThat(Files.size(qcow2)).isLessThan(before - 10 * MIB);
        assertThat(run("check", qcow2.toString())).isZero();
        Path after = temp.resolve("after.raw");
        run("convert", "-O", "raw", qcow2.toString(), after.toString());
        byte[] bytes = Files.readAllBytes(after);
        Files.write(temp.resolve("fs"), Arrays.copyOfRange(bytes, (int) START, (int) START + 24 * MIB));
        tool("e2fsck", "-f", "-n", "fs");
        tool("debugfs", "-R", "dump kept copy", "fs");
        assertThat(Files.mismatch(kept.resolve("kept"), temp.resolve("copy"))).isEqualTo(-1);
    }

    @Test
    void whatIsInDoubtIsLeftAlone() throws Exception {
        make("-b", "4096");
        byte[] sound = Files.readAllBytes(disk);
        // The recovery flag, the state, the count of free blocks of the first group.
        long superblock = START + 1024;
        refused(sound, superblock + 96, sound[(int) superblock + 96] | 4, "its journal is not empty");
        refused(sound, superblock + 58, 0, "it is not marked clean");
        refused(sound, START + 4096 + 12, sound[(int) START + 4096 + 12] ^ 1, "does not fit the count of free blocks");
        refused(sound, superblock + 104, sound[(int) superblock + 104] ^ 1, "the checksum of a block bitmap is wrong");
        refused(sound, superblock + 56, 0, "it holds no ext2, ext3, ext4 or XFS file system");
    }

    /** A whole disk of noise with an XFS file system on it, which mkfs leaves as if unmounted. */
    private byte[] makeXfs(String... options) throws Exception {
        byte[] noise = new byte[40 * MIB];
        new Random(3).nextBytes(noise);
        Files.write(disk, noise);
        Files.writeString(temp.resolve("proto"), "/\n0 0\nd--755 0 0\nkept ---644 0 0 files/kept\n$\n");
        List<String> words = new ArrayList<>(List.of("mkfs.xfs", "--unsupported", "-q", "-f", "-K", "-p", "proto"));
        words.addAll(List.of(options));
        words.add(disk.toString());
        tool(words.toArray(new String[0]));
        return Files.readAllBytes(disk);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-d agcount=2", "-d agcount=2 -m crc=0", "-b size=1024", "-s size=4096 -l su=32k"})
    void xfsGivesItsSpaceBack(String options) throws Exception {
        byte[] before = makeXfs(options.split(" "));
        assertThat(run("compact", "-f", "raw", "--in-place", "--free-space", disk.toString()))
                .as(out.toString(StandardCharsets.UTF_8))
                .isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("Free in 1 file system: ");
        tool("xfs_repair", "-n", "-f", disk.toString());
        byte[] after = Files.readAllBytes(disk);
        int same = 0;
        for (int at = 0; at < before.length; at += MIB / 4) {
            same += Arrays.equals(before, at, at + MIB / 4, after, at, at + MIB / 4) ? 1 : 0;
        }
        assertThat(same).isLessThan(120);
        // The file, which no block of noise can be taken for, is there still.
        byte[] file = Files.readAllBytes(kept.resolve("kept"));
        assertThat(indexOf(after, Arrays.copyOf(file, 4096))).isEqualTo(indexOf(before, Arrays.copyOf(file, 4096)));
        int start = indexOf(after, Arrays.copyOf(file, 4096));
        assertThat(Arrays.copyOfRange(after, start, start + file.length)).isEqualTo(file);
    }

    @Test
    void anXfsInDoubtIsLeftAlone() throws Exception {
        byte[] sound = makeXfs("-d", "agcount=2", "-m", "crc=0");
        ByteBuffer superblock = ByteBuffer.wrap(sound);
        int block = superblock.getInt(4);
        long log = superblock.getLong(48);
        int groupBits = sound[124];
        long logAt = ((log >>> groupBits) * superblock.getInt(84) + (log & (1L << groupBits) - 1)) * block;
        // The flag of the unmount record, a record of a later round, the count of free blocks, a record of the tree.
        refused("the disk", sound, logAt + 512 + 9, 0, "its log is not empty");
        refused("the disk", sound, logAt + 1024 + 3, 1, "its log is not empty");
        refused("the disk", sound, 512 + 55, sound[512 + 55] ^ 1, "does not fit the count of free blocks");
        refused("the disk", sound, block + 3, 0, "a tree of free blocks is damaged");
        sound = makeXfs("-d", "agcount=2");
        refused("the disk", sound, block + 60, sound[block + 60] ^ 1, "a tree of free blocks is damaged");
        refused("the disk", sound, 512 + 100, sound[512 + 100] ^ 1, "the header of an allocation group is damaged");
        refused("the disk", sound, 219, 16, "its superblock is damaged");
    }

    private static int indexOf(byte[] all, byte[] wanted) {
        for (int at = 0; at + wanted.length <= all.length; at += 512) {
            if (Arrays.equals(all, at, at + wanted.length, wanted, 0, wanted.length)) {
                return at;
            }
        }
        return -1;
    }

    private void refused(byte[] sound, long at, int value, String why) throws IOException {
        refused("partition 1", sound, at, value, why);
    }

    private void refused(String what, byte[] sound, long at, int value, String why) throws IOException {
        byte[] damaged = sound.clone();
        damaged[(int) at] = (byte) value;
        Files.write(disk, damaged);
        out.reset();
        assertThat(run("compact", "-f", "raw", "--in-place", "--free-space", disk.toString()))
                .isEqualTo(1);
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("could be read safely: " + what + " is left alone: ")
                .contains(why)
                .contains("Shut the guest down cleanly, or leave out --free-space.");
        assertThat(Files.readAllBytes(disk)).isEqualTo(damaged);
    }
}
