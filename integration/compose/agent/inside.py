# SPDX-License-Identifier: GPL-2.0-or-later
"""The host behind the LNS: it only answers, and knows the way back to the clients."""

from agent import settings, system


class Inside:
    def __init__(self):
        self.control = settings.address("CONTROL", settings.HOST)
        system.run("ip", "route", "replace", settings.POOL + ".0/24", "via", settings.address("INSIDE", settings.LNS))

    def ping(self, *arguments):
        return system.ping(*arguments)
