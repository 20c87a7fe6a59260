// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.Extent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;

/**
 * {@code --plot}: a disk as a grid of equal cells, read line by line, each drawn as what most of its stored part is. The
 * cells are so large that the whole disk fits, and never smaller than 64 KiB.
 */
final class AllocationPlot {
    private static final int COLUMNS = 64;
    private static final int MAX_ROWS = 32;
    private static final long MIN_CELL_BYTES = 64 << 10;
    private static final int CELL_PIXELS = 12;
    private static final int LABEL_PIXELS = 90;

    /** What a cell can be: its character, its colour, its name in the legend. */
    private enum Part {
        DATA('█', "#2b6cb0", "data"),
        COMPRESSED('▓', "#805ad5", "compressed"),
        BACKING('▒', "#dd8a2e", "from the backing file"),
        ZERO('░', "#cbd5e0", "zeros or holes"),
        NOTHING('·', "#f7fafc", "nothing stored");

        private final char mark;
        private final String colour;
        private final String label;

        Part(char mark, String colour, String label) {
            this.mark = mark;
            this.colour = colour;
            this.label = label;
        }

        static Part of(Extent extent) {
            return switch (extent.kind()) {
                case UNALLOCATED, ABSENT -> NOTHING;
                case ZERO, HOLE, SPARSE -> ZERO;
                case DATA -> extent.depth() > 0 ? BACKING : DATA;
                case COMPRESSED -> extent.depth() > 0 ? BACKING : COMPRESSED;
            };
        }
    }

    private final Console console;
    private final String title;
    private final long sizeBytes;
    private final long cellBytes;
    private final int cells;
    private final long[][] bytes;
    private final long[] totals = new long[Part.values().length];

    /** @param image is read here; it may be closed afterwards */
    AllocationPlot(Console console, String title, DiskImage image) throws IOException {
        this.console = console;
        this.title = title;
        this.sizeBytes = image.sizeBytes();
        long cell = MIN_CELL_BYTES;
        while (sizeBytes / cell >= COLUMNS * MAX_ROWS) {
            cell *= 2;
        }
        this.cellBytes = cell;
        this.cells = (int) ((sizeBytes + cell - 1) / cell);
        this.bytes = new long[cells][Part.values().length];
        image.map(0, sizeBytes, this::add);
    }

    /** Ends the verb when there is nothing that can be drawn under this name. */
    static void checkTarget(Console console, String target) {
        if (!target.equals("terminal") && !target.endsWith(".svg") && !target.endsWith(".png")) {
            throw console.fail("--plot must be used with 'terminal' or the name of a file that ends in .svg or .png");
        }
    }

    /** Draws on standard output for {@code terminal}, else into an SVG or PNG file. */
    void draw(String target) throws IOException {
        if (target.equals("terminal")) {
            console.print(text());
        } else if (target.endsWith(".png")) {
            Files.write(NewImage.path(target), png());
        } else {
            Files.write(NewImage.path(target), svg().getBytes(StandardCharsets.UTF_8));
        }
    }

    private void add(Extent extent) {
        int part = Part.of(extent).ordinal();
        totals[part] += extent.lengthBytes();
        for (long at = extent.guestOffset(); at < extent.endOffset(); ) {
            long end = Math.min(extent.endOffset(), (at / cellBytes + 1) * cellBytes);
            bytes[(int) (at / cellBytes)][part] += end - at;
            at = end;
        }
    }

    /** A little data in a large empty cell is shown: nothing is drawn only where there is nothing else. */
    private Part part(int cell) {
        Part most = Part.NOTHING;
        for (Part part : Part.values()) {
            if (part != Part.NOTHING
                    && bytes[cell][part.ordinal()] > (most == Part.NOTHING ? 0 : bytes[cell][most.ordinal()])) {
                most = part;
            }
        }
        return most;
    }

    private int columns(int row) {
        return Math.min(COLUMNS, cells - row * COLUMNS);
    }

    private int rows() {
        return (cells + COLUMNS - 1) / COLUMNS;
    }

    private String rowLabel(int row) {
        return Sizes.human(row * COLUMNS * cellBytes);
    }

    private String caption() {
        return title + ": " + Sizes.human(sizeBytes) + ", one cell is " + Sizes.human(cellBytes);
    }

    private String text() {
        StringBuilder text = new StringBuilder(caption()).append('\n');
        char[] line = new char[COLUMNS];
        for (int row = 0; row < rows(); row++) {
            Arrays.fill(line, ' ');
            for (int column = 0; column < columns(row); column++) {
                line[column] = part(row * COLUMNS + column).mark;
            }
            text.append(Numbers.left(rowLabel(row), 10))
                    .append(new String(line).stripTrailing())
                    .append('\n');
        }
        for (Part part : Part.values()) {
            text.append(part.mark).append(' ').append(legend(part)).append('\n');
        }
        return text.toString();
    }

    private String legend(Part part) {
        return Numbers.left(part.label, 24) + Sizes.human(totals[part.ordinal()]);
    }

    private String svg() {
        int width = LABEL_PIXELS + COLUMNS * CELL_PIXELS + CELL_PIXELS;
        int top = 3 * CELL_PIXELS;
        int bottom = top + rows() * CELL_PIXELS;
        int height = bottom + (2 * Part.values().length + 2) * CELL_PIXELS;
        StringBuilder svg = new StringBuilder("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + width
                + "\" height=\"" + height + "\" font-family=\"sans-serif\" font-size=\"" + CELL_PIXELS + "\">\n");
        rectangle(svg, 0, 0, width, height, "#ffffff");
        label(svg, CELL_PIXELS, 2 * CELL_PIXELS - 4, caption());
        for (int row = 0; row < rows(); row++) {
            int y = top + row * CELL_PIXELS;
            label(svg, CELL_PIXELS, y + CELL_PIXELS - 2, rowLabel(row));
            int from = 0;
            for (int column = 1; column <= columns(row); column++) {
                // Neighbours of one colour are one rectangle.
                if (column == columns(row) || part(row * COLUMNS + column) != part(row * COLUMNS + from)) {
                    int x = LABEL_PIXELS + from * CELL_PIXELS;
                    String colour = part(row * COLUMNS + from).colour;
                    rectangle(svg, x, y, (column - from) * CELL_PIXELS, CELL_PIXELS - 1, colour);
                    from = column;
                }
            }
        }
        int y = bottom + CELL_PIXELS;
        for (Part part : Part.values()) {
            rectangle(svg, LABEL_PIXELS, y, CELL_PIXELS, CELL_PIXELS, part.colour);
            label(svg, LABEL_PIXELS + 2 * CELL_PIXELS, y + CELL_PIXELS - 2, legend(part));
            y += 2 * CELL_PIXELS;
        }
        return svg.append("</svg>\n").toString();
    }

    /** The grid and, under it, a bar that shows how much of the disk each part is; a PNG has no lettering. */
    private byte[] png() throws IOException {
        Part[] parts = Part.values();
        String[] colours = new String[parts.length + 1];
        colours[0] = "#ffffff";
        for (Part part : parts) {
            colours[part.ordinal() + 1] = part.colour;
        }
        int width = (COLUMNS + 2) * CELL_PIXELS;
        PalettePng png = new PalettePng(width, (rows() + 4) * CELL_PIXELS, colours);
        for (int cell = 0; cell < cells; cell++) {
            int x = (1 + cell % COLUMNS) * CELL_PIXELS;
            int y = (1 + cell / COLUMNS) * CELL_PIXELS;
            png.rectangle(x, y, CELL_PIXELS, CELL_PIXELS - 1, 1 + part(cell).ordinal());
        }
        double x = CELL_PIXELS;
        for (Part part : parts) {
            double wide = sizeBytes == 0 ? 0 : (double) totals[part.ordinal()] / sizeBytes * COLUMNS * CELL_PIXELS;
            png.rectangle(
                    (int) x, (rows() + 2) * CELL_PIXELS, (int) (x + wide) - (int) x, CELL_PIXELS, 1 + part.ordinal());
            x += wide;
        }
        return png.encoded();
    }

    private static void rectangle(StringBuilder svg, int x, int y, int width, int height, String colour) {
        svg.append("<rect x=\"").append(x).append("\" y=\"").append(y);
        svg.append("\" width=\"").append(width).append("\" height=\"").append(height);
        svg.append("\" fill=\"").append(colour).append("\"/>\n");
    }

    private static void label(StringBuilder svg, int x, int y, String text) {
        svg.append("<text x=\"").append(x).append("\" y=\"").append(y).append("\">");
        svg.append(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"));
        svg.append("</text>\n");
    }
}
