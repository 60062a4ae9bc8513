# SPDX-License-Identifier: GPL-2.0-or-later
"""The policy table (RFC 3193 section 5.2) on real peers: what the SA gives, PPP does
not do again; what it lacks and policy asks for, PPP does, in both directions, or
the link ends with a reason.

'role' is the end under test, the one with sabus.  The other end is a stock pppd, or
one that misbehaves (integration/oddpeer).  ESP-NULL makes the wire a witness: what
MPPE does not hide can be read there.
"""

import time

import pytest

from lib.wait import PATIENCE, wait_for

GCM, NULL = "aes256gcm128", "null-sha256"
ASKS = ("require-mppe-128",)
OTHER = {"lns": "client", "client": "lns"}
ROLES = pytest.mark.parametrize("role", ("lns", "client"))


def odd(*words):
    return ("plugin oddpeer.so",) + words


def link(tunnel, role, esp, policy="require", peer=(), own=(), options=(), **more):
    """A tunnel with sabus in ROLE and a stock pppd (PEER: its options) at the other end."""
    return tunnel(sabus={role: True}, esp=esp, policy=policy, sabus_options={role: options},
                  ppp={OTHER[role]: peer, role: own}, **more)


def attempt(t):
    """Up to the point where the PPP ends have their say."""
    t.start()
    t.ike()
    t.dial()
    return t


def assert_verdict(end, verdict, reason, **facts):
    said = end.ppp().verdict()
    wanted = dict(facts, verdict=verdict, reason=reason)
    assert {k: said.get(k) for k in wanted} == wanted, said


def assert_reason(t, role, word, timeout=PATIENCE):
    """ROLE's log names the reason, and the link is gone on both ends."""
    end = t.ends[role]
    wait_for("reason %s in %s's pppd log" % (word, role),
             lambda: any(word in line for line in end.ppp().decisions()), timeout)
    t.wait_down(timeout)


def assert_mppe(t, runs):
    """MPPE on both ends or on none; pings pass, and on ESP-NULL are readable
    exactly when MPPE does not run."""
    assert [bool(e.ppp().mppe()) for e in t.ends.values()] == [runs, runs]
    for origin in t.ends:
        t.ping(count=2, origin=origin)
    if any("NULL" in c.get("encr-alg", "") for c in t.lns.charon.installed()):
        assert bool(t.wire.readable()) == (not runs)


def edit(end, path, old, new):
    text = end.host.read(path)
    assert old in text, "%s has no '%s'" % (path, old)
    end.host.write(path, text.replace(old, new))


# -- an SA that does not encrypt -------------------------------------------------

@ROLES
def test_policy_null_require(tunnel, role):
    """ESP-NULL under 'require': MPPE in both directions; nothing readable inside ESP."""
    t = link(tunnel, role, NULL, peer=ASKS).up()
    assert_verdict(t.ends[role], "accept", "ok-mppe-required", mppe="required")
    log = t.ends[role].ppp()
    assert log.find("sent", "CCP", "ConfReq", "mppe") and log.find("rcvd", "CCP", "ConfReq", "mppe")
    assert_mppe(t, True)


@ROLES
def test_policy_null_unwilling(tunnel, role):
    """ESP-NULL under 'require', the peer has no MPPE: the link ends, mppe-refused."""
    t = attempt(link(tunnel, role, NULL))
    assert_reason(t, role, "mppe-refused")
    assert not t.ends[role].ppp().find(proto="IPCP", code="ConfAck")


@ROLES
def test_policy_null_allow_asked(tunnel, role):
    """ESP-NULL under 'allow', the peer asks for MPPE: it runs, in both directions."""
    t = link(tunnel, role, NULL, "allow", peer=ASKS).up()
    assert_verdict(t.ends[role], "accept", "ok-not-confidential", mppe="mirror")
    assert_mppe(t, True)


def test_policy_null_allow_unasked(tunnel):
    """ESP-NULL under 'allow', the peer does not ask: no MPPE."""
    t = link(tunnel, "lns", NULL, "allow").up()
    assert_verdict(t.lns, "accept", "ok-not-confidential", mppe="mirror")
    assert_mppe(t, False)


def test_policy_null_prohibit(tunnel):
    """ESP-NULL under 'prohibit' on both ends: no MPPE, the link is up."""
    t = tunnel(esp=NULL, policy="prohibit").up()
    for end in t.ends.values():
        assert_verdict(end, "accept", "ok-not-confidential", mppe="refused")
    assert_mppe(t, False)


@ROLES
def test_policy_null_prohibit_asked(tunnel, role):
    """ESP-NULL under 'prohibit', the peer insists on MPPE: it is rejected, and the peer ends the link."""
    t = attempt(link(tunnel, role, NULL, "prohibit", peer=ASKS))
    wait_for("the peer's Terminate-Request", lambda: any(
        "MPPE required" in r for r in t.ends[OTHER[role]].ppp().terminate_reasons()))
    t.wait_down()
    assert t.ends[role].ppp().find("sent", "CCP", "ConfRej", "mppe")


def test_policy_control_null_leaks(tunnel):
    """Negative control: stock ends over ESP-NULL, nobody asks for MPPE, everything is readable."""
    t = tunnel(sabus=False, esp=NULL).up()
    assert_mppe(t, False)


# -- an SA that encrypts ---------------------------------------------------------

@ROLES
@pytest.mark.parametrize("policy", ("require", "allow"))
def test_policy_satisfied(tunnel, role, policy):
    """AES-GCM: neither 'require' nor 'allow' asks PPP to encrypt or compress again."""
    t = link(tunnel, role, GCM, policy).up()
    assert_verdict(t.ends[role], "accept", "ok-protected", ccp="off")
    assert not t.ends[role].ppp().find("sent", "CCP", "ConfReq", "<")
    assert_mppe(t, False)


@ROLES
def test_policy_satisfied_insists(tunnel, role):
    """AES-GCM, the peer insists on MPPE: not mandated is not refused, it has its MPPE both ways."""
    t = link(tunnel, role, GCM, peer=ASKS).up()
    assert_verdict(t.ends[role], "accept", "ok-protected")
    assert_mppe(t, True)


@ROLES
def test_policy_satisfied_no_mppe(tunnel, role):
    """AES-GCM with sabus-no-mppe, the peer insists: rejected, the peer ends the link, our log knows why."""
    t = attempt(link(tunnel, role, GCM, peer=ASKS, options=("sabus-no-mppe",)))
    wait_for("the peer's Terminate-Request", lambda: any(
        "MPPE required" in r for r in t.ends[OTHER[role]].ppp().terminate_reasons()))
    t.wait_down()
    assert_verdict(t.ends[role], "accept", "ok-protected", mppe="refused")
    log = t.ends[role].ppp()
    assert log.find("sent", "CCP", "ConfRej", "mppe")
    assert any("MPPE required" in r for r in log.terminate_reasons())
    assert 'sabus: ccp text="the peer asks for MPPE; rejected by policy"' in log.decisions()


def assert_no_ppp_packet(t, role):
    assert not t.ends[role].ppp().packets
    assert not t.ends[OTHER[role]].ppp().find("rcvd")


@ROLES
def test_policy_prohibit_violated(tunnel, role):
    """AES-GCM under 'prohibit': refused with policy-prohibit before the first PPP packet."""
    t = attempt(link(tunnel, role, GCM, "prohibit"))
    assert_reason(t, role, "policy-prohibit")
    assert_verdict(t.ends[role], "refuse", "policy-prohibit")
    assert_no_ppp_packet(t, role)


# -- below the floor ---------------------------------------------------------------

def test_policy_ah_only(tunnel):
    """AH is not ESP (RFC 3193 section 2.1): refused, sa-ah-only, whatever the policy."""
    t = link(tunnel, "lns", NULL, "allow")
    for end in t.ends.values():
        edit(end, "/etc/swanctl/swanctl.conf", "esp_proposals = " + NULL, "ah_proposals = sha256")
    attempt(t)
    assert_reason(t, "lns", "sa-ah-only")
    assert_verdict(t.lns, "refuse", "sa-ah-only")
    assert_no_ppp_packet(t, "lns")
    assert {p.kind for p in t.wire.packets()} >= {"ah"}


@ROLES
def test_policy_weak(tunnel, role):
    """AES-CBC with SHA1 below sabus-min-strength good: refused, sa-weak."""
    t = attempt(link(tunnel, role, "aes256-sha1", options=("sabus-min-strength good",)))
    assert_reason(t, role, "sa-weak")
    assert_verdict(t.ends[role], "refuse", "sa-weak")
    assert_no_ppp_packet(t, role)


# -- no SA at all, and that is allowed ---------------------------------------------

def optional(tunnel, policy, peer=()):
    t = link(tunnel, "lns", GCM, policy, peer=peer, options=("sabus-ipsec optional",), guard=False).start()
    t.dial()
    return t


@pytest.mark.clear_text_allowed(reason="sabus-ipsec optional: no SA, MPPE is the only protection")
def test_policy_optional_require(tunnel):
    """sabus-ipsec optional, 'require', no SA: MPPE in both directions, pings cannot be read."""
    t = optional(tunnel, "require", ASKS).wait_up()
    assert_verdict(t.lns, "accept", "ok-mppe-required", mppe="required")
    assert_mppe(t, True)
    assert t.wire.clear_l2tp() and not t.wire.readable()


@pytest.mark.clear_text_allowed(reason="sabus-ipsec optional: no SA, MPPE would be the only protection")
def test_policy_optional_require_unwilling(tunnel):
    """sabus-ipsec optional, 'require', no SA, a peer without MPPE: no link."""
    assert_reason(optional(tunnel, "require"), "lns", "mppe-refused")


@pytest.mark.clear_text_allowed(reason="sabus-ipsec optional: no SA and no encryption by configuration")
@pytest.mark.parametrize("policy,mppe", (("allow", "mirror"), ("prohibit", "refused")))
def test_policy_optional_clear(tunnel, policy, mppe):
    """sabus-ipsec optional, 'allow' or 'prohibit', no SA: the link is up in the clear, and the log says so."""
    t = optional(tunnel, policy).wait_up()
    assert_verdict(t.lns, "accept", "ok-no-ipsec", mppe=mppe)
    assert_mppe(t, False)
    assert t.wire.readable()


@pytest.mark.clear_text_allowed(reason="the guard is off here: the peer's SCCRQ is in the clear, our pppd must refuse")
def test_policy_optional_control(tunnel):
    """Negative control of sabus-ipsec optional: without that option the same set-up is refused, no-sa."""
    t = link(tunnel, "lns", GCM, guard=False).start()
    t.dial()
    assert_reason(t, "lns", "no-sa")
    assert_no_ppp_packet(t, "lns")


# -- peers that misbehave ------------------------------------------------------------

@ROLES
def test_policy_one_way(tunnel, role):
    """A peer acknowledges our MPPE and asks for none itself: refused, mppe-one-way, and nothing readable went out."""
    t = attempt(link(tunnel, role, NULL, peer=odd("odd-ccp one-way")))
    assert_reason(t, role, "mppe-one-way")
    assert not t.ends[role].ppp().find(proto="IPCP", code="ConfAck")
    assert not t.wire.readable()


def test_policy_control_one_way(tunnel):
    """Negative control: stock pppd with require-mppe-128 takes that peer and sends in the clear."""
    t = tunnel(sabus=False, esp=NULL, ppp={"lns": ASKS, "client": odd("odd-ccp one-way")}).up()
    t.ping(origin="lns")
    assert t.wire.readable(src=t.lns.host.address)


@ROLES
def test_policy_silent(tunnel, role):
    """MPPE is required and the peer is silent on CCP: the guard timer ends the link, mppe-timeout."""
    t = attempt(link(tunnel, role, NULL, peer=odd("odd-ccp silent"), options=("sabus-mppe-timeout 2",)))
    assert_reason(t, role, "mppe-timeout", 8)
    assert not t.ends[role].ppp().find(proto="IPCP", code="ConfAck")
    assert any("mppe-timeout" in r for r in t.ends[role].ppp().terminate_reasons())


def test_policy_silent_satisfied(tunnel):
    """The SA encrypts: a peer that is silent on CCP does not matter."""
    t = link(tunnel, "lns", GCM, peer=odd("odd-ccp silent"), options=("sabus-mppe-timeout 1",)).up()
    time.sleep(2)  # the guard timer, were there one, would have struck
    assert_mppe(t, False)
    assert t.is_up() and not t.lns.ppp().terminate_reasons()


def test_policy_control_silent(tunnel):
    """Negative control: stock pppd with require-mppe-128 just sits there, with neither link nor end."""
    t = attempt(tunnel(sabus=False, esp=NULL, ppp={"lns": ASKS, "client": odd("odd-ccp silent")}))
    wait_for("several CCP ConfReqs", lambda: len(t.lns.ppp().find("sent", "CCP", "ConfReq")) >= 4, 30)
    assert not t.is_up() and not t.lns.ppp().terminate_reasons()


@ROLES
def test_policy_ecp(tunnel, role):
    """A peer asks for ECP: LCP Protocol-Reject of 0x8053 on the wire, and the link lives on."""
    t = link(tunnel, role, GCM, peer=odd("odd-ecp")).up()
    rejected = wait_for("the Protocol-Reject at the peer", lambda: t.ends[OTHER[role]].ppp().find("rcvd", "LCP", "ProtRej"))
    assert rejected[0].body.startswith("80 53 01 07"), rejected
    t.ping()
    assert not t.ends[role].ppp().terminate_reasons()


def test_policy_require_ecp(tunnel):
    """sabus-require-ecp cannot be kept by this version: a clear refusal, not a link without ECP."""
    t = attempt(link(tunnel, "lns", GCM, options=("sabus-require-ecp",)))
    assert_reason(t, "lns", "ecp-unsupported")
    assert_no_ppp_packet(t, "lns")


def test_policy_windows(tunnel):
    """AES-GCM, a Windows-like CCP request (MPPC, no encryption bit): no MPPE, no harm."""
    t = link(tunnel, "lns", GCM, peer=odd("odd-ccp mppc")).up()
    assert t.lns.ppp().find("rcvd", "CCP", "ConfReq", "<mppe -H -M -S -L -D +C>")
    assert_mppe(t, False)
    assert not t.lns.ppp().terminate_reasons()


def test_policy_windows_null(tunnel):
    """ESP-NULL under 'require': the MPPC bit is not taken for encryption, the link ends."""
    t = attempt(link(tunnel, "lns", NULL, peer=odd("odd-ccp mppc")))
    assert_reason(t, "lns", "mppe-refused")
    assert not t.lns.ppp().mppe() and not t.wire.readable()


def test_policy_control_windows(tunnel):
    """Negative control: the usual require-mppe-128 ends a Windows-like link although the SA encrypts."""
    t = attempt(tunnel(sabus=False, ppp={"lns": ASKS, "client": odd("odd-ccp mppc")}))
    wait_for("the end", lambda: any("MPPE required" in r for r in t.lns.ppp().terminate_reasons()))
    t.wait_down()


def test_policy_inject(tunnel):
    """A peer slips clear text past its own MPPE: our answer is encrypted all the same."""
    t = link(tunnel, "lns", NULL, peer=ASKS + odd("odd-inject 300")).up()
    t.client.host.wait_log("pppd", "oddpeer: injected a clear-text packet")
    text = b"ODDPEER-IN-THE-CLEAR"
    wait_for("the injected packet on the wire", lambda: t.wire.readable(text, src=t.client.host.address))
    assert_mppe(t, True)
    assert not t.wire.readable(text, src=t.lns.host.address)


# -- compression, keys, users ----------------------------------------------------------

DEFLATE = ("deflate 15",)


@pytest.mark.parametrize("keep", (False, True), ids=("off", "keep"))
def test_policy_compression(tunnel, keep):
    """Deflate over an SA that encrypts is wasted: rejected, but with sabus-compression keep."""
    t = link(tunnel, "lns", GCM, own=DEFLATE, peer=DEFLATE,
             options=("sabus-compression keep",) if keep else ()).up()
    t.ping()
    assert_verdict(t.lns, "accept", "ok-protected", ccp="keep" if keep else "off")
    assert bool(t.lns.ppp().find("sent", "CCP", "ConfAck", "deflate")) == keep
    assert bool(t.lns.ppp().find("sent", "CCP", "ConfReq", "deflate")) == keep
    assert ("Deflate" in t.lns.ppp().text) == keep
    assert keep or t.lns.ppp().find("sent", "CCP", "ConfRej", "deflate")


def test_policy_control_compression(tunnel):
    """Negative control: stock ends deflate what the SA then encrypts."""
    t = tunnel(sabus=False, ppp=DEFLATE).up()
    wait_for("Deflate", lambda: "Deflate" in t.lns.ppp().text)


def test_policy_no_keys(tunnel):
    """ESP-NULL under 'require', but CHAP with MD5 gives no keys for MPPE: refused, mppe-no-keys."""
    t = link(tunnel, "lns", NULL, peer=ASKS)
    edit(t.lns, "/etc/ppp/options.xl2tpd", "require-mschap-v2", "require-chap")
    edit(t.client, "/etc/ppp/options.xl2tpd", "refuse-chap", "refuse-mschap-v2")
    attempt(t)
    assert_reason(t, "lns", "mppe-no-keys")
    assert not t.lns.ppp().find(proto="IPCP")


USER = "setpriv --reuid nobody --regid dip --clear-groups /usr/sbin/pppd notty nodetach dryrun "


def test_policy_user(host):
    """Who is not root can neither load sabus nor change its options; root can."""
    h = host("h")
    h.write("/etc/ppp/options", "plugin sabus.so\n")
    for words in ("sabus-encryption allow", "sabus-ipsec optional", "sabus-no-mppe", "sabus-pin off"):
        r = h.run(USER + words, check=False)
        assert r.returncode == 2 and "privilege" in r.stdout + r.stderr, (words, r)
        h.run("/usr/sbin/pppd notty nodetach dryrun " + words)
    h.write("/etc/ppp/options", "\n")
    r = h.run(USER + "plugin sabus.so", check=False)
    assert r.returncode == 2 and "privilege" in r.stdout + r.stderr, r
    # The control: it is our options that are refused, not the user.
    assert h.run(USER + "debug", check=False).returncode == 0
