#!/usr/bin/python3
"""The demo data: complete, the same every time, and real documents."""
import csv
import email
import email.policy
import json
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
COLUMNS = ["file", "fascicolo", "cognome", "nome", "nascita", "tipo", "autorita", "procedimento",
           "data", "mittente", "oggetto"]


def make(folder, *arguments):
    subprocess.run([ROOT / "tools/demo/make_demo.py", folder, *arguments], check=True,
                   stdout=subprocess.DEVNULL)
    return {path.name: path.read_bytes() for path in pathlib.Path(folder).iterdir()}


def pdf_text(path):
    return subprocess.run(["pdftotext", path, "-"], check=True, capture_output=True,
                          text=True).stdout


class DemoData(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.held = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.held.name)
        cls.files = make(cls.folder)
        with open(cls.folder / "elenco.csv", encoding="utf-8", newline="") as listing:
            cls.rows = list(csv.DictReader(listing))
        cls.dossiers = {d["id"]: d for d in json.loads(cls.files["fascicoli.json"])}

    @classmethod
    def tearDownClass(cls):
        cls.held.cleanup()

    def test_the_list_names_every_file_and_no_other(self):
        self.assertEqual(list(self.rows[0]), COLUMNS)
        self.assertEqual(sorted(row["file"] for row in self.rows),
                         sorted(set(self.files) - {"elenco.csv", "fascicoli.json"}))
        self.assertGreaterEqual(len(self.rows), 30)

    def test_the_list_names_dossiers_that_exist(self):
        self.assertEqual(len(self.dossiers), 12)
        together = set()
        for row in self.rows:
            ids = row["fascicolo"].split("|")
            first = self.dossiers[ids[0]]
            self.assertEqual((row["cognome"], row["nome"]), (first["surname"], first["name"]))
            together.update([tuple(ids)] if len(ids) > 1 else [])
            self.assertLessEqual(set(ids), set(self.dossiers))
        self.assertEqual(len(together), 2)  # two sets of siblings

    def test_pdfs_have_text_that_names_the_child(self):
        for row in self.rows:
            if row["file"].endswith(".pdf") and row["cognome"]:
                text = " ".join(pdf_text(self.folder / row["file"]).split())
                self.assertIn(row["cognome"] + " " + row["nome"], text)
                self.assertIn("inventati", text)  # the notice that nobody here is real

    def test_mail_carries_the_very_act(self):
        attached = 0
        for row in self.rows:
            if not row["file"].endswith(".eml"):
                continue
            message = email.message_from_bytes(self.files[row["file"]],
                                               policy=email.policy.default)
            self.assertEqual(message["Subject"], row["oggetto"])
            for part in message.iter_attachments():
                self.assertEqual(part.get_content(), self.files[part.get_filename()])
                attached += 1
        self.assertEqual(attached, 2)

    def test_the_same_seed_gives_the_same_bytes(self):
        with tempfile.TemporaryDirectory() as again, tempfile.TemporaryDirectory() as other:
            self.assertEqual(make(again), self.files)
            self.assertNotEqual(make(other, "--seed", "7"), self.files)


if __name__ == "__main__":
    unittest.main()
