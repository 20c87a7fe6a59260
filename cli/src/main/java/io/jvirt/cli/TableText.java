// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import java.util.ArrayList;
import java.util.List;

/** Columns as wide as their widest cell, two blanks apart, nothing after the last. */
public final class TableText {
    private static final int GAP = 2;

    private final List<String[]> rows = new ArrayList<>();
    private final int[] widths;

    public TableText(String... header) {
        widths = new int[header.length];
        add(header);
    }

    public void add(String... cells) {
        if (cells.length != widths.length) {
            throw new IllegalArgumentException(cells.length + " cells for " + widths.length + " columns");
        }
        for (int i = 0; i < cells.length; i++) {
            widths[i] = Math.max(widths[i], width(cells[i]));
        }
        rows.add(cells);
    }

    public List<String> lines() {
        List<String> lines = new ArrayList<>(rows.size());
        // Most cells of a column are as wide as the one above, and what is over in a tenth of a second is not compiled.
        String[] blanks = new String[widths.length];
        StringBuilder line = new StringBuilder();
        for (String[] cells : rows) {
            line.setLength(0);
            for (int i = 0; i < cells.length; i++) {
                line.append(cells[i]);
                if (i < cells.length - 1) {
                    int count = widths[i] - width(cells[i]) + GAP;
                    if (blanks[i] == null || blanks[i].length() != count) {
                        blanks[i] = " ".repeat(count);
                    }
                    line.append(blanks[i]);
                }
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }

    private static int width(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
