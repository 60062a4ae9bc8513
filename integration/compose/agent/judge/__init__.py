# SPDX-License-Identifier: GPL-2.0-or-later
"""The judge of a profile: makes the others do things, checks what was seen on the wire, in the kernel, in pppd's log and in the database, and
ends with the verdict.

  0  every check holds
  1  at least one does not (profile stock: that is what it shows)
  2  the rig itself did not work: nothing can be said"""

import sys
import traceback

from agent import settings
from agent.calls import Agent, CallFailed
from agent.system import wait_for

HOLDS, DOES_NOT, BROKEN = 0, 1, 2


class Report:
    """What is printed, and the count."""

    def __init__(self):
        self.good, self.bad = 0, []

    @staticmethod
    def say(text):
        print(text, flush=True)

    def step(self, title):
        self.say("\n" + title)

    def check(self, ok, what, seen):
        """WHAT must be; SEEN: the evidence, in a few words."""
        self.say("  %s  %s\n        %s" % ("ok  " if ok else "NOT ", what, seen))
        if ok:
            self.good += 1
        else:
            self.bad.append(what)
        return ok

    def close(self, profile):
        self.say("\n%s: %d of %d checks hold%s" % (profile, self.good, self.good + len(self.bad), "" if self.bad else ": the tunnel is what it should be"))
        for what in self.bad:
            self.say("  NOT: " + what)
        return DOES_NOT if self.bad else HOLDS


class Cast:
    """Everybody, by the name of the service in compose.yaml."""

    def __init__(self, *clients):
        def at(name, number):
            return Agent(name, settings.address("CONTROL", number))
        self.lns, self.host, self.radius = at("lns", settings.LNS), at("host", settings.HOST), at("radius", settings.RADIUS)
        self.clients = [at(name, {"client": settings.CLIENT, "client-1": settings.CLIENT_1, "client-2": settings.CLIENT_2}[name]) for name in clients]
        self.client = self.clients[0]

    def wait(self):
        """Until all of them answer."""
        for agent, verb in [(self.lns, "links"), (self.radius, "sessions")] + [(c, "links") for c in self.clients]:
            def there(agent=agent, verb=verb):
                try:
                    getattr(agent, verb)()
                    return True
                except CallFailed:
                    return False
            wait_for("'%s': see docker compose logs %s" % (agent.name, agent.name), there, 60 + 3 * settings.patience(), 1)

    def show_logs(self):
        for agent in [self.lns, self.radius] + self.clients:
            try:
                for name, lines in agent.logs().items():
                    Report.say("--- %s: %s" % (agent.name, name))
                    for line in lines:
                        Report.say("    " + line)
            except CallFailed as e:
                Report.say("--- %s" % e)


def main(words):
    from agent.judge import chaos, nat, plain
    profiles = {"stock": plain.run, "sabus": plain.run, "nat": nat.run, "chaos": chaos.run}
    if len(words) != 1 or words[0] not in profiles:
        print("agent: judge wants one profile of: " + " ".join(profiles), file=sys.stderr)
        return BROKEN
    (profile,) = words
    report = Report()
    cast = Cast(*(("client-1", "client-2") if profile == "nat" else ("client",)))
    report.say("The compose rig, profile '%s': L2TP/IPsec between real daemons, one container each." % profile)
    try:
        cast.wait()
        profiles[profile](cast, report)
        code = report.close(profile)
    except (CallFailed, TimeoutError) as e:
        report.say("\nThe rig did not work: %s" % e)
        code = BROKEN
    except Exception:
        report.say("\nThe rig did not work:\n" + traceback.format_exc())
        code = BROKEN
    if code and profile != "stock" or code == BROKEN:
        cast.show_logs()
    return code
