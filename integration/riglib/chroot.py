# SPDX-License-Identifier: GPL-2.0-or-later
"""Entering a Debian root without leaving anything behind."""

import os
import shutil

# Entering the root: own mount and PID name space, so that whatever happens no
# mount and no process stays behind.  $1 root, $2 command, then pairs of
# directories outside:inside.  In a network name space of its own (see enter())
# only lo is up.
ENTER = r"""
set -eu
root=$1 command=$2; shift 2
for pair in "$@"; do mount --bind "${pair%%:*}" "$root${pair#*:}"; done
mount -t proc proc "$root/proc" 2>/dev/null || mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmp "$root/tmp"; chmod 1777 "$root/tmp"
mount -t tmpfs run "$root/run"
if [ -e /etc/resolv.conf ]; then mount --bind "$(readlink -f /etc/resolv.conf)" "$root/etc/resolv.conf"; fi
exec chroot "$root" /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
	HOME=/root LC_ALL=C.UTF-8 TERM="${TERM:-dumb}" bash -c "$command"
"""


def which(program):
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def enter(root, command, binds=(), net=True):
    """argv that runs the shell text COMMAND inside ROOT; BINDS are pairs
    (outside, inside).  NET false: cut off from the host's network.  Works for
    root, and where the kernel lets users make user name spaces also for everybody
    else."""
    argv = ["unshare", "-m", "-p", "--fork", "--kill-child=KILL", "--propagation", "private"]
    if not net:
        argv.append("-n")
        command = "ip link set lo up\n" + command
    if os.geteuid() != 0:
        argv.append("--map-root-user")
    return argv + ["sh", "-c", ENTER, "enter", root, command] + ["%s:%s" % b for b in binds]
