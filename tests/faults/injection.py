#!/usr/bin/env python3
"""Line ends, control characters and encoded words, wherever a text goes in, come out as what they are.

Texts that would begin a header, a line of the log, a line of a mail or a command of a terminal go in
as names, subjects, senders, file names, reasons, searches, parameters and headers.  What holds a
control character is refused by name; what was taken comes back to the byte.  No answer has a header
that is not ours, each line of the log is one object of ours and holds nothing of it, and what people
are shown in a terminal holds no control character.
"""
import base64
import json
import re
import subprocess
import urllib.parse

import faults
import harness
import wire

MARK = "Iniettato"
CONTROL = {  # never taken, wherever they stand
    "a line end": f"uno\r\n{MARK}: si",
    "a line feed": f"uno\n{MARK}: si",
    "NUL": f"uno\0{MARK}",
    "a terminal's title": f"\x1b]0;{MARK}\x07",
    "a terminal's command in one byte": f"uno\x9b2J{MARK}",
    "DEL": f"uno\x7f{MARK}",
    "Unicode's line end": f"uno\u2028{MARK}: si",
    "a changed direction": f"{MARK}\u202efdp.exe",
}
ODD = {  # taken as they are, and shown as they are
    "an encoded word": f"=?utf-8?Q?uno=0D=0A{MARK}:_si?=",
    "an encoded word in base64": "=?utf-8?B?" + base64.b64encode(f"a\r\n{MARK}: si".encode()).decode()
                                 + "?=",
    "a line end for a browser": f"uno%0d%0a{MARK}:%20si",
    "another parameter": f'uno"; filename="{MARK}.exe',
    "a line of the log": f'{MARK}","level":"error","event":"forged',
    "a formula": f"=cmd|'{MARK}'!A1",
    "markup": f"<script>{MARK}<!script>",
    "a field of a log": f"{MARK} $(id) `id` %n %s {{}} ${{jndi:x}}",
}
HEADERS = {
    b"date", b"content-length", b"content-type", b"connection", b"x-correlation-id", b"etag",
    b"repr-digest", b"accept-ranges", b"content-disposition", b"content-range", b"retry-after",
    b"www-authenticate", b"cache-control", b"content-security-policy", b"referrer-policy",
    b"strict-transport-security", b"x-content-type-options", b"x-frame-options", b"allow",
    b"cross-origin-opener-policy", b"cross-origin-resource-policy", b"permissions-policy"}
SHOWN_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class Injection:
    def __init__(self, trial):
        self.trial = trial
        self.vault = harness.staffed_vault()
        self.dossier = self.vault.open_dossier("anna", "Prova")

    def ask(self, what, method, path, body=None, headers=None, user="anna"):
        """One request, whose answer's head is looked at; (status, body)."""
        self.trial.count("texts that went in")
        sent = wire.request(self.vault, method, path, user, headers, body)
        status, head, came = wire.exchange(self.vault, sent)
        for line in head.split(b"\r\n")[1:]:
            name, colon, value = line.partition(b": ")
            if not colon or name.lower() not in HEADERS or re.search(rb"[^\x20-\x7e]", value):
                self.trial.finding(f"{what}: the answer has the line {line[:100]}")
        self.trial.demand(status in range(200, 500), f"{what}: answered {status} {came[:200]}")
        return status, came

    def file(self, what, metadata):
        content = f"documento {self.trial.counts.get('texts that went in', 0)}".encode()
        return self.ask(what, "POST", f"/dossiers/{self.dossier}/documents", content,
                        self.vault.filing_headers(content, {"type": "altro", **metadata}))

    def refused(self):
        for why, text in CONTROL.items():
            for where in ("file_name", "subject", "sender"):
                status, came = self.file(f"{why} in {where}", {"file_name": "a.pdf", where: text})
                self.trial.demand(status == 400, f"{why} in {where} was taken: {came[:100]}")
            for where, person in (("surname", {"designations": [{"surname": text, "name": "P"}]}),
                                  ("place", {"designations": [{"surname": "P"}],
                                             "birth": {"place": text}})):
                status, came = self.ask(f"{why} in {where}", "POST", "/dossiers",
                                        {"person": person, "unit": "municipio-3"})
                self.trial.demand(status == 400, f"{why} in {where} was taken: {came[:100]}")
            reason = base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
            self.ask(f"{why} in a reason", "GET", f"/dossiers/{self.dossier}",
                     headers={"Custode-Purpose": "verifica", "Custode-Reason": reason})
            self.ask(f"{why} in a user's name", "POST", "/sessions", {"user": text, "password": text},
                     user=None)

    def taken(self):
        for what, text in ODD.items():
            status, came = self.file(what, {"file_name": text, "subject": text, "sender": text})
            if not self.trial.demand(status == 201, f"{what} was refused: {came[:200]}"):
                continue
            document = f"/documents/{json.loads(came)['id']}"
            purpose = {"Custode-Purpose": "verifica"}
            _, came = self.ask(what, "GET", document, headers=purpose)
            shown = json.loads(came)
            for where in ("file_name", "subject", "sender"):
                self.trial.demand(text in json.dumps(shown, ensure_ascii=False).replace('\\"', '"'),
                                  f"{what} in {where} came back as {shown}")
            self.ask(what, "GET", document + "/content", headers=purpose)

    def passed_through(self):
        """Where a text only passes: searches, paths, parameters, headers."""
        for what, text in {**CONTROL, **ODD}.items():
            self.ask(what, "POST", "/searches", {"query": text, "in": "dossiers"})
            quoted = urllib.parse.quote(text, safe="")
            for path in (f"/dossiers/{quoted}", f"/{quoted}", f"/dossiers?code={quoted}",
                         f"/dossiers?limit={quoted}", f"/dossiers?{quoted}=1"):
                self.ask(what, "GET", path)
            line = re.sub(r"[^\x20-\x7e]", "", text)
            for name in ("User-Agent", "Accept-Language", "Idempotency-Key", "If-Match", "Referer",
                         "X-Correlation-Id", "Custode-Purpose", "X-Forwarded-For"):
                self.ask(what, "GET", f"/dossiers/{self.dossier}", headers={name: line})

    def terminal(self):
        """What people see: the client without --json."""
        for arguments in (("list", self.dossier), ("dossier", "show", self.dossier),
                          ("dossier", "list"), ("search", MARK, "--in", "documents")):
            done = subprocess.run(
                [harness.BIN / "custode", *arguments], capture_output=True,
                timeout=harness.PATIENCE, env=self.vault.environment(
                    CUSTODE_SERVER=self.vault.url, CUSTODE_CA=str(self.vault.made["ca"]),
                    CUSTODE_SESSION=str(self.vault.home("anna") / "session")))
            self.trial.demand(done.returncode == 0, f"{arguments}: {done.stderr[:300]}")
            for text in (done.stdout.decode(), done.stderr.decode()):
                if odd := SHOWN_CONTROL.search(text):
                    self.trial.finding(f"a terminal is shown {odd[0]!r} by {arguments}")

    def log(self):
        lines = self.vault.log.read_bytes().splitlines()
        self.trial.count("lines of the log", len(lines))
        for line in lines:
            if self.trial.control and line.startswith(b"NEGATIVE CONTROL"):
                continue
            try:
                entry = json.loads(line)
                known = {"time", "level", "event"} <= set(entry) and entry["event"] != "forged"
            except ValueError:
                known = False
            if not known or MARK.encode() in line or re.search(rb"[^\x20-\x7e]", line):
                self.trial.finding(f"the log has the line {line[:200]}")

    def run(self):
        self.refused()
        self.taken()
        self.passed_through()
        self.terminal()
        self.log()
        self.vault.stop()
        self.log()
        if not self.trial.control:
            self.vault.verify()


faults.run(lambda trial: Injection(trial).run(), "hostile texts come out as what they are",
           short_times=1, long_times=1, controls=("clean_text",))
