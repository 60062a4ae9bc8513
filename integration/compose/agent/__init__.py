# SPDX-License-Identifier: GPL-2.0-or-later
"""What runs in each container of the compose rig.

  python3 -m agent ROLE ...

A role (lns, client, router, host, radius, db) configures its container from conf-templates, starts the daemons, and then does what the judge
asks for: its public methods are the verbs, called over the network 'control' (wire.py).  The judge (judge/) has no other source of facts, and
the roles have no opinion of their own."""
