# SPDX-License-Identifier: GPL-2.0-or-later
"""The environment of compose.yaml, and where everybody is: the last number of an address is the same in each network."""

import os

LNS, CLIENT, CLIENT_1, CLIENT_2, ROUTER, HOST, RADIUS, DB = 10, 20, 21, 22, 30, 40, 50, 60
POOL = "192.168.50"     # PPP: the LNS is .1
READY = "/run/ready"    # the health check looks for it
PORT = 8000             # of the agents


def value(name):
    """A setting that compose.yaml gives to everybody."""
    try:
        return os.environ[name]
    except KeyError:
        raise SystemExit("agent: the environment has no %s; compose.yaml sets it" % name) from None


def address(network, number):
    """address("OUTSIDE", LNS): that host in that network."""
    return "%s.%s" % (value(network), number)


def subnet(network):
    return value(network) + ".0/24"


def patience():
    return float(value("PATIENCE"))


def ready():
    """For the health check, once the daemons run."""
    with open(READY, "w"):
        pass
