# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks of sabusctl doctor on a host that runs, of what charon and pppd are told: lib/traps.py says what is proven of each.

What is broken, is broken for real.  The others are in test_doctor_checks_host.py and test_doctor.py."""

import re
import time

import pytest

from lib.doctor import assert_well, findings, look, synced
from lib.traps import OPTIONS, OURS, SWANCTL, assert_refused, change, dial, family, good, patch, prove_all, restart, store
from lib.tunnel import render

CONF, PLUGIN = "/etc/strongswan.d/charon/", "/usr/lib/ipsec/plugins/libstrongswan-sabus.so"
DATA = "/usr/share/sabus/freeradius"
CHARON, PPPD = {}, {}
FAMILIES = {"charon": CHARON, "pppd": PPPD}


# -- charon ------------------------------------------------------------------------------

@family(CHARON)
def selectors(t):
    """IKE comes to nothing."""
    change(t.lns.host, SWANCTL, "local_ts = dynamic[udp/1701]", "local_ts = dynamic[udp/1702]")
    finding = yield SWANCTL + r":\d+: local_ts 'dynamic\[udp/1702\]' does not admit UDP port 1701"
    t.lns.charon.load()
    assert "TS_UNACCEPTABLE" in t.ike(check=False).stdout
    assert "local_ts = dynamic[udp/1701] on the server" in finding["remedy"]
    change(t.lns.host, SWANCTL, "dynamic[udp/1702]", "dynamic[udp/1701]")
    t.lns.charon.load()


@family(CHARON)
def weak_esp(t):
    change(t.lns.host, SWANCTL, "esp_proposals = aes256gcm128", "esp_proposals = aes256gcm128,3des-sha1")
    t.lns.charon.load()
    finding = yield SWANCTL + r":\d+: esp_proposals offers 3des-sha1: RFC 8221 says SHOULD NOT"
    assert "take it out of esp_proposals" in finding["remedy"]
    change(t.lns.host, SWANCTL, ",3des-sha1", "")
    t.lns.charon.load()


@family(CHARON)
def weak_ike(t):
    change(t.lns.host, SWANCTL, "aes256-sha256-x25519", "aes256-sha256-x25519,aes128-sha1-modp1024")
    t.lns.charon.load()
    finding = yield SWANCTL + r":\d+: proposals offers aes128-sha1-modp1024: of modp1024 RFC 8247"
    assert "take it out of proposals" in finding["remedy"]
    change(t.lns.host, SWANCTL, ",aes128-sha1-modp1024", "")
    t.lns.charon.load()


@family(CHARON)
def reauth(t):
    """charon itself says that it will."""
    change(t.lns.host, SWANCTL, "unique = never", "unique = never\n\t\treauth_time = 1h")
    t.lns.charon.load()
    finding = yield SWANCTL + r":\d+: reauth_time = 1h"
    assert "reauthentication every 3600s" in t.lns.host.run(["swanctl", "--list-conns"]).stdout
    assert "take it out" in finding["remedy"]
    change(t.lns.host, SWANCTL, "\n\t\treauth_time = 1h", "")
    t.lns.charon.load()
    assert "reauthentication every" not in t.lns.host.run(["swanctl", "--list-conns"]).stdout


@family(CHARON)
def group_psk(t):
    """It lets a client in that no secret names."""
    change(t.lns.host, SWANCTL, OURS, "")
    finding = yield SWANCTL + r":\d+: one pre-shared key for all clients"
    t.lns.charon.load()
    t.ike()
    t.client.charon.terminate(ike="l2tp")
    assert "a secret with an id for each client" in finding["remedy"]
    change(t.lns.host, SWANCTL, "ike-l2tp {\n\t\t", "ike-l2tp {\n\t\t" + OURS)
    t.lns.charon.load()


def loaded(end, plugin):
    """By what charon has said when it was started last."""
    return plugin in re.findall(r"loaded plugins: (.*)", end.host.log("charon"))[-1].split()


def marks_by(t, plugin):
    change(t.lns.host, SWANCTL, "\tmark_in = 0/0", "\tmark_in = %unique")
    assert_well(t.lns)
    change(t.lns.host, CONF + plugin + ".conf", "load = no", "load = yes")
    restart(t.lns.charon)
    synced(t.lns)
    assert loaded(t.lns, plugin)
    finding = yield SWANCTL + r":\d+: SAs carry marks \(mark_in = %unique\), and charon loads '" + plugin
    assert "load = no in " + CONF + "forecast.conf and connmark.conf" in finding["remedy"]
    change(t.lns.host, CONF + plugin + ".conf", "load = yes", "load = no")
    restart(t.lns.charon)
    synced(t.lns)
    assert not loaded(t.lns, plugin)
    assert_well(t.lns)
    change(t.lns.host, SWANCTL, "\tmark_in = %unique", "\tmark_in = 0/0")


@family(CHARON)
def marks(t):
    """A charon that has loaded forecast, beside SAs with marks."""
    yield from marks_by(t, "forecast")


@family(CHARON)
def marks__connmark(t):
    """The other one."""
    yield from marks_by(t, "connmark")


@family(CHARON)
def publisher(t):
    """From charon's next start on every link is refused."""
    change(t.lns.host, CONF + "sabus.conf", "load = yes", "load = no")
    finding = yield CONF + r"sabus.conf:\d+: load = no"
    restart(t.lns.charon)
    assert set(look(t.lns)[1]) == {"publisher", "bus"}
    assert_refused(t, "sa-unknown")
    assert "load = yes in /etc/strongswan.d/charon/sabus.conf, then restart charon" in finding["remedy"]
    change(t.lns.host, CONF + "sabus.conf", "load = no", "load = yes")
    restart(t.lns.charon)
    synced(t.lns)


@family(CHARON)
def charon_version(t):
    """The plugin itself refuses to be loaded by another release's charon."""
    release = re.search(r"strongSwan ([\d.]+),", t.lns.host.log("charon"))[1].encode()
    original = patch(t.lns.host, PLUGIN, b"\0" + release + b"\0", b"\0" + release[:-1] + b"9\0")
    finding = yield "is of strongSwan %s, %s was built for another" % (re.escape(release.decode()), PLUGIN)
    restart(t.lns.charon)
    assert set(look(t.lns)[1]) == {"charon-version", "bus"}
    t.lns.host.wait_log("charon", "refused to load: built for strongSwan %s9" % re.escape(release[:-1].decode()))
    assert "install strongswan-sabus of the same release" in finding["remedy"]
    store(t.lns.host, PLUGIN, original)
    restart(t.lns.charon)
    synced(t.lns)


# -- pppd --------------------------------------------------------------------------------

@family(PPPD)
def unchecked(t):
    """The link comes up, and nobody has said a word about it."""
    change(t.lns.host, OPTIONS, "file /etc/ppp/options.sabus", "mtu 1380")
    finding = yield r"no 'plugin sabus.so' in pppoptfile %s: .* of \[lns default\]" % OPTIONS
    before = t.lns.host.log("pppd").count("sabus:")
    dial(t)
    t.wait_up()
    assert t.lns.host.log("pppd").count("sabus:") == before
    t.down()
    assert "'file /etc/ppp/options.sabus' in the pppoptfile" in finding["remedy"]
    change(t.lns.host, OPTIONS, "mtu 1380", "file /etc/ppp/options.sabus")


def add(t, *lines):
    t.lns.host.write(OPTIONS, t.lns.host.read(OPTIONS) + "".join(x + "\n" for x in lines))


def esp(t, old, new):
    """Another suite for both ends, by a new IKE_SA."""
    for end in t.ends.values():
        change(end.host, SWANCTL, "esp_proposals = " + old, "esp_proposals = " + new)
        end.charon.load()
    t.client.charon.terminate(ike="l2tp", check=False)
    t.ike()


@family(PPPD)
def ppp_mppe(t):
    """An SA that does not encrypt, and pppd may not negotiate what would: no link, and nothing can be read on the wire."""
    add(t, "noccp")
    finding = yield OPTIONS + r":\d+: 'noccp' ends links whose SA does not encrypt"
    esp(t, "aes256gcm128", "null-sha256")
    began, _ = dial(t)
    t.lns.host.wait_log("pppd", "mppe-refused", after=began)
    t.wait_down()
    assert not t.wire.readable()
    esp(t, "null-sha256", "aes256gcm128")
    assert "take the option out" in finding["remedy"]
    change(t.lns.host, OPTIONS, "noccp\n", "")


@family(PPPD)
def ppp_mppe__required(t):
    """Beside sabus.so it is advice: the link over an SA that encrypts comes up without MPPE."""
    add(t, "require-mppe-128")
    finding = yield OPTIONS + r":\d+: 'require-mppe-128' has no effect"
    began, _ = dial(t)
    t.wait_up()
    t.ping()
    assert "MPPE" not in t.lns.host.log("pppd")[began:]
    t.down()
    assert "take the option out" in finding["remedy"]
    change(t.lns.host, OPTIONS, "require-mppe-128\n", "")


@family(PPPD)
def ppp_mtu(t):
    """Beside sabus.so it is advice: the lower one holds, and no packet is cut in two."""
    add(t, "mtu 1500")
    finding = yield OPTIONS + r":\d+: 'mtu 1500', but ESP AES_GCM_16-256 behind a NAT leaves 1500-20ip-.*; it has no effect"
    dial(t)
    t.wait_up()
    began = time.time()
    t.ping(count=2, size=t.mtu("lns") - 28, origin="lns")
    assert t.mtu("lns") < 1450 and not t.wire.fragments(began)
    t.down()
    assert "take mtu and mru out" in finding["remedy"]
    change(t.lns.host, OPTIONS, "mtu 1500\n", "")


@family(PPPD)
def pppd_version(t):
    """pppd does not load it, and ends."""
    plugin = t.lns.host.run("ls /usr/lib/pppd/*/sabus.so /usr/lib/*/pppd/*/sabus.so 2>/dev/null", check=False).stdout.strip()
    release = plugin.split("/")[-2].encode()
    original = patch(t.lns.host, plugin, b"\0" + release + b"\0", b"\0" + release[:-1] + b"9\0")
    finding = yield "pppd is %s, %s was built for another" % (re.escape(release.decode()), plugin)
    _, began = dial(t)
    t.lns.host.wait_log("xl2tpd", "is for pppd version %s9, this is %s" % (re.escape(release[:-1].decode()), re.escape(release.decode())), after=began)
    t.wait_down()
    assert "install ppp-sabus of the same release as ppp" in finding["remedy"]
    store(t.lns.host, plugin, original)


@family(PPPD)
def radius_dictionary(t):
    """The dictionary of an older version: without the attribute that came last."""
    h = t.lns.host
    h.run("mkdir -p /etc/radcli && mount -t tmpfs tmp /etc/radcli")
    render.write(render.render("lns-radius", {"SERVERS": "10.9.0.2 secret", "AUTH_SERVERS": "10.9.0.2:1812", "ACCT_SERVERS": "10.9.0.2:1813"}), h.path("/etc"), backup=False)
    h.write(OPTIONS, h.read(OPTIONS) + "file /etc/ppp/options.radius\n")
    assert_well(t.lns)
    now = h.read(DATA + "/dictionary.sabus.radiusclient").splitlines()
    last = max(i for i, line in enumerate(now) if line.startswith("ATTRIBUTE"))
    h.write("/etc/radcli/dictionary.old", "$INCLUDE /etc/radcli/dictionary\n" + "\n".join(now[:last] + now[last + 1:]) + "\n")
    change(h, "/etc/radcli/radiusclient.conf", DATA + "/dictionary.radiusclient", "/etc/radcli/dictionary.old")
    finding = yield "/etc/radcli/dictionary.old does not know %s: it is of an older version" % now[last].split()[1]
    assert "name the dictionary.radiusclient that was installed with sabus in radiusclient.conf" in finding["remedy"]
    change(h, "/etc/radcli/radiusclient.conf", "/etc/radcli/dictionary.old", DATA + "/dictionary.radiusclient")
    assert_well(t.lns)
    change(h, OPTIONS, "file /etc/ppp/options.radius\n", "")


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.seconds(150)
def test_doctor_checks(tunnel, name):
    """Each check of the family: silence, its trap, exactly its finding with the evidence, its remedy, silence; at last the link comes up."""
    prove_all(good(tunnel), FAMILIES[name])


def test_doctor_stock_options(tunnel):
    """A gateway as many are, without sabus: its options encrypt twice and cut packets in two, and doctor says so."""
    t = tunnel(sabus=False, ppp_mtu="mtu 1500\nmru 1500", ppp=("require-mppe-128",)).up()
    began = time.time()
    t.ping(count=2, size=1450, origin="lns")
    assert t.lns.ppp().mppe() and t.wire.fragments(began)
    status, said = findings(t.lns)
    weights = {f["check"]: f["weight"] for f in said if f["looked"]}
    assert status == 3 and {"clear-l2tp", "guard", "unchecked", "ppp-mppe", "ppp-mtu"} <= set(weights), weights
    assert weights["ppp-mppe"] == weights["ppp-mtu"] == "broken"
    assert "asks for MPPE inside the SA" in look(t.lns)[1]["ppp-mppe"]
