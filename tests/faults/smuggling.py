#!/usr/bin/env python3
"""What one request is, and where it ends: the daemon and an independent parser say the same.

Hundreds of malformed heads, each followed by a request that must not be executed; then mutated
requests by the thousand, sent with a last request behind them: the statuses that come back must be
exactly those that h11 and the rules of reference.py foretell.
"""
import collections
import json
import ssl

import faults
import harness
import mutations
import reference
import wire

LAST = b"GET /api/v1/last-request HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
SHARE = b'{"share":"non-vale"}'


class Oracle:
    """What the daemon answers to a request that is one; learnt from two plain ones."""

    def __init__(self, vault):
        sent = (b"POST /api/v1/unseal HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"
                % len(SHARE) + SHARE + LAST)
        known = wire.answers(wire.talk(vault, sent, wire.context(vault)))
        harness.demand(len(known) == 2 and known[1][1] == "route.none", f"{known}")
        self.of_share = known[0][:2]

    def answer(self, request):
        """(status, code or None for any, whether the connection is closed after it)"""
        path, unread = request.target.partition("?")[0], request.one("content-length", "0") != "0"
        if path == "/api/v1/unseal" and request.method == "POST":
            if int(request.one("content-length")) > 1 << 20:
                return 413, None, True
            return (*self.of_share, False) if request.body == SHARE else (None, None, False)
        if path == "/api/v1/seal" and request.method == "POST":  # "unseal", shortened by chance
            return 401, "session.missing", unread
        if path not in ("/api/v1/status", "/api/v1/unseal", "/api/v1/seal"):
            return 404, "route.none", unread
        if request.method == "OPTIONS":
            return 204, "", unread
        if path == "/api/v1/status" and request.method in ("GET", "HEAD"):
            return 200, "", unread
        return 405, None, unread


def is_answer(wanted, answer):
    status, code, _ = wanted
    return status in (None, answer[0]) and (code is None or not answer[2] or code == answer[1])


class Smuggling:
    def __init__(self, trial):
        self.trial = trial
        self.vault = harness.RunningVault().serve()
        self.made = wire.context(self.vault)
        self.made.verify_flags &= ~ssl.VERIFY_X509_STRICT
        self.oracle = Oracle(self.vault)
        self.hits = collections.Counter()

    def malformed(self):
        for why, data, status in mutations.malformed():
            came = wire.talk(self.vault, data + LAST, self.made)
            self.trial.count("malformed heads")
            try:
                got = wire.answers(came or b"", self.methods(data, []))
            except ValueError as error:
                got = [(0, str(error), b"")]
            self.trial.demand(len(got) == 1 and got[0][0] == status,
                              f"{why}: {[answer[:2] for answer in got]}, not one {status}")
            if self.trial.had_enough():
                return

    def mutated(self):
        for _ in range(self.trial.times):
            data = mutations.mutant(self.trial.dice) + LAST
            came = wire.talk(self.vault, data, self.made)
            if came == b"":  # cut by a deadline on a machine that is busy: not so twice
                self.trial.count("asked again, since nothing came")
                came = wire.talk(self.vault, data, self.made)
            self.judge(data, came)
            if self.trial.had_enough():
                return

    def judge(self, data, came):
        """Compares, answer by answer, what was foretold and what came."""
        requests, end = reference.split(data)
        foretold = []
        refused_by = []
        for request in requests:
            refused_by = reference.stricter(request)
            if refused_by:
                break
            foretold.append(self.oracle.answer(request))
            if foretold[-1][2]:
                end = "closed"
                break
        if end == "incomplete" and len(foretold) == len(requests) and self.in_body(requests):
            foretold.pop()
        self.count(end, refused_by)
        wrong = self.differs(data, requests, foretold, end, came)
        if wrong:
            self.trial.finding(f"{wrong}; foretold {[f[:2] for f in foretold]}, then {end} "
                               f"{refused_by}: {data[:600]!r}")

    def in_body(self, requests):
        return requests and len(requests[-1].body) < int(requests[-1].one("content-length", "0"))

    def count(self, end, refused_by):
        self.trial.count("mutated requests")
        self.trial.count(f"  {end}")
        self.hits.update(refused_by)

    def methods(self, data, requests):
        """With what was asked, the request that nobody takes for one included."""
        rest = data[sum(len(request.raw) + len(request.body) for request in requests):]
        return [request.method for request in requests] + ["HEAD"] * rest.startswith(b"HEAD ")

    def differs(self, data, requests, foretold, end, came):
        if came is None:
            return "neither answered nor closed"
        try:
            got = wire.answers(came, self.methods(data, requests))
        except ValueError as error:
            return str(error)
        if len(got) < len(foretold) or not all(map(is_answer, foretold, got)):
            return f"answered {[answer[:2] for answer in got]}"
        rest = got[len(foretold):]
        refused = len(rest) == 1 and rest[0][0] >= 400 and rest[0][1] != "route.none"
        if end in ("malformed", "refused"):
            return None if refused else f"not refused: {[answer[:2] for answer in rest]}"
        if end == "incomplete":
            return None if not rest or refused else f"answered {[a[:2] for a in rest]}"
        return f"answered besides {[answer[:2] for answer in rest]}" if rest else None

    def run(self):
        self.malformed()
        self.mutated()
        for rule in reference.STRICTER:
            self.trial.count(f"  refused by '{rule}': {reference.STRICTER[rule]}", self.hits[rule])
            if not self.trial.control:
                self.trial.demand(self.hits[rule], f"no mutant met the rule '{rule}'")
        harness.same(self.vault.call("GET", "/status").status, 200, "it goes on")
        self.vault.stop()


def smuggling(trial):
    Smuggling(trial).run()


faults.run(smuggling, "the daemon and an independent parser agree where a request ends",
           short_times=2_000, long_times=10_000, controls=("one_framing",))
