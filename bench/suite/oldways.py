# SPDX-License-Identifier: Apache-2.0
"""The ways in which disks were copied before: what jvirt takes as a part of their time. One run each, they are slow."""
import os
import shutil
import subprocess


from measure import Job

PORT = "2299"
ARCHIVE_FACTOR = 0.01


def jobs(disk):
    def against(name, command, output, ours=None, before=None, bars=(None, None)):
        return Job(f"old way: {name}", ["sparse"], ours or disk + ["convert", "-O", "qcow2", "sparse.raw", "out.qcow2"], command,
                   bars=bars, output=output, before=before, runs=1)
    to_raw = disk + ["convert", "-O", "raw", "sparse.raw", "out.raw"]
    copy = "out.raw"
    archive = "out.archive"
    secure = ["-i", "key", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"]

    scp = ["sh", "-c", f"server=; /usr/sbin/sshd -D -f sshd.conf & server=$!; sleep 1; scp -q -P {PORT} {' '.join(secure)} "
           f"sparse.raw root@127.0.0.1:$PWD/{copy}; code=$?; kill $server; exit $code"]
    return [
        against("tar czf", ["tar", "czf", archive, "sparse.raw"], archive, bars=(ARCHIVE_FACTOR, None)),
        against("tar cSzf", ["tar", "cSzf", archive, "sparse.raw"], archive),
        against("tar with zstd", ["tar", "--zstd", "-cf", archive, "sparse.raw"], archive),
        against("dd", ["dd", "if=sparse.raw", f"of={copy}", "bs=1M", "status=none"], copy, to_raw),
        against("cp", ["cp", "sparse.raw", copy], copy, to_raw),
        against("cp --sparse=always", ["cp", "--sparse=always", "sparse.raw", copy], copy, to_raw),
        against("rsync -S", ["rsync", "-S", "sparse.raw", copy], copy, to_raw),
        against("scp to this host", scp, copy, to_raw, before=ssh_server),
    ]


def ssh_server():
    """What an ssh server for one copy needs; it listens on the loopback address only."""
    if os.path.exists("sshd.conf"):
        return
    for name in "key", "host-key":
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", name], check=True)
    shutil.copyfile("key.pub", "authorized")
    os.makedirs("/run/sshd", exist_ok=True)
    with open("sshd.conf", "w") as file:
        file.write(f"ListenAddress 127.0.0.1:{PORT}\nHostKey {os.getcwd()}/host-key\nAuthorizedKeysFile {os.getcwd()}/authorized\n"
                   "StrictModes no\nUsePAM no\nPidFile none\nPermitRootLogin yes\nSubsystem sftp internal-sftp\n")
