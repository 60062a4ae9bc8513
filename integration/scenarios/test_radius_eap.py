# SPDX-License-Identifier: GPL-2.0-or-later
"""EAP-TLS: pppd authenticates the peer by its certificate; FreeRADIUS, told of the SA, says whether and how it may be here, and keeps the account."""

from lib.wait import wait_for

OPTIONS = "/etc/ppp/options.xl2tpd"
# A CA, and a certificate for each end.
MAKE = """set -e; mkdir -p /run/eap; cd /run/eap
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 3 -subj /CN=ca 2>/dev/null
for who in lns user; do
openssl req -newkey rsa:2048 -nodes -keyout $who.key -out $who.csr -subj /CN=$who 2>/dev/null
openssl x509 -req -in $who.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out $who.pem -days 3 2>/dev/null
done"""


def eap_tls(radius, **options):
    """A tunnel whose pppds use EAP-TLS."""
    t = radius(**options)
    t.radius.host.run(MAKE)
    for end, who, auth in ((t.lns, "lns", "server"), (t.client, "user", "client")):
        for name in ("ca.pem", who + ".pem", who + ".key"):
            end.host.write("/etc/ppp/" + name, t.radius.host.read("/run/eap/" + name), 0o600)
    files = "/etc/ppp/%s.pem - /etc/ppp/ca.pem /etc/ppp/%s.key"
    t.lns.host.write("/etc/ppp/eaptls-server", "* * - /etc/ppp/lns.pem /etc/ppp/ca.pem /etc/ppp/lns.key *\n", 0o600)
    t.client.host.write("/etc/ppp/eaptls-client", "* * " + files % ("user", "user") + "\n", 0o600)
    t.lns.host.write(OPTIONS, t.lns.host.read(OPTIONS).replace("require-mschap-v2", "require-eap"))
    return t


def test_radius_eap_tls(radius):
    """The user of an EAP-TLS session is authorised by the server, with the SA in view, gets its address and limits, and has Start and Stop."""
    t = eap_tls(radius, needs=("Sabus-Authorize-Only := Yes",), reply=("Framed-IP-Address := 192.168.50.77", "Sabus-Encryption-Policy := Allow")).up()
    t.ping()
    request = t.radius.messages("Access-Request")[-1]
    assert request.get("Service-Type") == "Authorize-Only" and request.get("User-Name") == "user"
    assert request.get("Sabus-Suite") == "ESP AES_GCM_16-256" and not request.get("User-Password")
    start = t.radius.wait_accounting("Start")
    assert start.get("Framed-IP-Address") == "192.168.50.77" and start.get("Acct-Authentic") == "Remote"
    assert 'authenticated with EAP' in t.lns.host.log("pppd")
    t.down()
    assert t.radius.wait_accounting("Stop").get("Acct-Session-Id") == start.get("Acct-Session-Id")


def test_radius_eap_tls_refused(radius):
    """A certificate is not enough: without the server's leave the link ends before any address is given."""
    t = eap_tls(radius)
    t.attempt()
    wait_for("the server refuses", lambda: t.radius.messages("Access-Reject", "Sent"), 30)
    t.wait_down()
    assert "auth result=refuse reason=radius-reject method=eap" in t.lns.host.log("pppd")
    assert not t.radius.accounting() and not t.lns.host.ifaddr("ppp0")
