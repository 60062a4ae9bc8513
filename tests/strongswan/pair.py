# SPDX-License-Identifier: GPL-2.0-or-later
"""Two charons that negotiate with each other over a veth pair: "lns" publishes to a stub bus, "client" initiates.  The kernel is the fake one."""
import re

import pytest

import harness
from stubbus import StubBus

LNS, CLIENT, CLIENT2 = "10.9.0.1", "10.9.0.2", "10.9.0.3"

SWANCTL = """
connections {{
    l2tp {{
        version = {version}
        local_addrs = {local}
        remote_addrs = {remote}
        proposals = {ike}
        encap = {encap}
        {connection}
        local {{
            {auth_local}
        }}
        remote {{
            {auth_remote}
        }}
        children {{
            l2tp {{
                mode = transport
                local_ts = dynamic[{local_ts}]
                remote_ts = dynamic[{remote_ts}]
                {proposals}
                start_action = none
                {child}
            }}
        }}
    }}
}}
secrets {{
    ike-1 {{
        secret = "test only"
    }}
    eap-alice {{
        id = alice
        secret = "test only, too"
    }}
}}
"""
DEFAULTS = {"version": 2, "ike": "aes128-sha256-modp2048", "encap": "no", "connection": "", "proposals": "esp_proposals = aes256gcm16", "child": "",
            "auth_lns": "auth = psk\nid = lns.example", "auth_client": "auth = psk\nid = client.example", "auth_client_seen": None,
            "lns_ts": "udp/1701", "client_ts": "udp/1701"}

IKEV1 = {"version": 1, "ike": "aes128-sha1-modp2048", "proposals": "esp_proposals = aes128-sha1",
         "auth_lns": f"auth = psk\nid = {LNS}", "auth_client": f"auth = psk\nid = {CLIENT}"}
VERSIONS = pytest.mark.parametrize("version", [{}, IKEV1], ids=["ikev2", "ikev1"])


class Pair:
    """keywords: those of DEFAULTS, for both ends; auth_client_seen, lns_child and lns_connection: lines for the LNS only."""

    def __init__(self, tmp, built, cleanup, extra="", sabus="", lns_child="", lns_connection="", **options):
        self.options = {**DEFAULTS, **options}
        self.bus = StubBus(tmp / "sa.sock")
        cleanup(self.bus)
        self.hosts = [harness.Host(tmp, name, built.iterdir()) for name in ("lns", "client")]
        for host in self.hosts:
            cleanup(host)
        self.wire()
        self.lns = harness.Charon(self.hosts[0], sabus=sabus, extra=extra, sock=self.bus.path)
        cleanup(self.lns)
        self.bus.accept()
        self.client = harness.Charon(self.hosts[1], extra=extra, sock=tmp / "nobody.sock")
        cleanup(self.client)
        self.lns.load(self.text(LNS, f"{CLIENT},{CLIENT2},%any", "lns", "client", lns_child, lns_connection))
        self.client.load(self.text("%any", LNS, "client", "lns", "", ""))

    def wire(self):
        lns, client = self.hosts
        lns.run("ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1", "netns", str(client.holder.pid))
        for host, dev, addresses in ((lns, "v0", [LNS]), (client, "v1", [CLIENT])):
            for a in addresses:
                host.run("ip", "addr", "add", f"{a}/24", "dev", dev)
            host.run("ip", "link", "set", dev, "up")

    def text(self, local, remote, me, peer, child, connection):
        o = dict(self.options)
        if me == "lns" and o["auth_client_seen"]:
            o["auth_client"] = o["auth_client_seen"]
        return SWANCTL.format(**{**o, "child": o["child"] + "\n" + child, "connection": o["connection"] + "\n" + connection}, local=local, remote=remote,
                              auth_local=o[f"auth_{me}"], auth_remote=o[f"auth_{peer}"], local_ts=o[f"{me}_ts"], remote_ts=o[f"{peer}_ts"])

    def up(self):
        """The client brings it up; returns the installed SA as the LNS published it."""
        self.client.swanctl("--initiate", "--child", "l2tp", "--timeout", "20")
        return self.bus.until_put(STATE=2)

    def listed(self, key):
        """All values of a key in what charon itself lists."""
        return re.findall(rf"\b{key}=(\S+?)[ }}]", self.lns.swanctl("--list-sas", "--raw"))
