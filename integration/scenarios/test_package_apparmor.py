# SPDX-License-Identifier: GPL-2.0-or-later
"""charon under AppArmor, in a guest whose kernel and parser see connect() to a socket's path: with the package's rules, and without."""

import pytest

from lib import packages
from lib.apparmor import Profile, elsewhere
from lib.doctor import assert_well, look, synced
from lib.wait import wait_for

RULES = "include if exists <abstractions/sabus-charon>"
NAMES = ("libsabus0", "sabus", "ppp-sabus", "strongswan-sabus")
CHARONS = {"charon-systemd": ("/usr/sbin/charon-systemd", "usr.sbin.charon-systemd"), "charon": ("/usr/lib/ipsec/charon", "usr.lib.ipsec.charon")}
ADVICE = {"group-psk", "boot"}


@pytest.fixture
def confine():
    """Factory: confine(host, program, name) has the kernel enforce that profile, for as long as the test runs."""
    loaded = []

    def load(*args):
        loaded.append(Profile(*args))
        return loaded[-1]

    yield load
    for profile in loaded:
        profile.unload()


def classic(host):
    """charon as Debian's package strongswan-charon has it, with its profile; it reads a log section of its own name."""
    host.run("cp -a /opt/nm-l2tp/usr/lib/ipsec/charon /usr/lib/ipsec/; cp -a /opt/nm-l2tp/etc/apparmor.d/usr.lib.ipsec.charon /etc/apparmor.d/")
    host.write("/etc/strongswan.d/log.conf", host.read("/etc/strongswan.d/log.conf").replace("charon-systemd {", "charon {"))


def dial(t):
    """Without what stock xl2tpd remembers of the last call."""
    for end in t.ends.values():
        end.xl2tpd.renew()
    t.ike()
    t.dial()


@pytest.mark.kernel("apparmor")
@pytest.mark.seconds(240)
@pytest.mark.parametrize("name", CHARONS)
def test_package_apparmor(tunnel, confine, name):
    """charon confined by Debian's own profile, enforced: the package's rules let it publish; without them the kernel denies it the bus, no link, and doctor says why."""
    t = tunnel(sabusd={"client": True})
    lns, (program, profile) = t.lns, CHARONS[name]
    elsewhere(t.client.host, "/usr/sbin/charon-systemd")
    packages.own_system(lns.host)
    if name == "charon":
        classic(lns.host)
    policy = confine(lns.host, program, profile)
    packages.install(lns.host, packages.debs(names=NAMES))
    wait_for("sabusd, started by its package", lambda: lns.host.pids("sabusd"))
    lns.charon.program = program
    assert lns.host.read(policy.local) == RULES + "\n"

    # what 'make install' has: the plugin, and no rules
    lns.host.write(policy.local, "")
    policy.load()
    t.start()
    pid = lns.host.daemons["charon-out"].pid
    assert policy.confines(pid) and not any(policy.confines(p) for p in t.client.host.pids("charon-systemd"))
    denial = wait_for("the kernel denies charon the bus", lambda: [x for x in policy.denials() if 'operation="connect"' in x])[0]
    assert 'name="/run/sabus/sa.sock"' in denial
    assert lns.sabusd.status()["publisher"] == "none"
    t.ike()
    t.dial()
    said = wait_for("a refusal", lambda: lns.ppp().verdict(), 20)
    assert (said["verdict"], said["reason"]) == ("refuse", "sa-unknown")
    assert not lns.ppp().packets and not t.is_up()
    status, found, _ = look(lns)
    assert status == 3 and set(found) == {"apparmor", "denied", "bus"} | ADVICE, found
    assert found["apparmor"].startswith(policy.path + " does not let charon reach the bus")
    assert 'apparmor="DENIED" operation="connect"' in found["denied"] and "/run/sabus/sa.sock" in found["denied"]

    # the remedy, while charon runs: it tries again by itself
    lns.host.write(policy.local, RULES + "\n")
    policy.load()
    synced(lns)
    assert_well(lns, ADVICE)
    assert lns.host.daemons["charon-out"].pid == pid and policy.confines(pid)

    # from its start on nothing is denied to it, and the link comes up
    lns.charon.stop()
    policy.forget()
    lns.charon.start()
    synced(lns)
    dial(t)
    t.wait_up()
    t.ping()
    assert policy.confines(lns.host.daemons["charon-out"].pid)
    assert "ok-protected" in lns.ppp().decisions()[-1]
    assert "IKE_SA" in lns.host.log("charon")
    assert_well(lns, ADVICE)
    assert not policy.denials(), policy.denials()
