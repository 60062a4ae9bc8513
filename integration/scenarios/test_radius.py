# SPDX-License-Identifier: GPL-2.0-or-later
"""RADIUS knows the SA: what FreeRADIUS is told of a session when it is asked and in accounting, by every kind of SA; and
what it answers arrives.  The server's own log, the packets on its cable and the kernel of the LNS are the witnesses."""

import re

import pytest

from lib import esp, radpkt, xfrm
from lib.radius import SECRET
from lib.wait import wait_for

SWANCTL = "/etc/swanctl/swanctl.conf"
OPTIONS = "/etc/ppp/options.xl2tpd"
MPPE = ("require-mppe-128",)

# esp proposal, options of radius(), and what the server must hear of the SA
GCM = {"Sabus-Protected": "Confidential", "Sabus-Suite": "ESP AES_GCM_16-256", "Sabus-Encryption-Key-Bits": "256", "Sabus-Integrity": "AEAD",
       "Sabus-Mode": "Transport", "Sabus-NAT-T": "No", "Sabus-IPComp": "No", "Sabus-IKE-Version": "IKEv2", "Sabus-IKE-Auth": "psk",
       "Sabus-IKE-Identity": "10.9.0.2", "Sabus-Strength": "Strong", "Sabus-Reason": "ok-protected", "Sabus-MPPE": "Off", "Sabus-CCP": "none"}
CBC = {"Sabus-Suite": "ESP AES_CBC-256/HMAC_SHA1_96", "Sabus-Integrity": "HMAC_SHA1_96", "Sabus-Strength": "Legacy"}
CASES = {
    "gcm": ("aes256gcm128", {}, {}, "gcm"),
    "cbc-natt-ikev1": ("aes256-sha1", {"ike": 1, "natt": True}, dict(CBC, **{"Sabus-NAT-T": "Yes", "Sabus-IKE-Version": "IKEv1"}), "cbc-sha1"),
    "null-mppe": ("null-sha256", {}, {"Sabus-Protected": "Integrity", "Sabus-Suite": "ESP NULL/HMAC_SHA2_256_128", "Sabus-Encryption-Key-Bits": "0",
                                      "Sabus-Integrity": "HMAC_SHA2_256_128", "Sabus-Strength": "Good", "Sabus-Reason": "ok-mppe-required"},
                  "null-sha256"),
}


def facts(message, names):
    return {n: message.get(n) for n in names}


def spi_facts(host):
    """Sabus-SPI-In and -Out, from the kernel of HOST."""
    inbound, outbound = xfrm.own_pair(host)
    return {"Sabus-SPI-In": str(inbound), "Sabus-SPI-Out": str(outbound)}


def call_serial(t):
    """The Call Serial Number, as xl2tpd logs it."""
    return re.findall(r"Call established with .* Serial: (\d+)", t.lns.host.log("xl2tpd"))[-1]


@pytest.mark.parametrize("case", sorted(CASES))
def test_radius_attributes(radius, case):
    """FreeRADIUS is told of the SA before the user is let in, and in Start and Stop: suite, strength, identity, SPIs, NAT-T, MPPE, MTU."""
    proposal, options, differs, suite = CASES[case]
    mppe = case == "null-mppe"
    t = radius(esp=proposal, ppp={"client": MPPE} if mppe else (), **options).up()
    wanted = dict(GCM, **differs)
    wanted.update(spi_facts(t.lns.host))
    request = t.radius.messages("Access-Request")[-1]
    assert facts(request, wanted) == wanted
    # What MPPE and the MTU came to be is known when the link is up.
    wanted.update({"Sabus-MPPE": "On-128" if mppe else "Off",
                   "Sabus-MTU": str(t.mtu("lns"))})
    start = t.radius.wait_accounting("Start")
    assert facts(start, wanted) == wanted
    natt = options.get("natt", False)
    assert t.mtu("lns") == esp.expected_mtu(suite, natt) - (4 if mppe else 0)
    assert bool(t.lns.ppp().mppe()) == mppe
    t.ping()
    t.down()
    stop = t.radius.wait_accounting("Stop")
    assert facts(stop, wanted) == dict(wanted, **{"Sabus-Reason": stop.get("Sabus-Reason")})
    assert stop.get("Acct-Session-Id") == start.get("Acct-Session-Id")


def test_radius_standard(radius):
    """The standard's attributes, on the patched xl2tpd: addresses of client and LNS, Tunnel-* (RFC 2868), Acct-Tunnel-Connection (RFC 2867), port type; Class comes back whole."""
    t = radius(reply=['Class := 0x%s' % ("43" * 60)], xl2tpd={"lns": "1.3.18"}, xl2tpd_sabus={"lns": True}, sabus=True).up()
    t.ping()
    t.down()
    request, start, stop = t.radius.messages("Access-Request")[-1], t.radius.wait_accounting("Start"), t.radius.wait_accounting("Stop")
    for m in (request, start, stop):
        wanted = {"User-Name": "user", "Service-Type": "Framed-User", "Framed-Protocol": "PPP", "NAS-Port": "0", "NAS-Port-Type": "Virtual",
                  "Calling-Station-Id": "10.9.0.2", "Called-Station-Id": "10.9.0.1", "Tunnel-Type:0": "L2TP", "Tunnel-Medium-Type:0": "IPv4",
                  "Tunnel-Client-Endpoint:0": "10.9.0.2", "Tunnel-Server-Endpoint:0": "10.9.0.1",
                  "Tunnel-Client-Auth-Id:0": "client", "Tunnel-Server-Auth-Id:0": "lns"}
        assert facts(m, wanted) == wanted
    assert {m.get("Acct-Tunnel-Connection") for m in (request, start, stop)} == {call_serial(t)}
    assert [m.all("Class") for m in (start, stop)] == [["0x" + "43" * 60]] * 2
    assert start.get("Framed-IP-Address") == "192.168.50.10" and start.get("Acct-Authentic") == "RADIUS"
    assert int(stop.get("Acct-Input-Packets")) >= 3 and int(stop.get("Acct-Output-Octets")) >= 3 * 84


def test_radius_calling_port(radius):
    """Behind a NAT Calling-Station-Id has the port as well: two clients there differ in nothing else."""
    t = radius(natt=True).up()
    port = next(s["encap"][1] for s in xfrm.states(t.lns.host) if s["src"] == t.lns.host.address)
    assert t.radius.messages("Access-Request")[-1].get("Calling-Station-Id") == "10.9.0.2:%d" % port


def test_radius_message_authenticator(radius):
    """Each Access-Request begins with a valid Message-Authenticator (BlastRADIUS), each answer's is valid too."""
    t = radius().up()
    requests, answers = t.radius.packets(radpkt.ACCESS_REQUEST), t.radius.packets(radpkt.ACCESS_ACCEPT)
    assert requests and len(answers) == len(requests)
    for request, answer in zip(requests, answers):
        assert request.attributes[0][0] == radpkt.MESSAGE_AUTHENTICATOR
        assert radpkt.signature_ok(request, SECRET.encode())
        assert radpkt.signature_ok(answer, SECRET.encode(), request.authenticator)


LONG = "x" * 238 + "@example.org"


def test_radius_long_identity(radius):
    """An IKE identity of 250 characters arrives whole, to the last character."""
    t = radius()
    assert len(LONG) == 250
    t.client.edit(SWANCTL, "local {\n\t\t\tauth = psk", "local {\n\t\t\tauth = psk\n\t\t\tid = " + LONG)
    t.up()
    for m in (t.radius.messages("Access-Request")[-1], t.radius.wait_accounting("Start")):
        pieces = m.all("Sabus-IKE-Identity")
        assert "".join(pieces) == LONG and all(len(p) <= 247 for p in pieces)
    assert [LONG] == [s["remote-id"] for s in t.lns.charon.sas()]


def test_radius_ipcomp(radius):
    """An SA with IPComp: RADIUS hears so."""
    t = radius()
    for end in t.ends.values():
        end.edit(SWANCTL, "mode = transport", "mode = transport\n\t\t\t\tipcomp = yes")
    t.up()
    assert t.radius.messages("Access-Request")[-1].get("Sabus-IPComp") == "Yes"
    t.ping()


@pytest.mark.clear_text_allowed(reason="sabus-ipsec optional: no SA, so L2TP runs in the clear and RADIUS must hear it")
def test_radius_unprotected(radius):
    """No SA (sabus-ipsec optional): Sabus-Protected says No, and no fact of an SA is made up."""
    t = radius(sabus={"lns": True}, sabus_options={"lns": ("sabus-ipsec optional",)}, policy="allow", guard=False).start()
    t.dial()
    t.wait_up()
    request = t.radius.messages("Access-Request")[-1]
    assert request.get("Sabus-Protected") == "No" and request.get("Sabus-Reason") == "ok-no-ipsec"
    sa_facts = [n for n in GCM if n not in ("Sabus-Protected", "Sabus-Reason", "Sabus-MPPE", "Sabus-CCP")]
    assert not [n for n in sa_facts + ["Sabus-SPI-In"] if request.get(n) is not None]


# -- authentication ------------------------------------------------------------------

@pytest.mark.parametrize("how", ("pap", "chap", "mschap-v2"))
def test_radius_authentication(radius, how):
    """PAP, CHAP and MS-CHAPv2 by RADIUS: a right password opens, a wrong one does not."""
    t = radius()
    t.lns.edit(OPTIONS, "require-mschap-v2", "require-" + how)
    if how != "mschap-v2":
        t.client.edit(OPTIONS, "refuse-" + how, "refuse-mschap-v2")
    if how == "pap":
        t.lns.edit("/etc/xl2tpd/xl2tpd.conf", "refuse pap = yes", "require pap = yes")
    good = t.client.host.read("/etc/ppp/chap-secrets")
    for secrets in ("chap", "pap"):
        t.client.host.write("/etc/ppp/%s-secrets" % secrets, good.replace("hello", "wrong"))
    t.start()
    t.ike()
    t.dial()
    wait_for("the rejection", lambda: t.radius.messages("Access-Reject", "Sent"))
    t.wait_down()
    assert not t.lns.ppp().find(proto="IPCP")
    for secrets in ("chap", "pap"):
        t.client.host.write("/etc/ppp/%s-secrets" % secrets, good)
    t.redial()
    t.wait_up()
    t.ping()


def test_radius_mppe_keys(radius):
    """MS-CHAPv2 by RADIUS over an integrity-only SA: the server's MS-MPPE keys encrypt both ways, nothing is readable."""
    t = radius(esp="null-sha256").up()
    answer, = t.radius.messages("Access-Accept", "Sent")
    assert answer.get("MS-MPPE-Send-Key") and answer.get("MS-MPPE-Recv-Key")
    assert all(e.ppp().mppe() for e in t.ends.values())
    for origin in t.ends:
        t.ping(origin=origin)
    assert t.wire.packets() and not t.wire.readable()


def test_radius_mppe_keys_control(radius):
    """Negative control: CHAP with MD5 gives no keys, and the same link is refused, mppe-no-keys."""
    t = radius(esp="null-sha256")
    t.lns.edit(OPTIONS, "require-mschap-v2", "require-chap")
    t.client.edit(OPTIONS, "refuse-chap", "refuse-mschap-v2")
    t.start()
    t.ike()
    t.dial()
    wait_for("mppe-no-keys", lambda: "mppe-no-keys" in t.lns.host.log("pppd"))
    t.wait_down()


def test_radius_lcp_again(radius):
    """The client negotiates LCP anew under way: MS-CHAPv2 by RADIUS works once more, with fresh MPPE keys, and data passes."""
    t = radius(esp="null-sha256", ppp={"client": ("plugin oddpeer.so", "odd-lcp 1500")}).up()
    wait_for("a second authentication", lambda: len(t.radius.messages("Access-Accept", "Sent")) >= 2)
    wait_for("CCP is up again", lambda: len(re.findall(r"^MPPE .*enabled", t.lns.host.log("pppd"), re.M)) >= 2)
    t.wait_up()
    t.ping(check=False)     # a first packet may meet IPCP on its way
    t.ping()
    keys = [m.get("MS-MPPE-Send-Key") for m in t.radius.messages("Access-Accept", "Sent")]
    assert len(set(keys)) == len(keys) and not t.wire.readable()
    assert not t.lns.ppp().said("close|refuse")


def test_radius_rechallenge(radius):
    """A CHAP rechallenge every two seconds: each goes to RADIUS and is answered, the link does not notice, nor does accounting."""
    t = radius(ppp={"lns": ("chap-interval 2",)}).up()
    wait_for("three authentications", lambda: len(t.radius.messages("Access-Accept", "Sent")) >= 3)
    t.ping()
    assert t.is_up() and not t.lns.ppp().terminate_reasons()
    assert len({m.get("Acct-Session-Id") for m in t.radius.accounting()}) == 1 and len(t.radius.accounting("Start")) == 1
