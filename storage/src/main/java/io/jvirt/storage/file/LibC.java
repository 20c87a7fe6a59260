// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.file;

import com.sun.jna.Function;
import com.sun.jna.LastErrorException;
import com.sun.jna.NativeLibrary;
import java.util.Map;

/**
 * The C library's calls on files. They are called by name: a call takes some microseconds more than one that is mapped directly,
 * but the first class that is mapped costs 30 ms of each start, while JNA describes its types to itself. 64-bit Linux.
 */
final class LibC {
    static final int O_RDONLY = 0;
    static final int O_RDWR = 2;
    static final int O_NONBLOCK = 0x800;
    static final int O_CLOEXEC = 0x80000;
    static final int AT_EMPTY_PATH = 0x1000;
    static final int STATX_BASIC_STATS = 0x7ff;
    static final int SEEK_DATA = 3;
    static final int SEEK_HOLE = 4;
    static final int FALLOC_FL_KEEP_SIZE = 1;
    static final int FALLOC_FL_PUNCH_HOLE = 2;
    static final int FALLOC_FL_ZERO_RANGE = 0x10;
    static final int F_OFD_GETLK = 36;
    static final int F_OFD_SETLK = 37;
    static final int F_SETPIPE_SZ = 1031;
    static final short F_RDLCK = 0;
    static final short F_WRLCK = 1;
    static final short F_UNLCK = 2;
    static final int SYNC_FILE_RANGE_WRITE = 2;
    static final long FICLONE = 0x40049409L;
    static final long FICLONERANGE = 0x4020940dL;

    static final int ENXIO = 6;
    static final int EAGAIN = 11;
    static final int EACCES = 13;
    static final int EBUSY = 16;
    static final int EXDEV = 18;
    static final int EINVAL = 22;
    static final int ENOTTY = 25;
    static final int ENOSYS = 38;
    static final int EOPNOTSUPP = 95;

    private static final NativeLibrary LIBRARY = NativeLibrary.getInstance("c", Map.of());

    /** Looked up once: maps and copies call them for each extent. */
    private static final Function LSEEK = function("lseek");

    private static final Function FALLOCATE = function("fallocate");

    private LibC() {}

    static int open(String path, int flags, int mode) throws LastErrorException {
        return function("open").invokeInt(arguments(path, flags, mode));
    }

    static int close(int fd) throws LastErrorException {
        return function("close").invokeInt(arguments(fd));
    }

    static long lseek(int fd, long offset, int whence) throws LastErrorException {
        return LSEEK.invokeLong(arguments(fd, offset, whence));
    }

    static int fallocate(int fd, int mode, long offset, long lengthBytes) throws LastErrorException {
        return FALLOCATE.invokeInt(arguments(fd, mode, offset, lengthBytes));
    }

    static int sync_file_range(int fd, long offset, long lengthBytes, int flags) throws LastErrorException {
        return function("sync_file_range").invokeInt(arguments(fd, offset, lengthBytes, flags));
    }

    static int fcntl(int fd, int command, byte[] flock) throws LastErrorException {
        return function("fcntl").invokeInt(arguments(fd, command, flock));
    }

    static int fcntl(int fd, int command, long argument) throws LastErrorException {
        return function("fcntl").invokeInt(arguments(fd, command, argument));
    }

    static int ioctl(int fd, long request, long argument) throws LastErrorException {
        return function("ioctl").invokeInt(arguments(fd, request, argument));
    }

    static int ioctl(int fd, long request, byte[] argument) throws LastErrorException {
        return function("ioctl").invokeInt(arguments(fd, request, argument));
    }

    static int statx(int fd, String path, int flags, int mask, byte[] statx) throws LastErrorException {
        return function("statx").invokeInt(arguments(fd, path, flags, mask, statx));
    }

    static long getxattr(String path, String name, byte[] value, long sizeBytes) throws LastErrorException {
        return function("getxattr").invokeLong(arguments(path, name, value, sizeBytes));
    }

    static int setpriority(int which, int who, int nice) throws LastErrorException {
        return function("setpriority").invokeInt(arguments(which, who, nice));
    }

    static long syscall(long number, long first, long second, long third) throws LastErrorException {
        return function("syscall").invokeLong(arguments(number, first, second, third));
    }

    static String strerror(int errno) {
        return LIBRARY.getFunction("strerror").invokeString(arguments(errno), false);
    }

    private static Function function(String name) {
        return LIBRARY.getFunction(name, Function.THROW_LAST_ERROR);
    }

    private static Object[] arguments(Object... arguments) {
        return arguments;
    }
}
