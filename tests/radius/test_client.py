# SPDX-License-Identifier: GPL-2.0-or-later
"""sabus-radius-client against servers that do what servers should not: what it believes, how long it waits, what it delivers in the end."""
import contextlib
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import helper as h  # noqa: E402
from fake import Fake  # noqa: E402

ACCEPT, REJECT, RESPONSE, CHALLENGE = 2, 3, 5, 11
GONE = 9  # Acct-Terminate-Cause NAS-Error


def accept(p, _n):
    return h.reply(p, RESPONSE if p.code == 4 else ACCEPT, ma="none" if p.code == 4 else "first")


def silent(_p, _n):
    return None


def run(tmp_path, answer, attrs=None, ms=4000, **more):
    """One authentication: the helper's answer and the server's requests."""
    with Fake(answer) as f, h.Client(h.configure(tmp_path, [(f.port, f.port)], **more)) as c:
        assert c.ready.arg == h.OK, c.ready.text
        return c.auth(attrs or h.pap(), ms), f.requests


# ---- what is sent ----
def test_request_is_signed_first(tmp_path):
    m, (p,) = run(tmp_path, accept)
    assert m.arg == h.OK
    assert p.attrs[0][0] == 80 and p.message_authenticator_good()
    assert p.get(1) == b"alice" and p.get(32) == b"test-lns" and p.get(4) == bytes([127, 0, 0, 1])
    assert len([n for n, _ in p.attrs if n == 80]) == 1


def hidden(password, p):
    import hashlib
    out, before = b"", p.authenticator
    for i in range(0, len(password), 16):
        pad = hashlib.md5(h.SECRET.encode() + before).digest()
        before = p.get(2)[i:i + 16]
        out += bytes(a ^ b for a, b in zip(before, pad))
    return out


@pytest.mark.parametrize("password", ["", "x", "p" * 16, "p" * 17, "p" * 112])
def test_password(tmp_path, password):
    m, (p,) = run(tmp_path, accept, h.pap(password=password))
    assert m.arg == h.OK
    plain = password.encode() + bytes(-len(password) % 16 if password else 16)
    assert hidden(plain, p) == plain


def test_password_that_radcli_would_cut(tmp_path):
    m, requests = run(tmp_path, accept, h.pap(password="p" * 113))
    assert m.arg == h.BAD and not requests and "113 octets" in m.text


@pytest.mark.parametrize("name, sent", [("alice", b"alice@example.net"), ("bob@b", b"bob@b")])
def test_default_realm(tmp_path, name, sent):
    _, (p,) = run(tmp_path, accept, h.pap(name), more="default_realm example.net\n")
    assert p.get(1) == sent


def test_long_identity_in_pieces(tmp_path):
    pieces = [(h.OURS, 9, b"a" * 240), (h.OURS, 9, b"b" * 15)]
    _, (p,) = run(tmp_path, accept, h.pap() + pieces)
    assert p.vsa(h.OURS, 9) == [b"a" * 240, b"b" * 15]


def test_request_too_long(tmp_path):
    m, requests = run(tmp_path, accept, h.pap() + [(h.OURS, 9, b"x" * 240)] * 16)
    assert m.arg == h.BAD and not requests and "longer" in m.text


def test_avpair_and_a_wrong_one(tmp_path):
    with Fake(accept) as f:
        config = h.configure(tmp_path, [(f.port, f.port)])
        with h.Client(config, pairs=['Connect-Info="l2tp"']) as c:
            assert c.auth(h.pap()).arg == h.OK
            assert f.requests[0].get(77) == b"l2tp"
        with h.Client(config, pairs=["No-Such-Thing=1"]) as c:
            assert c.ready.arg == h.BAD_CONFIG and "No-Such-Thing" in c.ready.text
            assert c.auth(h.pap()).arg == h.BAD_CONFIG


# ---- what is believed ----
@pytest.mark.parametrize("bad, word", [
    (dict(ma="none"), "no Message-Authenticator"),
    (dict(ma="bad"), "wrong Message-Authenticator"),
    (dict(ma="twice"), "wrong Message-Authenticator"),
    (dict(secret="another"), "wrong Message-Authenticator"),
    (dict(authenticator=bytes(16)), "wrong Response Authenticator"),
])
def test_lies_are_not_answers(tmp_path, bad, word):
    """Alone: nobody answered, and it is said what came.  Before a good answer: nothing but a bad datagram."""
    m, requests = run(tmp_path, lambda p, n: h.reply(p, ACCEPT, **bad), ms=3000)
    assert m.arg == h.BAD and word in m.text and 1.5 < m.took < 4.5
    assert len(requests) == 2
    m, requests = run(tmp_path, lambda p, n: [h.reply(p, ACCEPT, **bad), h.reply(p, REJECT)])
    assert m.arg == h.REJECT and m.took < 1 and len(requests) == 1


@pytest.mark.parametrize("what", ["id", "code", "short", "empty", "length", "attribute", "zero"])
def test_malformed_datagrams_are_passed_over(tmp_path, what):
    def wrong(p):
        good = h.reply(p, ACCEPT, h.attribute(18, b"x"))
        return {"id": h.reply(p, ACCEPT, mid=p.id ^ 1), "code": h.reply(p, RESPONSE), "short": good[:19], "empty": b"", "length": good[:-1],
                "attribute": h.reply(p, ACCEPT, b"\x12\x01"), "zero": h.reply(p, ACCEPT, b"\x00\x02")}[what]
    m, _ = run(tmp_path, lambda p, n: [wrong(p), h.reply(p, ACCEPT, h.attribute(18, b"good"))])
    assert m.arg == h.OK and m.get(0, 18) == b"good"


@pytest.mark.parametrize("ma", ["first", "last"])
def test_place_of_the_authenticator(tmp_path, ma):
    m, _ = run(tmp_path, lambda p, n: h.reply(p, ACCEPT, h.attribute(18, b"hi"), ma=ma))
    assert m.arg == h.OK and m.get(0, 18) == b"hi"


def test_padding_after_the_packet(tmp_path):
    m, _ = run(tmp_path, lambda p, n: h.reply(p, ACCEPT, h.attribute(18, b"hi")) + b"\x08\x06\x01\x02\x03\x04")
    assert m.arg == h.OK and not m.get(0, 8)


def test_duplicates(tmp_path):
    """Two answers, the second one another: the first holds, and the next request is not confused by the rest."""
    with Fake(lambda p, n: [h.reply(p, ACCEPT if n == 1 else REJECT), h.reply(p, REJECT)] * 2) as f:
        with h.Client(h.configure(tmp_path, [(f.port, f.port)])) as c:
            assert [c.auth(h.pap()).arg for _ in range(3)] == [h.OK, h.REJECT, h.REJECT]


def test_everything_that_fits(tmp_path):
    """As many attributes as a packet holds: 4096 octets, 2 each."""
    m, _ = run(tmp_path, lambda p, n: h.reply(p, ACCEPT, h.attribute(18, b"") * 2029))
    assert m.arg == h.OK and len(m.all(0, 18)) == 2029


def test_oversized_values(tmp_path):
    m, _ = run(tmp_path, lambda p, n: h.reply(p, ACCEPT, h.attribute(11, b"f" * 253) + h.vsa(h.OURS, 67, b"i" * 247) + h.vsa(9, 1, b"c" * 247)))
    assert m.arg == h.OK and m.get(0, 11) == b"f" * 253 and m.get(h.OURS, 67) == b"i" * 247
    assert not m.all(9, 1)


def test_several_in_one_vendor_attribute(tmp_path):
    body = h.attribute(26, h.integer(h.OURS) + h.attribute(64, h.integer(1)) + h.attribute(68, h.integer(1400)))
    m, _ = run(tmp_path, lambda p, n: h.reply(p, ACCEPT, body))
    assert m.get(h.OURS, 64) == h.integer(1) and m.get(h.OURS, 68) == h.integer(1400)


@pytest.mark.parametrize("inner", [b"\x40", b"\x40\x01", b"\x40\x07\x00\x00\x00\x01"])
def test_broken_vendor_attribute_is_no_answer_without_policy(tmp_path, inner):
    """radcli would lose every attribute of such a packet and call it an Accept."""
    m, _ = run(tmp_path, lambda p, n: h.reply(p, ACCEPT, h.attribute(26, h.integer(h.OURS) + inner)))
    assert m.arg == h.BAD and "malformed" in m.text


def test_challenge(tmp_path):
    m, _ = run(tmp_path, lambda p, n: h.reply(p, CHALLENGE, h.attribute(24, b"state")))
    assert m.arg == h.BAD and "Access-Challenge" in m.text


def test_hidden_values(tmp_path):
    def answer(p, _n):
        return h.reply(p, ACCEPT, h.vsa(311, 16, h.salted(b"s" * 16, p)) + h.vsa(311, 17, h.salted(b"r" * 16, p, salt=b"\xff\x00")) +
                       h.attribute(69, b"\x01" + h.salted(b"tunnel secret", p)))
    m, _ = run(tmp_path, answer)
    assert (m.get(311, 16), m.get(311, 17), m.get(0, 69)) == (b"s" * 16, b"r" * 16, b"\x01tunnel secret")


@pytest.mark.parametrize("value", [b"", b"\x80\x01", b"\x00\x01" + bytes(16), b"\x80\x01" + bytes(15), b"\x80\x01" + bytes(17)])
def test_hidden_values_that_are_not(tmp_path, value):
    m, _ = run(tmp_path, lambda p, n: h.reply(p, ACCEPT, h.vsa(311, 16, value)))
    assert m.arg == h.BAD and "MS-MPPE-Send-Key" in m.text


# ---- how long ----
def test_down(tmp_path):
    m, requests = run(tmp_path, silent, ms=3000)
    assert m.arg == h.DOWN and 1.5 < m.took < 4.5 and len(requests) == 2
    assert len({p.data for p in requests}) == 1  # the same request again, not another


def test_nobody_listens(tmp_path):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", 0))
    port = s.getsockname()[1]
    s.close()
    with h.Client(h.configure(tmp_path, [(port, port)])) as c:
        m = c.auth(h.pap(), 2000)
        assert m.arg == h.DOWN and m.took < 3.5


def test_slow(tmp_path):
    """Five seconds are slow, not down; the second transmission is not a second question."""
    def slow(p, n):
        if n == 1:
            time.sleep(5)
        return h.reply(p, ACCEPT)
    m, _ = run(tmp_path, slow, ms=15000, timeout=10, retries=3)
    assert m.arg == h.OK and 4.9 < m.took < 7


def test_second_server(tmp_path):
    with Fake(silent) as a, Fake(accept) as b:
        with h.Client(h.configure(tmp_path, [(a.port, a.port), (b.port, b.port)], timeout=10, retries=3)) as c:
            m = c.auth(h.pap(), 8000)
    assert m.arg == h.OK and m.took < 6 and a.requests and len(b.requests) == 1


def test_reject_is_final(tmp_path):
    with Fake(lambda p, n: h.reply(p, REJECT)) as a, Fake(accept) as b:
        with h.Client(h.configure(tmp_path, [(a.port, a.port), (b.port, b.port)])) as c:
            assert c.auth(h.pap()).arg == h.REJECT
        assert not b.requests


def test_wrong_secret_is_not_asked_twice_as_fast(tmp_path):
    """A flood of bad datagrams makes no flood of requests."""
    m, requests = run(tmp_path, lambda p, n: [h.reply(p, ACCEPT, ma="bad")] * 50, ms=3000)
    assert m.arg == h.BAD and len(requests) == 2 and "100" in m.text


# ---- accounting ----
def served(config, status=h.STOP, limit=10, **more):
    with h.Client(config, **more) as c:
        c.acct(status)
        return c.receive(limit)


def test_accounting(tmp_path):
    with Fake(accept) as f:
        m = served(h.configure(tmp_path, [(f.port, f.port)]))
        p = f.requests[0]
    assert m.op == h.ACCT_DONE and m.arg == h.OK
    assert p.code == 4 and p.accounting_good() and p.integer(40) == h.STOP and p.integer(41) == 0


def test_accounting_answer_with_a_wrong_authenticator(tmp_path):
    with Fake(lambda p, n: h.reply(p, RESPONSE, ma="none", authenticator=bytes(16) if n == 1 else None)) as f:
        m = served(h.configure(tmp_path, [(f.port, f.port)], timeout=1))
    assert m.arg == h.OK and len(f.requests) == 2


def test_accounting_waits_and_says_how_long(tmp_path):
    with Fake(lambda p, n: None if n < 3 else accept(p, n)) as f:
        m = served(h.configure(tmp_path, [(f.port, f.port)], timeout=1), limit=15)
    delays = [p.integer(41) for p in f.requests]
    assert m.arg == h.OK and delays[0] == 0 and delays == sorted(delays) and delays[2] >= 3
    assert len({p.id for p in f.requests} | {p.authenticator for p in f.requests}) > 3  # each is a new request, as its Acct-Delay-Time is


@pytest.mark.parametrize("timeout, retries", [(10, 1), (3, 2)])
@pytest.mark.parametrize("alone", [False, True])
def test_accounting_slow(tmp_path, timeout, retries, alone):
    """A server that needs 5 s is believed in the end, while pppd lives and after it: it does not keep a message again and again until that is lost."""
    def late(data, peer):
        with contextlib.suppress(OSError):  # the test is over
            f.s.sendto(data, peer)

    def slow(p, _n):
        threading.Timer(5, late, (h.reply(p, RESPONSE, ma="none"), f.peer)).start()
    with Fake(slow) as f:
        with h.Client(h.configure(tmp_path, [(f.port, f.port)], timeout=timeout, retries=retries)) as c:
            assert c.ready.arg == h.OK, c.ready.text
            c.acct(h.STOP)
            if alone:
                c.hang_up()
                assert c.p.wait(25) == 0
            else:
                m = c.receive(25)
                assert m.arg == h.OK, m.text
    assert len({p.authenticator for p in f.requests}) <= 2, "the server has stored it %d times" % len(f.requests)


def test_accounting_other_server(tmp_path):
    with Fake(silent) as a, Fake(accept) as b:
        m = served(h.configure(tmp_path, [(a.port, a.port), (b.port, b.port)], timeout=1))
        assert m.arg == h.OK and len({p.authenticator for p in a.requests}) == 1 and len(b.requests) == 1


def test_authentication_does_not_wait_for_accounting(tmp_path):
    with Fake(lambda p, n: accept(p, n) if p.code == 1 else None) as f:
        with h.Client(h.configure(tmp_path, [(f.port, f.port)], timeout=10)) as c:
            c.acct(h.START)
            time.sleep(0.2)
            m = c.auth(h.pap(), 8000)
            c.p.kill()  # its Start would wait
    assert m.arg == h.OK and m.took < 3.5


def test_time_that_authentication_has_lost(tmp_path):
    """What an accounting message took counts: the answer comes when pppd still waits for it."""
    with Fake(silent) as f:
        with h.Client(h.configure(tmp_path, [(f.port, f.port)], timeout=10, retries=3)) as c:
            c.acct(h.START)
            time.sleep(0.2)
            m = c.auth(h.pap(), 4000)
            c.p.kill()
    assert m.arg == h.DOWN and m.took < 5


def test_order_and_what_is_replaced(tmp_path):
    open_at = time.monotonic() + 2
    with Fake(lambda p, n: accept(p, n) if time.monotonic() > open_at else None) as f:
        with h.Client(h.configure(tmp_path, [(f.port, f.port)], timeout=1)) as c:
            for status in (h.START, h.INTERIM, h.INTERIM, h.STOP):
                c.acct(status)
            done = [c.receive(15) for _ in range(4)]
    assert sorted(d.arg for d in done) == [h.OK, h.OK, h.DOWN, h.DOWN]
    answered = [p.integer(40) for p, t in zip(f.requests, f.times) if t > open_at]
    assert answered == [h.START, h.STOP]


def test_stop_after_pppd_is_gone(tmp_path):
    """The helper outlives its pppd until the Stop is delivered, and then goes."""
    with Fake(lambda p, n: accept(p, n) if n > 2 else None) as f:
        c = h.Client(h.configure(tmp_path, [(f.port, f.port)], timeout=1))
        c.acct(h.STOP)
        c.hang_up()
        f.wait(3, 15)
        assert c.p.wait(5) == 0
        assert [p.integer(40) for p in f.requests] == [h.STOP] * 3


def test_pppd_killed(tmp_path):
    with Fake(accept) as f:
        c = h.Client(h.configure(tmp_path, [(f.port, f.port)]))
        c.acct(h.START)
        c.keep(h.stop("killed"), 100)
        c.receive(5)
        time.sleep(1.2)
        c.hang_up()
        p = f.wait(2)
        assert c.p.wait(5) == 0
    assert p.integer(40) == h.STOP and p.get(44) == b"killed" and p.integer(49) == GONE and p.integer(46) in (101, 102)
    assert abs(p.integer(55) - time.time()) < 10


def test_no_second_stop(tmp_path):
    with Fake(accept) as f:
        c = h.Client(h.configure(tmp_path, [(f.port, f.port)]))
        c.keep(h.stop())
        c.acct(h.STOP)
        c.hang_up()
        assert c.p.wait(5) == 0
        assert len(f.requests) == 1


def test_stop_is_given_up(tmp_path):
    with Fake(silent) as f:
        c = h.Client(h.configure(tmp_path, [(f.port, f.port)], timeout=1), stop_retry=3)
        c.acct(h.STOP)
        begin = time.monotonic()
        c.hang_up()
        assert c.p.wait(12) == 0 and 2 < time.monotonic() - begin < 9
        assert len(f.requests) >= 2


def test_sigterm_while_a_stop_waits(tmp_path):
    """systemd stops everything at once: not for ever, and not at once."""
    with Fake(lambda p, n: accept(p, n) if n > 2 else None) as f:
        c = h.Client(h.configure(tmp_path, [(f.port, f.port)], timeout=1))
        c.acct(h.STOP)
        c.hang_up()
        f.wait(1)
        c.p.send_signal(signal.SIGTERM)
        f.wait(3)
        assert c.p.wait(5) == 0


def test_sigterm_with_a_server_that_is_down(tmp_path):
    with Fake(silent) as f:
        c = h.Client(h.configure(tmp_path, [(f.port, f.port)], timeout=1))
        c.acct(h.STOP)
        c.hang_up()
        f.wait(1)
        c.p.send_signal(signal.SIGTERM)
        # a transmission under way (10 s) is waited for, then 5 s more; without SIGTERM it would be 600
        assert c.p.wait(40) == 0


def test_sigterm_while_pppd_lives(tmp_path):
    with Fake(accept) as f:
        with h.Client(h.configure(tmp_path, [(f.port, f.port)])) as c:
            c.p.send_signal(signal.SIGTERM)
            time.sleep(0.2)
            c.acct(h.STOP)
            assert c.receive(5).arg == h.OK


# ---- the process ----
def test_inherits_nothing(tmp_path):
    with Fake(accept) as f:
        r, w = os.pipe()
        os.set_inheritable(w, True)
        with h.Client(h.configure(tmp_path, [(f.port, f.port)])) as c:
            c.auth(h.pap())
            fds = {os.readlink("/proc/%d/fd/%s" % (c.p.pid, n)) for n in os.listdir("/proc/%d/fd" % c.p.pid)}
            assert not any("pipe" in x for x in fds), fds
            assert os.getsid(c.p.pid) == c.p.pid
        os.close(r)
        os.close(w)


@pytest.mark.parametrize("data", [b"", b"\x01", b"\x02" * 20, h.encode(h.AUTH)[:-1], h.encode(99), h.encode(h.AUTH) + b"x" * 8,
                                  h.encode(h.AUTH, attrs=[(0, 1, b"abc")])[:-1]])
def test_messages_that_are_none(tmp_path, data):
    with Fake(accept) as f:
        with h.Client(h.configure(tmp_path, [(f.port, f.port)])) as c:
            if data:
                c.s.send(data)
            assert c.auth(h.pap()).arg == h.OK


@pytest.mark.parametrize("text, word", [
    ("authserver 127.0.0.1\nnonsense 1\n", "cannot be used"),
    ("authserver 127.0.0.1\nserv-type tls\ntls-verify-hostname true\n", "remove 'tls-verify-hostname true'"),
])
def test_configuration_that_cannot_be_used(tmp_path, text, word):
    path = tmp_path / "c"
    path.write_text(text)
    with h.Client(path) as c:
        assert c.ready.arg == h.BAD_CONFIG and word in c.ready.text
        m = c.auth(h.pap())
        assert m.arg == h.BAD_CONFIG and word in m.text


def test_which_transport_is_not_guessed(tmp_path):
    """radcli would speak UDP here: an answer without Message-Authenticator, under the word radsec, is not to be believed as if it were TLS."""
    path = h.configure(tmp_path, [(9, 9)], more="serv-type udp\nserv-auth-type tls\n")
    with h.Client(path) as c:
        assert c.ready.arg == h.BAD_CONFIG and "serv-type" in c.ready.text
        assert c.auth(h.pap(), 2000).arg == h.BAD_CONFIG


def test_configuration_that_is_not_there(tmp_path):
    with h.Client(tmp_path / "none") as c:
        assert c.ready.arg == h.BAD_CONFIG and "No such file" in c.ready.text


# ---- TCP ----
@pytest.mark.parametrize("pieces", [1, 3])
def test_tcp(tmp_path, pieces):
    def answer(p, _n):
        whole = h.reply(p, ACCEPT, h.attribute(18, b"hi"))
        size = -(-len(whole) // pieces)
        return [whole[i:i + size] for i in range(0, len(whole), size)]
    with Fake(answer, stream=True) as f:
        with h.Client(h.configure(tmp_path, [(f.port, f.port)], more="serv-type tcp\n")) as c:
            m = c.auth(h.pap(), 4000)
    assert m.arg == h.OK and m.get(0, 18) == b"hi" and f.requests[0].message_authenticator_good()
