# SPDX-License-Identifier: GPL-2.0-or-later
"""python3 -m agent ROLE [ARGUMENT ...]: see __init__.py."""

import signal
import sys


def role(name, words):
    """The object whose methods are the verbs.  Imported here: not every image has everything."""
    if name == "lns":
        from agent.lns import Lns
        return Lns()
    if name == "client":
        from agent.client import Client
        return Client(*words)
    if name == "router":
        from agent.router import Router
        return Router()
    if name == "host":
        from agent.inside import Inside
        return Inside()
    if name == "radius":
        from agent.radius import Radius
        return Radius(*words)
    raise SystemExit("agent: no role '%s' (lns, client, router, host, radius, db, judge)" % name)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    name, words = (sys.argv[1:2] or [""])[0], sys.argv[2:]
    if name == "db":
        from agent import db
        return db.serve()
    if name == "judge":
        from agent import judge
        return judge.main(words)
    from agent import calls
    return calls.serve(role(name, words))


if __name__ == "__main__":
    sys.exit(main())
