# SPDX-License-Identifier: GPL-2.0-or-later
"""newwarnings.py BEFORE AFTER: two logs of make; which warnings does the second have
more of?  Line numbers do not count (a patch moves lines), the compiler's words do."""

import collections
import re
import sys

WARNING = re.compile(r"^([^\s:]+):\d+(?::\d+)?: (warning: .*)$", re.M)


def warnings(path):
    with open(path, errors="replace") as f:
        return collections.Counter(WARNING.findall(f.read()))


def main(before, after):
    new = warnings(after) - warnings(before)
    for (name, text), count in sorted(new.items()):
        print("new: %s: %s%s" % (name, text, " (%d times)" % count if count > 1 else ""))
    return 1 if new else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
