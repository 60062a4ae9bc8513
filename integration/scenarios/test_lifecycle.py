# SPDX-License-Identifier: GPL-2.0-or-later
"""One life: the SA and the link on it.  What is the same protection goes unnoticed
(rekey, restarts of daemons); what is less ends the link within a second, with a reason."""

import re
import signal
import time

import pytest

from lib import bus, xfrm
from lib.traffic import Pings
from lib.wait import SLOW, wait_for

SWANCTL = "/etc/swanctl/swanctl.conf"
BOTH = ("lns", "client")
ROLES = pytest.mark.parametrize("role", BOTH)
SECOND = 1.0     # from the end of the SA to the end of the link
EXIT = {"sa-gone": 119, "sa-weakened": 120, "sa-moved": 121}


def closing(end):
    said = end.ppp().said("close")
    return said[-1] if said else None


def assert_ends(t, reason, since=None, roles=BOTH):
    """ROLES end their link for REASON: log, Terminate-Request, exit status; within a second after SINCE (time.monotonic()), as far as the guest's clock can be
    trusted.  Returns the seconds it took, by role."""
    took = {}

    def all_told():
        for r in roles:
            if r not in took and closing(t.ends[r]):
                took[r] = time.monotonic() - since if since else 0.0
        return len(took) == len(roles)

    wait_for("close lines", all_told, 15)
    for r in roles:
        end = t.ends[r]
        assert closing(end)["reason"] == reason, end.ppp().decisions()
        # The peer may have been faster.
        wait_for("%s: Terminate-Request with the reason" % r, lambda: end.ppp().find(None, "LCP", "TermReq", reason))
        end.xl2tpd.wait_exit(EXIT[reason])
        t.note("%s closed for %s %.2f s after" % (r, reason, took[r]))
        assert took[r] < SECOND + 0.5 * SLOW, took
    wait_for("no ppp0 on " + " and ".join(roles), lambda: not any(t.ends[r].host.has_dev("ppp0") for r in roles))
    return took


def assert_alive(t, pings, may_lose=0):
    """Still the same link, and not one ping was lost (MAY_LOSE: of charon's own account)."""
    lost = pings.stop()
    t.note("%d pings lost" % lost)
    assert lost <= may_lose
    assert all(len(e.ppp().said("accept")) == 1 and not e.ppp().said("close|refuse") for e in t.ends.values())


def republished(end):
    return [s for s in end.sabusd.status()["sessions"] if s["ifname"] == "ppp0"]


# -- daemons die and come back -------------------------------------------------------

@ROLES
def test_lifecycle_charon_killed(tunnel, role):
    """charon killed -9 and started anew mid-session: the link stays as long as the kernel has the SA, and ends when it has not."""
    t = tunnel().up()
    end = t.ends[role]
    pings = Pings(t)
    end.charon.stop(signal.SIGKILL)
    end.host.wait_log("pppd", r"^sabus: keep ")
    pings.more()
    end.charon.start()
    end.host.wait_log("sabusd", r'sabus: publisher-synced name="charon" pid=\d+ sas=0\b(.|\n)*sabus: publisher-synced name="charon" pid=\d+ sas=0\b')
    pings.more(20)
    assert_alive(t, pings)
    began = time.monotonic()
    end.host.run(["ip", "xfrm", "state", "flush"])
    assert_ends(t, "sa-gone", began, (role,))


@ROLES
def test_lifecycle_charon_stopped(tunnel, role):
    """charon ends in order: it deletes its SAs, so the link ends, sa-gone, on both ends."""
    t = tunnel().up()
    t.ends[role].charon.settle()
    began = time.monotonic()
    t.ends[role].charon.stop()
    assert_ends(t, "sa-gone", began)


@ROLES
def test_lifecycle_sabusd_killed(tunnel, role):
    """sabusd killed -9 and started anew mid-session: no ping is lost, the session is told again, and the watch goes on."""
    t = tunnel().up()
    end = t.ends[role]
    pings = Pings(t)
    end.sabusd.stop(signal.SIGKILL)
    end.host.wait_log("pppd", "sabus: bus-down ")
    pings.more()
    end.sabusd.start()
    end.host.wait_log("pppd", "sabus: bus-up ")
    watcher = bus.Client(end.host)
    wait_for("charon's SAs are in sync again",
             lambda: watcher.lookup(end.host.address, "10.9.0.%d" % (2 if role == "lns" else 1))[0] == bus.PRESENT)
    watcher.watch()
    assert [e for e in watcher.seen if e.type == bus.SESSION_PUT]
    pings.more()
    assert_alive(t, pings)
    began = time.monotonic()
    t.client.charon.terminate()
    assert_ends(t, "sa-gone", began)


@ROLES
def test_lifecycle_sabusd_stays_away(tunnel, role):
    """sabusd dies and stays away: the link goes on under the kernel's eyes, and ends when the kernel's SA does."""
    t = tunnel().up()
    end = t.ends[role]
    pings = Pings(t)
    end.sabusd.stop(signal.SIGKILL)
    end.host.wait_log("pppd", "^sabus: keep ")
    pings.more(20)
    assert_alive(t, pings)
    began = time.monotonic()
    t.client.charon.terminate()
    assert_ends(t, "sa-gone", began)


# -- the SA ends -----------------------------------------------------------------------

@pytest.mark.parametrize("ike", (1, 2))
@ROLES
def test_lifecycle_sa_deleted(tunnel, role, ike):
    """The CHILD_SA is deleted by either end: the link ends on both within a second, sa-gone, status 119."""
    t = tunnel(ike=ike, esp="aes256-sha1" if ike == 1 else "aes256gcm128").up()
    t.ping()
    began = time.monotonic()
    t.ends[role].charon.terminate()
    took = assert_ends(t, "sa-gone", began)
    print("seconds to the end:", took)
    assert not t.wire.clear_l2tp()


@pytest.mark.clear_text_allowed(reason="negative control: stock daemons go on in the clear")
def test_lifecycle_sa_deleted_stock(tunnel):
    """Negative control: stock daemons, the session outlives its SA in the clear."""
    t = tunnel(sabus=False).up()
    t.client.charon.terminate()
    wait_for("no SA", lambda: not xfrm.states(t.lns.host) and not xfrm.states(t.client.host))
    t.ping(count=5)
    assert len(t.wire.clear_l2tp()) >= 10


def test_lifecycle_sa_expires(tunnel):
    """Hard lifetime without a rekey: charon makes a new SA at once; the link goes on with that or ends for sa-gone, but never without one."""
    t = tunnel()
    for end in t.ends.values():
        end.edit(SWANCTL, "rekey_time = 0s", "rekey_time = 0s\n\t\t\t\tlife_time = 8s")
    t.up()
    t.ping()
    old = set(xfrm.own_pair(t.lns.host))
    wait_for("the SA's end", lambda: not old <= {s["spi"] for s in xfrm.states(t.lns.host)}, 15)
    for end in t.ends.values():
        wait_for("%s: another SA or the end" % end.role, lambda: end.ppp().said("rekey|close"), 3)
    closed = [closing(e)["reason"] for e in t.ends.values() if closing(e)]
    t.note("closed: %s" % closed)
    if closed:
        assert set(closed) == {"sa-gone"}
        t.wait_down()
    else:
        t.ping()


# -- the SA changes ----------------------------------------------------------------------

# Pings in four rekeys. An IKEv1 initiator sends on the new SA before the responder has it (it is behind QM3 then), with stock daemons too: the
# slower the machine, the longer.
CHARONS_LOSS = {1: 4 * SLOW, 2: 0}


@pytest.mark.parametrize("ike", (1, 2))
def test_lifecycle_rekey(tunnel, ike):
    """Rekeys of the CHILD_SA one after the other, from both ends, under traffic: no ping is lost but to IKEv1 itself, the link follows each."""
    t = tunnel(ike=ike, esp="aes256-sha1" if ike == 1 else "aes256gcm128").up()
    pings = Pings(t)
    for number, initiator in enumerate(BOTH * 2, 1):
        t.ends[initiator].charon.rekey()
        for end in t.ends.values():
            wait_for("%s has followed rekey %d" % (end.role, number), lambda: len(end.ppp().said("rekey")) >= number)
        pings.more()
        spis = [{int(x, 16) for x in e.ppp().said("rekey")[-1]["spi"].split("/")} for e in t.ends.values()]
        assert spis[0] == spis[1] and spis[0] <= {s["spi"] for s in xfrm.states(t.lns.host)}
    assert_alive(t, pings, CHARONS_LOSS[ike])
    assert len({s["spi"] for s in t.lns.ppp().said("accept|rekey")}) == 5


@pytest.mark.parametrize("ike", (1, 2))
def test_lifecycle_rekey_stock(tunnel, ike):
    """Control: the same rekeys with stock daemons; what is lost there is charon's."""
    t = tunnel(sabus=False, ike=ike, esp="aes256-sha1" if ike == 1 else "aes256gcm128").up()
    pings = Pings(t)
    for initiator in BOTH * 2:
        t.ends[initiator].charon.rekey()
        pings.more()
    lost = pings.stop()
    t.note("%d pings lost" % lost)
    assert lost <= CHARONS_LOSS[ike]


def test_lifecycle_rekey_timed(tunnel):
    """charon's own rekeys every 3 s, for 10 s: no ping is lost."""
    t = tunnel(rekey="3s")
    for end in t.ends.values():
        end.edit(SWANCTL, "rekey_time = 3s", "rekey_time = 3s\n\t\t\t\tlife_time = 30s\n\t\t\t\trand_time = 1s")
    t.up()
    pings = Pings(t)
    wait_for("four rekeys", lambda: len(t.lns.ppp().said("rekey")) >= 4, 25)
    assert_alive(t, pings)


WEAKENED = {
    # A responder that is reconfigured: IKEv1 looks for its configuration anew in each rekey, IKEv2 in a reauthentication.
    "ikev1-rekey": (1, "aes256-sha1", dict()),
    "ikev2-reauth": (2, "aes256gcm128", dict(ike="l2tp", reauth=True)),
}


@pytest.mark.parametrize("case", sorted(WEAKENED))
def test_lifecycle_to_null(tunnel, case):
    """Renewed from AES to ESP-NULL under 'require': the link ends, sa-weakened, and the peer is told why."""
    ike, strong, how = WEAKENED[case]
    t = tunnel(ike=ike, esp={"lns": strong, "client": strong + ",null-sha256"}).up()
    t.ping()
    t.lns.edit(SWANCTL, "esp_proposals = " + strong, "esp_proposals = null-sha256")
    t.lns.charon.load()
    t.client.charon.rekey(**how)
    wait_for("the NULL SA", lambda: [s for s in xfrm.states(t.client.host) if "null" in s.get("enc", "")])
    assert_ends_weakened(t, time.monotonic())


def assert_ends_weakened(t, began):
    first = wait_for("a close line", lambda: [e for e in t.ends.values() if closing(e)], 10)[0]
    assert closing(first)["reason"] == "sa-weakened" and "NULL" in closing(first)["text"], closing(first)
    assert time.monotonic() - began < SECOND + SLOW
    t.wait_down()
    told = [r for e in t.ends.values() for p in e.ppp().find("rcvd", "LCP", "TermReq") for r in [p.body]]
    assert any("sa-weakened" in r for r in told), told
    # xl2tpd does not tell of a pppd that it has just sent SIGTERM.
    wait_for("exit status", lambda: any(e.xl2tpd.saw_exit(EXIT["sa-weakened"]) for e in t.ends.values()), every=0.2)


def test_lifecycle_reauth(tunnel):
    """Reauthentication (IKEv2, make before break): a new IKE_SA and CHILD_SA, no ping is lost."""
    t = tunnel().up()
    old = t.client.charon.sas()[0]["uniqueid"]
    pings = Pings(t)
    t.client.charon.rekey(ike="l2tp", reauth=True)
    wait_for("the new IKE_SA alone", lambda: [s["uniqueid"] for s in t.client.charon.sas() if s["uniqueid"] == old] == []
             and len(t.client.charon.installed()) == 1, 15)
    pings.more()
    # A responder sends on a new IKE_SA's CHILD_SA before the initiator has it, with stock daemons too.
    assert_alive(t, pings, 1)


def test_lifecycle_ike_rekey(tunnel):
    """The IKE_SA is rekeyed: nothing happens to the link, and what follows on the new IKE_SA is seen."""
    t = tunnel().up()
    pings = Pings(t)
    t.client.charon.rekey(ike="l2tp")
    wait_for("IKE_SA 2", lambda: [s["uniqueid"] for s in t.client.charon.sas()] == ["2"])
    pings.more()
    assert_alive(t, pings)
    began = time.monotonic()
    t.client.charon.terminate()
    assert_ends(t, "sa-gone", began)


def test_lifecycle_mobike(tunnel):
    """The client's address changes (MOBIKE moves the SA): L2TP cannot follow, so the link ends on both ends with a reason."""
    t = tunnel()
    t.client.edit(SWANCTL, "local_addrs = 10.9.0.2", "local_addrs = %any")
    for end in t.ends.values():     # else charon takes the PPP link itself for another path
        end.host.write("/etc/strongswan.d/interfaces.conf", "charon-systemd {\n\tinterfaces_use = e0\n}\n")
    t.up()
    t.ping()
    began = time.monotonic()
    t.client.host.run("ip addr add 10.9.0.77/16 dev e0; ip addr del 10.9.0.2/24 dev e0")
    t.lns.host.wait_log("charon", r"10\.9\.0\.77", 15)
    for end in t.ends.values():
        said = wait_for("%s: close" % end.role, lambda: closing(end), 15)
        assert said["reason"] in ("sa-moved", "sa-gone"), said
        t.note("%s closed for %s %.2f s after" % (end.role, said["reason"], time.monotonic() - began))
    t.wait_down(15)
    assert re.search("sa-moved", t.lns.host.log("pppd"))
