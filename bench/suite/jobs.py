# SPDX-License-Identifier: Apache-2.0
"""The jobs, their peers and the ratios that they are to reach."""
import os
import subprocess
import tempfile

import oldways
from measure import Job

BEST = [["-W", "-m", "16"], ["-W", "-m", "16", "-C"]]
MIB = 1 << 20


def run_ok(*command):
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL).returncode


def content(output, source):
    """A judge: the output is sound and holds what the source holds."""
    def judge():
        if output.endswith(".qcow2") and run_ok("qemu-img", "check", "-q", output) != 0:
            return "qemu-img check finds faults"
        return None if run_ok("qemu-img", "compare", "-q", output, source) == 0 else "qemu-img compare finds differences"
    return judge


def sound(image):
    return lambda: None if run_ok("qemu-img", "check", "-q", image) == 0 else "qemu-img check finds faults"


def evict(*files):
    """Takes files out of the page cache."""
    for file in files:
        descriptor = os.open(file, os.O_RDONLY)
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


def all_jobs(jvirt):
    disk = [jvirt, "disk"]
    return (copies(disk) + compressed(disk) + reading(disk) + making(disk) + changing(disk) + durable(disk) + sharing(disk)
            + starting(jvirt) + oldways.jobs(disk))


def convert(disk, name, needs, source, form, bars, words=(), best=BEST, judge=None, before=None):
    output = f"out.{form}"
    tail = ["-O", form, *words, source, output]
    return Job(name, needs, disk + ["convert"] + tail, ["qemu-img", "convert"] + tail,
               [["qemu-img", "convert"] + mode + tail for mode in best], bars, output, before,
               judge or content(output, source))


def copies(disk):
    return [
        convert(disk, "raw to qcow2, sparse", ["sparse"], "sparse.raw", "qcow2", (0.5, 0.65)),
        convert(disk, "raw to qcow2, full of zeros", ["full"], "full.raw", "qcow2", (0.55, 0.75)),
        convert(disk, "raw to qcow2, random 1 GiB", ["random"], "random.raw", "qcow2", (0.9, 1.0)),
        convert(disk, "qcow2 to raw", ["plain"], "plain.qcow2", "raw", (0.55, 0.9)),
        convert(disk, "fragmented qcow2 to raw", ["fragmented"], "fragmented.qcow2", "raw", (0.45, 0.65)),
        convert(disk, "chain of three to raw", ["chain"], "top.qcow2", "raw", (0.6, 0.85)),
        convert(disk, "chain of three to qcow2", ["chain"], "top.qcow2", "qcow2", (0.6, 0.85)),
    ]


def not_larger(output, words, allowed):
    """A judge: not more than so much larger than what qemu-img makes of the same."""
    def judge():
        wrong = content(output, "part.raw")()
        if wrong:
            return wrong
        ours = os.path.getsize(output)
        with tempfile.TemporaryDirectory(dir=".") as folder:
            peer = os.path.join(folder, "peer.qcow2")
            subprocess.run(["qemu-img", "convert", "-O", "qcow2", *words, "part.raw", peer], check=True)
            ratio = ours / os.path.getsize(peer)
        return None if ratio <= allowed else f"{ratio:.3f} times as large as qemu-img's"
    return judge


def compressed(disk):
    zlib, zstd = ["-c"], ["-c", "-o", "compression_type=zstd"]
    many = BEST[:1]
    return [
        convert(disk, "compress, zlib", ["part"], "part.raw", "qcow2", (0.35, 0.5), zlib, many, not_larger("out.qcow2", zlib, 1.015)),
        convert(disk, "compress, zstd", ["part"], "part.raw", "qcow2", (0.65, 0.95), zstd, many, not_larger("out.qcow2", zstd, 1.015)),
        convert(disk, "decompress, zlib", ["packed"], "packed.qcow2", "raw", (0.65, 0.75), best=many),
        convert(disk, "decompress, zstd", ["packed"], "packed-zstd.qcow2", "raw", (0.65, 0.75), best=many),
    ]


def reading(disk):
    def both(name, needs, words, bar):
        return Job(name, needs, disk + words, ["qemu-img"] + words, bars=(bar, None))
    return [
        both("compare raw, qcow2", ["sparse", "plain"], ["compare", "sparse.raw", "plain.qcow2"], 0.4),
        both("check of 1 TiB with all metadata", ["huge"], ["check", "huge.qcow2"], 0.5),
        both("check of 256 GiB with three snapshots", ["huge-snapshots"], ["check", "huge-snapshots.qcow2"], 0.5),
        Job("digest of the sparse disk, against b3sum", ["sparse"], disk + ["digest", "sparse.raw"],
            ["b3sum", "--no-mmap", "sparse.raw"], bars=(0.5, None)),
    ]


def making(disk):
    def create(size, bar):
        words = ["create", "-q", "-f", "qcow2", "-o", "preallocation=metadata", "out.qcow2", size]
        return Job(f"create with preallocation=metadata, {size}iB", [], disk + words, ["qemu-img"] + words, bars=(bar, None),
                   output="out.qcow2", judge=sound("out.qcow2"))
    return [create("100G", 0.4), create("1T", 0.08)]


def again(source, target):
    """A fresh copy before each run, with its data on the disk, so that no run pays for another's writing."""
    def before():
        subprocess.run(["cp", "--sparse=always", source, target], check=True)
        subprocess.run(["sync", target], check=True)
    return before


def both_ways(first, second):
    return ["sh", "-c", f"{first} && {second}"]


def changing(disk):
    jobs = []

    def both(name, needs, words, before, judge, bar=1.0):
        jobs.append(Job(name, needs, disk + words, ["qemu-img"] + words, bars=(bar, None), before=before, judge=judge))

    compact = Job("compact, against convert -t writeback and rename", ["plain"], disk + ["compact", "-q", "work.qcow2"],
                  both_ways("qemu-img convert -t writeback -O qcow2 work.qcow2 new.qcow2", "mv new.qcow2 work.qcow2"),
                  bars=(0.6, None), before=again("plain.qcow2", "work.qcow2"), judge=content("work.qcow2", "sparse.raw"))
    jobs.append(compact)
    # With -d the overlay stays as it is, and the same data is written each time.
    both("commit of 1 GiB", ["overlay"], ["commit", "-q", "-d", "overlay.qcow2"], lambda: subprocess.run(["sync", "base.qcow2"]),
         content("base.qcow2", "overlay.raw"))
    both("rebase to a base that differs", ["other"], ["rebase", "-b", "other.qcow2", "-F", "qcow2", "work.qcow2"],
         again("small.qcow2", "work.qcow2"), content("work.qcow2", "small.raw"))
    both("resize, 1 GiB more", ["plain"], ["resize", "-q", "work.qcow2", "+1G"], again("plain.qcow2", "work.qcow2"), sound("work.qcow2"))
    both("resize, 100 GiB more with metadata", ["plain"], ["resize", "-q", "--preallocation=metadata", "work.qcow2", "+100G"],
         again("plain.qcow2", "work.qcow2"), sound("work.qcow2"))
    both("snapshot create", ["plain"], ["snapshot", "-q", "-c", "one", "work.qcow2"], again("plain.qcow2", "work.qcow2"),
         sound("work.qcow2"))

    def with_snapshot():
        again("plain.qcow2", "work.qcow2")()
        subprocess.run(["qemu-img", "snapshot", "-c", "one", "work.qcow2"], check=True)
        subprocess.run(["qemu-io", "-c", "write -q 0 256M", "work.qcow2"], check=True)
        subprocess.run(["sync", "work.qcow2"], check=True)

    both("snapshot apply", ["plain"], ["snapshot", "-q", "-a", "one", "work.qcow2"], with_snapshot, content("work.qcow2", "sparse.raw"))
    return jobs


def durable(disk):
    cold = convert(disk, "raw to qcow2, cold source, synced", ["sparse"], "sparse.raw", "qcow2", (0.7, 0.9),
                   ["-t", "writeback"], BEST[:1], before=lambda: evict("sparse.raw"))
    back = convert(disk, "qcow2 to raw, cold source, synced", ["plain"], "plain.qcow2", "raw", (0.7, 0.9),
                   ["-t", "writeback"], BEST[:1], before=lambda: evict("plain.qcow2"))
    direct = convert(disk, "raw to qcow2, -t none -T none", ["sparse"], "sparse.raw", "qcow2", (None, None),
                     ["-t", "none", "-T", "none"], BEST[:1])
    return [cold, back, direct]


def sharing(disk):
    """On a file system that shares extents nothing is copied: 8 GiB in less than a second."""
    def one(name, words, output, best):
        return Job(f"xfs: {name}", ["shared"], disk + words, best, bars=(None, None), output=output,
                   judge=content(output, "shared/disk.raw"), limit=1.0, runs=3)
    raw, qcow2 = "shared/out.raw", "shared/out.qcow2"
    return [
        one("8 GiB raw to raw, against cp --reflink", ["convert", "-O", "raw", "shared/disk.raw", raw], raw,
            ["cp", "--reflink=always", "shared/disk.raw", raw]),
        one("8 GiB raw to qcow2, against cp --reflink", ["convert", "-O", "qcow2", "shared/disk.raw", qcow2], qcow2,
            ["cp", "--reflink=always", "shared/disk.raw", qcow2]),
    ]


def starting(jvirt):
    peer = ["virt-install", "--version"]
    newest = os.environ.get("JVIRT_JDK", "25") != "17"

    def small():
        if not os.path.exists("one.qcow2"):
            subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "one.qcow2", "1G"], check=True)
    return [
        Job("start: disk info, against virt-install --version", [], [jvirt, "disk", "info", "one.qcow2"], peer,
            bars=(0.35 if newest else 0.5, None), before=small),
        Job("start: list, against virt-install --version", [], [jvirt, "-c", "test:///default", "list"], peer,
            bars=(0.75 if newest else 0.9, None)),
    ]
