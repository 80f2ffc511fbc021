#!/usr/bin/python3
"""tools/check_corpus: a folder that is not its manifest's is refused, and says why."""
import hashlib
import pathlib
import subprocess
import tempfile
import unittest

CHECK = pathlib.Path(__file__).resolve().parents[2] / "tools/check_corpus"


class CheckCorpus(unittest.TestCase):
    def setUp(self):
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.folder = pathlib.Path(held.name)
        (self.folder / "a").mkdir()
        rows = ["path\tbytes\tsha256\tkind"]
        for name in ("a/one", "two"):
            content = name.encode()
            (self.folder / name).write_bytes(content)
            rows.append(f"{name}\t{len(content)}\t{hashlib.sha256(content).hexdigest()}\tx")
        (self.folder / "MANIFEST.tsv").write_text("\n".join(rows) + "\n")

    def check(self):
        return subprocess.run([CHECK, self.folder], capture_output=True, text=True, check=False)

    def refused(self, why):
        done = self.check()
        self.assertEqual(done.returncode, 1)
        self.assertIn(why, done.stderr)

    def test_a_whole_corpus_is_counted(self):
        self.assertEqual(self.check().returncode, 0)
        self.assertIn("2 files used", self.check().stdout)

    def test_a_missing_file_is_named(self):
        (self.folder / "two").unlink()
        self.refused("listed but missing: two")

    def test_an_added_file_is_named(self):
        (self.folder / "a/three").write_bytes(b"")
        self.refused("there but not listed: a/three")

    def test_a_changed_file_of_the_same_size_is_named(self):
        (self.folder / "two").write_bytes(b"owt")
        self.refused("changed: two")

    def test_no_folder_is_a_usage_error(self):
        done = subprocess.run([CHECK, "/nonexistent"], capture_output=True, check=False)
        self.assertEqual(done.returncode, 2)


if __name__ == "__main__":
    unittest.main()
