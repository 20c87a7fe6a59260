// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.nbd;

/** Numbers of the protocol (NBD's doc/proto.md); everything on the wire is big-endian. */
final class NbdProtocol {
    static final long MAGIC = 0x4e42444d41474943L;
    static final long OPTION_MAGIC = 0x49484156454f5054L;
    static final long OLD_STYLE_MAGIC = 0x00420281861253L;
    static final long OPTION_REPLY_MAGIC = 0x0003e889045565a9L;
    static final int REQUEST_MAGIC = 0x25609513;
    static final int SIMPLE_REPLY_MAGIC = 0x67446698;
    static final int STRUCTURED_REPLY_MAGIC = 0x668e33ef;

    static final int HANDSHAKE_FIXED_NEWSTYLE = 1;
    static final int HANDSHAKE_NO_ZEROES = 2;

    static final int OPTION_ABORT = 2;
    static final int OPTION_STARTTLS = 5;
    static final int OPTION_GO = 7;
    static final int OPTION_STRUCTURED_REPLY = 8;
    static final int OPTION_SET_META_CONTEXT = 10;

    static final int REPLY_ACK = 1;
    static final int REPLY_INFO = 3;
    static final int REPLY_META_CONTEXT = 4;
    static final int REPLY_ERROR = 1 << 31;
    static final int REPLY_ERROR_UNSUPPORTED = REPLY_ERROR | 1;
    static final int REPLY_ERROR_POLICY = REPLY_ERROR | 2;
    static final int REPLY_ERROR_UNKNOWN_EXPORT = REPLY_ERROR | 6;
    static final int REPLY_ERROR_TLS_REQUIRED = REPLY_ERROR | 5;

    static final int EXPORT_FACTS = 0;
    static final int EXPORT_BLOCK_SIZES = 3;

    static final int FLAG_READ_ONLY = 1 << 1;
    static final int FLAG_FLUSH = 1 << 2;
    static final int FLAG_FUA = 1 << 3;
    static final int FLAG_TRIM = 1 << 5;
    static final int FLAG_WRITE_ZEROES = 1 << 6;

    static final int READ = 0;
    static final int WRITE = 1;
    static final int DISCONNECT = 2;
    static final int FLUSH = 3;
    static final int TRIM = 4;
    static final int WRITE_ZEROES = 6;
    static final int BLOCK_STATUS = 7;

    static final int COMMAND_FUA = 1;
    static final int COMMAND_NO_HOLE = 1 << 1;

    static final int CHUNK_DONE = 1;
    static final int CHUNK_NONE = 0;
    static final int CHUNK_DATA = 1;
    static final int CHUNK_HOLE = 2;
    static final int CHUNK_BLOCK_STATUS = 5;
    static final int CHUNK_ERROR_BIT = 1 << 15;

    static final int STATE_HOLE = 1;
    static final int STATE_ZERO = 2;

    /** What a client may ask for where the server names no limit. */
    static final int DEFAULT_MAX_BLOCK_BYTES = 32 << 20;

    static final String BASE_ALLOCATION = "base:allocation";

    private NbdProtocol() {}

    /** The server's error number in the words of strerror(3). */
    static String errorText(int error) {
        return switch (error) {
            case 1 -> "Operation not permitted";
            case 5 -> "Input/output error";
            case 12 -> "Cannot allocate memory";
            case 22 -> "Invalid argument";
            case 28 -> "No space left on device";
            case 75 -> "Value too large for defined data type";
            case 95 -> "Operation not supported";
            case 108 -> "Cannot send after transport endpoint shutdown";
            default -> "error " + error;
        };
    }
}
