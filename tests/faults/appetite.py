#!/usr/bin/env python3
"""Memory stays what it was, whatever the network asks for.

64 connections upload at once, each much more than the daemon may keep of it, and then many tiny
requests pass over kept connections.  What the process holds, less the mapped pages of its files, is
looked at all the while and stays below what was promised.
"""
import base64
import concurrent.futures
import hashlib
import threading
import time

import faults
import harness
import slow_peers
import wire

UPLOADS = 64
PROMISED = 256 << 20  # resident bytes, whatever is asked for
GROWTH = 16 << 20     # by tiny requests: their memory is given back
PIECE = 1 << 20
CLIENTS = 4
BATCH = 50
A_CONNECTION = 9_000  # requests; the daemon ends it after 10,000


class Watch:
    """Looks at the daemon's memory every few milliseconds, until the end of the block."""

    def __init__(self, process):
        self.process, self.most, self.ending = process, 0, threading.Event()

    def __enter__(self):
        self.before = slow_peers.resident(self.process)
        self.thread = threading.Thread(target=self.look, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.thread.join()
        self.after = slow_peers.resident(self.process)

    def look(self):
        while not self.ending.wait(0.01):
            self.most = max(self.most, slow_peers.resident(self.process))


class Appetite:
    def __init__(self, trial):
        self.trial = trial
        self.vault = harness.staffed_vault()
        self.dossier = self.vault.open_dossier("anna", "Appetito")

    def say(self, what, watch):
        print(f"           {what:24} {watch.before / 1e6:.0f} MB before, {watch.most / 1e6:.0f} MB at "
              f"most, {watch.after / 1e6:.0f} MB after", flush=True)
        self.trial.demand(watch.most < PROMISED, f"{what}: {watch.most} bytes of memory")

    def upload(self, number, pieces, meeting):
        """One document of so many pieces, begun when all others are ready too."""
        piece = harness.bytes_of(PIECE, number)
        whole = hashlib.sha256()
        for _ in range(pieces):
            whole.update(piece)
        headers = self.vault.filing_headers(b"")
        headers["Content-Digest"] = f"sha-256=:{base64.b64encode(whole.digest()).decode()}:"
        connection = self.vault.connection(timeout=600)
        meeting.wait(600)  # before the head: who stood still in a body would be cut
        connection.putrequest("POST", f"/api/v1/dossiers/{self.dossier}/documents")
        for item in {**headers, "Content-Length": str(pieces * PIECE),
                     "Authorization": "Bearer " + self.vault.token("anna")}.items():
            connection.putheader(*item)
        connection.endheaders()
        for _ in range(pieces):
            connection.send(piece)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status

    def uploads(self, pieces):
        meeting = threading.Barrier(UPLOADS)
        with Watch(self.vault.process) as watch, \
                concurrent.futures.ThreadPoolExecutor(UPLOADS) as many:
            begun = time.monotonic()
            told = list(many.map(lambda number: self.upload(number, pieces, meeting),
                                 range(UPLOADS)))
        self.trial.demand(told == [201] * UPLOADS, f"the uploads were answered {set(told)}")
        self.trial.count("bytes that were uploaded at once", UPLOADS * pieces * PIECE)
        self.trial.count("seconds that it took", round(time.monotonic() - begun))
        self.say("64 uploads", watch)

    def ask(self, requests):
        """So many requests for next to nothing, fifty in a packet, over kept connections."""
        sent = f"GET /api/v1/status HTTP/1.1\r\nHost: {self.vault.address}\r\n\r\n".encode() * BATCH
        made = wire.context(self.vault)
        for first in range(0, requests, A_CONNECTION):
            with wire.dial(self.vault, made=made) as connection:
                for _ in range(min(A_CONNECTION, requests - first) // BATCH):
                    connection.sendall(sent)
                    came = b""
                    while came.count(b"HTTP/1.1 200 ") < BATCH or not came.endswith(b"}"):
                        more = connection.recv(1 << 16)
                        harness.demand(more, f"cut in the middle of answers: {came[-200:]}")
                        came += more

    def tiny(self, requests):
        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as many:
            list(many.map(self.ask, [CLIENTS * BATCH * 4] * CLIENTS))  # what all requests share
            with Watch(self.vault.process) as watch:
                list(many.map(self.ask, [requests // CLIENTS] * CLIENTS))
        self.trial.count("tiny requests", requests)
        self.say("tiny requests", watch)
        self.trial.demand(watch.most - watch.before < GROWTH,
                          f"{watch.most - watch.before} bytes more after tiny requests")

    def run(self):
        self.uploads(64 if not self.trial.short else 10 if self.trial.control else 5)
        if not self.trial.had_enough():
            self.tiny(self.trial.times)
        self.vault.stop()
        harness.same(self.vault.verify()["documents"], UPLOADS, "documents that were verified")


if __name__ == "__main__":
    faults.run(lambda trial: Appetite(trial).run(), "memory is bounded, whatever is asked for",
               short_times=20_000, long_times=1_000_000, controls=("small_pieces",))
