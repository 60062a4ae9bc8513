# SPDX-License-Identifier: GPL-2.0-or-later
"""A Debian of the rig's suite with nothing but apt in it, as a tar file: what a new
machine has, for a journey that starts on one, and what 'debian:trixie-slim' is to
an engine that can reach no registry of images.  Made once, beside the roots."""

import os

from riglib import conf, proc, root


def ensure(rig):
    """Path of the tar."""
    path = os.path.join(rig.cache, "base-%s.tar" % conf.SUITE)
    if os.path.exists(path):
        return path
    with root.locked(path + ".lock"):
        if not os.path.exists(path):
            root.host_tools(rig)
            proc.run("base", "a bare Debian %s (mmdebstrap)" % conf.SUITE,
                     ["unshare", "-m", "-p", "--fork", "--kill-child=KILL", "--mount-proc", "mmdebstrap", "--mode=root", "--variant=apt",
                      "--aptopt=Acquire::Languages \"none\"", "--aptopt=Acquire::Retries \"3\"", conf.SUITE, path + ".new.tar"],
                     rig.log("base"), timeout=900)
            os.replace(path + ".new.tar", path)
    return path
