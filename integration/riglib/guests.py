# SPDX-License-Identifier: GPL-2.0-or-later
"""Backends.  A guest is a Debian root on a kernel that has PPP, L2TP and ESP; it
gets one directory of the host (its share, /host inside), runs /host/guest/run
and leaves its exit code in /host/rc.  What differs is only how it starts:

  native  the host's own kernel can do it and we are root: overlay over the
          root, own mount, PID and network name space
  uml     User Mode Linux: any user, 1 s to boot, one CPU
  qemu    Debian's kernel under emulation: slow, but has everything

A scenario that no such kernel can show names a kernel of its own (KERNELS), and
runs there, whatever the backend of the others is.
"""

import os
import shutil
import subprocess

from riglib import conf, proc, root, ui

NATIVE_MODULES = ("ppp_generic", "l2tp_ppp", "esp4")

NATIVE = r"""
set -eu
root=$1 upper=$2 share=$3 engine=$4
[ -z "$engine" ] || cp --sparse=always --reflink=auto "$engine" "$share/engine.img"
mkdir -p "$upper/up" "$upper/work" "$upper/m"
mount -t overlay overlay -o "lowerdir=$root,upperdir=$upper/up,workdir=$upper/work" "$upper/m"
m=$upper/m
mount -t proc proc "$m/proc"; mount -t sysfs sys "$m/sys"
mount -t tmpfs dev "$m/dev"; mkdir "$m/dev/pts" "$m/dev/shm"
mount -t devpts -o newinstance,ptmxmode=666 devpts "$m/dev/pts"; ln -s pts/ptmx "$m/dev/ptmx"
for n in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0 ppp:108:0; do
	IFS=: read -r name major minor <<X
$n
X
	mknod -m 666 "$m/dev/$name" c "$major" "$minor"
done
for d in fd:fd stdin:fd/0 stdout:fd/1 stderr:fd/2; do ln -s "/proc/self/${d#*:}" "$m/dev/${d%%:*}"; done
for d in dev/shm tmp run var/log; do mount -t tmpfs tmp "$m/$d"; done
chmod 1777 "$m/tmp" "$m/dev/shm"
mount --bind "$share" "$m/host"
chroot "$m" /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
	HOME=/root LC_ALL=C.UTF-8 sh /host/guest/run && rc=0 || rc=$?
echo "$rc" >"$share/rc"
"""


def _module_present(name):
    """Built in, loaded, or loadable on the running kernel."""
    release = os.uname().release
    if os.path.isdir("/sys/module/" + name):
        return True
    try:
        with open("/lib/modules/%s/modules.builtin" % release) as f:
            if ("/%s.ko" % name) in f.read():
                return True
    except OSError:
        pass
    modprobe = root.which("modprobe")
    return bool(modprobe) and subprocess.run([modprobe, "-q", name], check=False).returncode == 0


class Native:
    name, flavour, slow = "native", "asan", 1

    def __init__(self, rig):
        self.rig = rig

    def unusable(self):
        """Why this backend cannot run here, '' when it can."""
        if os.geteuid() != 0:
            return "needs root"
        missing = [m for m in NATIVE_MODULES if not _module_present(m)]
        return "this host's kernel has no " + ", ".join(missing) if missing else ""

    def setup(self):
        pass

    def start(self, share, work, log):
        return proc.start(["unshare", "-m", "-p", "-n", "--fork", "--kill-child=KILL",
                           "--propagation", "private", "sh", "-c", NATIVE, "native",
                           self.rig.root, work, share, self.rig.engine or ""], log)


class Uml:
    # AddressSanitizer cannot run under this UML: its processes have 39 bits of
    # address space (three page table levels up to 6.12), while the sanitizer's
    # shadow on x86-64 ends at 0x10007fff7fff, far above ("Shadow memory range
    # interleaves ... cannot proceed").  So guests here get UBSan and the C
    # library's heap checks; ASan is for native and qemu, and for 'make check'.
    name, flavour, slow = "uml", "ubsan", 1

    def __init__(self, rig):
        self.rig = rig

    def unusable(self):
        if os.uname().machine != "x86_64":
            return "User Mode Linux needs an x86_64 host"
        try:
            with open("/proc/sys/kernel/yama/ptrace_scope") as f:
                if int(f.read()) > 2:
                    return "ptrace is off (kernel.yama.ptrace_scope)"
        except OSError:
            pass
        return ""

    def setup(self):
        pass

    def start(self, share, work, log):
        mem = self.rig.args.mem or ("2G" if self.rig.engine else "1G")
        env = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": work,
               "LD_PRELOAD": os.path.join(self.rig.image_dir, "lib/umlptrace.so")}
        # The guest's memory is a file: in /dev/shm, or beside us where that is
        # too small (containers give it 64 MB).
        st = os.statvfs("/dev/shm") if os.path.isdir("/dev/shm") else None
        if not st or st.f_bavail * st.f_frsize < 2 << 30:
            env["TMPDIR"] = work
        cmd = [os.path.join(self.rig.image_dir, "linux"), "mem=" + mem, "root=/dev/ubda", "rw",
               "ubd0=%s/disk.cow,%s" % (work, self.rig.disk)] + \
            (["ubd1=%s/engine.cow,%s" % (work, self.rig.engine)] if self.rig.engine else []) + [
               "init=/rig-init",
               "RIG_SHARE=" + share, "con=null", "con0=fd:0,fd:1", "quiet", "noreboot",
               "panic=-1", "uml_dir=%s/" % work]
        return proc.start(cmd, log, env)


class Qemu:
    name, flavour, slow = "qemu", "asan", 5
    suite, packages, kernel_arguments, on_demand = conf.SUITE, "", "", "--backend qemu setup"
    MODULES = ("virtio_pci virtio_blk ext4 9p 9pnet_virtio ppp_generic ppp_async pppoe l2tp_ppp "
               "l2tp_netlink esp4 ah4 ipcomp xfrm_user af_key ppp_mppe ppp_deflate bsd_comp veth "
               "gcm ccm authenc cbc ctr echainiv seqiv chacha20poly1305 sha1_generic arc4 tun "
               "sch_netem ip_tables iptable_filter iptable_nat nf_nat nf_conntrack nf_conntrack_netlink xt_MASQUERADE "
               "bridge br_netfilter xt_addrtype xt_nat xt_conntrack xt_policy xt_multiport xt_tcpudp nf_tables overlay").split()

    def __init__(self, rig):
        self.rig = rig
        own = [conf.read(os.path.join(conf.HERE, "guest", n)) for n in ("qemu-kernel", "qemu-init")]
        self.dir = os.path.join(rig.cache, "qemu-" + conf.digest(conf.image_key(), self.suite, self.packages, *own))

    def unusable(self):
        there = os.path.exists(os.path.join(self.dir, "ok")) and root.which("qemu-system-x86_64")
        return "" if there or os.geteuid() == 0 else \
            "only root can set the %s guest up: integration/rig %s" % (self.name, self.on_demand)

    def setup(self):
        """Debian's own kernel, unpacked beside the root (never installed in it),
        and an initramfs with the modules that scenarios need."""
        root.host_tools(self.rig, {"qemu-system-x86_64": "qemu-system-x86"})
        if os.path.exists(os.path.join(self.dir, "ok")):
            return
        with root.locked(os.path.join(self.rig.cache, "lock-qemu")):
            shutil.rmtree(self.dir, ignore_errors=True)
            os.makedirs(self.dir)
            script = open(os.path.join(conf.HERE, "guest/qemu-kernel")).read()
            proc.run("qemu", "guest kernel of Debian %s, and initramfs" % self.suite,
                     root.enter(self.rig.root, script + "\nmain %s '%s' " % (self.suite, self.packages) + " ".join(self.MODULES),
                                [(self.dir, "/out"), (os.path.join(conf.HERE, "guest"), "/src")]),
                     self.rig.log("qemu-kernel"), timeout=900)
            open(os.path.join(self.dir, "ok"), "w").close()

    def start(self, share, work, log):
        cmd = ["qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2",
               "-m", self.rig.args.mem or "2G", "-kernel", self.dir + "/vmlinuz",
               "-initrd", self.dir + "/initrd",
               "-append", "console=ttyS0 quiet loglevel=3 panic=-1 mitigations=off " + self.kernel_arguments,
               *[x for disk in (self.rig.disk, self.rig.engine) if disk
                 for x in ("-drive", "file=%s,if=virtio,format=raw,snapshot=on,file.locking=off" % disk)],
               "-virtfs", "local,path=%s,mount_tag=host,security_model=none" % share,
               "-nic", "none", "-display", "none", "-serial", "stdio", "-no-reboot"]
        return proc.start(cmd, log, dict(os.environ, TMPDIR=work))


class AppArmor(Qemu):
    """AppArmor that sees connect() to the path of a socket: Linux 6.17 and a parser of
    AppArmor 5, which goes with all its libraries.  What is confined is built as it is
    shipped: a sanitizer opens files that no profile lets it open."""
    name, flavour, suite = "apparmor", "plain", "sid"
    packages = "apparmor libapparmor1 libc6 libgcc-s1 libstdc++6 libzstd1"
    kernel_arguments, on_demand = "apparmor=1 security=apparmor", "test package_apparmor"


BACKENDS = {"native": Native, "uml": Uml, "qemu": Qemu}
KERNELS = {"apparmor": AppArmor}        # @pytest.mark.kernel(NAME)


def choose(rig):
    """The backend that --backend asks for; 'auto' takes the first that works."""
    wanted = rig.args.backend
    reasons = []
    for name in BACKENDS if wanted == "auto" else [wanted]:
        backend = BACKENDS[name](rig)
        why = backend.unusable()
        if not why:
            return backend
        reasons.append("%s: %s" % (name, why))
    raise ui.RigError("backend", "no usable backend (" + "; ".join(reasons) + ")",
                      remedy="integration/rig --help lists the backends")
