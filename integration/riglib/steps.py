# SPDX-License-Identifier: GPL-2.0-or-later
"""The checks that need no guest: they run in the Debian root, on the host's
kernel, cut off from its network.

Each step is one counted check, but native_check, where each test program of
'make check' counts.  A step that cannot even be built has failed: the run goes on
and ends with the closing line.  Steps share one source tree (native/src in the
build directory) and have a build tree each, so that a second run only compiles
what has changed.  They run in one thread beside the guests, shortest first; see
Steps.  Journeys (journey.py) come last: they have Debians of their own, and the
network.
"""

import fnmatch
import glob
import os
import re
import shutil
import threading
import time

from riglib import build, conf, journey, packages, proc, root, ui, xl2tpd

FUZZ_SECONDS = 20
SUPPRESSIONS = "integration/riglib/cppcheck.suppress"


def _make(b, tree, args="", env="", targets="all"):
    """Shell text: the tree configured and made; compilers have the last word."""
    return b.configured(tree, args.split(), env) + "make -k -j%d %s\n" % (build.jobs(), targets)


# make check builds its programs first; with no TESTS that is all it does.
PROGRAMS = "make -k -j%d check TESTS=\n"


def werror_gcc(b):
    """Everything, tests too, with gcc: no warning."""
    return _make(b, "gcc", "--enable-werror", "CC=gcc CFLAGS='-O2 -g'") + PROGRAMS % build.jobs()


def werror_clang(b):
    """Everything, tests too, with clang: no warning."""
    return _make(b, "clang", "--enable-werror", "CC=clang CFLAGS='-O2 -g'") + PROGRAMS % build.jobs()


def analyzer(b):
    """gcc -fanalyzer over all that gets installed: no warning."""
    return _make(b, "analyzer", "--enable-werror", "CC=gcc CFLAGS='-O1 -g -fanalyzer'")


def cppcheck(b):
    """cppcheck over our C sources: no finding; what is suppressed has its reason in the list."""
    # It gets config.h and the headers whose macros it must know, not all of /usr/include.
    return (b.configured("gcc", ["--enable-werror"], "CC=gcc CFLAGS='-O2 -g'") +
            "cd /build/src\nmkdir -p /build/cppcheck /build/cppcheck-include\n"
            "cp -r /usr/include/uthash.h /usr/include/utlist.h /usr/include/pppd /build/cppcheck-include\n"
            "cppcheck --error-exitcode=1 --enable=warning,performance,portability --inline-suppr --quiet --check-level=exhaustive -j%d "
            "--std=c11 --cppcheck-build-dir=/build/cppcheck --suppressions-list=%s "
            "-D_GNU_SOURCE -D__linux__ --include=/build/gcc/config.h -I/build/cppcheck-include "
            "-Iplugins/common -Iplugins/bus -Iplugins/xfrm -Iplugins/log -Iplugins/xl2tpd plugins integration/oddpeer\n"
            % (build.jobs(), SUPPRESSIONS))


def man(b):
    """The man pages: mandoc's lint has nothing to warn of."""
    return ("cd /build/src\n"
            "pages=$(find . -name '*.[1-8]' -not -path './autom4te.cache/*')\n"
            "[ -n \"$pages\" ] || { echo 'no man page in the tree'; exit 1; }\n"
            "mandoc -T lint -W warning $pages\necho $pages\n")


def alone(b):
    """Each plugin can be built without the others."""
    text = ""
    for name, args in (("without-pppd", "--without-pppd"), ("without-strongswan", "--without-strongswan"),
                       ("without-xl2tpd", "--without-xl2tpd"), ("without-radius", "--without-radius")):
        text += _make(b, name, "--enable-werror " + args, "CFLAGS='-O0'")
    return text


def install(b):
    """make install DESTDIR: all that is wanted is there, and nothing else; uninstall leaves no file."""
    return (_make(b, "gcc", "--enable-werror", "CC=gcc CFLAGS='-O2 -g'") +
            "rm -rf dest\nmake -s install DESTDIR=$PWD/dest\n"
            "python3 -B /build/src/integration/riglib/installed.py dest /build/src/integration/riglib/installed.list\n"
            "make -s uninstall DESTDIR=$PWD/dest >/dev/null\n"
            "left=$(find dest ! -type d)\n[ -z \"$left\" ] || { echo \"left by uninstall: $left\"; exit 1; }\n")


def series(_b):
    """patches/xl2tpd: each series fits its source exactly, adds no warning (gcc, clang), and brings the plugin's own header."""
    return xl2tpd.series()


# One libFuzzer run: $1 the program, $2 the corpus; what it finds is shown.
FUZZ_ONE = """\
fuzz_one() {
	rm -rf new; mkdir new
	echo "fuzz target $1"
	$1 -max_total_time=%d -max_len=65536 -timeout=5 -rss_limit_mb=1024 -print_final_stats=1 -artifact_prefix=/tmp/ new "$2" || {
		for a in /tmp/crash-* /tmp/timeout-* /tmp/leak-* /tmp/oom-*; do
			[ ! -e "$a" ] || { echo "$a:"; od -A d -t x1 "$a" | head -n 64; }
		done
		exit 1
	}
}
""" % FUZZ_SECONDS


def patched(_b):
    """What the patches promise: tests/xl2tpd/test_patched.py for each patched xl2tpd, with ASan and UBSan."""
    text, trees = xl2tpd.patched("asan")
    text += "cd /build/src/tests/xl2tpd\n"
    for tree in trees:
        text += "echo %s\nXL2TPD_PATCHED=%s/xl2tpd python3 -B -m pytest -q -rs -p no:cacheprovider test_patched.py\n" % (tree, tree)
    return text + ("" if trees else "echo 'patches/xl2tpd has no series'; exit 1\n")


def fuzz_xl2tpd(_b):
    """libFuzzer over each patched xl2tpd, as LNS and LAC, for a short time, from well-formed sessions."""
    text, trees = xl2tpd.patched("asan")
    for tree in trees:
        out = "/build/fuzz-" + os.path.basename(tree)
        text += "rm -rf %s\nXL2TPD_SRC=%s FUZZ_OUT=%s sh /build/src/tests/xl2tpd/fuzz/check.sh %d\n" % (out, tree, out, FUZZ_SECONDS)
    return text + ("" if trees else "echo 'patches/xl2tpd has no series'; exit 1\n")


def fuzz(b):
    """libFuzzer over each fuzz target for a short time, from the corpus in the tree."""
    return (FUZZ_ONE + _make(b, "fuzz", "--enable-fuzz --enable-sanitizers=address,undefined", "CC=clang CFLAGS='-O1 -g'") +
            "targets=$(find tests -type f -perm -u+x -name 'fuzz_*' -not -path '*/.libs/*')\n"
            "[ -n \"$targets\" ] || { echo 'no fuzz target was built'; exit 1; }\n"
            "for t in $targets; do fuzz_one $t /build/src/${t%/*}/corpus; done\n")


# $1, $2: directories with the same files of these patterns ($3)?
SAME = """\
same() {
	(cd "$1" && sha256sum $3) >one.sums
	(cd "$2" && sha256sum $3) >two.sums
	diff -u one.sums two.sums || { echo 'two builds of the same sources differ'; exit 1; }
}
"""
# the figure that 'systemd-analyze security' may give at most, in tenths; 0 is best
UNITS = (("sabusd.service", 10), ("sabus-guard.service", 20), ("sabus-dynauth.service", 20), ("sabus-metrics@.service", 20))


def _packages_twice(b):
    """Shell text: the packages at /build/packages-1 and, built again otherwise, at /build/packages-2.  The tarball of the tree is
    compared by itself: packages-1 may be of a tree with other tests, which make no other package."""
    first = os.path.join(b.dir, "packages-1")
    shutil.rmtree(first, ignore_errors=True)
    shutil.copytree(packages.ensure(b.rig, quiet=True), first)
    # another directory, another zone, language and umask; the clock goes on by itself
    return SAME + ("cd /build\n%s(export TZ=Pacific/Chatham LC_ALL=C TMPDIR=/build/tmp; umask 077; mkdir -p $TMPDIR\n%s%s)\n"
                   "same packages-1 packages-2 '*.deb *.debian.tar.xz *.orig-*.tar.xz'\nsame source-1 source-2 '*.dsc *.tar.xz'\n" % (
                       packages.source("/build/source-1"), packages.source("/build/source-2"), packages.command("/build/packages-2")))


def debian(b):
    """The Debian packages: built twice they are the same to the byte; lintian has no error and no warning; units are hardened."""
    text = _packages_twice(b) + "lintian --allow-root --fail-on error,warning packages-1/*.changes\n"
    text += "rm -rf unpacked\nfor d in packages-1/*.deb; do case $d in *-dbgsym_*) ;; *) dpkg-deb -x $d unpacked ;; esac; done\n"
    for unit, most in UNITS:
        text += ("systemd-analyze security --offline=true --root=unpacked --threshold=%d %s | tail -1\n" % (most, unit))
    text += ("apparmor_parser -Q -K -I unpacked/etc/apparmor.d -I /etc/apparmor.d /etc/apparmor.d/usr.sbin.charon-systemd\n"
             "for s in unpacked/etc/init.d/* /build/src/plugins/system/openrc/*; do sh -n $s; done\n")
    return text


def recipes(b):
    """The recipes for RPM (built, with Debian's tools), Alpine and OpenWrt (run on that build) still have what 'make install' installs."""
    folder = os.path.join(b.dir, "packages-1")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(packages.ensure(b.rig, quiet=True), folder)
    return ("python3 -B /build/src/integration/riglib/recipes.py /build/src /build/packages-1/sabus_*.orig.tar.xz /build/headers "
            "/build/xl2tpd-sources /build/recipes\n")


def distcheck(b):
    """make distcheck: the tarball builds, tests, installs and uninstalls by itself."""
    return b.configured("gcc", ["--enable-werror"], "CC=gcc CFLAGS='-O2 -g'") + \
        ("chmod -R u+w sabus-*/ 2>/dev/null || true\nrm -rf sabus-*/\n"
         "make -j%d distcheck || { tail -n 25 sabus-*/_build/sub/test-suite.log; exit 1; }\n" % build.jobs())


def _patched_xl2tpd():
    """Shell text: what make check needs of a patched daemon (each has a step of its own)."""
    text, trees = xl2tpd.patched("asan")
    return text + "export XL2TPD_SRC=%s XL2TPD_PATCHED=%s/xl2tpd\n" % (trees[0], trees[0]) if trees else ""


def _check_text(b):
    return (_patched_xl2tpd() + b.configured("asan", ["--enable-sanitizers=address,undefined", "--enable-werror"],
                         "CC=gcc CFLAGS='-O1 -g'") +
            "find . -name '*.trs' -delete\n"
            "export SABUS_STRONGSWAN_SETS=$(ls -d /build/sets/*/ 2>/dev/null | paste -sd: -)\n"
            "make -k -j%(j)d all\nmake -k -j%(j)d check TESTS=\n"
            "echo built >check.built\nmake -k -j%(j)d check\n" % {"j": build.jobs()})


# In this order: what fails soonest and matters most first.
SIMPLE = (werror_gcc, man, series, patched, cppcheck, install, werror_clang, analyzer, alone, debian, recipes, fuzz, fuzz_xl2tpd, distcheck)
BY_NAME = dict({"native_" + f.__name__: f for f in SIMPLE}, **journey.NATIVE)
CHECK = "native_check"
CHECK_WHAT = "make check with ASan and UBSan; each test program counts"


def documented():
    """[(name, what it shows)]"""
    return [(CHECK, CHECK_WHAT)] + [(name, f.__doc__.splitlines()[0]) for name, f in BY_NAME.items()]


def wanted(patterns):
    """Names of the steps that PATTERNS ask for, all without patterns.
    'native_check[tests/common/test_alg]' asks for all of native_check."""
    plain = [p.split("[")[0] for p in patterns]
    return [n for n, _ in documented() if not plain or any(fnmatch.fnmatchcase(n, p) for p in plain)]


class Steps:
    """The wanted steps, in a thread beside the guests: start(), then join()."""

    def __init__(self, rig, names, tally):
        self.rig, self.names, self.tally = rig, names, tally
        self.builder = build.Builder(rig, "native", quiet=True)
        self.current, self.since = "", 0.0
        self.thread = threading.Thread(target=self._run, name="native steps", daemon=True)

    def start(self):
        if self.names:
            self.thread.start()
        return self

    def state(self):
        """For the progress line: 'native_fuzz 12 s', '' when all is done."""
        return "%s %d s" % (self.current, time.monotonic() - self.since) if self.current else ""

    def busy(self):
        return self.thread.is_alive()

    def _begin(self, name):
        self.current, self.since = name, time.monotonic()

    def _run(self):
        try:
            self._begin("native_prepare")
            with root.locked(self.builder.lock):
                if self._prepared():
                    for name in self.names:
                        self._one(name)
        finally:
            self.current = ""

    def _prepared(self):
        """Whether there is anything to build; without it all steps have failed."""
        try:
            self.builder.prepare()
            self._copy_sets()
            return True
        except (ui.RigError, OSError) as e:
            log = getattr(e, "log", None) or self.rig.logs
            text = e.story() if isinstance(e, ui.RigError) else str(e)
            for name in self.names:
                self._report(name, "failed", log, text)
                text = "for the same reason"
            return False

    def _copy_sets(self):
        """The steps have no network: what tests/strongswan/test_headers.py would fetch lies there."""
        sets = os.path.join(self.builder.dir, "sets")
        shutil.rmtree(sets, ignore_errors=True)
        os.makedirs(sets)
        for number, folder in enumerate(build.other_headers(self.rig)):
            shutil.copytree(folder, os.path.join(sets, str(number)))

    def _one(self, name):
        self._begin(name)
        log = self.rig.log(name)
        try:
            if name == CHECK:
                self._check(log)
                return
            if name in journey.NATIVE and os.geteuid() != 0:
                self._report(name, "skipped", log, "only root can unpack a Debian: integration/rig test " + name)
                return
            code = self._code(name, log)
            self._report(name, "failed" if code else "passed", log, why(log, code))
        except (ui.RigError, OSError) as e:
            self._report(name, "failed", log, str(e))

    def _code(self, name, log):
        """Exit code of a step that counts as one."""
        if name in journey.NATIVE:
            return BY_NAME[name](self.rig, log)
        return self.builder.inside(name, name, BY_NAME[name](self.builder), check=False, net=False)

    def _report(self, name, outcome, log, text=""):
        if not proc.ending():
            self.tally.report(name, outcome, time.monotonic() - self.since, log, text)

    def _check(self, log):
        """make check: one result for each .trs file that automake's driver leaves."""
        tree = os.path.join(self.builder.dir, "asan")
        built = os.path.join(tree, "check.built")
        if os.path.exists(built):
            os.unlink(built)
        code = self.builder.inside(CHECK, CHECK, _check_text(self.builder), check=False, net=False)
        results = sorted(glob.glob(os.path.join(tree, "**", "*.trs"), recursive=True))
        bad = 0
        for trs in results:
            name, test_log = os.path.relpath(trs, tree)[:-4], trs[:-4] + ".log"
            outcome = outcome_of(conf.read(trs).decode(errors="replace"))
            bad += outcome == "failed"
            self._report("%s[%s]" % (CHECK, name), outcome, test_log, why(test_log, None))
            for reason in skips_within(test_log):
                self._report("%s[%s: part]" % (CHECK, name), "skipped", test_log, reason)
        if not os.path.exists(built):
            self._report(CHECK + "[build]", "failed", log, why(log, code))
        elif not results:
            self._report(CHECK + "[tests]", "failed", log, "make check ran no test program\n" + why(log, code))
        elif code and not bad:
            self._report(CHECK + "[make]", "failed", log, why(log, code))


def outcome_of(trs):
    """PASS and SKIP are what they say; FAIL, ERROR, XPASS, XFAIL and silence are failures."""
    found = [x.split(":", 2)[2].split()[0] for x in trs.splitlines() if x.startswith(":test-result:")]
    if found and all(x == "PASS" for x in found):
        return "passed"
    return "skipped" if found and all(x in ("PASS", "SKIP") for x in found) else "failed"


def skips_within(log):
    """Reasons why a pytest program that passed has left tests out (pytest -rs)."""
    return re.findall(r"^SKIPPED \[\d+\] (.*)$", conf.read(log).decode(errors="replace"), re.M)


def why(log, code):
    """The lines of a log that say what went wrong: compilers' messages first, as
    make goes on after them, else its end."""
    try:
        with open(log, errors="replace") as f:
            lines = f.read().splitlines()
    except OSError:
        lines = []
    hits = [i for i, x in enumerate(lines) if ": error:" in x or ": fatal error:" in x or ": warning:" in x]
    first = []
    for i in hits[:5]:
        first += lines[i:i + 3]
    last = lines[-12:] if first else lines[-30:]
    head = [] if code is None else ["exit code %d" % code]
    return "\n".join(head + first + (["..."] if first else []) + last)
