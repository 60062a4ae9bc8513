# SPDX-License-Identifier: GPL-2.0-or-later
"""sabusctl on a running host: what it shows is the kernel's and the daemons' own, what it explains is what pppd decides, what it ends, ends."""

import json
import re

import pytest

from lib import esp, sanitize, xfrm
from lib.doctor import synced
from lib.traps import SWANCTL
from lib.wait import wait_for

OPTIONS = "/etc/ppp/options.sabus"
PATCHED = dict(xl2tpd={"lns": "1.3.20", "client": "stock"}, xl2tpd_sabus={"lns": True})
METRICS_PORT = 9784


def ctl(end, *args, check=True):
    return end.host.run(["sabusctl"] + list(args), check=check)


def data(end, *args, check=True):
    return json.loads(ctl(end, *args, "--json", check=check).stdout)


def device_bytes(host, dev="ppp0"):
    """(received, sent), as ip tells them."""
    (link,) = json.loads(host.run(["ip", "-j", "-s", "link", "show", dev]).stdout)
    return link["stats64"]["rx"]["bytes"], link["stats64"]["tx"]["bytes"]


def test_ctl_show_is_the_kernels(tunnel):
    """status and show of a live link: SA, tunnel, call and session, joined, with the kernel's SPIs, MTU, address and byte counters."""
    t = tunnel(**PATCHED).up()
    t.ping(count=20, size=800)
    before = device_bytes(t.lns.host)
    shown = data(t.lns, "show", "ppp0")
    after = device_bytes(t.lns.host)
    (sa,), (session,), (one,), (call,) = shown["sas"], shown["sessions"], shown["tunnels"], shown["calls"]
    assert (int(sa["spi_in"], 16), int(sa["spi_out"], 16)) == xfrm.own_pair(t.lns.host)
    assert session["sa_id"] == one["sa_id"] == sa["id"] and call["session"] == session["id"] and call["tunnel_id"] == one["tunnel_id"]
    assert session["mtu"] == t.mtu("lns") and session["mtu_sum"].endswith("=%d" % t.mtu("lns"))
    assert session["address"] == t.client.host.ifaddr("ppp0")[0]
    assert before[0] <= session["bytes_in"] <= after[0] and before[1] <= session["bytes_out"] <= after[1] and session["bytes_in"] > 20 * 800
    text = ctl(t.lns, "show", "ppp0").stdout
    for word in (sa["suite"], session["mtu_sum"], session["address"], "ok-protected", "tunnel/%d" % one["tunnel_id"], "sa/%d" % sa["id"]):
        assert word in text, (word, text)
    assert set(ctl(t.lns, "ids").stdout.split()) == {"ppp0", "tunnel/%d" % one["tunnel_id"], "sa/%d" % sa["id"],
                                                     "call/%d/%d" % (one["tunnel_id"], call["call_id"])}
    assert "\x1b" not in ctl(t.lns, "status").stdout


EXPLAINED = {
    "gcm": dict(esp="aes256gcm128"),
    "natt-sha1": dict(esp="aes256-sha1", natt=True),
    "null": dict(esp="null-sha256"),
    "null-allow": dict(esp="null-sha256", policy="allow"),
    "capped": dict(esp="aes256gcm128", sabus_options=("sabus-mtu-cap 1300",)),
}


@pytest.mark.parametrize("case", sorted(EXPLAINED))
def test_ctl_explain_accepts(tunnel, case):
    """explain --peer, with pppd's own options file, before the tunnel is there: reason, MPPE and MTU are those that pppd then comes to."""
    t = tunnel(**EXPLAINED[case]).start()
    t.ike()
    foretold = data(t.lns, "explain", "--peer", t.client.host.address, "--options", OPTIONS)
    t.dial()
    t.wait_up()
    said = t.lns.ppp().verdict()
    assert (foretold["accept"], said["verdict"]) == (True, "accept")
    assert foretold["reason"] == said["reason"] and foretold["mppe"] == said["mppe"] and foretold["ccp"] == said["ccp"], (foretold, said)
    assert foretold["link_mtu"] == int(said["mtu"]) == t.mtu("lns"), (foretold, said)
    assert foretold["sa"]["suite"] in said["suite"]
    if case == "gcm":
        assert foretold["link_mtu"] == esp.expected_mtu("gcm")


def test_ctl_explain_refuses(tunnel):
    """A policy that the SA violates: explain says so first, with status 3 and the remedy; pppd refuses for that reason."""
    t = tunnel(esp="aes256-sha1", sabus_options={"lns": ("sabus-min-strength good",), "client": ()}).start()
    t.ike()
    asked = ctl(t.lns, "explain", "--peer", t.client.host.address, "--options", OPTIONS, check=False)
    assert asked.returncode == 3 and "refused: sa-weak" in asked.stdout and "esp_proposals" in asked.stdout
    t.dial()
    wait_for("pppd refuses", lambda: t.lns.ppp().verdict())
    assert t.lns.ppp().verdict()["reason"] == "sa-weak"
    wait_for("no link", lambda: not t.is_up())


def test_ctl_explain_without_an_sa(tunnel):
    """No SA, then no charon, then no sabusd: each has its own answer, none of them is yes."""
    t = tunnel().start()
    peer = t.client.host.address

    def reason():
        asked = ctl(t.lns, "explain", "--json", "--peer", peer, check=False)
        assert asked.returncode == 3
        return json.loads(asked.stdout)["reason"]

    assert reason() == "no-sa"
    t.lns.charon.stop()
    wait_for("charon is missed", lambda: reason() == "sa-unknown")
    t.lns.sabusd.stop()
    assert reason() == "bus-down"


IKE_FAILS = {
    "secret": ({2: "peer-auth", 1: "unreadable"}, "secret = \"sesame\"", "secret = \"wrong\""),
    "esp": ({2: "proposal-esp", 1: "proposal-esp"}, "esp_proposals = aes256-sha256", "esp_proposals = aes256-sha512"),
    "selectors": ({2: "selectors", 1: "selectors"}, "remote_ts = dynamic[udp/1701]", "remote_ts = dynamic[udp/1702]"),
}


@pytest.mark.parametrize("ike", (2, 1), ids=("ikev2", "ikev1"))
@pytest.mark.parametrize("what", sorted(IKE_FAILS))
def test_ctl_explain_why_ike_failed(tunnel, ike, what):
    """One thing in the client's swanctl.conf is wrong: explain on the LNS names it with the remedy, as charon's log does, and a call puts nothing on the wire; mended, it is accepted, nothing is said, and the link is in ESP."""
    t = tunnel(ike=ike, esp="aes256-sha256").start()
    causes, old, new = IKE_FAILS[what]
    cause = causes[ike]
    asked = ("explain", "--peer", t.client.host.address, "--options", OPTIONS)
    synced(t.lns)
    assert data(t.lns, *asked, check=False)["ike_failure"] is None
    t.client.edit(SWANCTL, old, new)
    t.client.charon.load()
    assert t.client.charon.initiate(timeout=4, check=False).returncode != 0
    said = data(t.lns, *asked, check=False)
    assert (said["reason"], said["ike_failure"]["cause"]) == ("no-sa", cause) and said["remedy"] == said["ike_failure"]["remedy"] != ""
    assert ("sabus: ike-failed cause=%s local=10.9.0.1:" % cause) in t.lns.host.log("charon")
    assert re.search(r"^IKE +failed \d+ s ago, %s: " % cause, ctl(t.lns, *asked, check=False).stdout, re.M)
    t.dial()
    wait_for("the guard has dropped the client's SCCRQ", lambda: xfrm.counters(t.client.host)["XfrmOutPolBlock"] >= 1)
    assert not t.is_up() and not t.wire.clear_l2tp() and not t.wire.esp_by_spi()
    t.client.edit(SWANCTL, new, old)
    t.client.charon.load()
    t.client.charon.terminate(ike="l2tp", check=False)
    t.ike()
    said = data(t.lns, *asked)
    assert said["accept"] and said["ike_failure"] is None
    t.redial()
    t.wait_up()
    t.ping()
    assert len(t.wire.esp_by_spi()) == 2 and not t.wire.clear_l2tp()


def test_ctl_explain_why_ike_failed_control(tunnel):
    """Negative control: charon on the LNS without the plugin. The same wrong secret fails as before, and nobody can say why, nor that there is no SA."""
    t = tunnel(charon_sabus={"lns": False, "client": True}, psk={"client": "wrong"}).start()
    assert t.client.charon.initiate(timeout=4, check=False).returncode != 0
    assert "MAC mismatched" in t.lns.host.log("charon") and "ike-failed" not in t.lns.host.log("charon")
    said = data(t.lns, "explain", "--peer", t.client.host.address, "--options", OPTIONS, check=False)
    assert (said["reason"], said["ike_failure"]) == ("sa-unknown", None)
    t.dial()
    wait_for("the guard has dropped the client's SCCRQ", lambda: xfrm.counters(t.client.host)["XfrmOutPolBlock"] >= 1)
    assert not t.is_up() and not t.wire.clear_l2tp()


def test_ctl_close(tunnel):
    """close ends one session in order: pppd says why, the peer is told, the SA stays; a second one comes up again."""
    t = tunnel(**PATCHED).up()
    spis = xfrm.own_pair(t.lns.host)
    said = ctl(t.lns, "close", "ppp0", "--why", "maintenance window").stdout
    assert said.startswith("ppp0 (") and "being closed" in said
    t.wait_down()
    closed = t.lns.ppp().said("close")[-1]
    assert closed["reason"] == "admin-reset" and "maintenance window" in t.lns.host.log("pppd"), closed
    assert t.client.ppp().find("rcvd", "LCP", "TermReq")
    assert xfrm.own_pair(t.lns.host) == spis
    assert ctl(t.lns, "close", "ppp0", check=False).returncode == 1
    wait_for("nothing on the bus", lambda: not data(t.lns, "status")["sessions"])
    t.dial()
    t.wait_up()


def test_ctl_monitor_over_a_restart(tunnel):
    """monitor sees a link come, sabusd go and come back, all told anew, and the link go: lines of one process."""
    t = tunnel().start()
    t.lns.host.spawn(["sabusctl", "monitor", "--json"], "monitor")

    def events():
        return [json.loads(line) for line in t.lns.host.log("monitor").splitlines()]

    def names():
        return [e["event"] for e in events()]

    wait_for("the monitor's first snapshot", lambda: "done" in names())
    t.ike()
    t.dial()
    t.wait_up()
    wait_for("the link is told", lambda: [e for e in events() if e["event"] == "session-put" and e["session"]["up"]])
    t.lns.sabusd.stop()
    wait_for("its end is told", lambda: "lost" in names())
    t.lns.sabusd.start()
    wait_for("it is told anew", lambda: "resync" in names())

    def told_again():
        late = events()[names().index("resync"):]
        return ([e for e in late if e["event"] == "session-put" and e["session"]["ifname"] == "ppp0" and e["session"]["up"]] and
                [e for e in late if e["event"] == "sa-put" and e["sa"]["state"] == "installed"])

    wait_for("SA and session are on the bus again", told_again, 30)
    t.ping()
    t.down()
    wait_for("the end of the link is told", lambda: "session-del" in names()[names().index("resync"):])
    t.lns.host.kill("monitor")


def samples(text):
    return {name: int(value) for name, value in re.findall(r"^(sabus_.+) (\d+)$", text, re.M)}


def test_ctl_metrics_of_a_socket(tunnel):
    """A scrape over TCP, answered by a sabusctl that the listener starts, as the unit does: sessions, SAs, bytes; and sabus_up 0 without sabusd."""
    t = tunnel(**PATCHED).up()
    env = sanitize.environment()
    keep = [word for name in env if name != "LD_PRELOAD" for word in ("-E", name)]
    t.lns.host.spawn(["systemd-socket-activate", "--listen=127.0.0.1:%d" % METRICS_PORT, "--accept", "--inetd"] + keep +
                     ["sabusctl", "metrics", "--http", "--sessions"], "metrics", {k: v for k, v in env.items() if k != "LD_PRELOAD"})

    def scrape():
        r = t.lns.host.run(["python3", "-c", "import urllib.request as u; print(u.urlopen('http://127.0.0.1:%d/metrics', timeout=20).read().decode(), end='')"
                            % METRICS_PORT], check=False)
        return samples(r.stdout) if r.returncode == 0 else None

    t.ping(count=20, size=500)
    first = wait_for("the listener", scrape)
    assert first["sabus_up"] == first["sabus_publisher_synced"] == 1
    suite = data(t.lns, "status")["sas"][0]["suite"]
    assert "sabus_sessions{role=\"lns\",state=\"up\",reason=\"ok-protected\",mppe=\"mirror\"}" in first, first
    assert first["sabus_calls{state=\"up\"}"] == 1 and any(suite.split()[1] in name for name in first if name.startswith("sabus_sas")), first
    (received,) = [v for name, v in first.items() if name.startswith("sabus_session_received_bytes_total")]
    assert received > 20 * 500
    t.ping(count=20, size=500)
    second = scrape()
    (more,) = [v for name, v in second.items() if name.startswith("sabus_session_received_bytes_total")]
    assert more > received + 20 * 500 and second["sabus_broker_watches_total"] > first["sabus_broker_watches_total"]
    t.lns.sabusd.stop()
    assert scrape()["sabus_up"] == 0
    t.lns.host.kill("metrics")
