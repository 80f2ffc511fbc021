#!/usr/bin/env python3
"""The bench itself: its short form measures, and it can tell a wrong answer and a missed target.

    CUSTODE_BIN  folder of the programs (ctest sets it)
"""
import json
import os
import pathlib
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools" / "bench"))
import report  # noqa: E402
import world  # noqa: E402

BENCH = ROOT / "tools" / "bench" / "bench"


def bench(*arguments):
    return subprocess.run([str(BENCH), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env={**os.environ, "CUSTODE_BIN": str(world.BIN)})


class BenchTests(unittest.TestCase):
    def test_the_short_form_measures(self):
        done = bench("--quick", "--json", "filing-4", "large")
        found = json.loads(done.stdout)
        self.assertIn(done.returncode, (0, 1), done.stderr)  # a target may be missed here
        self.assertTrue(found["commit"])
        rows = [one["row"] for one in found["figures"]]
        self.assertEqual(rows[-2:], ["large", "large"])
        self.assertIn("filing-4", rows)
        for one in found["figures"]:
            self.assertGreater(one["ours"], 0, one)
            self.assertGreater(one["ratio"], 0, one)
            self.assertIn(one["holds"], (True, False), one)

    def test_an_unknown_row_is_a_usage_error(self):
        self.assertEqual(bench("filing-5").returncode, 2)

    def test_a_missed_target_is_short(self):
        self.assertTrue(report.against("r", "w", 2.0, "s", "p", 2.0, 1).holds)
        self.assertFalse(report.against("r", "w", 2.1, "s", "p", 2.0, 1).holds)
        self.assertFalse(report.below("r", "w", 5.1, "s", 5).holds)

    def test_the_load_client_tells_what_is_not_as_planned(self):
        with world.scratch("test") as folder, world.BenchVault() as vault:
            documents = world.Documents(folder / "scans", 3, 5_000)
            dossiers = vault.dossiers(1)
            done = vault.file_all(documents, dossiers, 2)
            self.assertEqual((done["failed"], done["bytes_sent"]), (0, documents.bytes))
            right = vault.reading(done["ids"], documents.digests)
            self.assertEqual(vault.load(right, 2)["bytes_received"], documents.bytes)
            wrong = vault.reading(done["ids"], [documents.digests[0]] * 3)
            with self.assertRaises(world.Failed):
                vault.load(wrong, 1)
            with self.assertRaises(world.Failed):  # filed a second time: 409, not 201
                vault.file_all(documents, dossiers, 1, salt="anew")


if __name__ == "__main__":
    unittest.main(verbosity=2)
