# SPDX-License-Identifier: GPL-2.0-or-later
"""python3 -m agent.now VERB ...: asks the role of this container for verbs without arguments, one after the other, for people who look around."""

import json
import sys

from agent import settings, system
from agent.calls import Agent, CallFailed


def here():
    """The agent of this container, by its address in the network 'control'."""
    wanted = settings.value("CONTROL") + "."
    for link in json.loads(system.run("ip", "-j", "-4", "addr").stdout):
        for a in link["addr_info"]:
            if a["local"].startswith(wanted):
                return Agent("this container", a["local"])
    raise SystemExit("agent: no address in the network 'control'")


def main():
    try:
        for verb in sys.argv[1:]:
            print(json.dumps(getattr(here(), verb)(), indent=1))
    except CallFailed as e:
        print("agent: %s" % e, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
