#!/usr/bin/env python3
"""verify.py against what the product wrote, and against the same with something altered.

Usage: verify_tests.py PROOF_SAMPLES
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLES = None  # the program that writes the samples


class SecondOpinion(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="custode-second-opinion-")
        subprocess.run([SAMPLES, cls.folder], check=True, timeout=300)
        cls.key = cls.read("key").decode()

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    @classmethod
    def path(cls, name):
        return os.path.join(cls.folder, name)

    @classmethod
    def read(cls, name):
        with open(cls.path(name), "rb") as stream:
            return stream.read()

    def write(self, name, data):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb") as stream:
            stream.write(data)

    def verify(self, *arguments):
        run = subprocess.run([sys.executable, "-B", os.path.join(HERE, "verify.py"), *arguments],
                             capture_output=True, text=True, check=False, timeout=300)
        self.assertEqual(run.stderr, "")
        self.assertEqual(run.stdout.count("\n"), 1, run.stdout)
        return run.returncode, run.stdout

    def holds(self, *arguments, says=""):
        code, line = self.verify(*arguments)
        self.assertEqual(code, 0, line)
        self.assertTrue(line.startswith("holds: "), line)
        self.assertIn(says, line)

    def fails(self, *arguments, says=""):
        code, line = self.verify(*arguments)
        self.assertEqual(code, 1, line)
        self.assertTrue(line.startswith("does not hold: "), line)
        self.assertIn(says, line)

    def other_key(self):
        """A well-formed key of the same name that has signed nothing."""
        import base64
        import hashlib
        name = self.key.split("+")[0]
        typed = b"\x01" + bytes(31) + b"\x09"
        key_id = hashlib.sha256(name.encode() + b"\n" + typed).hexdigest()[:8]
        return f"{name}+{key_id}+{base64.b64encode(typed).decode()}"

    def altered_tiles(self, name, data, says):
        """The tiles with one file changed (None: taken away), and put back afterwards."""
        good = self.read(name)
        if data is None:
            os.remove(self.path(name))
        else:
            self.assertNotEqual(data, good)
            self.write(name, data)
        try:
            self.fails("tiles", self.path("tiles"), "--key", self.key, says=says)
        finally:
            self.write(name, good)

    def test_the_receipt_holds(self):
        self.holds("receipt", self.path("receipt.json"), "--key", self.key, says="entry 65700 of")
        self.holds("receipt", self.path("receipt.json"), "--key", self.path("key"))
        self.holds("receipt", self.path("receipt.json"), says="taken from the receipt itself")

    def test_an_altered_receipt_does_not(self):
        def changed(change):
            receipt = json.loads(self.read("receipt.json"))
            change(receipt)
            self.write("altered.json", json.dumps(receipt).encode())
            return self.path("altered.json")

        def flip(text):
            return ("0" if text[0] != "0" else "1") + text[1:]

        self.holds("receipt", changed(lambda r: None), "--key", self.key)
        last = len(json.loads(self.read("receipt.json"))["proof"]) - 1
        for change in [
                lambda r: r.update(statement=r["statement"].replace('"bytes":3', '"bytes":4')),
                lambda r: r.update(salt=flip(r["salt"])),
                lambda r: r.update(index=r["index"] + 1),
                lambda r: r.update(index=-1),
                lambda r: r.update(index=True),
                lambda r: r.update(index=1 << 40),
                lambda r: r.update(version=2),
                lambda r: r.update(extra=1),
                lambda r: r.pop("salt"),
                lambda r: r["leaf"].update(header=flip(r["leaf"]["header"])),
                lambda r: r["leaf"].update(payload=flip(r["leaf"]["payload"])),
                lambda r: r["leaf"].update(envelope=flip(r["leaf"]["envelope"])),
                lambda r: r["leaf"].update(content=flip(r["leaf"]["content"])),
                lambda r: r["proof"].__setitem__(0, flip(r["proof"][0])),
                lambda r: r["proof"].__setitem__(last, flip(r["proof"][last])),
                lambda r: r["proof"].pop(),
                lambda r: r["proof"].append(r["proof"][0]),
                lambda r: r.update(checkpoint=r["checkpoint"].replace("\n65", "\n66", 1)),
                lambda r: r.update(checkpoint=self.read("old").decode()),
                lambda r: r.update(key=self.other_key())]:
            self.fails("receipt", changed(change), "--key", self.key)
        self.fails("receipt", self.path("receipt.json"), "--key", self.other_key(),
                   says="another log key")
        self.write("altered.json", self.read("receipt.json")[:-1] + b',"version":1}')
        self.fails("receipt", self.path("altered.json"), says="stands twice")
        self.write("altered.json", b"[" * 100000)
        self.fails("receipt", self.path("altered.json"), says="no JSON")
        self.fails("receipt", self.path("nowhere"), says="cannot read")

    def test_checkpoints(self):
        self.holds("checkpoint", self.path("old"), "--key", self.key, says="70 entries")
        note = self.read("old")
        self.fails("checkpoint", self.path("old"), "--key", self.other_key())
        self.fails("checkpoint", self.path("old"), "--key", self.key[:-2] + "AA", says="key")
        for data in [note.replace(b"\n70\n", b"\n71\n"), note[:-1], note + b"\n", b"",
                     note.replace(b"\n70\n", b"\n070\n"), note + note.split(b"\n\n")[1],
                     note.replace(b"custode", b"custodf", 1), note.split(b"\n\n")[0] + b"\n\n"]:
            self.write("altered", data)
            self.fails("checkpoint", self.path("altered"), "--key", self.key)
        # A witness's line is skipped, not held against the note.
        self.write("altered", note + "\u2014 witness.example AAAAAQI=\n".encode())
        self.holds("checkpoint", self.path("altered"), "--key", self.key)

    def test_consistency(self):
        old, new, proof = (self.path(name) for name in ("old", "new", "consistency"))
        self.holds("consistency", old, new, proof, "--key", self.key, says="70 entries are the past")
        self.fails("consistency", new, old, proof, "--key", self.key, says="smaller")
        self.fails("consistency", old, new, proof, "--key", self.other_key())
        lines = self.read("consistency").splitlines(keepends=True)
        self.assertGreater(len(lines), 3)
        for data in [b"".join(lines[:-1]), b"".join(lines[1:]), b"".join(lines + lines[:1]),
                     b"".join(lines[::-1]), b"", self.read("consistency")[:-1],
                     self.read("consistency").upper()]:
            self.write("altered", data)
            self.fails("consistency", old, new, self.path("altered"), "--key", self.key)
        self.write("altered", b"")
        self.holds("consistency", new, new, self.path("altered"), "--key", self.key)

    def test_the_tiles_hold(self):
        self.holds("tiles", self.path("tiles"), "--key", self.key, says="65806 entries in 261 tiles")
        self.fails("tiles", self.path("tiles"), "--key", self.other_key())

    def test_an_altered_tile_does_not(self):
        def flipped(name, at):
            data = bytearray(self.read(name))
            data[at] ^= 1
            return bytes(data)

        for name, at, says in [
                ("tiles/tile/entries/000", 2, "signed root"),
                ("tiles/tile/entries/000", 0, "another length"),
                ("tiles/tile/entries/257.p/14", -1, "signed root"),
                ("tiles/tile/0/007", 31, "tile 0/007"),
                ("tiles/tile/0/257.p/14", 0, "tile 0/257"),
                ("tiles/tile/1/000", 0, "tile 1/000"),
                ("tiles/tile/2/000.p/1", 5, "tile 2/000"),
                ("tiles/checkpoint", 30, "")]:
            self.altered_tiles(name, flipped(name, at), says)
        self.altered_tiles("tiles/tile/0/003", None, "cannot read")
        self.altered_tiles("tiles/tile/0/003", self.read("tiles/tile/0/004"), "tile 0/003")
        self.altered_tiles("tiles/tile/1/000", self.read("tiles/tile/1/000")[:-32], "length")
        self.altered_tiles("tiles/tile/entries/001", self.read("tiles/tile/entries/001") + b"x",
                           "too long")

    def test_the_tiles_still_show_an_older_checkpoint(self):
        good = self.read("tiles/checkpoint")
        self.write("tiles/checkpoint", self.read("old"))
        try:
            self.holds("tiles", self.path("tiles"), "--key", self.key, says="70 entries in 1 tiles")
        finally:
            self.write("tiles/checkpoint", good)


if __name__ == "__main__":
    SAMPLES = sys.argv.pop(1)
    unittest.main()
