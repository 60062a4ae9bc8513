# SPDX-License-Identifier: GPL-2.0-or-later
"""Sanitizers in the daemons.  Which one a build has depends on the backend (see
riglib/guests.py: AddressSanitizer cannot run under User Mode Linux); whatever
reports, the test that produced the report fails."""

import glob
import os
import re

FLAVOUR = os.environ.get("RIG_FLAVOUR", "plain")

REPORT = re.compile(r"ERROR: AddressSanitizer|runtime error: |SUMMARY: \w*Sanitizer"
                    r"|LeakSanitizer|^(malloc|free|realloc|munmap_chunk)\w*\(\): |double free or corruption"
                    r"|corrupted size|\*\*\* buffer overflow|\*\*\* stack smashing", re.M)


def environment():
    """Variables for a daemon.  The daemons themselves are Debian's: what has to
    be there before a sanitized plugin is loaded, is preloaded."""
    if FLAVOUR == "asan":
        return {"LD_PRELOAD": "libasan.so.8 libubsan.so.1",
                "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=0:log_path=/var/log/asan",
                "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1:log_path=/var/log/ubsan"}
    if FLAVOUR == "ubsan":
        # The C library's own heap checks: an abort on a corrupt heap, and
        # freed and fresh memory that is not zero.
        return {"LD_PRELOAD": "libc_malloc_debug.so.0", "MALLOC_CHECK_": "3", "MALLOC_PERTURB_": "165",
                "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1:log_path=/var/log/ubsan"}
    return {}


def reports(directory):
    """'file: first line of the report' for each log below DIRECTORY with one."""
    found = []
    for path in sorted(glob.glob(os.path.join(directory, "**", "*"), recursive=True)):
        if not os.path.isfile(path) or path.endswith(".pcap"):
            continue
        with open(path, errors="replace") as f:
            m = REPORT.search(f.read())
        if m:
            found.append("%s: %s" % (path, m.group(0)))
    return found
