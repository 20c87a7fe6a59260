// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** Standard output as the place of an image; remembers when its reader has gone away, which is no failure. */
final class StandardOutputChannel implements WritableByteChannel {
    private final WritableByteChannel channel;
    private boolean readerGone;

    StandardOutputChannel(WritableByteChannel channel) {
        this.channel = channel;
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
        try {
            return channel.write(bytes);
        } catch (IOException e) {
            String reason = e.getMessage();
            readerGone = reason != null && reason.contains("Broken pipe");
            throw e;
        }
    }

    boolean readerGone() {
        return readerGone;
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
