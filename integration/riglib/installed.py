# SPDX-License-Identifier: GPL-2.0-or-later
"""installed.py DEST LIST: is what 'make install DESTDIR=DEST' left exactly what
LIST names?  A line of LIST is a path below DEST: shell wildcards, {lib} for the
multiarch library directory, '?' in front for a file that may be missing."""

import fnmatch
import os
import subprocess
import sys


def expected(path):
    """[(pattern, must be there)]"""
    triplet = subprocess.run(["dpkg-architecture", "-qDEB_HOST_MULTIARCH"], stdout=subprocess.PIPE,
                             universal_newlines=True, check=True).stdout.strip()
    with open(path) as f:
        lines = [x.strip() for x in f if x.strip() and not x.startswith("#")]
    return [(x.lstrip("? ").replace("{lib}", "usr/lib/" + triplet), not x.startswith("?")) for x in lines]


def present(dest):
    return sorted(os.path.relpath(os.path.join(folder, n), dest)
                  for folder, _, names in os.walk(dest) for n in names)


def main(dest, list_path):
    wanted, have = expected(list_path), present(dest)
    problems = ["missing: " + p for p, must in wanted if must and not fnmatch.filter(have, p)]
    problems += ["not in installed.list: " + h for h in have if not any(fnmatch.fnmatchcase(h, p) for p, _ in wanted)]
    print("\n".join(have + problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
