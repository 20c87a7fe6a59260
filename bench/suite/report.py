# SPDX-License-Identifier: Apache-2.0
"""Tables and plots of what was measured."""
import datetime
import json
import os
import subprocess

import plot

BEGIN, END = "<!-- bench/run {} -->", "<!-- end of bench/run {} -->"


def newest_jdk(root):
    app = os.path.join(root, "cli", "target", "app")
    return max((name.split(".")[1] for name in os.listdir(app) if name.startswith("env.")), key=int)


def verdict(value, bar):
    if bar is None or value is None:
        return ""
    return f" (bar {bar:g}: {'ok' if value <= bar else 'MISSED'})"


def lines(result):
    """What a person reads while the jobs run."""
    parts = []
    for label, title in ("peer", "default"), ("best", "best"):
        if label in result:
            bar = result["bars"][0 if label == "peer" else 1]
            mode = f" [{result['best_mode']}]" if label == "best" else ""
            parts.append(f"{title}{mode} {result[label]:.2f} s: ratio {result[label + '_ratio']:.2f}"
                         f"{verdict(result[label + '_ratio'], bar)}, processor {result[label + '_cpu']:.2f}")
    if result["limit"]:
        parts.append(f"{result['ours']:.2f} s{verdict(result['ours'], result['limit'])}")
    wrong = f"  WRONG: {result['wrong']}" if result["wrong"] else ""
    yield f"{result['name']}: jvirt {result['ours']:.2f} s, {result['ours_kib'] >> 10} MiB; " + "; ".join(parts) + wrong


def cell(result, label, bar):
    if label not in result:
        return "", "", ""
    ratio = result[label + "_ratio"]
    text = f"{ratio:.3f}" if ratio < 0.1 else f"{ratio:.2f}"
    if bar is not None:
        text += f" ≤ {bar:g} {'ok' if ratio <= bar else '**MISSED**'}"
    return f"{result[label]:.2f}", text, f"{result[label + '_cpu']:.2f}"


def row(result):
    peer = cell(result, "peer", result["bars"][0])
    best = cell(result, "best", result["bars"][1])
    mode = f" `{result['best_mode']}`" if result.get("best_mode") else ""
    ours = f"{result['ours']:.2f}"
    if result["limit"]:
        ours += f" ≤ {result['limit']:g} {'ok' if result['ours'] <= result['limit'] else '**MISSED**'}"
    judged = f"**{result['wrong']}**" if result["wrong"] else "good" if result["judged"] else ""
    return (f"| {result['name']} | {peer[0]} | {best[0]}{mode} | {ours} | {peer[1]} | {best[1]} | {peer[2]} | "
            f"{result['ours_kib'] >> 10} | {judged} |")


def write(folder, jdk, pairs, results):
    """Puts the results among those of earlier runs, and table and plot beside them."""
    os.makedirs(os.path.join(folder, "results"), exist_ok=True)
    os.makedirs(os.path.join(folder, "plots"), exist_ok=True)
    path = os.path.join(folder, "results", f"jdk{jdk}.json")
    known = {}
    if os.path.exists(path):
        with open(path) as file:
            known = {result["name"]: result for result in json.load(file)}
    today = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d")
    for result in results:
        known[result["name"]] = dict(result, pairs=pairs, day=today)
    with open(path, "w") as file:
        json.dump(list(known.values()), file, indent=1)
        file.write("\n")
    plot.ratios(os.path.join(folder, "plots", f"ratios-jdk{jdk}.svg"), f"jvirt's time over the peer's, JDK {jdk}", list(known.values()))
    section(os.path.join(folder, "RESULTS.md"), jdk, text(jdk, list(known.values())))


def text(jdk, results):
    version = subprocess.run(["qemu-img", "--version"], capture_output=True, text=True).stdout.split("\n")[0]
    missed = sum(1 for result in results for ratio, bar in zip(("peer_ratio", "best_ratio"), result["bars"])
                 if bar is not None and ratio in result and result[ratio] > bar)
    days = sorted({result["day"] for result in results})
    return "\n".join([
        f"## Jobs, JDK {jdk}: `bench/run --jdk {jdk}`", "",
        f"{os.cpu_count()} processors, Linux {os.uname().release}, {version}; {days[0]}"
        f"{' to ' + days[-1] if days[-1] != days[0] else ''}; load average at the end {os.getloadavg()[0]:.1f}; "
        f"{min(result['pairs'] for result in results)} to {max(result['pairs'] for result in results)} pairs. {missed} ratios miss their bar.",
        "", f"![ratios](plots/ratios-jdk{jdk}.svg)", "",
        "| job | peer, s | best mode, s | jvirt, s | jvirt / peer | jvirt / best | processor time / peer | MiB | judged |",
        "|---|---|---|---|---|---|---|---|---|", *map(row, results)])


def section(path, jdk, new):
    begin, end = BEGIN.format(jdk), END.format(jdk)
    with open(path) as file:
        old = file.read()
    block = f"{begin}\n{new}\n{end}"
    if begin in old:
        head, rest = old.split(begin, 1)
        old = head + block + rest.split(end, 1)[1]
    else:
        old = old.rstrip("\n") + "\n\n" + block + "\n"
    with open(path, "w") as file:
        file.write(old)
