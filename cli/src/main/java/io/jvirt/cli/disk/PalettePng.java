// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;

/**
 * A PNG picture of few colours, a byte per pixel that numbers its colour. Written here because Java's own way loads the
 * whole of its desktop for it.
 */
final class PalettePng {
    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    private static final int BITS = 8;
    private static final int INDEXED_COLOUR = 3;

    private final int width;
    private final int height;
    private final byte[] palette;
    private final byte[] pixels;

    /** All pixels have the first colour; each colour is {@code #rrggbb}. */
    PalettePng(int width, int height, String... colours) {
        this.width = width;
        this.height = height;
        pixels = new byte[width * height];
        ByteBuffer bytes = ByteBuffer.allocate(colours.length * 3);
        for (String colour : colours) {
            int rgb = Integer.parseInt(colour.substring(1), 16);
            bytes.put((byte) (rgb >> 16)).put((byte) (rgb >> 8)).put((byte) rgb);
        }
        palette = bytes.array();
    }

    void rectangle(int left, int top, int wide, int high, int colour) {
        for (int y = Math.max(0, top); y < Math.min(height, top + high); y++) {
            int from = y * width + Math.max(0, left);
            Arrays.fill(pixels, from, Math.max(from, y * width + Math.min(width, left + wide)), (byte) colour);
        }
    }

    byte[] encoded() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflate = new DeflaterOutputStream(packed)) {
            for (int y = 0; y < height; y++) {
                deflate.write(0);
                deflate.write(pixels, y * width, width);
            }
        }
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        png.write(SIGNATURE);
        ByteBuffer header = ByteBuffer.allocate(13).putInt(width).putInt(height);
        chunk(png, "IHDR", header.put((byte) BITS).put((byte) INDEXED_COLOUR).array());
        chunk(png, "PLTE", palette);
        chunk(png, "IDAT", packed.toByteArray());
        chunk(png, "IEND", new byte[0]);
        return png.toByteArray();
    }

    private static void chunk(ByteArrayOutputStream png, String type, byte[] data) throws IOException {
        byte[] name = type.getBytes(StandardCharsets.US_ASCII);
        CRC32 sum = new CRC32();
        sum.update(name);
        sum.update(data);
        png.write(ByteBuffer.allocate(4).putInt(data.length).array());
        png.write(name);
        png.write(data);
        png.write(ByteBuffer.allocate(4).putInt((int) sum.getValue()).array());
    }
}
