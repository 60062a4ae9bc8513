# SPDX-License-Identifier: GPL-2.0-or-later
def run(rig, patterns, tally): pass
def documented(): return []
