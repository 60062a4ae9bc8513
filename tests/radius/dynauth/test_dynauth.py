# SPDX-License-Identifier: GPL-2.0-or-later
"""From a RADIUS server's datagram to pppd's request and back, with the real sabus-dynauth and sabusd."""

import errno
import os
import socket
import subprocess
import time

import pytest
import radius as r
import wire
from daemon import CLIENTS, DYNAUTH, OTHER_SECRET, SECRET, Dynauth, Pppd

LNS, A, B = "192.0.2.1", "198.51.100.7", "198.51.100.8"
ME = r.ip("127.0.0.1")


@pytest.fixture
def dynauth():
    with Dynauth() as d:
        yield d


def user(name="alice"):
    return r.attr(r.USER_NAME, name)


# ---- what it is for ----

@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_disconnect(dynauth, address):
    alice, bob = Pppd(dynauth), Pppd(dynauth, "bob", ifname="ppp1", address="10.9.0.6", remote=B)
    asker = dynauth.asker(address)
    asked = asker.send(asker.build(r.DISCONNECT, user()))
    request = alice.obey()
    assert request.number(wire.A_OP) == wire.OP_CLOSE and request.string(wire.A_ERRTEXT) == "Disconnect from " + address
    answer = asker.answer(asked)
    assert answer.told == (r.DISCONNECT_ACK, None)
    assert abs(int.from_bytes(answer.all(r.TIMESTAMP)[0], "big") - time.time()) < 5
    assert bob.is_left_alone()
    line = dynauth.wait_for("sabus: answer")
    for word in ("request=disconnect", "client=" + address, "result=ack", "reason=ok", "sessions=1", 'user="alice"'):
        assert word in line.split(), line


def test_change(dynauth):
    alice, asker = Pppd(dynauth), dynauth.asker()
    asked = asker.send(asker.build(
        r.COA, user(), r.sabus(r.ENCRYPTION_POLICY, 1), r.sabus(r.MANDATE, 0), r.sabus(r.MIN_STRENGTH, 2), r.sabus(r.MTU_CAP, 1300),
        r.sabus(r.IKE_IDENTITY, "*@example.org"), r.sabus(r.IKE_IDENTITY, "C=CH, *"),
        r.vsa(r.MICROSOFT, r.attr(7, 2), r.attr(8, 4)),         # two in one Vendor-Specific
        r.attr(r.SESSION_TIMEOUT, 3600), r.attr(r.IDLE_TIMEOUT, 600), r.attr(r.INTERIM, 300), r.attr(r.FILTER_ID, "quarantine"),
        r.attr(r.FRAMED_MTU, 1400)))
    request = alice.obey()
    assert request.number(wire.A_OP) == wire.OP_CHANGE and request.string(wire.A_ERRTEXT) == "CoA from 127.0.0.1"
    assert request.nested(wire.A_REPLY, wire.REPLY) == wire.reply(
        encryption=1, mandate=0, min_strength=2, mtu_cap=1300, ms_policy=2, ms_types=4, session_timeout=3600, idle_timeout=600, interim=300,
        filter_id="quarantine", framed_mtu=1400, identities=["*@example.org", "C=CH, *"])
    assert asker.answer(asked).told == (r.COA_ACK, None)


def test_a_longest_value_of_each_text_arrives_whole(dynauth):
    alice, asker = Pppd(dynauth, "u" * 253, acct_id="x" * 63), dynauth.asker()
    asked = asker.send(asker.build(r.COA, user("u" * 253), r.attr(r.ACCT_SESSION_ID, "x" * 63), r.attr(r.FILTER_ID, "f" * 253),
                                   *[r.sabus(r.IKE_IDENTITY, chr(97 + i) * 247) for i in range(8)]))
    reply = alice.obey().nested(wire.A_REPLY, wire.REPLY)
    assert reply["filter_id"] == "f" * 253 and reply["identities"] == [chr(97 + i) * 247 for i in range(8)]
    assert asker.answer(asked).told == (r.COA_ACK, None)


# ---- which session ----

SA = dict(id=5, local="192.0.2.1", remote_port=31337, flags=1)
WHICH = [
    ("user", [user()]), ("acct", [r.attr(r.ACCT_SESSION_ID, "id-alice")]), ("ip", [r.attr(r.FRAMED_IP, r.ip("10.9.0.5"))]),
    ("port", [r.attr(r.NAS_PORT, 0)]), ("port-id", [r.attr(r.NAS_PORT_ID, "ppp0")]), ("calling", [r.attr(r.CALLING, A)]),
    ("nat", [r.attr(r.CALLING, A + ":31337")]), ("called", [user(), r.attr(r.CALLED, LNS)]),
    ("nas-ip", [user(), r.attr(r.NAS_IP, ME)]), ("nas-id", [user(), r.attr(r.NAS_IDENTIFIER, socket.gethostname())]),
    ("all", [user(), r.attr(r.ACCT_SESSION_ID, "id-alice"), r.attr(r.FRAMED_IP, r.ip("10.9.0.5")), r.attr(r.NAS_PORT, 0), r.attr(r.CALLING, A),
             r.attr(r.CALLED, LNS), r.attr(r.NAS_IP, ME), r.attr(r.NAS_PORT_ID, "ppp0"), r.attr(r.REPLY_MESSAGE, "bye"),
             r.attr(r.TERMINATE_CAUSE, 6)])]


@pytest.mark.parametrize("attrs", [a for _, a in WHICH], ids=[n for n, _ in WHICH])
def test_it_is_this_one(dynauth, attrs):
    charon = dynauth.bus.publisher().sync()
    charon.put(5, A, remote_port=31337)
    alice, bob = Pppd(dynauth, sa_id=5), Pppd(dynauth, "bob", ifname="ppp11", address="10.9.0.6", remote=B)
    asker = dynauth.asker()
    asked = asker.send(asker.build(r.DISCONNECT, *attrs))
    alice.obey()
    assert asker.answer(asked).told == (r.DISCONNECT_ACK, None)
    assert bob.is_left_alone()


@pytest.mark.parametrize("attrs, cause", [
    ([user("Alice")], 503), ([user("alic")], 503), ([user(), r.attr(r.ACCT_SESSION_ID, "id-bob")], 503),
    ([r.attr(r.FRAMED_IP, r.ip("10.9.0.7"))], 503), ([r.attr(r.FRAMED_IPV6, r.ip("2001:db8::1"))], 503), ([r.attr(r.NAS_PORT, 1)], 503),
    ([r.attr(r.NAS_PORT_ID, "ppp")], 503), ([r.attr(r.CALLING, "198.51.100.9")], 503), ([r.attr(r.CALLING, A + ":1701")], 503),
    ([r.attr(r.CALLING, A + ":")], 503), ([r.attr(r.CALLING, "00-11-22")], 503), ([user(), r.attr(r.CALLED, B)], 503),
    ([user(), r.attr(r.NAS_IP, r.ip("192.0.2.99"))], 403), ([user(), r.attr(r.NAS_IDENTIFIER, "other")], 403),
    ([user(), r.attr(r.NAS_IPV6, r.ip("::1"))], 403),
    ([r.attr(r.CALLED, LNS)], 402), ([r.attr(r.NAS_IP, ME)], 402), ([], 402)])
def test_it_is_no_session(dynauth, attrs, cause):
    alice, asker = Pppd(dynauth), dynauth.asker()
    assert asker.ask(r.DISCONNECT, *attrs).told == (r.DISCONNECT_NAK, cause)
    assert asker.ask(r.COA, *attrs, r.attr(r.SESSION_TIMEOUT, 5)).told == (r.COA_NAK, cause)
    assert alice.is_left_alone()


def test_sessions_where_we_are_the_client_are_not_theirs(dynauth):
    alice, asker = Pppd(dynauth, role=1), dynauth.asker()
    assert asker.ask(r.DISCONNECT, user()).told == (r.DISCONNECT_NAK, 503)
    assert alice.is_left_alone()


def test_several_sessions_of_a_user(dynauth):
    """A Disconnect-Request ends them all; a change must say which."""
    both = [Pppd(dynauth, ifname="ppp%d" % i, acct_id="id-%d" % i, address="10.9.0.%d" % (5 + i)) for i in range(2)]
    bob, asker = Pppd(dynauth, "bob", ifname="ppp2", address="10.9.0.9"), dynauth.asker()
    assert asker.ask(r.COA, user(), r.attr(r.SESSION_TIMEOUT, 5)).told == (r.COA_NAK, 508)
    assert asker.ask(r.DISCONNECT, r.attr(r.CALLING, A)).told == (r.DISCONNECT_NAK, 508)
    assert all(p.is_left_alone() for p in both + [bob])
    asked = asker.send(asker.build(r.DISCONNECT, user()))
    for pppd in both:
        pppd.obey()
    assert asker.answer(asked).told == (r.DISCONNECT_ACK, None)
    assert bob.is_left_alone() and "sessions=2" in dynauth.wait_for("result=ack")


@pytest.mark.parametrize("answers, told", [
    ([0, errno.EBUSY, 0], (r.DISCONNECT_NAK, 504)), ([errno.EINVAL] * 3, (r.DISCONNECT_NAK, 504)),
    ([0, errno.ENOENT, 0], (r.DISCONNECT_ACK, None))])
def test_not_all_of_several(dynauth, answers, told):
    three = [Pppd(dynauth, ifname="ppp%d" % i) for i in range(3)]
    asker = dynauth.asker()
    asked = asker.send(asker.build(r.DISCONNECT, user()))
    for pppd, err in zip(three, answers):
        pppd.obey(err)
    assert asker.answer(asked).told == told


def test_sessions_come_and_go(dynauth):
    asker = dynauth.asker()
    assert asker.ask(r.DISCONNECT, user()).cause == 503
    alice = Pppd(dynauth, user="early")
    alice.client.send(wire.session_put(wire.TAKES_ALL, role=0, up=1, user="alice", flow=alice.values["flow"]))
    alice.client.answer(A)
    time.sleep(0.05)
    assert asker.ask(r.DISCONNECT, user("early")).cause == 503
    asked = asker.send(asker.build(r.DISCONNECT, user()))
    alice.obey()
    assert asker.answer(asked).code == r.DISCONNECT_ACK
    alice.client.close()
    dynauth.bus.reader().answer(A)
    time.sleep(0.05)
    assert asker.ask(r.DISCONNECT, user(), ma="last").cause == 503


# ---- what the session says ----

@pytest.mark.parametrize("err, disconnect, coa", [
    (0, (r.DISCONNECT_ACK, None), (r.COA_ACK, None)), (errno.EPERM, (r.DISCONNECT_NAK, 504), (r.COA_ACK, None)),
    (errno.EINVAL, (r.DISCONNECT_NAK, 407), (r.COA_NAK, 407)), (errno.ENOTSUP, (r.DISCONNECT_NAK, 406), (r.COA_NAK, 406)),
    (errno.ENOENT, (r.DISCONNECT_NAK, 503), (r.COA_NAK, 503)), (errno.EBUSY, (r.DISCONNECT_NAK, 506), (r.COA_NAK, 506)),
    (errno.ETIMEDOUT, (r.DISCONNECT_NAK, 506), (r.COA_NAK, 506)), (errno.EIO, (r.DISCONNECT_NAK, 504), (r.COA_NAK, 506))])
def test_what_pppd_says(dynauth, err, disconnect, coa):
    alice, asker = Pppd(dynauth), dynauth.asker()
    asked = asker.send(asker.build(r.DISCONNECT, user()))
    alice.obey(err)
    assert asker.answer(asked).told == disconnect
    asked = asker.send(asker.build(r.COA, user(), r.sabus(r.ENCRYPTION_POLICY, 1)))
    alice.obey(err, 'words of "pppd"\n')
    assert asker.answer(asked).told == coa
    assert 'text="words of \\x22pppd\\x22\\x0a"' in dynauth.wait_for("request=coa")


def test_an_old_pppd(dynauth):
    alice, asker = Pppd(dynauth, ops=None), dynauth.asker()
    assert asker.ask(r.DISCONNECT, user()).told == (r.DISCONNECT_NAK, 406)
    assert alice.is_left_alone()


def test_pppd_dies_before_it_answers(dynauth):
    alice, asker = Pppd(dynauth), dynauth.asker()
    asked = asker.send(asker.build(r.DISCONNECT, user()))
    alice.request()
    alice.client.close()
    assert asker.answer(asked).told == (r.DISCONNECT_NAK, 506)
    assert "reason=session-lost" in dynauth.wait_for("sabus: answer")


def test_pppd_does_not_answer_and_others_go_on(dynauth):
    alice, bob, asker = Pppd(dynauth), Pppd(dynauth, "bob", ifname="ppp1"), dynauth.asker()
    start = time.monotonic()
    asked = asker.send(asker.build(r.DISCONNECT, user()))
    alice.request()
    other = asker.send(asker.build(r.DISCONNECT, user("bob")))
    bob.obey()
    assert asker.answer(other).code == r.DISCONNECT_ACK and time.monotonic() - start < 5
    assert asker.answer(asked).told == (r.DISCONNECT_NAK, 506)
    assert 9 < time.monotonic() - start < 14
    assert "reason=session-silent" in dynauth.wait_for('user="alice"')


# ---- what cannot be had ----

@pytest.mark.parametrize("attrs, cause, attribute", [
    ([r.attr(r.CLASS, "x")], 401, "0/25"), ([r.attr(200, "x")], 401, "0/200"), ([r.sabus(2, "ESP")], 401, "%d/2" % r.SABUS),
    ([r.sabus(99, 1)], 401, "%d/99" % r.SABUS), ([r.vsa(9, r.attr(1, "x"))], 401, "9/26"), ([r.vsa(r.MICROSOFT, r.attr(16, "x"))], 401, "311/16"),
    ([r.attr(r.REPLY_MESSAGE, "x")], 401, "0/18"), ([r.attr(r.ERROR_CAUSE, 1)], 401, "0/101"),
    ([r.attr(r.SERVICE_TYPE, 17)], 405, "0/6"), ([r.attr(r.SERVICE_TYPE, 2)], 405, "0/6"),
    ([r.attr(r.SESSION_TIMEOUT, b"\1\2\3")], 407, "0/27"), ([r.attr(r.FILTER_ID, "")], 407, "0/11"), ([r.attr(r.FILTER_ID, "a\0b")], 407, "0/11"),
    ([r.sabus(r.ENCRYPTION_POLICY, 0)], 407, "%d/64" % r.SABUS), ([r.sabus(r.ENCRYPTION_POLICY, 4)], 407, "%d/64" % r.SABUS),
    ([r.sabus(r.MANDATE, 3)], 407, "%d/65" % r.SABUS), ([r.sabus(r.MIN_STRENGTH, 4)], 407, "%d/66" % r.SABUS),
    ([r.sabus(r.MTU_CAP, 63)], 407, "%d/68" % r.SABUS), ([r.attr(r.FRAMED_MTU, 65536)], 407, "0/12"),
    ([r.vsa(r.MICROSOFT, r.attr(7, 3))], 407, "311/7"), ([r.sabus(r.IKE_IDENTITY, "x")] * 9, 407, "%d/67" % r.SABUS),
    ([r.attr(r.SESSION_TIMEOUT, 1)] * 2, 404, "0/27"), ([user()], 404, "0/1"), ([r.vsa(r.SABUS, b"\x40\1")], 404, None),
    ([r.vsa(r.SABUS)], 404, None), ([r.attr(r.VSA, b"\0\0")], 404, None), ([r.vsa(r.SABUS, b"\x40\7\0\0\0\1")], 404, None), ([], 402, None)])
def test_refused_whole(dynauth, attrs, cause, attribute):
    """Nothing is done in part: what is good beside it is not done either."""
    alice, asker = Pppd(dynauth), dynauth.asker()
    good = [r.sabus(r.ENCRYPTION_POLICY, 1)] if attrs and attribute != "%d/64" % r.SABUS else []
    assert asker.ask(r.COA, user(), *good, *attrs).told == (r.COA_NAK, cause)
    assert alice.is_left_alone()
    line = dynauth.wait_for("sabus: answer").split()
    assert "cause=%d" % cause in line and ("attribute=%s" % attribute in line or not attribute)


@pytest.mark.parametrize("extra", [r.attr(r.SESSION_TIMEOUT, 1), r.sabus(r.ENCRYPTION_POLICY, 1), r.attr(r.STATE, "x"), r.attr(r.CLASS, "x")])
def test_a_disconnect_changes_nothing(dynauth, extra):
    alice, asker = Pppd(dynauth), dynauth.asker()
    assert asker.ask(r.DISCONNECT, user(), extra).told == (r.DISCONNECT_NAK, 401)
    assert alice.is_left_alone()


def test_what_must_come_back_comes_back(dynauth):
    asker = dynauth.asker()
    copies = [r.attr(r.PROXY_STATE, "one"), r.attr(r.STATE, "state"), r.attr(r.PROXY_STATE, b"\0\1"), r.attr(r.PROXY_STATE)]
    answer = asker.ask(r.COA, copies[0], user(), *copies[1:3], r.attr(r.IDLE_TIMEOUT, 5), copies[3])
    assert answer.all(r.PROXY_STATE) == [b"one", b"\0\1", b""] and answer.all(r.STATE) == [b"state"]
    assert answer.told == (r.COA_NAK, 503)


def test_a_packet_full_of_proxy_state(dynauth):
    """The largest request there is, the one that leaves least room for its answer."""
    asker = dynauth.asker()
    full = [r.attr(r.PROXY_STATE, "x" * 253)] * 15
    rest = 4096 - 20 - 18 - 6 - len(user("a")) - 15 * 255 - 2
    answer = asker.ask(r.DISCONNECT, user("a"), *full, r.attr(r.PROXY_STATE, "y" * rest))
    assert answer.all(r.PROXY_STATE) == [b"x" * 253] * 15 + [b"y" * rest] and answer.cause == 503
    assert not answer.all(r.TIMESTAMP) and asker.ask(r.DISCONNECT, user("a"), *full).all(r.TIMESTAMP)


def test_an_answer_that_does_not_fit():
    """Only where Message-Authenticator is not required: there is none, and the daemon lives."""
    with Dynauth('client 127.0.0.1 "%s" message-authenticator=optional\n' % SECRET) as dynauth:
        asker = dynauth.asker()
        full = [r.attr(r.PROXY_STATE, "x" * 253)] * 15
        rest = 4096 - 20 - 6 - len(user()) - 15 * 255 - 2
        packet = asker.build(r.DISCONNECT, user(), *full, r.attr(r.PROXY_STATE, "y" * rest), ma=None)
        assert len(packet) == 4096
        asker.send(packet)
        dynauth.wait_for("reason=no-room-for-answer")
        asker.send(packet)
        assert asker.silence()
        assert asker.ask(r.DISCONNECT, user()).cause == 503


# ---- who is not answered ----

def drop(dynauth, asker, packet, reason):
    asker.send(packet)
    line = dynauth.wait_for("reason=" + reason)
    assert "sabus: drop " in line and asker.silence()
    return line


def test_strangers(dynauth):
    alice = Pppd(dynauth)
    asker = dynauth.asker(source="127.0.0.2")
    assert "client=127.0.0.2" in drop(dynauth, asker, asker.build(r.DISCONNECT, user()), "unknown-client")
    asker = dynauth.asker(secret="wrong")
    drop(dynauth, asker, asker.build(r.DISCONNECT, user()), "bad-authenticator")
    assert alice.is_left_alone()


@pytest.mark.parametrize("more, reason", [
    (dict(ma=None), "no-message-authenticator"), (dict(ma="bad"), "bad-message-authenticator"), (dict(stamp=None), "no-timestamp"),
    (dict(stamp=int(time.time()) - 400), "stale-timestamp"), (dict(stamp=int(time.time()) + 1000), "stale-timestamp"),
    (dict(stamp=0), "stale-timestamp"), (dict(stamp=0xffffffff), "stale-timestamp")])
def test_not_fresh_or_not_signed(dynauth, more, reason):
    alice, asker = Pppd(dynauth), dynauth.asker()
    drop(dynauth, asker, asker.build(r.DISCONNECT, user(), **more), reason)
    assert alice.is_left_alone()


@pytest.mark.parametrize("code", [0, 1, 2, 4, 12, 39, 41, 42, 44, 45, 46, 255])
def test_other_codes(dynauth, code):
    asker = dynauth.asker()
    drop(dynauth, asker, asker.build(code, user()), "other-code")


def test_every_truncation_and_every_wrong_byte(dynauth):
    """No answer, no request to pppd, and the daemon lives (ASan)."""
    alice, asker = Pppd(dynauth), dynauth.asker()
    packet = asker.build(r.DISCONNECT, user(), r.sabus(r.ENCRYPTION_POLICY, 1))
    for size in range(len(packet)):
        asker.send(packet[:size])
    for at in range(len(packet)):
        asker.send(packet[:at] + bytes([packet[at] ^ 0x41]) + packet[at + 1:])
    asker.send(packet + b"x" * 5000)
    asker.send(bytes(65000))
    assert asker.silence(1) and alice.is_left_alone()
    assert "sabus: log-limited" in dynauth.said() or dynauth.said().count("sabus: drop") < 40
    asked = asker.send(packet + b"padding")     # RFC 2865: what is behind the packet's own length is padding
    assert asker.answer(asked).told == (r.DISCONNECT_NAK, 401)


def test_clients_of_the_configuration():
    """The narrowest network counts, each has its own secret and its own rules."""
    config = ('# comment\nclient 127.0.0.0/8 "%s" # all\nclient 127.0.0.5 %s message-authenticator=optional event-timestamp=optional\n'
              % (SECRET, '"%s"' % OTHER_SECRET.replace("\\", "\\\\").replace('"', '\\"')))
    with Dynauth(config) as dynauth:
        alice = Pppd(dynauth)
        asker = dynauth.asker(source="127.0.0.9")
        assert asker.ask(r.DISCONNECT, user("x")).cause == 503
        narrow = dynauth.asker(source="127.0.0.5", secret=OTHER_SECRET)
        asked = narrow.send(narrow.build(r.DISCONNECT, user(), ma=None, stamp=None))
        alice.obey()
        assert narrow.answer(asked).code == r.DISCONNECT_ACK
        wrong = dynauth.asker(source="127.0.0.5")
        drop(dynauth, wrong, wrong.build(r.DISCONNECT, user()), "bad-authenticator")
        drop(dynauth, narrow, narrow.build(r.DISCONNECT, user(), ma="bad"), "bad-message-authenticator")
        drop(dynauth, narrow, narrow.build(r.DISCONNECT, user(), stamp=1), "stale-timestamp")
        assert "sabus: weak-client client=127.0.0.5/32" in dynauth.said()


def test_who_we_are():
    with Dynauth(CLIENTS + "nas-identifier lns-a\nnas-identifier lns-b\nnas-address 192.0.2.1\nnas-address 2001:db8::1\n") as dynauth:
        asker = dynauth.asker()
        for attrs, cause in [
                ([r.attr(r.NAS_IDENTIFIER, "lns-b")], 503), ([r.attr(r.NAS_IDENTIFIER, socket.gethostname())], 403),
                ([r.attr(r.NAS_IP, r.ip("192.0.2.1")), r.attr(r.NAS_IPV6, r.ip("2001:db8::1")), r.attr(r.NAS_IDENTIFIER, "lns-a")], 503),
                ([r.attr(r.NAS_IP, ME)], 403), ([r.attr(r.NAS_IP, r.ip("192.0.2.1")), r.attr(r.NAS_IDENTIFIER, "lns-c")], 403)]:
            assert asker.ask(r.DISCONNECT, user(), *attrs).cause == cause


# ---- again ----

def test_retransmissions_are_answered_and_not_done_again(dynauth):
    alice, asker, other_port = Pppd(dynauth), dynauth.asker(), dynauth.asker()
    packet = asker.build(r.DISCONNECT, user())
    asker.send(packet)
    alice.request()
    asker.send(packet)                          # while it is being done
    assert asker.silence()
    alice.reply()
    first = asker.answer(packet)
    for sender in (asker, other_port):          # somebody else's copy gets the answer, too, and nothing more
        sender.send(packet)
        assert sender.answer(packet).packet == first.packet
    assert alice.is_left_alone() and dynauth.said().count("sabus: answer") == 1


def test_a_new_packet_with_an_old_identifier_is_new(dynauth):
    alice, asker = Pppd(dynauth), dynauth.asker()
    for i in range(3):
        packet = r.request(r.COA, user(), r.attr(r.SESSION_TIMEOUT, i + 1), secret=SECRET, ident=7)
        asker.send(packet)
        assert alice.obey().nested(wire.A_REPLY, wire.REPLY)["session_timeout"] == i + 1
        assert asker.answer(packet).code == r.COA_ACK


def test_a_copy_is_worth_nothing_after_the_window():
    with Dynauth(CLIENTS + "window 2\n") as dynauth:
        alice, asker = Pppd(dynauth), dynauth.asker()
        packet = asker.build(r.DISCONNECT, user())
        asker.send(packet)
        alice.obey()
        assert asker.answer(packet).code == r.DISCONNECT_ACK
        time.sleep(3.5)
        drop(dynauth, asker, packet, "stale-timestamp")


# ---- the bus ----

def test_any_order_of_starts_and_ends():
    with Dynauth(bus=False) as dynauth:
        asker = dynauth.asker()
        assert asker.ask(r.DISCONNECT, user()).told == (r.DISCONNECT_NAK, 506)
        assert "reason=bus-down" in dynauth.wait_for("sabus: answer")
        dynauth.bus.start()
        dynauth.wait_for("sabus: bus-up")
        alice = Pppd(dynauth)
        asked = asker.send(asker.build(r.DISCONNECT, user()))
        alice.request()
        dynauth.bus.crash()                     # with a request under way
        assert asker.answer(asked).told == (r.DISCONNECT_NAK, 506)
        assert asker.ask(r.DISCONNECT, user(), ma="last").told == (r.DISCONNECT_NAK, 506)
        dynauth.bus.start()
        dynauth.wait_for("sabus: bus-up", times=2)
        assert asker.ask(r.DISCONNECT, user()).cause == 503     # pppd is not back yet
        alice = Pppd(dynauth)
        asked = asker.send(asker.build(r.DISCONNECT, user(), r.attr(r.NAS_PORT, 0)))
        alice.obey()
        assert asker.answer(asked).code == r.DISCONNECT_ACK
        assert dynauth.said().count("sabus: bus-down") == 2      # not a line for each attempt


def test_sabusd_hangs(dynauth):
    """It is stopped, not gone: the request ends by time, and the daemon answers others meanwhile."""
    Pppd(dynauth)
    asker = dynauth.asker()
    dynauth.bus.pause()
    try:
        asked = asker.send(asker.build(r.DISCONNECT, user()))
        assert asker.ask(r.DISCONNECT, user("bob")).cause == 503
        assert asker.answer(asked).told == (r.DISCONNECT_NAK, 506)
    finally:
        dynauth.bus.resume()


def test_many(dynauth):
    """Hundreds of sessions, each ended by a request of its own, all under way at once."""
    count = 300
    sessions = [dynauth.bus.session(patience=20) for _ in range(count)]
    for i, client in enumerate(sessions):
        client.send(wire.session_put(wire.TAKES_ALL, user="user%d" % i, acct_id="id-%d" % i, flow={}))
        client.answer(A)
    time.sleep(0.2)
    asker, asked = dynauth.asker(), {}
    for i in range(count):
        packet = asker.send(r.request(r.DISCONNECT, r.attr(r.ACCT_SESSION_ID, "id-%d" % i), secret=SECRET, ident=i % 256))
        asked[i] = packet, sessions[i].expect(wire.REQUEST).seq
    assert dynauth.bus.reader().stats()["requests_waiting"] == count
    for i in reversed(range(count)):
        sessions[i].send(wire.result(asked[i][1]))
        assert asker.answer(asked[i][0]).told == (r.DISCONNECT_ACK, None)


# ---- configuration ----

def check(path, *options):
    done = subprocess.run([DYNAUTH, "--check", "--config", path, *options], capture_output=True, text=True, timeout=30)
    return done.returncode, done.stderr


@pytest.mark.parametrize("text, complaint", [
    ("", "no client"), ("clinet 1.2.3.4 x\n", ":1: 'clinet' is not client, listen"), ("\n\nclient 1.2.3.4\n", ":3: client needs a network and a secret"),
    ("client 1.2.3.4/24 x\n", "'1.2.3.4/24' is not an address or a network"), ("client 1.2.3.0/33 x\n", "is not an address or a network"),
    ("client ::1/129 x\n", "is not an address"), ("client host x\n", "is not an address"), ('client 1.2.3.4 ""\n', "secret of 1.2.3.4 is empty"),
    ("client 1.2.3.4 %s\n" % ("x" * 256), "longer than 255"), ('client 1.2.3.4 "abc\n', "no closing quote"), ("client 1.2.3.4 %s\n" % ("x" * 600), "more than 511"),
    ("client 1.2.3.4 a b\n", "'b' is not message-authenticator="), ("client 1.2.3.4 a\nclient 1.2.3.4 b\n", ":2: 1.2.3.4 is there twice"),
    ("client 1.2.3.4 a\nlisten 1.2.3.4 0\n", "'0' is not a port"), ("client 1.2.3.4 a\nlisten here\n", "listen needs an address"),
    ("client 1.2.3.4 a\nwindow 0\n", "from 1 to 3600"), ("client 1.2.3.4 a\nnas-address x\n", "nas-address needs"),
    ("client 1.2.3.4 a\nnas-identifier\n", "nas-identifier needs"), ("client 1.2.3.4 a b c d e f g h\n", "more than 8 words"),
    ("".join("client 10.0.%d.%d x\n" % divmod(i, 256) for i in range(257)), ":257: more than 256 clients"), ("client 1.2.3.4 \0\n", "NUL")])
def test_wrong_configurations(tmp_path, text, complaint):
    path = tmp_path / "dynauth.conf"
    path.write_text(text)
    path.chmod(0o600)
    status, said = check(str(path))
    assert status == 1 and complaint in said and str(path) in said


def test_a_good_configuration(tmp_path):
    path = tmp_path / "dynauth.conf"
    path.write_text('client 10.0.0.0/8 "0123456789abcdef"\nclient ::/0 short\r\nlisten ::1\nwindow 60\n')
    path.chmod(0o600)
    status, said = check(str(path))
    assert status == 0 and "sabus: weak-secret client=::/0" in said and "10.0.0.0" not in said and "short" not in said


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o620, 0o602, 0o666])
def test_secrets_that_others_may_read(tmp_path, mode):
    path = tmp_path / "dynauth.conf"
    path.write_text(CLIENTS)
    path.chmod(mode)
    status, said = check(str(path))
    assert status == 1 and "mode %04o" % mode in said and "chmod 600" in said


def test_somebody_elses_file_no_file_and_a_folder(tmp_path):
    path = tmp_path / "dynauth.conf"
    assert "No such file" in check(str(path))[1]
    path.mkdir()
    assert "is not a file" in check(str(path))[1]
    path.rmdir()
    path.write_text(CLIENTS)
    path.chmod(0o600)
    if os.getuid() == 0:
        os.chown(path, 12345, 0)
        assert "belongs to user 12345" in check(str(path))[1]


def test_a_credential(tmp_path):
    path = tmp_path / "dynauth.conf"
    path.write_text(CLIENTS)
    path.chmod(0o440)                           # systemd's ACL shows so
    environment = dict(os.environ, CREDENTIALS_DIRECTORY=str(tmp_path))
    assert subprocess.run([DYNAUTH, "--check"], env=environment, timeout=30).returncode == 0
    path.chmod(0o444)
    assert subprocess.run([DYNAUTH, "--check"], env=environment, capture_output=True, timeout=30).returncode == 1


@pytest.mark.parametrize("options, status, said", [
    (["--help"], 0, "usage:"), (["--version"], 0, "sabus-dynauth"), (["--nonsense"], 2, "--help"), (["word"], 2, "'word' is not an option")])
def test_options(options, status, said):
    done = subprocess.run([DYNAUTH] + options, capture_output=True, text=True, timeout=30)
    assert done.returncode == status and said in done.stdout + done.stderr


def test_no_privilege_is_left(dynauth):
    with open("/proc/%d/status" % dynauth.process.pid) as f:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)
    assert "0" not in status["Uid"].split() and "0" not in status["Gid"].split() and int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0
    assert status["NoNewPrivs"] == "1" and status["Groups"].split() in ([], status["Groups"].split() if os.getuid() else [])


def test_a_user_that_is_not_there(tmp_path):
    path = tmp_path / "dynauth.conf"
    path.write_text(CLIENTS + "listen 127.0.0.1 39991\n")
    path.chmod(0o600)
    if os.getuid() == 0:
        done = subprocess.run([DYNAUTH, "--config", str(path), "--user", "no-such-user"], capture_output=True, text=True, timeout=30)
        assert done.returncode == 1 and "sabus: no-user user=no-such-user" in done.stderr
