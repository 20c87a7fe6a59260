# SPDX-License-Identifier: Apache-2.0
"""Makes what the jobs read, in the working directory, each when a job first needs it."""
import os
import random
import shutil
import subprocess

SNAPSHOTS = 3
shared_mount = None


def sh(line, **options):
    subprocess.run(["bash", "-ec", line], check=True, stdout=subprocess.DEVNULL, **options)


def make(names, quick):
    for name in names:
        stamp = f".{name}.{'quick' if quick else 'whole'}"
        if name == "shared":
            mount_shared()
        elif not os.path.exists(stamp):
            for old in (f".{name}.quick", f".{name}.whole"):
                if os.path.exists(old):
                    os.remove(old)
            MAKERS[name](quick)
            open(stamp, "w").close()


def tree(folder, most_bytes):
    """Copies real files, from the beginning of /usr in the order of their names, until there are enough bytes."""
    total = 0
    for top, folders, files in os.walk("/usr"):
        folders.sort()
        for file in sorted(files):
            path = os.path.join(top, file)
            size = os.lstat(path).st_size
            if os.path.islink(path) or not os.path.isfile(path) or size > most_bytes / 8:
                continue
            if total + size > most_bytes:
                return
            copy = folder + path
            os.makedirs(os.path.dirname(copy), exist_ok=True)
            shutil.copyfile(path, copy)
            total += size


def sparse(quick):
    """A disk with a file system of real files, and holes."""
    shutil.rmtree("tree", ignore_errors=True)
    tree("tree", (390 if quick else 1500) << 20)
    sh(f"rm -f sparse.raw; truncate -s {'2G' if quick else '8G'} sparse.raw; mke2fs -q -F -t ext4 -d tree sparse.raw 2>&1; rm -rf tree")


def full(quick):
    make(["sparse"], quick)
    sh("cp --sparse=never sparse.raw full.raw")


def random_data(quick):
    sh(f"head -c {256 if quick else 1024}M /dev/urandom > random.raw")


def plain(quick):
    make(["sparse"], quick)
    sh("qemu-img convert -O qcow2 sparse.raw plain.qcow2")


def fragmented(quick):
    """Clusters that were written in a scattered order lie scattered in the file."""
    count = 512 if quick else 2048
    lines = "".join(f"write -q -P {i % 251 + 1} {i * 1031 % (2 * count) * 256}k 256k\n" for i in range(count))
    sh(f"qemu-img create -q -f qcow2 fragmented.qcow2 {count * 512}k; qemu-io fragmented.qcow2", input=lines, text=True)


def chain(quick):
    """Two overlays of 100 MiB each over the plain image."""
    make(["plain"], quick)
    step = 5 if quick else 20
    for name, base, shift, byte in ("middle", "plain", 0, 7), ("top", "middle", 5, 9):
        lines = "".join(f"write -q -P {byte} {i * step + shift}M 1M\n" for i in range(100))
        sh(f"qemu-img create -q -f qcow2 -b {base}.qcow2 -F qcow2 {name}.qcow2; qemu-io {name}.qcow2", input=lines, text=True)


def part(quick):
    """Data without holes: what compression is measured on."""
    make(["sparse"], quick)
    sh(f"head -c {195 if quick else 780}M sparse.raw > part.raw")


def packed(quick):
    make(["part"], quick)
    sh("qemu-img convert -c -O qcow2 part.raw packed.qcow2")
    sh("qemu-img convert -c -O qcow2 -o compression_type=zstd part.raw packed-zstd.qcow2")


def huge(quick):
    """1 TiB with all of its metadata."""
    sh(f"qemu-img create -q -f qcow2 -o preallocation=metadata huge.qcow2 {'256G' if quick else '1T'}")


def huge_snapshots(quick):
    """The same with internal snapshots, each of which refers to every cluster."""
    sh(f"qemu-img create -q -f qcow2 -o preallocation=metadata huge-snapshots.qcow2 {'64G' if quick else '256G'}")
    for i in range(SNAPSHOTS):
        sh(f"qemu-img snapshot -c s{i} huge-snapshots.qcow2; qemu-io -c 'write -q {i}G 64M' huge-snapshots.qcow2")


def overlay(quick):
    """1 GiB written over the plain image, in an order of its own; and the image that it is committed into."""
    make(["plain"], quick)
    count = 256 if quick else 1024
    places = list(range(count))
    random.Random(1).shuffle(places)
    lines = "".join(f"write -q -P {i % 250 + 1} {i}M 1M\n" for i in places)
    sh("cp plain.qcow2 base.qcow2; qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 overlay.qcow2; qemu-io overlay.qcow2",
       input=lines, text=True)
    sh("qemu-img convert -O raw overlay.qcow2 overlay.raw")


def other_base(quick):
    """A second base that differs from the plain image in a tenth of its data."""
    make(["chain"], quick)
    sh("qemu-img convert -O qcow2 middle.qcow2 other.qcow2; qemu-img create -q -f qcow2 -b plain.qcow2 -F qcow2 small.qcow2")
    sh("qemu-io -c 'write -q -P 3 512M 64M' small.qcow2; qemu-img convert -O raw small.qcow2 small.raw")


def mount_shared():
    """An xfs that shares extents, in a loop device, with 8 GiB of raw data in it that take 1 GiB."""
    global shared_mount
    if shared_mount:
        return
    size = 8
    sh("mkdir -p shared; truncate -s 12G shared.xfs; mkfs.xfs -q -f -m reflink=1 shared.xfs; mount -o loop shared.xfs shared")
    shared_mount = os.path.abspath("shared")
    sh("head -c 1G /dev/urandom > shared/one.raw; truncate -s 8G shared/disk.raw")
    for i in range(size):
        sh(f"xfs_io -c 'reflink one.raw 0 {i}g 1g' disk.raw", cwd="shared")
    sh("rm shared/one.raw; sync -f shared")
    sh("cp --reflink=always disk.raw base.raw", cwd="shared")


def release():
    """Takes the mount away again."""
    global shared_mount
    if shared_mount:
        subprocess.run(["umount", shared_mount], check=True)
        os.rmdir(shared_mount)
        os.remove(shared_mount + ".xfs")
        shared_mount = None


MAKERS = {"sparse": sparse, "full": full, "random": random_data, "plain": plain, "fragmented": fragmented, "chain": chain,
          "part": part, "packed": packed, "huge": huge, "huge-snapshots": huge_snapshots, "overlay": overlay,
          "other": other_base}
