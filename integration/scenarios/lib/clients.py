# SPDX-License-Identifier: GPL-2.0-or-later
"""Other clients than strongSwan with swanctl: libreswan's pluto, and what
NetworkManager-l2tp makes of a connection.  Each is Debian's own package.  They
cannot be installed beside strongSwan, so the image has them unpacked below /opt,
and the host that runs one lays that over its own /usr.

NetworkManager-l2tp is the real service, asked over D-Bus as NetworkManager does:
it writes the configurations of ipsec, xl2tpd and pppd, and starts these itself."""

import json
import os
import re

from lib import sanitize
from lib.wait import wait_for

CHILD = "l2tp"
OTHER = "10.9.0.3"      # a second address of the client: another peer, as far as the LNS can tell


def lay_over(host, package):
    """PACKAGE's /usr (below /opt) over HOST's own; its /etc/ipsec.* become private."""
    host.run("set -e; mkdir -p /etc/ipsec.d /var/lib/ipsec; touch /etc/ipsec.secrets /run/ipsec.secrets; chmod 600 /run/ipsec.secrets\n"
             "mount -t overlay overlay -o lowerdir=/opt/%s/usr:/usr /usr\n"
             "mount -t tmpfs tmp /etc/ipsec.d; mount -t tmpfs tmp /var/lib/ipsec\n"
             "mount --bind /run/ipsec.secrets /etc/ipsec.secrets" % package)


class Libreswan:
    """pluto in place of charon on END; IKEv1 with a pre-shared key, transport mode."""

    CONF = """version 2.0
config setup
	ikev1-policy=accept
	uniqueids=no
conn %(child)s
	keyexchange=ikev1
	type=transport
	authby=secret
	pfs=no
	left=%(local)s
	leftprotoport=udp/1701
	right=%(remote)s
	rightprotoport=udp/1701
	ike=aes256-sha2_256;modp2048
	esp=%(esp)s
	encapsulation=%(encap)s
	auto=ignore
"""

    def __init__(self, t, psk="sesame", esp="aes256-sha1", natt=False):
        self.host = t.client.host
        self.enter = ["env", "IPSEC_CONF=/run/ipsec.conf", "IPSEC_NSSDIR=/run/nss"]
        lay_over(self.host, "libreswan")
        self.host.write("/run/ipsec.conf", self.CONF % {
            "child": CHILD, "local": self.host.address, "remote": t.lns.host.address, "esp": esp,
            "encap": "yes" if natt else "auto"})
        self.host.write("/run/ipsec.secrets", '%s %s : PSK "%s"\n' % (self.host.address, t.lns.host.address, psk), 0o600)

    def ipsec(self, *words, **options):
        return self.host.run(self.enter + ["ipsec"] + list(words), **options)

    def start(self):
        self.host.run(["mkdir", "-p", "/run/nss", "/run/pluto"])
        self.ipsec("initnss")
        self.host.spawn(["/usr/libexec/ipsec/pluto", "--nofork", "--stderrlog", "--config", "/run/ipsec.conf",
                         "--secretsfile", "/run/ipsec.secrets", "--nssdir", "/run/nss", "--rundir", "/run/pluto",
                         "--no-dnssec"], "pluto")
        wait_for("%s: pluto answers" % self.host.name,
                 lambda: "Total IPsec connections" in self.ipsec("whack", "--status", check=False).stdout)
        self.ipsec("add", CHILD)

    def up(self, check=True):
        return self.ipsec("up", CHILD, check=check, timeout=60)

    def down(self):
        return self.ipsec("down", CHILD)


SERVICE = "org.freedesktop.NetworkManager.l2tp"
BUS = "/run/dbus/system_bus_socket"
BUS_CONF = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
<type>system</type><listen>unix:path=%s</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/><allow send_type="signal"/>
<allow send_destination="*"/><allow receive_type="method_call"/><allow receive_type="signal"/>
<allow receive_type="method_return"/><allow receive_type="error"/></policy>
<includedir>/usr/share/dbus-1/system.d</includedir>
</busconfig>
""" % BUS

# Run inside the host: NetworkManager's side of the VPN plugin's interface.
ASK = r"""
import dbus, json, sys
call, argument = sys.argv[1], json.loads(sys.argv[2])
service = "org.freedesktop.NetworkManager.l2tp"
plugin = dbus.SystemBus().get_object(service, "/org/freedesktop/NetworkManager/VPN/Plugin")
vpn = dbus.Interface(plugin, "org.freedesktop.NetworkManager.VPN.Plugin")
if call == "Connect":
    c = argument
    vpn.Connect(dbus.Dictionary({
        "connection": dbus.Dictionary({k: c[k] for k in ("id", "uuid", "type")}, "sv"),
        "vpn": dbus.Dictionary({"service-type": service, "user-name": c["user"], "data": dbus.Dictionary(c["data"], "ss"),
                                "secrets": dbus.Dictionary(c["secrets"], "ss")}, "sv")}, "sa{sv}"))
elif call == "Disconnect":
    vpn.Disconnect()
print(int(dbus.Interface(plugin, "org.freedesktop.DBus.Properties").Get("org.freedesktop.NetworkManager.VPN.Plugin", "State")))
"""
STARTED, STOPPED = 4, 6      # NMVpnServiceState
UUID = "5ab05e11-0000-4000-8000-000000001701"


class NetworkManagerL2tp:
    """nm-l2tp-service on END's host, with nothing else of NetworkManager."""

    def __init__(self, t, psk="sesame", **data):
        self.host = t.client.host
        lay_over(self.host, "nm-l2tp")
        self.host.run("cp -a /opt/nm-l2tp/etc/strongswan.d/. /etc/strongswan.d/")   # stroke, by which 'ipsec' asks charon
        self.host.write("/etc/strongswan.d/charon-log.conf", self.host.read("/etc/strongswan.d/log.conf").replace("charon-systemd {", "charon {"))
        self.connection = {
            "id": "vpn", "uuid": UUID, "type": "vpn", "user": "user",
            "data": dict({"gateway": t.lns.host.address, "user": "user", "ipsec-enabled": "yes"}, **data),
            "secrets": {"password": "hello", "ipsec-psk": psk}}

    def start(self):
        self.host.write("/run/dbus.conf", BUS_CONF)
        self.host.write("/run/ask.py", ASK)
        os.makedirs(os.path.dirname(self.host.path(BUS)), exist_ok=True)
        self.host.spawn(["dbus-daemon", "--nofork", "--config-file=/run/dbus.conf"], "dbus")
        wait_for("%s: the system bus" % self.host.name, lambda: os.path.exists(self.host.path(BUS)))
        self.host.spawn(["/usr/libexec/nm-l2tp-service", "--debug", "--persist"], "nm-l2tp", dict(
            sanitize.environment(), NM_PPP_DEBUG="1", DBUS_SYSTEM_BUS_ADDRESS="unix:path=" + BUS))
        wait_for("%s: nm-l2tp-service on the bus" % self.host.name, lambda: self.ask("State", check=False).returncode == 0)

    def ask(self, call, argument=None, check=True):
        return self.host.run(["env", "DBUS_SYSTEM_BUS_ADDRESS=unix:path=" + BUS, "python3", "/run/ask.py", call,
                              json.dumps(argument)], check=check, timeout=60)

    def state(self):
        return int(self.ask("State").stdout)

    def connect(self):
        self.ask("Connect", self.connection)

    def disconnect(self):
        self.ask("Disconnect")

    def file(self, name):
        """A configuration file that the service has written, as text."""
        return self.host.read("/run/nm-l2tp-%s/%s" % (UUID, name))


def second_peer(t):
    """The client's host gets address OTHER with an SA of its own; for the LNS that is somebody else."""
    t.client.host.run("ip addr add %s/24 dev e0" % OTHER)
    text = t.client.host.read("/etc/swanctl/swanctl.conf")
    block = re.search(r"(?s)connections \{\n\t(l2tp \{.*?\n\t\})\n", text).group(1)
    other = block.replace("l2tp {", "other {", 1).replace("\t\t\tl2tp {", "\t\t\tother {").replace(
        "local_addrs = " + t.client.host.address, "local_addrs = " + OTHER)
    t.client.host.write("/etc/swanctl/swanctl.conf", text.replace(block, block + "\n\t" + other))
