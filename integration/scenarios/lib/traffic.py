# SPDX-License-Identifier: GPL-2.0-or-later
"""Traffic that runs while something else happens, and what of it got lost."""

import os
import re
import signal
import subprocess

from lib.tunnel import PPP_LNS
from lib.wait import wait_for


class Pings:
    """Pings through the tunnel, one each INTERVAL seconds, until stop()."""

    def __init__(self, t, origin="client", interval=0.05):
        end = t.ends[origin]
        target = PPP_LNS if origin == "client" else end.host.ifaddr("ppp0")[1]
        self.path = os.path.join(end.host.logdir, "ping-%d.log" % len(os.listdir(end.host.logdir)))
        with open(self.path, "w") as out:
            self.proc = subprocess.Popen(end.host.enter + ["ping", "-n", "-i", str(interval), target],
                                         stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
        self.more()

    def received(self):
        with open(self.path) as f:
            return [int(n) for n in re.findall(r"icmp_seq=(\d+) ttl", f.read())]

    def more(self, count=10, timeout=10):
        """Wait until COUNT more answers have come."""
        before = len(self.received())
        wait_for("%d answers to ping, %s" % (count, self.path), lambda: len(self.received()) >= before + count, timeout)

    def stop(self):
        """Number of pings without an answer.  The very last one may still be on its
        way when ping is told to end: it does not count."""
        self.proc.send_signal(signal.SIGINT)
        self.proc.wait()
        with open(self.path) as f:
            sent = int(re.search(r"(\d+) packets transmitted", f.read()).group(1))
        got = set(self.received())
        return len([n for n in range(1, sent) if n not in got])
