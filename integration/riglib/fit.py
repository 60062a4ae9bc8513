# SPDX-License-Identifier: GPL-2.0-or-later
"""What recipes.py and its parts share: a recipe that does not fit, and commands that fail with the end of their output."""

import os
import subprocess


class Misfit(Exception):
    pass


def run(argv, log=None, **more):
    done = subprocess.run([str(x) for x in argv], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False, **more)
    if log:
        with open(log, "w") as f:
            f.write(done.stdout)
    if done.returncode:
        raise Misfit("%s exited with %d\n%s" % (os.path.basename(str(argv[0])), done.returncode, "\n".join(done.stdout.splitlines()[-25:])))
    return done.stdout
