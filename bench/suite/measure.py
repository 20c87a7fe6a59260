# SPDX-License-Identifier: Apache-2.0
"""Runs the commands of a job in turn and measures each as a whole process: wall time, processor time, memory."""
import os
import statistics
import subprocess
import sys
import time


class Job:
    """One comparison.

    name     what is done
    needs    the inputs, see inputs.py
    ours     jvirt's command line
    peer     the command line to compare with
    best     command lines of which the fastest is the peer's best mode
    bars     the highest ratios to peer and to best, None where there is none
    output   a file that each command makes; removed before each run
    before   called before each run, not timed
    judge    called after our run; answers what is wrong with the output, or None
    limit    the most seconds that ours may take, or None
    at_least whether the first bar is a lower bound of the peer's time over ours
    runs     how many pairs at most
    """

    def __init__(self, name, needs, ours, peer=None, best=(), bars=(None, None), output=None, before=None, judge=None,
                 limit=None, at_least=False, runs=None):
        self.name, self.needs, self.ours, self.peer, self.best = name, needs, ours, peer, list(best)
        self.bars, self.output, self.before, self.judge = bars, output, before, judge
        self.limit, self.at_least, self.runs = limit, at_least, runs


class Failed(Exception):
    pass


def once(job, command, quiet=False):
    """One run; (wall seconds, processor seconds, resident KiB)."""
    if job.output and os.path.exists(job.output):
        os.remove(job.output)
    if job.before:
        job.before()
    out = subprocess.DEVNULL
    start = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out if quiet else None)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise Failed(f"'{' '.join(command)}' ended with {process.returncode}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def fastest(job, candidates):
    """The candidate that was fastest in a trial; one that the job does not allow is left out."""
    found = {}
    for candidate in candidates:
        try:
            found[once(job, candidate, quiet=True)[0]] = candidate
        except Failed:
            continue
    return found[min(found)] if found else None


def measure(job, pairs):
    wrong = None
    commands = {}
    if job.peer:
        commands["peer"] = job.peer
    if job.best:
        best = fastest(job, [job.peer] + job.best) if len(job.best) > 1 else job.best[0]
        if best:
            commands["best"] = best
    commands["ours"] = job.ours
    times = {label: [] for label in commands}
    for label, command in commands.items():
        if not job.runs:
            once(job, command)
    order = list(commands)
    for _ in range(min(pairs, job.runs or pairs)):
        for label in order:
            times[label].append(once(job, commands[label]))
            if label == "ours" and job.judge and not wrong:
                wrong = job.judge()
        order.reverse()
    if job.output and os.path.exists(job.output):
        os.remove(job.output)
    result = {"name": job.name, "bars": job.bars, "wrong": wrong, "limit": job.limit, "at_least": job.at_least,
              "judged": job.judge is not None, "best_mode": options(commands["best"], job.peer) if "best" in commands else None}
    for label, runs in times.items():
        result[label] = statistics.median(run[0] for run in runs)
        result[label + "_kib"] = max(run[2] for run in runs)
        if label != "ours":
            result[label + "_ratio"] = statistics.median(a[0] / b[0] for a, b in zip(times["ours"], runs))
            result[label + "_cpu"] = statistics.median(a[1] / max(b[1], 1e-4) for a, b in zip(times["ours"], runs))
    return result


def options(best, peer):
    return " ".join(word for word in best if word not in (peer or [])) or "default"
