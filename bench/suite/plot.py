# SPDX-License-Identifier: Apache-2.0
"""Plots as SVG, without any library."""
from html import escape

WIDTH, LEFT, RIGHT, ROW = 960, 330, 60, 26
MOST = 1.5
STYLE = "font-family='sans-serif' font-size='12'"


def ratios(path, title, results):
    """A bar for each ratio, with the mark that it is to stay below; blue within, red beyond, grey where there is none."""
    bars = [(result["name"], result[label + "_ratio"], bar, suffix)
            for result in results
            for label, bar, suffix in (("peer", result["bars"][0], ""), ("best", result["bars"][1], ", best mode"))
            if label + "_ratio" in result]
    height = 60 + ROW * len(bars)
    scale = (WIDTH - LEFT - RIGHT) / MOST
    out = [f"<svg xmlns='http://www.w3.org/2000/svg' width='{WIDTH}' height='{height}' {STYLE}>",
           f"<rect width='{WIDTH}' height='{height}' fill='white'/>",
           f"<text x='{LEFT}' y='20' font-size='15'>{escape(title)}</text>"]
    for step in range(0, 7):
        x = LEFT + step * 0.25 * scale
        out.append(f"<line x1='{x:.1f}' y1='40' x2='{x:.1f}' y2='{height - 10}' stroke='#dddddd'/>"
                   f"<text x='{x:.1f}' y='36' text-anchor='middle' fill='#666666'>{step * 0.25:g}</text>")
    for i, (name, value, bar, suffix) in enumerate(bars):
        y = 46 + i * ROW
        colour = "#8a8a8a" if bar is None else "#2b6cb0" if value <= bar else "#c53030"
        length = min(value, MOST) * scale
        out.append(f"<text x='{LEFT - 8}' y='{y + 13}' text-anchor='end'>{escape(name + suffix)}</text>"
                   f"<rect x='{LEFT}' y='{y}' width='{length:.1f}' height='16' fill='{colour}'/>"
                   f"<text x='{LEFT + length + 4:.1f}' y='{y + 13}'>{value:.2f}</text>")
        if bar is not None:
            x = LEFT + bar * scale
            out.append(f"<line x1='{x:.1f}' y1='{y - 3}' x2='{x:.1f}' y2='{y + 19}' stroke='black' stroke-width='2'/>")
    save(path, out)


def curves(path, title, x_title, y_title, series):
    """Lines through points: {name: [(x, y), ...]}, both axes from zero."""
    width, height, left, bottom = 620, 380, 70, 50
    colours = ["#2b6cb0", "#c53030", "#2f855a", "#b7791f", "#6b46c1", "#4a5568", "#d53f8c"]
    most_x = max(x for points in series.values() for x, _ in points) or 1
    most_y = max(y for points in series.values() for _, y in points) * 1.1 or 1
    def place(x, y):
        return left + x / most_x * (width - left - 160), height - bottom - y / most_y * (height - bottom - 40)
    out = [f"<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}' {STYLE}>",
           f"<rect width='{width}' height='{height}' fill='white'/>",
           f"<text x='{left}' y='22' font-size='15'>{escape(title)}</text>",
           f"<text x='{left}' y='{height - 10}'>{escape(x_title)}</text>", f"<text x='8' y='38'>{escape(y_title)}</text>"]
    for step in range(5):
        (x, bottom_y), (left_x, y) = place(most_x * step / 4, 0), place(0, most_y * step / 4)
        out.append(f"<text x='{x:.1f}' y='{bottom_y + 16:.1f}' text-anchor='middle'>{most_x * step / 4:.4g}</text>"
                   f"<text x='{left_x - 6:.1f}' y='{y + 4:.1f}' text-anchor='end'>{most_y * step / 4:.3g}</text>"
                   f"<line x1='{left}' y1='{y:.1f}' x2='{width - 160}' y2='{y:.1f}' stroke='#dddddd'/>")
    for i, (name, points) in enumerate(series.items()):
        colour = colours[i % len(colours)]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in points))
        out.append(f"<polyline points='{line}' fill='none' stroke='{colour}' stroke-width='2'/>"
                   f"<text x='{width - 150}' y='{60 + 18 * i}' fill='{colour}'>{escape(name)}</text>")
    save(path, out)


def save(path, out):
    with open(path, "w") as file:
        file.write("\n".join(out + ["</svg>", ""]))
