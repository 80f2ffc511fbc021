"""Does actions on a real vault and compares everything that comes of them with the town."""
import base64
import concurrent.futures
import http.client
import json
import pathlib
import ssl
import time

import harness
from harness import Answer, RunningVault, sha256
from modelling.acts import Event
from modelling.looks import Looks
from modelling.town import LEASE, REFUSALS_A_MINUTE, REPLAY, Town, roman_day

READER = harness.BIN.parent / "tests" / "custode-journal"
CLOCK = harness.FAKETIME
LOST = (OSError, http.client.HTTPException)
AWAY = 30           # seconds that a moment stays away from a border it might fall on either side of
MADE = [Event("vault.created", None, outcome="system"), Event("rules.loaded", None, outcome="system"),
        Event("account.created", None, outcome="system")]
OPENED, SHUT = (Event(kind, None, outcome="system") for kind in ("vault.unsealed", "vault.sealed"))


class Disagreement(Exception):
    """The vault did not do what the town did."""


def demand(holds, text):
    if not holds:
        raise Disagreement(text)


class Driver:
    def __init__(self, count=lambda what, number=1: None, control=None):
        self.count = count
        self.vault = RunningVault()
        self.town = Town(harness.PASSWORD)
        self.town.strict_grants = control == "model"
        self.journal = list(MADE)
        self.tokens, self.refused = {}, {}
        self.offset = 0
        self.clock = self.vault.folder / "clock"
        self.keyfile = base64.b64encode(self.vault.keyfile.read_bytes()).decode()
        self.tls = ssl.create_default_context()   # its certificate lives by another clock than ours
        self.tls.check_hostname, self.tls.verify_mode = False, ssl.CERT_NONE
        self.serve()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.vault.discard()

    # --- time ---------------------------------------------------------------------------------------

    def now(self):
        return time.time() + self.offset

    def set_clock(self, offset):
        self.offset = offset
        self.clock.write_text(f"{offset:+d}\n")

    def clock_environment(self):
        if not CLOCK:
            return {}
        return {"LD_PRELOAD": CLOCK, "FAKETIME_TIMESTAMP_FILE": str(self.clock),
                "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                "DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"}

    def keep_away_from_borders(self):
        """Our clock and the daemon's are milliseconds apart: nothing may hang on them."""
        town = self.town
        def near():
            now, boot = self.now(), time.monotonic()
            locks = [a.locked_until for a in town.accounts.values()] + [g[1] for g in
                                                                       town.ghosts.values()]
            return (roman_day(now - 5) != roman_day(now + 5)
                    or any(abs(lock - now) < AWAY for lock in locks)
                    or any(abs(at + REPLAY - now) < AWAY for at, _, _ in town.filings.values()))
        while CLOCK and near():
            self.set_clock(self.offset + 2 * AWAY)
        while any(abs(at + LEASE - time.monotonic()) < 3 for at in town.leases.values()):
            time.sleep(0.5)

    # --- the daemon ---------------------------------------------------------------------------------

    def serve(self):
        if CLOCK:
            self.set_clock(self.offset)
        self.vault.serve("--quiet", **self.clock_environment())
        self.connection = None
        self.refused.clear()
        self.journal.append(OPENED)

    def send(self, asked, token=None):
        headers = dict(asked.headers)
        if token:
            headers["Authorization"] = f"Bearer {token}"
        body = asked.body
        if isinstance(body, dict):
            body, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        elif body is None and asked.method == "POST":
            body = b""
        if self.connection is None:
            host, port = self.vault.address.rsplit(":", 1)
            self.connection = http.client.HTTPSConnection(host, int(port), context=self.tls,
                                                          timeout=harness.PATIENCE)
        try:
            self.connection.request(asked.method, "/api/v1" + asked.path, body, headers)
            return Answer(self.connection.getresponse())
        except LOST:
            self.connection.close()
            self.connection = None
            raise

    def ask(self, action, expected):
        answer = self.send(expected, None if action["verb"] == "login" else
                           self.tokens.get(action.get("by"), "una-sessione-di-ieri"))
        if answer.header("Connection") == "close":
            self.connection = None
        return answer

    def size(self):
        return int(self.vault.metric("custode_journal_events_total"))

    # --- actions ------------------------------------------------------------------------------------

    def predict(self, action):
        if action["verb"] == "unseal":
            action = {**action, "keyfile": self.keyfile}
        return Looks(self.town, self.now(), time.monotonic()).predict(action)

    def skip(self, action, expected):
        """Whether an action would pass the bound beyond which refusals are only counted."""
        if expected.groups and expected.groups[0][0].action == "access.refused":
            recent = [at for at in self.refused.get(action["by"], []) if at > time.monotonic() - 61]
            self.refused[action["by"]] = recent + [time.monotonic()]
            return len(recent) >= REFUSALS_A_MINUTE - 5
        return False

    def do(self, action):
        """One action, and everything that comes of it."""
        self.keep_away_from_borders()
        special = getattr(self, "do_" + action["verb"].replace("-", "_"), None)
        self.count(f"actions {action['verb']}")
        if special:
            return special(action)
        expected = self.predict(action)
        if self.skip(action, expected):
            return None
        try:
            answer = self.ask(action, expected)
        except LOST as lost:
            raise Disagreement(f"no answer: {lost!r}{self.what_it_does()}") from None
        self.compare(action, expected, answer)
        self.note(action, expected, answer, sum(expected.groups, []))
        self.settle()
        return answer

    def what_it_does(self):
        """Where each thread of the daemon stands, for a report of one that hangs or has ended."""
        if (ended := self.vault.process.poll()) is not None:
            return f"; the daemon ended with {ended}: {self.vault.log.read_text()[-600:]}"
        tasks = pathlib.Path(f"/proc/{self.vault.process.pid}/task").iterdir()
        where = [f"{(task / 'comm').read_text().strip()} {(task / 'syscall').read_text()[:24]}"
                 for task in tasks]
        return f"; its threads: {where}"

    def compare(self, action, expected, answer):
        code = answer.code if answer.status >= 400 else ""
        demand((answer.status, code) == (expected.status, expected.code),
               f"answered {answer.status} {code}, not {expected.status} {expected.code}")
        try:
            expected.check(answer)
        except AssertionError as different:
            raise Disagreement(str(different)) from None
        self.count("answers as predicted")

    def note(self, action, expected, answer, events):
        expected.apply(answer)
        self.journal += events
        if action["verb"] == "login" and answer is not None and answer.status == 201:
            self.tokens[action["by"]] = answer.json["token"]

    def settle(self):
        """The journal has grown by what was predicted; what is only posted comes within moments."""
        if self.town.sealed:
            return
        deadline = time.monotonic() + 5
        while (size := self.size()) < len(self.journal) and time.monotonic() < deadline:
            time.sleep(0.002)
        demand(size == len(self.journal), f"{size} events, not {len(self.journal)}; the last are "
               f"{self.journal[-4:]}")

    # --- what happens to the daemon -----------------------------------------------------------------

    def do_restart(self, _):
        if not self.town.sealed:
            self.journal.append(SHUT)
        self.vault.stop()
        self.check_journal()
        self.town.restarted()
        self.serve()
        self.settle()

    def do_kill(self, _):
        self.vault.kill()
        self.town.restarted()
        self.serve()
        self.settle()

    def do_clock(self, action):
        if CLOCK:
            self.set_clock(self.offset + action["seconds"])

    def do_kill_during(self, action):
        act = action["act"]
        expected = self.predict(act)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            asked = pool.submit(self.ask, act, expected)
            time.sleep(action["delay"])
            self.vault.kill()
            try:
                answer = asked.result()
            except LOST:
                answer = None
        self.after_kill(act, expected, answer)

    def do_kill_after(self, action):
        act = action["act"]
        expected = self.predict(act)
        answer = self.ask(act, expected)
        self.vault.kill()
        self.after_kill(act, expected, answer)

    def after_kill(self, act, expected, answer):
        """Acknowledged: all of it is there.  Not acknowledged: a first part, commit by commit."""
        if answer is not None:
            self.compare(act, expected, answer)
        self.connection = None
        before = len(self.journal)
        self.vault.serve("--quiet", **self.clock_environment())
        self.refused.clear()
        groups = expected.groups if not self.town.sealed or act["verb"] == "unseal" else []
        needed = 0 if answer is None else len(groups) - (1 if expected.posted else 0)
        ends = [sum(map(len, groups[:n])) for n in range(len(groups) + 1)]
        found = self.size() - before - 1
        demand(found in ends[needed:], f"after a kill {found} events of {groups}, "
               f"{'answered' if answer else 'not answered'}")
        if found or (answer is not None and not groups):
            self.note(act, expected, answer if answer is not None else None,
                      sum(groups, [])[:found])
        self.town.restarted()
        self.tokens.clear()
        self.journal.append(OPENED)
        self.count("kills answered" if answer is not None else "kills not answered")
        if answer is None and found:
            self.learn(act, expected)

    def learn(self, act, expected):
        """The id of what was made without an answer: asked for as a client would."""
        verb, by = act["verb"], act.get("by")
        if verb not in ("file", "open") or expected.status != 201:
            return
        self.do({"n": -1, "verb": "login", "by": by, "password": self.town.accounts[by].password})
        if verb == "file":
            answer = self.ask(act, expected)
            demand((answer.status, answer.json.get("replayed")) == (200, True),
                   f"what a kill left answers {answer.status} to the same request")
            self.town.documents[f"F{act['n']}"].id = answer.json["id"]
        else:
            dossier = self.town.dossiers[f"D{act['n']}"]
            asked = type(expected)(200, path="/dossiers?limit=200")
            found = [item["id"] for item in self.ask(act, asked).json["items"]
                     if item["code"] == dossier.code]
            demand(len(found) == 1, f"dossier {dossier.code} that a kill left is not listed")
            dossier.id = found[0]
            self.journal.append(Event("disclosure.opened", by))
        self.settle()

    # --- at the end ---------------------------------------------------------------------------------

    def check_journal(self):
        """Every event of the stopped vault, in order: what, who, about what, why."""
        if not READER.exists():
            return
        read = harness.run([READER, self.vault.vault, self.vault.keyfile],
                           environment=self.vault.environment())
        lines = [json.loads(line) for line in read.out.splitlines()]
        actors, subjects = {}, {}
        for number, (line, event) in enumerate(zip(lines, self.journal)):
            kind = event.subject[0] or "none"
            demand((line["action"], line["outcome"], line["purpose"], line["subject_kind"])
                   == (event.action, event.outcome, event.purpose, kind),
                   f"event {number} is {line}, not {event}")
            demand((line["actor"] is None) == (event.actor is None), f"event {number}: who")
            for names, here, ours in ((actors, line["actor"], event.actor),
                                      (subjects, line["subject"], event.subject)):
                year = line["year"] if names is actors else 0
                if here is not None:
                    demand(names.setdefault((year, ours), here) == here
                           and sum(v == here for v in names.values()) == 1,
                           f"event {number}: {here} is not the one of {ours}")
        demand(len(lines) == len(self.journal), f"{len(lines)} events, not {len(self.journal)}")
        self.count("events compared", len(lines))

    def audit(self):
        """What everybody sees, and every byte of every document."""
        if self.town.sealed:
            self.do({"n": -1, "verb": "unseal"})
        for name, account in self.town.accounts.items():
            self.do({"n": -1, "verb": "login", "by": name, "password": account.password})
            if account.must_change:
                self.do({"n": -1, "verb": "own-password", "by": name,
                         "password": account.password + "!"})
            for verb in ("dossiers", "all-documents"):
                self.do({"n": -1, "verb": verb, "by": name})
        for reference in self.town.documents:
            for name in self.town.accounts:
                if name in self.town.sessions and self.town.through(
                        name, "document.read", self.town.documents[reference],
                        roman_day(self.now())):
                    self.do({"n": -1, "verb": "read", "by": name, "document": reference,
                             "purpose": "verifica", "range": None})
                    break
        self.do({"n": -1, "verb": "restart"})
        self.vault.stop()
        self.vault.verify()
        self.vault.rebuild()
