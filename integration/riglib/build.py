# SPDX-License-Identifier: GPL-2.0-or-later
def product(rig, flavour): return None
