# SPDX-License-Identifier: GPL-2.0-or-later
"""RADIUS decides by the SA: the rules of policy.d/sabus on a real FreeRADIUS, and what an Access-Accept makes of the link.
Each rule has its counterpart: the same user, the same server, an SA or a reply that fits."""

import pytest

from lib.wait import wait_for

SWANCTL = "/etc/swanctl/swanctl.conf"
GCM, NULL, SHA1 = "aes256gcm128", "null-sha256", "aes256-sha1"
MPPE = ("require-mppe-128",)


def assert_rejected(t, word):
    """The server rejects with WORD, the client is told, and there is no link."""
    reject = wait_for("an Access-Reject", lambda: t.radius.messages("Access-Reject", "Sent"))[-1]
    assert word in (reject.get("Reply-Message") or ""), reject
    wait_for("the client is told why", lambda: word in t.client.host.log("pppd"))
    t.wait_down()
    assert not t.lns.ppp().find(proto="IPCP")
    assert not t.radius.accounting("Start")


def assert_refused(t, reason):
    """The server accepts, and the LNS refuses what it has accepted, for REASON."""
    wait_for("the verdict", lambda: t.lns.ppp().verdict().get("reason") == reason or reason in t.lns.host.log("pppd"))
    t.wait_down()
    wait_for("the Access-Accept in the server's log, where it may be written later than it is sent", lambda: t.radius.messages("Access-Accept", "Sent"))
    assert not t.lns.ppp().find(proto="IPCP", code="ConfAck")


def assert_in(t):
    t.wait_up()
    t.ping()
    assert t.radius.wait_accounting("Start").get("User-Name")


# -- the rules of the server -----------------------------------------------------------

@pytest.mark.parametrize("esp,word", ((NULL, "sa-not-confidential"), (SHA1, "sa-weak"), (GCM, None)), ids=("null", "sha1", "gcm"))
def test_radius_rule_strength(radius, esp, word):
    """The same user: rejected over an SA that does not encrypt or is weak, accepted over a strong one."""
    t = radius(esp=esp, needs=("Sabus-Need-Protected := Confidential", "Sabus-Need-Strength := Good"), ppp={"client": MPPE} if esp == NULL else ())
    t.attempt()
    assert_in(t) if word is None else assert_rejected(t, word)


@pytest.mark.parametrize("user,denied", (("admin", True), ("user", False)))
def test_radius_rule_group_psk(radius, user, denied):
    """A pre-shared key of the group is not enough for administrators; for others it is."""
    t = radius(users={"admin": {"needs": ("Sabus-Deny-Group-PSK := Yes",)}}, values={"client": {"PPP_USER": user}}).attempt()
    assert_rejected(t, "group-psk") if denied else assert_in(t)


@pytest.mark.parametrize("identity,fits", (("user@example.org", True), ("mallory@example.org", False)), ids=("own", "other"))
def test_radius_rule_identity(radius, identity, fits):
    """The user's name must be that of the IKE identity: with another's it is rejected."""
    t = radius(needs=("Sabus-Bind-Identity := Name",))
    t.client.edit(SWANCTL, "local {\n\t\t\tauth = psk", "local {\n\t\t\tauth = psk\n\t\t\tid = " + identity)
    t.attempt()
    assert_in(t) if fits else assert_rejected(t, "identity-mismatch")


def test_radius_rule_quarantine(radius):
    """Quarantine in place of a rejection: a weak SA is let in with Filter-Id, and the LNS's scripts see it."""
    t = radius(esp=SHA1, needs=("Sabus-Need-Strength := Good", 'Sabus-Quarantine := "walled-garden"'))
    t.lns.host.write("/etc/ppp/ip-up", "#!/bin/sh\nenv >/run/ip-up.env\n", 0o755)
    t.attempt()
    assert_in(t)
    answer = t.radius.messages("Access-Accept", "Sent")[-1]
    assert answer.get("Filter-Id") == "walled-garden" and "quarantine: sa-weak" in answer.get("Reply-Message")
    wait_for("ip-up", lambda: t.lns.host.read("/run/ip-up.env"))
    assert "walled-garden" in t.lns.host.read("/run/ip-up.env")


def test_radius_rule_quarantine_strong(radius):
    """The same user over a strong SA is not in quarantine."""
    t = radius(needs=("Sabus-Need-Strength := Good", 'Sabus-Quarantine := "walled-garden"')).attempt()
    assert_in(t)
    assert t.radius.messages("Access-Accept", "Sent")[-1].get("Filter-Id") is None


# -- what the reply makes of the link -----------------------------------------------------

def test_radius_reply_require(radius):
    """The reply's Sabus-Encryption-Policy = Require over ESP-NULL, where the section says allow: MPPE, or no link."""
    t = radius(esp=NULL, policy="allow", reply=("Sabus-Encryption-Policy = Require",)).up()
    assert t.lns.ppp().mppe() and not t.lns.ppp().said("close|refuse")
    t.ping()
    assert not t.wire.readable()


def test_radius_reply_require_unwilling(radius):
    """... and with a client that has no MPPE the link ends, mppe-refused."""
    t = radius(esp=NULL, sabus={"lns": True}, policy="allow", reply=("Sabus-Encryption-Policy = Require",)).attempt()
    wait_for("mppe-refused", lambda: "mppe-refused" in t.lns.host.log("pppd"))
    t.wait_down()


def test_radius_reply_control(radius):
    """Negative control: the same section without the reply lets that client in, readable."""
    t = radius(esp=NULL, sabus={"lns": True}, policy="allow").up()
    t.ping()
    assert t.wire.readable() and not t.lns.ppp().mppe()


def test_radius_reply_allow(radius):
    """The reply loosens encryption as well as it tightens: Allow, where the section requires it."""
    t = radius(esp=NULL, sabus={"lns": True}, policy="require", reply=("Sabus-Encryption-Policy = Allow",)).up()
    t.ping()
    assert not t.lns.ppp().mppe()


def test_radius_reply_prohibit(radius):
    """Prohibit from the reply, over an SA that encrypts: refused, policy-prohibit."""
    assert_refused(radius(policy="allow", reply=("Sabus-Encryption-Policy = Prohibit",)).attempt(), "policy-prohibit")


def test_radius_reply_contradiction(radius):
    """Sabus-Encryption-Policy says prohibit, MS-MPPE-Encryption-Policy requires: the safer one holds, and the log names the contradiction."""
    t = radius(esp=NULL, policy="allow", reply=("Sabus-Encryption-Policy = Prohibit",))
    t.radius.host.write("/etc/freeradius/3.0/mods-available/mschap", t.radius.host.read("/etc/freeradius/3.0/mods-available/mschap").replace(
        "require_encryption = no", "require_encryption = yes"))
    t.up()
    assert t.radius.messages("Access-Accept", "Sent")[-1].get("MS-MPPE-Encryption-Policy") == "Encryption-Required"
    assert t.lns.ppp().mppe()
    log = t.lns.host.log("pppd")
    assert "contradict" in log and "MS-MPPE-Encryption-Policy" in log
    t.ping()
    assert not t.wire.readable()


@pytest.mark.parametrize("reply,esp,reason", (("Sabus-Min-Strength = Good", SHA1, "sa-weak"), ("Sabus-Min-Strength = Good", GCM, None),
                                              ('Sabus-Allowed-IKE-Identity = "*@example.org"', GCM, "identity-mismatch"),
                                              ('Sabus-Allowed-IKE-Identity = "10.9.*"', GCM, None)),
                         ids=("weak", "strong", "stranger", "guest"))
def test_radius_reply_sa(radius, reply, esp, reason):
    """Minimum strength and allowed IKE identities from the reply: the LNS refuses what does not meet them, and takes what does."""
    t = radius(esp=esp, reply=(reply,)).attempt()
    assert_in(t) if reason is None else assert_refused(t, reason)


@pytest.mark.clear_text_allowed(reason="sabus-ipsec optional: the client has no SA, which is what the server's mandate refuses")
@pytest.mark.parametrize("mandate", ("None", "LNS", "Always"))
def test_radius_reply_mandate(radius, mandate):
    """Sabus-IPsec-Mandate (RFC 2888): 1 and 2 refuse a link without an SA that the section would let in; 0 does not."""
    t = radius(sabus={"lns": True}, sabus_options={"lns": ("sabus-ipsec optional",)}, policy="allow", guard=False,
               reply=("Sabus-IPsec-Mandate = " + mandate,)).start()
    t.dial()
    assert_in(t) if mandate == "None" else assert_refused(t, "no-sa")


def test_radius_reply_mtu(radius):
    """The smallest of Sabus-MTU-Cap, Framed-MTU and what the SA leaves is the link's MTU."""
    t = radius(reply=("Sabus-MTU-Cap = 1300", "Framed-MTU = 1400")).up()
    assert t.mtu("lns") == 1300
    t.ping(size=1300 - 28, df=True, origin="lns")
    start = t.radius.wait_accounting("Start")
    assert start.get("Sabus-MTU") == "1300"


def test_radius_reply_standard(radius):
    """What radius.so gives a user today: Framed-IP-Address, DNS servers."""
    t = radius(reply=("Framed-IP-Address = 192.168.50.77", "MS-Primary-DNS-Server = 192.0.2.53"), ppp={"client": ("usepeerdns",)}).up()
    assert t.client.host.ifaddr("ppp0")[0] == "192.168.50.77"
    assert "192.0.2.53" in t.client.host.log("pppd")
    t.ping()


def test_radius_without_sabus(radius):
    """sabus.so is not there to enforce it: a reply that sets an IPsec policy is refused, radius-no-sabus; one that does not is taken."""
    t = radius(sabus={"client": True}, guard={"lns": True}, reply=("Sabus-Encryption-Policy = Require",), users={"plain": {}}).attempt()
    wait_for("radius-no-sabus", lambda: "radius-no-sabus" in t.lns.host.log("pppd"))
    t.wait_down()
    assert not t.lns.ppp().find(proto="IPCP", code="ConfAck")


def test_radius_without_sabus_control(radius):
    """The counterpart: without sabus.so and without such attributes it is a RADIUS client like any other."""
    t = radius(sabus={"client": True}, guard={"lns": True}).up()
    t.ping()
    assert t.radius.wait_accounting("Start").get("Sabus-Suite") is None
