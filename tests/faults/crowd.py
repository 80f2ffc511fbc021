"""Clients that hold on to what they were given: many connections that do as little as they can.

Each kind stops at another point, and does a byte a second where it can.  They come from many
loopback addresses, since one address may hold few connections, and live in a process of their own.
"""
import multiprocessing
import os
import resource
import select
import signal
import socket
import ssl
import time

import faults
import harness
import wire

PER_ADDRESS = 50  # fewer than the daemon grants one address
BEAT = 1.0        # seconds between two bytes of a connection
HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"  # how a ClientHello begins

# Waited for by the daemon for 5 s at most, or for 15 s when they owe nothing.
HASTY = ("silent", "hello", "head", "body", "upload", "reader")
PATIENT = ("quiet", "idle")
KINDS = HASTY + PATIENT


def descriptors(number):
    """Sees to it that this process, and those that it starts, may open so many files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < number:
        raise faults.Skip(f"only {hard} files may be open here, and {number} connections are needed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, number), hard))


class Dawdler:
    """One connection of a kind; beat() does the least that keeps it what it is."""

    def __init__(self, crowd, kind, number):
        self.kind, self.number = kind, number
        self.wire = socket.socket()
        self.wire.bind((f"127.0.1.{1 + number // PER_ADDRESS}", 0))
        if kind == "reader":
            self.wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.wire.settimeout(harness.PATIENCE)
        self.wire.connect(wire.address(crowd.vault))
        if kind == "hello":
            self.wire.sendall(HELLO)
        elif kind != "silent":
            self.wire = crowd.made.wrap_socket(self.wire, server_hostname="127.0.0.1")
            self.wire.sendall(crowd.openings[kind])
        self.wire.setblocking(False)

    def beat(self):
        """False once the server has ended it."""
        try:
            if self.kind in ("hello", "head", "body", "upload"):
                self.wire.send(b"a")
            elif self.kind == "reader":  # past the TLS, which would take a whole record
                os.read(self.wire.fileno(), 1)
        except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
            pass
        except OSError:
            return False
        return not self.is_ended()

    def is_ended(self):
        """Whether the peer's end of the stream, or a reset, has come."""
        poll = select.poll()
        poll.register(self.wire.fileno(), select.POLLRDHUP)
        return bool(poll.poll(0))

    def close(self):
        self.wire.close()


class Crowd:
    """`size` of them, in equal parts; who is ended dials again, until let_go() or the block's end."""

    def __init__(self, vault, size, document, dossier):
        self.vault, self.size = vault, size
        self.made = wire.context(vault)
        head = f"HTTP/1.1\r\nHost: {vault.address}\r\n"
        filing = {**vault.filing_headers(b"x" * 1000), "Content-Length": "1000000"}
        self.openings = {
            "quiet": b"",
            "head": f"GET /api/v1/status {head}X: ".encode(),
            "body": f"POST /api/v1/sessions {head}Content-Length: 1000\r\n\r\n{{".encode(),
            "upload": wire.request(vault, "POST", f"/dossiers/{dossier}/documents", "anna", filing),
            "reader": wire.request(vault, "GET", f"/documents/{document}/content", "anna",
                                   {"Custode-Purpose": "verifica"}),
            "idle": f"GET /api/v1/status {head}\r\n".encode()}

    def __enter__(self):
        self.pipe, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.get_context("fork").Process(target=self.live, args=(theirs,),
                                                                   daemon=True)
        self.process.start()
        self.hear("crowd is there")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.join()

    def hear(self, what):
        harness.demand(self.pipe.poll(4 * harness.PATIENCE), f"the {what}: no word of it")
        return self.pipe.recv()

    def let_go(self, kinds, patience):
        """Nobody dials again; how many of each of these kinds are still held after so long, and how
        often somebody had to dial again until now."""
        self.pipe.send((kinds, patience))
        return self.hear("end of the crowd")

    # --- in a process of its own, so that it costs the others nothing but the daemon's time --------

    def live(self, pipe):
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.nice(19)
        dawdlers = [None] * self.size
        while None in dawdlers:
            self.beat(dawdlers)
        pipe.send("there")
        again = 0
        while not pipe.poll():
            again += self.beat(dawdlers)
        kinds, patience = pipe.recv()
        until = time.monotonic() + patience
        held = [one for one in dawdlers if one and one.kind in kinds]
        while held and time.monotonic() < until:
            time.sleep(BEAT / 4)
            held = [one for one in held if one.beat()]
        pipe.send(({kind: sum(one.kind == kind for one in held) for kind in kinds}, again))

    def beat(self, dawdlers):
        """A byte of each within the second; who is missing or was ended dials (again)."""
        begun, again = time.monotonic(), 0
        for place, one in enumerate(dawdlers):
            if one and one.beat():
                continue
            if one:
                one.close()
            again += 1
            try:
                dawdlers[place] = Dawdler(self, KINDS[place % len(KINDS)], place)
            except OSError:
                dawdlers[place] = None  # it tries again at the next beat
        time.sleep(max(0.0, begun + BEAT - time.monotonic()))
        return again
