# SPDX-License-Identifier: GPL-2.0-or-later
"""The sysadmin's journeys: a set-up of stock daemons that runs under systemd, and what README.md says to type, word by word (lib/journey.py).

What differs from a machine of one's own: apt has no archive, so what the packages depend on is installed, and apt is told beforehand to answer
its own questions with yes.  /tmp/debs is where README.md has the packages.
"""

import os
import re

import pytest

from lib import esp, packages, xfrm
from lib.journey import Person
from lib.systemd import Systemd
from lib.traffic import Pings
from lib.wait import wait_for

DEBS = "/tmp/debs"
DAEMONS = ("strongswan", "xl2tpd")
SWANCTL = "/etc/swanctl/swanctl.conf"
MINE = "/etc/ppp/options.xl2tpd /etc/xl2tpd/xl2tpd.conf /etc/swanctl/swanctl.conf"
# what a Debian has that was not made for a test: nothing of us, documentation, an apt whose user says yes
LIKE_ANY = """\
rm -rf /etc/sabus/* /etc/ppp/options.sabus /etc/strongswan.d/charon/sabus.conf /etc/dpkg/dpkg.cfg.d/* /usr/sbin/policy-rc.d
echo 'APT::Get::Assume-Yes "true";' >/etc/apt/apt.conf.d/yes
echo force-unsafe-io >/etc/dpkg/dpkg.cfg.d/fast
"""


class Place:
    """The tunnel T of stock daemons, and a person at each of those ends that boot()."""

    def __init__(self, t):
        self.t, self.people = t, {}
        self.lns = self.client = None

    def boot(self, roles):
        for role, end in ((r, self.t.ends[r]) for r in roles):
            packages.own_system(end.host)
            end.host.run(LIKE_ANY)
            self.people[role] = Person(end, Systemd(end.host))
            self.people[role].system.ctl("start", *DAEMONS)
        self.lns, self.client = self.people.get("lns"), self.people.get("client")
        return self

    def both(self, name):
        """Each of them follows; {role: what was seen}."""
        seen = {}
        for role, person in self.people.items():
            _, seen[role] = person.follow(name)
            self.t.note("%s followed %s" % (role, name))
        return seen

    def dial(self, check=True):
        """As without README.md: SA and link, by hand."""
        done = self.client.system.run("swanctl", "--initiate", "--child", "l2tp", "--timeout", "15", check=check)
        self.client.system.run("xl2tpd-control", "connect-lac", "vpn")
        return done.returncode

    def hang_up(self):
        self.client.system.run("xl2tpd-control", "disconnect-lac", "vpn")
        self.t.wait_down()
        self.client.system.run("swanctl", "--terminate", "--ike", "l2tp", check=False)

    def change(self, role, path, old, new):
        """The administrator's own doing; charon hears of it."""
        self.people[role].end.edit(path, old, new)
        self.people[role].system.run("swanctl", "--load-all", "--noprompt")

    def look(self):
        """(exit status, what is seen) on the LNS, with the client for ADDRESS."""
        return self.lns.follow("sysadmin-look", {"ADDRESS": self.client.end.host.address}, check=False)

    def end(self):
        for person in self.people.values():
            person.end.host.write("/var/log/journal.log", person.system.run("journalctl", "--no-pager", check=False).stdout)
            person.system.stop()


@pytest.fixture
def place(tunnel):
    """Factory: place(roles, **options of tunnel())."""
    made = []
    os.symlink(packages.DEBS, DEBS)

    def make(roles=("lns", "client"), **options):
        made.append(Place(tunnel(sabus=False, **options)))
        return made[-1].boot(roles)

    yield make
    for p in made:
        p.end()
    os.unlink(DEBS)


def mine(end):
    """The administrator's own files, as text, and what the kernel has of us."""
    return end.host.run("cat " + MINE).stdout, xfrm.policies(end.host)


def protected(p, mtu):
    """A link is up, by its SA, with an MTU that was computed."""
    p.t.wait_up()
    for end in (p.t.ends[role] for role in p.people):
        said = end.ppp().verdict()
        assert said["verdict"] == "accept" and said["reason"] == "ok-protected" and said["sum"].endswith("=%d" % mtu), said
        assert p.t.mtu(end.role) == mtu
    p.t.ping()


def blocked(end):
    return [x for x in xfrm.policies(end.host) if x["action"] == "block"]


@pytest.mark.seconds(300)
@pytest.mark.clear_text_allowed(reason="negative control: the set-up of the journeys before it has sabus")
def test_journey_before(place):
    """The set-up that runs today: stock daemons under systemd. A wrong PSK, and the link comes up in the clear."""
    p = place(psk={"client": "wrong"})
    assert p.dial(check=False) != 0
    p.t.wait_up()
    p.t.ping()
    assert len(p.t.wire.clear_l2tp()) > 6 and not p.t.wire.esp_by_spi()


@pytest.mark.seconds(500)
def test_journey_sysadmin(place):
    """Five minutes on the LNS and on a client, word by word: protected, MTU computed; wrong PSK: nothing on the wire; why, by doctor, explain, log."""
    p = place(esp="aes256gcm128,aes256-sha1")
    p.dial()
    p.t.wait_up()
    assert p.t.mtu("lns") == 1400
    p.hang_up()
    p.both("sysadmin-install")
    p.both("sysadmin")
    p.client.follow("sysadmin-client")
    protected(p, esp.expected_mtu("gcm"))
    status, seen = p.look()
    assert status == 0 and "ok-protected" in seen and "group-psk" in seen and "accepted" in seen, seen

    p.hang_up()
    before = len(p.t.wire.packets())
    p.change("client", SWANCTL, 'secret = "sesame"', 'secret = "wrong"')
    status, seen = p.client.follow("sysadmin-client", check=False)
    assert status != 0 and "swanctl --initiate" in seen.splitlines()[-1]
    p.client.system.run("xl2tpd-control", "connect-lac", "vpn")
    wait_for("the guard has dropped SCCRQs", lambda: xfrm.counters(p.client.end.host)["XfrmOutPolBlock"] >= 2, 20)
    assert not p.t.is_up() and {x.kind for x in p.t.wire.packets()[before:]} <= {"ike", "other"}
    status, seen = p.look()
    assert status == 3 and "refused: no-sa" in seen
    assert re.search(r"^IKE +failed \d+ s ago, peer-auth: ", seen, re.M) and re.search(r"^remedy +compare the pre-shared key", seen, re.M), seen
    _, seen = p.lns.follow("sysadmin-why")
    assert "MAC mismatched" in seen and "sabus: ike-failed cause=peer-auth " in seen

    p.client.system.ctl("restart", "xl2tpd")    # it goes on with its SCCRQs otherwise
    p.change("client", SWANCTL, 'secret = "wrong"', 'secret = "sesame"')
    p.change("client", SWANCTL, "aes256gcm128,aes256-sha1", "aes256-sha1")
    p.lns.system.run("sh", "-c", "echo sabus-min-strength good >>/etc/ppp/options.sabus")
    p.client.follow("sysadmin-client")
    wait_for("the LNS refuses", lambda: p.t.lns.ppp().verdict().get("verdict") == "refuse", 20)
    status, seen = p.look()
    assert status == 3 and "refused: sa-weak" in seen
    _, seen = p.lns.follow("sysadmin-why")
    newest = seen.split("$ journalctl")[-1].splitlines()[1]
    assert "sabus: refuse reason=sa-weak " in newest and "remedy=" in newest, seen


@pytest.mark.seconds(500)
def test_journey_patched_and_back(place):
    """The patched xl2tpd on the LNS holds the tunnel to its SA; back again: files, kernel, processes and the stock link are as before."""
    p = place(roles=("lns",), ppp_mtu={"client": "# whatever the LNS says"})
    t, end = p.t, p.t.lns
    t.start(charon={"client": True}, xl2tpd={"client": True})
    text, _ = mine(end)
    p.both("sysadmin-install")
    p.both("sysadmin")
    p.lns.follow("sysadmin-patched")
    t.ike()
    t.dial()
    protected(p, esp.expected_mtu("gcm"))
    log = p.lns.system.run("journalctl", "--no-pager").stdout
    assert re.search(r"xl2tpd\[\d+\]: sabus: accept .*reason=ok-protected", log), log[-1500:]
    pings = Pings(t)
    t.client.charon.rekey()
    pings.more()
    assert pings.stop() == 0
    t.down()
    t.client.charon.terminate(check=False)      # the plugin may have deleted it with its last tunnel

    p.both("sysadmin-back")
    after, policies = mine(end)
    assert after == text and not blocked(end), policies
    assert not [c for c in p.lns.system.run("ps", "-eo", "comm").stdout.split() if "sabus" in c]
    assert not p.lns.system.run("dpkg-query", "-W", "-f", "${Package} ${Status}\n", "*sabus*", check=False).stdout
    assert not end.host.read("/usr/sbin/xl2tpd.distrib") and not end.host.read("/etc/ppp/options.sabus")
    t.ike()
    t.dial()
    t.wait_up()
    assert t.mtu("lns") == 1400 and not [x for x in xfrm.policies(end.host) if x["action"] == "block"]
    t.ping()
    t.down()


@pytest.mark.seconds(500)
def test_journey_migrate(place):
    """migrate, as installed by the package, on both ends: it only looks, then does, a link is protected; --back puts the files back."""
    p = place()
    before = {r: mine(e)[0] for r, e in p.t.ends.items()}
    p.both("sysadmin-install")
    for role, seen in p.both("sysadmin-migrate").items():
        # looked, and then did
        assert seen.count("# xl2tpd as " + {"lns": "server"}.get(role, role)) == 2 and "+file /etc/ppp/options.sabus" in seen, seen
    p.client.follow("sysadmin-client")
    protected(p, esp.expected_mtu("gcm"))
    status, seen = p.look()
    assert status == 0 and "accepted" in seen, seen
    p.hang_up()
    p.both("sysadmin-migrate-back")
    assert {r: mine(e)[0] for r, e in p.t.ends.items()} == before
    assert not [e.host.read("/etc/ppp/options.sabus") for e in p.t.ends.values() if e.host.read("/etc/ppp/options.sabus")]


@pytest.mark.seconds(300)
def test_journey_hand_xl2tpd(place):
    """The patched xl2tpd built by hand has the place of Debian's: its start script starts, restarts and stops it, one at a time."""
    p = place(roles=("lns",))
    system = p.lns.system
    system.run("ln", "-s", "/opt/xl2tpd-1.3.18/sbin/xl2tpd", "/usr/local/sbin/xl2tpd")

    def programs():
        return [system.run("readlink", "/proc/%s/exe" % pid).stdout for pid in system.run("pidof", "xl2tpd", check=False).stdout.split()]

    assert programs() == ["/usr/sbin/xl2tpd\n"]
    p.lns.follow("sysadmin-hand-xl2tpd")
    wait_for("the one built by hand", lambda: programs() == ["/opt/xl2tpd-1.3.18/sbin/xl2tpd\n"])
    old = system.run("pidof", "xl2tpd").stdout
    system.ctl("restart", "xl2tpd")
    wait_for("another one", lambda: len(programs()) == 1 and system.run("pidof", "xl2tpd").stdout != old)
    system.ctl("stop", "xl2tpd")
    wait_for("none", lambda: not programs())
