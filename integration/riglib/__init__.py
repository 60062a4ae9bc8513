# SPDX-License-Identifier: GPL-2.0-or-later
"""The rig of sabus: makes a Debian root, builds the project in it, boots a
kernel that has PPP, L2TP and ESP, and runs the scenarios there.

Who owns what:
  ui       what the user sees: steps, progress, errors, the closing line
  proc     child processes and their end (Ctrl-C leaves nothing behind)
  conf     paths, package list, cache keys
  root     the cache of Debian roots; chroot enters one
  image    makes one: packages, ext4 image, User Mode Linux
  build    the project, per flavour, inside that root
  packages Debian packages, there as well
  guests   backends: native, uml, qemu; all run the same guest/run
  shard    which scenarios exist, which were asked for, who runs them
  steps    the checks that need no guest (unit tests, strict builds, ...)
  play     measurements, the demo, a shell in a guest
  cli      commands

Only the standard library is used, so that any python3 >= 3.9 can run it.
"""
