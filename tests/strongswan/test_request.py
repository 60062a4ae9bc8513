# SPDX-License-Identifier: GPL-2.0-or-later
"""What a real charon does when it is asked over the bus to delete or bring up an SA.  Witnesses: swanctl at both ends, and the order on the bus."""
import errno
import time

import pytest

import harness
from pair import CLIENT, LNS, VERSIONS

PENDING, INSTALLED, REKEYED = 1, 2, 3
SECOND = "children {\n second {\n mode = transport\n local_ts = dynamic[udp/%s]\n remote_ts = dynamic[udp/%s]\n start_action = none\n %s\n }"


def with_second(p, ports=(1801, 1801)):
    """Both ends get one more CHILD_SA in the same connection."""
    proposals = p.options["proposals"]
    for charon, text, ts in ((p.lns, p.text(LNS, CLIENT, "lns", "client", "", ""), ports), (p.client, p.text("%any", LNS, "client", "lns", "", ""), ports[::-1])):
        charon.load(text.replace("children {", SECOND % (*ts, proposals), 1))


def children(charon):
    return charon.swanctl("--list-sas").count("INSTALLED")


def ike_sas(charon):
    return charon.swanctl("--list-sas").count("ESTABLISHED")


def gone(p):
    return lambda: children(p.lns) == children(p.client) == 0 and ike_sas(p.lns) == ike_sas(p.client) == 0


def lns_initiates(p, **options):
    p.client.load(p.text(CLIENT, LNS, "client", "lns", "", ""))
    text = p.text(LNS, CLIENT, "lns", "client", options.get("child", ""), "")
    p.lns.load(text)
    return text


# ---- DELETE ----

@VERSIONS
def test_delete_of_the_last_child_takes_the_ike_sa(pair, version):
    p = pair(**version)
    sa = p.up()
    error, text = p.bus.result(p.bus.ask_delete(sa["ID"], "last tunnel closed"))
    assert error == 0 and "IKE_SA of the last CHILD_SA l2tp{%d} (last tunnel closed)" % sa["ID"] in text
    m = p.bus.until(lambda m: m.type == "SA_DEL" and m.sa_id == sa["ID"]) if sa["ID"] in p.bus.sas else None
    assert m is None or m.cause == "deleted"
    harness.wait_for("both ends to be empty", gone(p))
    assert "last tunnel closed" in p.lns.log()


@VERSIONS
def test_delete_leaves_an_ike_sa_that_is_shared(pair, version):
    p = pair(**version)
    with_second(p)
    sa = p.up()
    p.client.swanctl("--initiate", "--child", "second", "--timeout", "20")
    assert children(p.lns) == 2 and ike_sas(p.lns) == 1
    assert p.bus.result(p.bus.ask_delete(sa["ID"]))[0] == 0
    harness.wait_for("one child at both ends", lambda: children(p.lns) == children(p.client) == 1)
    assert ike_sas(p.lns) == ike_sas(p.client) == 1
    assert "second" in p.lns.swanctl("--list-sas")


@VERSIONS
def test_two_deletes_at_once_leave_nothing(pair, version):
    """The second one finds the first being deleted: that does not count as somebody else's."""
    p = pair(**version)
    with_second(p, (1701, 1702))
    one = p.up()
    p.client.swanctl("--initiate", "--child", "second", "--timeout", "20")
    two = p.bus.until(lambda m: m.type == "SA_PUT" and m.sa_id != one["ID"] and m.sa["STATE"] == INSTALLED).sa
    first, second = p.bus.ask_delete(one["ID"]), p.bus.ask_delete(two["ID"])
    assert p.bus.result(first)[0] == p.bus.result(second)[0] == 0
    harness.wait_for("both ends to be empty", gone(p))


@VERSIONS
def test_delete_of_a_rekeyed_sa_takes_its_successor(pair, version):
    p = pair(**version)
    old = p.up()
    p.lns.swanctl("--rekey", "--child", "l2tp")
    new = p.bus.until(lambda m: m.type == "SA_PUT" and m.sa_id != old["ID"] and m.sa["STATE"] == INSTALLED).sa
    p.lns.swanctl("--rekey", "--child", "l2tp")
    newer = p.bus.until(lambda m: m.type == "SA_PUT" and m.sa_id not in (old["ID"], new["ID"]) and m.sa["STATE"] == INSTALLED).sa
    error, text = p.bus.result(p.bus.ask_delete(old["ID"]))
    assert error == 0 and "{%d}" % newer["ID"] in text
    harness.wait_for("both ends to be empty", gone(p))


def test_delete_of_what_is_not_there(pair):
    p = pair()
    sa = p.up()
    assert p.bus.result(p.bus.ask_delete(sa["ID"] + 1000))[0] == errno.ENOENT
    p.lns.swanctl("--terminate", "--ike", "l2tp")
    assert p.bus.result(p.bus.ask_delete(sa["ID"]))[0] == errno.ENOENT


# ---- INITIATE ----

@VERSIONS
@pytest.mark.parametrize("local, name", [("0.0.0.0", None), (LNS, None), (LNS, "l2tp"), (LNS, "l2tp/l2tp")])
def test_initiate(pair, version, local, name):
    p = pair(**version)
    lns_initiates(p)
    number = p.bus.ask_initiate(CLIENT, local, name)
    assert p.bus.result(number)[0] == 0
    assert [s["STATE"] for s in p.bus.sas.values()] == [INSTALLED]      # told before the result
    again = p.bus.ask_initiate(CLIENT, local, name)
    assert p.bus.result(again) == (0, "there already")
    assert children(p.lns) == 1


def test_several_requests_share_one_initiation(pair):
    p = pair()
    lns_initiates(p)
    numbers = [p.bus.ask_initiate(CLIENT) for _ in range(20)]
    assert [p.bus.result(n)[0] for n in numbers] == [0] * 20
    time.sleep(1)
    assert children(p.lns) == children(p.client) == 1
    assert p.lns.log().count("sabus: request op=initiate connection=") == 1


@VERSIONS
def test_initiate_with_a_wrong_secret(pair, version):
    p = pair(**version, extra="retransmit_tries = 2")
    p.client.load(p.text(CLIENT, LNS, "client", "lns", "", "").replace("test only", "another one", 1))
    p.lns.load(p.text(LNS, CLIENT, "lns", "client", "", ""))
    error, text = p.bus.result(p.bus.ask_initiate(CLIENT), 60)
    assert text.startswith("negotiation failed: ")
    if version:     # IKEv1's responder cannot read the message, and is silent or complains of it
        assert error in (errno.ECONNREFUSED, errno.ETIMEDOUT)
    else:
        assert (error, text) == (errno.ECONNREFUSED, "negotiation failed: AUTHENTICATION_FAILED")
    assert not p.bus.sas and ike_sas(p.lns) == 0


@VERSIONS
def test_initiate_without_a_common_proposal(pair, version):
    p = pair(**version)
    p.client.load(p.text(CLIENT, LNS, "client", "lns", "", "").replace(p.options["proposals"], "esp_proposals = aes256-sha512"))
    p.lns.load(p.text(LNS, CLIENT, "lns", "client", "", ""))
    error, text = p.bus.result(p.bus.ask_initiate(CLIENT), 60)
    assert error == errno.ECONNREFUSED and "NO_PROP" in text, text


def test_initiate_to_a_silent_peer(pair):
    p = pair(extra="retransmit_tries = 1\nretransmit_base = 1")
    lns_initiates(p)
    p.client.stop()
    error, text = p.bus.result(p.bus.ask_initiate(CLIENT), 60)
    assert error == errno.ETIMEDOUT and "does not respond" in text


def test_initiate_without_a_configuration(pair):
    p = pair()
    lns_initiates(p)
    for number, part in ((p.bus.ask_initiate("10.9.0.77"), "no connection has the one remote address 10.9.0.77"),
                         (p.bus.ask_initiate(CLIENT, port=1799), "UDP 1799 to 1799"),
                         (p.bus.ask_initiate(CLIENT, local="10.9.0.88"), "no connection"),
                         (p.bus.ask_initiate(CLIENT, name="none"), "connection 'none' is not loaded"),
                         (p.bus.ask_initiate(CLIENT, name="l2tp/none"), "'l2tp/none'")):
        error, text = p.bus.result(number)
        assert error == errno.ENOENT and part in text, text
    assert ike_sas(p.lns) == 0


def test_a_responders_configuration_is_none(pair):
    """remote_addrs = %any admits every peer, but there is nothing to send to."""
    p = pair()
    p.lns.load(p.text(LNS, "%any", "lns", "client", "", ""))
    assert p.bus.result(p.bus.ask_initiate(CLIENT))[0] == errno.ENOENT


def test_initiate_with_two_configurations(pair):
    p = pair()
    lns_initiates(p)
    with_second(p, (1701, 1701))
    error, text = p.bus.result(p.bus.ask_initiate(CLIENT))
    assert error == errno.EINVAL and "l2tp/l2tp" in text and "l2tp/second" in text and "name one" in text
    assert p.bus.result(p.bus.ask_initiate(CLIENT, name="l2tp"))[0] == errno.EINVAL
    assert p.bus.result(p.bus.ask_initiate(CLIENT, name="l2tp/second"))[0] == 0
    assert "second" in p.lns.swanctl("--list-sas")


# ---- charon and sabusd come and go ----

def test_charon_stops_in_between(pair):
    p = pair()
    lns_initiates(p)
    p.client.stop()
    numbers = [p.bus.ask_initiate(CLIENT) for _ in range(5)] + [p.bus.ask_delete(i) for i in range(1, 51)]
    p.bus.result(numbers[-1])
    start = time.monotonic()
    assert p.lns.stop() == 0
    assert time.monotonic() - start < 10


def test_a_result_does_not_reach_another_sabusd(pair):
    """Its numbers mean something else there."""
    p = pair(sabus="reconnect = 100ms", extra="retransmit_tries = 1\nretransmit_base = 1")
    lns_initiates(p)
    p.client.stop()
    p.bus.ask_initiate(CLIENT)
    p.bus.drain(0.3)
    p.bus.peer.close()
    p.bus.accept()
    p.bus.seen.clear()
    p.bus.drain(6)
    assert not [m for m in p.bus.seen if m.type == "RESULT"]


def test_many_requests_and_no_reader(pair):
    """Results that nobody reads cost the connection, not charon."""
    p = pair(sabus="reconnect = 100ms")
    sa = p.up()
    for i in range(3000):
        try:
            p.bus.ask_delete(100000 + i, "x" * 60)
        except (BrokenPipeError, ConnectionResetError):
            break
    else:
        pytest.fail("3,000 unread results and still connected")
    p.bus.accept()
    assert list(p.bus.sas) == [sa["ID"]] and children(p.lns) == 1


def test_requests_do_not_fill_the_log(pair):
    """Each request is answered, but not each has its line: 500 at once, then one in 20 ms, and a line says how many there were not.  A name forges nothing."""
    p = pair()
    lns_initiates(p)
    asked = 0

    def ask(count):
        nonlocal asked
        numbers = [p.bus.ask_initiate(CLIENT, name='x" result=done text="') for _ in range(count)]
        assert {p.bus.result(n)[0] for n in numbers} == {errno.ENOENT}
        asked += count

    def lines():
        return p.lns.lines("sabus: request ")

    while len(lines()) == asked:        # until there is one that has none
        ask(50)
        assert asked < 10000
    assert len(lines()) >= 500
    assert set(lines()) == {"sabus: request op=initiate result=failed text=\"connection 'x\\x22 result=done text=\\x22' is not loaded, "
                            "or has no CHILD_SA for UDP 1701 to %s:1701\"" % CLIENT}
    harness.wait_for("a line that says how many", lambda: ask(1) or p.lns.lines("sabus: log-limited suppressed="))
    told = [int(line.split("suppressed=")[1]) for line in p.lns.lines("sabus: log-limited ")]
    assert told and len(lines()) + sum(told) <= asked < len(lines()) + sum(told) + 50
