# SPDX-License-Identifier: GPL-2.0-or-later
"""Everything at once: hypothesis drives the real sabusd through publishers that come, sync, change their minds and die, a broker that is
killed, readers that ask and watchers that read late, and compares with a model that a page can hold.

The model: a publish whose send() has returned has happened. So there is no waiting anywhere but for watchers to converge."""

import os

import wire
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sabusd import Sabusd

PEERS = ["198.51.100.%d" % i for i in range(1, 4)]
IDS = range(1, 7)
ident, peer = st.sampled_from(IDS), st.sampled_from(PEERS)
state = st.sampled_from([wire.PENDING, wire.INSTALLED, wire.INSTALLED, wire.REKEYED])
address = st.one_of(st.none(), peer)


class Bus(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        self.bus = Sabusd("--orphan-grace", "3600").start()
        self.forget()
        self.epoch = 0

    def forget(self):
        """What a new sabusd knows."""
        self.sas = {}               # id -> (peer, state, version, orphan, stale)
        self.publisher, self.older = None, []
        self.knowledge, self.syncing = wire.NONE, False
        self.watchers, self.sessions, self.version = [], {}, 0
        self.reader = self.bus.reader()

    def teardown(self):
        if hasattr(self, "bus"):
            self.bus.__exit__(None)

    # ---- publisher ----
    def orphan(self):
        self.sas = {i: sa[:3] + (True,) + sa[4:] for i, sa in self.sas.items()}
        self.syncing = False

    @rule()
    def publisher_comes(self):
        if self.publisher:
            self.older.append(self.publisher)
            self.orphan()
        self.epoch += 1
        self.publisher = self.bus.publisher(epoch=self.epoch)
        self.knowledge = wire.SYNCING

    @precondition(lambda self: self.publisher)
    @rule()
    def publisher_dies(self):
        self.publisher.close()
        self.publisher = None
        self.orphan()
        self.knowledge = wire.NONE

    @precondition(lambda self: self.publisher)
    @rule()
    def sync_begins(self):
        self.publisher.begin()
        self.sas = {i: sa[:4] + (True,) for i, sa in self.sas.items()}
        self.knowledge, self.syncing = wire.SYNCING, True

    @precondition(lambda self: self.publisher and self.syncing)
    @rule()
    def sync_ends(self):
        self.publisher.end()
        self.sas = {i: sa for i, sa in self.sas.items() if not sa[4]}
        self.knowledge, self.syncing = wire.SYNCED, False

    @rule(which=st.lists(st.tuples(ident, peer), max_size=6))
    def whole_sync(self, which):
        self.publisher_comes()
        self.sync_begins()
        for i, where in which:
            self.put(i, where, wire.INSTALLED)
        self.sync_ends()

    @precondition(lambda self: self.publisher)
    @rule(i=ident, where=peer, how=state)
    def put(self, i, where, how):
        self.version += 1
        self.publisher.put(i, where, state=how, rekey_at=self.version)
        self.sas[i] = (where, how, self.version, False, False)

    @precondition(lambda self: self.publisher)
    @rule(i=ident)
    def delete(self, i):
        self.publisher.delete(i)
        self.sas.pop(i, None)

    @precondition(lambda self: self.publisher)
    @rule(i=ident, where=peer, times=st.integers(50, 400))
    def storm(self, i, where, times):
        """Enough to fill the socket of a watcher that does not read."""
        for _ in range(times):
            self.put(i, where, wire.INSTALLED)
            self.delete(i)
        self.put(i, where, wire.INSTALLED)

    # ---- broker ----
    @rule()
    def broker_crashes(self):
        self.bus.crash()
        for client in self.watchers + [self.reader] + list(self.sessions) + self.older + [self.publisher] * bool(self.publisher):
            client.close()
        self.bus.start()
        self.forget()

    # ---- readers ----
    def check(self, reader, where):
        ack = reader.lookup(where)
        mine = {i: sa for i, sa in self.sas.items() if sa[0] == where}
        known = wire.PRESENT if mine else wire.ABSENT
        assert ack.number(wire.A_ANSWER) == (known if self.knowledge == wire.SYNCED else wire.UNKNOWN)
        got = {sa["id"]: (sa["remote_addr"], sa["state"], sa["rekey_at"], bool(sa.get("flags", 0) & wire.ORPHAN)) for sa in ack.sas}
        assert got == {i: sa[:4] for i, sa in mine.items()}

    @rule(where=peer)
    def ask(self, where):
        self.check(self.reader, where)

    @rule(where=peer)
    def ask_at_once(self, where):
        """A new connection whose question is sent before it has been accepted."""
        reader = self.bus.reader()
        self.check(reader, where)
        reader.close()

    @rule(where=address, sessions=st.booleans())
    def watch(self, where, sessions):
        self.watchers.append(self.bus.watcher(where, sessions))

    def table(self, watcher):
        return {i: (sa["remote_addr"], sa["state"], sa["rekey_at"]) for i, sa in watcher.sas.items()
                if watcher.remote in (None, sa["remote_addr"])}

    def converged(self, watcher):
        mine = {i: sa[:3] for i, sa in self.sas.items() if watcher.remote in (None, sa[0])}
        # A deletion in another bucket is not told; what a filtered watcher still has must have left its bucket.
        users = sorted(s["user"] for s in watcher.sessions.values())
        told = sorted(self.sessions.values()) == users or watcher.with_sessions is False
        return watcher.done and watcher.publisher == self.knowledge and self.table(watcher) == mine and told

    @precondition(lambda self: self.watchers)
    @rule(data=st.data())
    def watcher_reads(self, data):
        """However late: it ends up with the table as it is. And then there is nothing more to be told."""
        watcher = data.draw(st.sampled_from(self.watchers))
        watcher.until(self.converged)
        for got in watcher.pending():
            watcher.apply(got)
        assert self.converged(watcher)

    # ---- sessions ----
    @rule()
    def session_comes(self):
        self.version += 1
        session = self.bus.session()
        session.send(wire.session_put(user="user%d" % self.version, ifname="ppp0"))
        session.expect(wire.HELLO)
        session.answer(PEERS[0])
        self.sessions[session] = "user%d" % self.version

    @precondition(lambda self: self.sessions)
    @rule(data=st.data())
    def session_goes(self, data):
        session = data.draw(st.sampled_from(list(self.sessions)))
        session.close()
        del self.sessions[session]

    @invariant()
    def alive(self):
        if hasattr(self, "bus"):
            assert self.bus.process.poll() is None, self.bus.said()


Bus.TestCase.settings = settings(max_examples=int(os.environ.get("SABUS_EXAMPLES", "30")), stateful_step_count=40, deadline=None, database=None,
                                 derandomize="SABUS_EXAMPLES" not in os.environ, print_blob=True,
                                 suppress_health_check=list(HealthCheck))
TestBus = Bus.TestCase
