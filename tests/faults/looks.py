"""A small vault with one child's file, and every way to be shown something of it."""
import base64
import dataclasses
import json

import harness
import wire

SURNAME = "Zonapalustre"
SUBJECT = "Trasmissione riservatissima"
FILE_NAME = "relazione-mai-vista.pdf"
TEXT = b"Quanto qui si legge non esce senza traccia. "


@dataclasses.dataclass
class Look:
    """One request that shows something, and what must not be in its answer when it is refused."""
    name: str
    what: str  # what its event says was shown
    user: str
    method: str
    path: str
    shown: bytes
    body: dict | None = None
    headers: dict = dataclasses.field(default_factory=dict)
    status: int = 200
    has_purpose: bool = False

    def request(self, vault, purpose):
        """With a purpose of its own, no look runs under the disclosure of another."""
        headers, body = dict(self.headers), self.body
        if self.has_purpose and body:
            body = {**body, "purpose": purpose}
        elif self.has_purpose:
            headers["Custode-Purpose"] = purpose
        return wire.request(vault, self.method, self.path, self.user, headers, body)

    def is_told_by(self, event, purpose):
        """Whether the event is that of this look, made for that purpose."""
        what = (event["payload"] or {}).get("what", event["action"])
        return what == self.what and (not self.has_purpose or event["purpose"] == purpose)


class Shown:
    """The vault, served and staffed; `looks` is every route that shows something."""

    def __init__(self, disk=None, bytes_of_text=100_000, config=""):
        self.vault = vault = harness.RunningVault(disk=disk)
        vault.config.write_text(vault.config.read_text() + config)
        vault.serve()
        vault.login("admin")
        vault.account("anna", "archivist", "municipio-3")
        self.person = {"designations": [{"surname": SURNAME, "name": "Prova"}],
                       "birth": {"day": "2014-05-06"}}
        opened = vault.call("POST", "/dossiers", "anna",
                            {"person": self.person, "unit": "municipio-3"})
        harness.same(opened.status, 201, opened.body)
        self.dossier = opened.json["id"]
        text = TEXT * (bytes_of_text // len(TEXT))
        filed = vault.put("anna", self.dossier, text, {"file_name": FILE_NAME, "type": "altro",
                                                       "subject": SUBJECT})
        harness.same(filed.status, 201, filed.body)
        self.document = filed.json["id"]
        vault.account("luca", "legal-office")
        vault.custode("anna", "account", "grant", "luca", "--dossier", self.dossier, "--until",
                      "2099-01-01")
        self.looks = list(self._looks())

    def _looks(self):
        document, dossier = f"/documents/{self.document}", f"/dossiers/{self.dossier}"
        surname, subject, uuid = SURNAME.encode(), SUBJECT.encode(), self.document.encode()
        reason = base64.urlsafe_b64encode(b"una ragione").rstrip(b"=").decode()
        for name, method, more in (
                ("content", "GET", {}),
                ("content with a reason", "GET", {"headers": {"Custode-Reason": reason}}),
                ("page of content", "GET", {"headers": {"Range": "bytes=70000-90000"},
                                            "status": 206}),
                ("head of content", "HEAD", {"shown": FILE_NAME.encode()})):
            yield Look(name, "document.content", "anna", method, document + "/content",
                       has_purpose=True, **{"shown": TEXT, **more})
        for name, what, path, shown in (
                ("document", "document.show", document, subject),
                ("proof", "document.proof", document + "/proof", b"statement"),
                ("dossier", "dossier.show", dossier, surname)):
            yield Look(name, what, "anna", "GET", path, shown, has_purpose=True)
        for name, what, path, shown in (
                ("documents of a dossier", "document.list", dossier + "/documents", subject),
                ("documents of all", "document.list", "/documents", subject),
                ("dossiers", "dossier.list", "/dossiers", surname)):
            yield Look(name, what, "anna", "GET", path, shown)
        yield Look("search of dossiers", "search.dossiers", "anna", "POST", "/searches", surname,
                   {"query": SURNAME, "in": "dossiers"})
        yield Look("search of documents", "search.documents", "anna", "POST", "/searches", uuid,
                   {"query": "riservatissima", "in": "documents"})
        yield Look("twin", "dossier.twins", "anna", "POST", "/dossiers", self.dossier.encode(),
                   {"person": self.person, "unit": "municipio-3"}, status=409)
        yield Look("export", "export.created", "luca", "POST", dossier + "/exports",
                   b"PK\x03\x04", {"kind": "court", "recipient": "Tribunale"}, has_purpose=True)
        yield Look("accounts", "account.list", "admin", "GET", "/accounts", b"luca")


def is_problem(body):
    try:
        return set(json.loads(body)) >= {"type", "code", "status", "title"}
    except ValueError:
        return False
