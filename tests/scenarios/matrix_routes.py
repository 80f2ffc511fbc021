"""The requests of the matrix, generated from daemon/openapi.yaml: every route, every place for an id.

A route, parameter or member that is not known here ends the matrix: it has to be said how to ask.
"""
import base64
import dataclasses
import hashlib
import json
import pathlib

import yaml

OPENAPI = pathlib.Path(__file__).resolve().parents[2] / "daemon" / "openapi.yaml"
METHODS = ("get", "post", "put", "patch", "delete")
KINDS = {"dossiers": "dossier", "documents": "document", "proposals": "proposal",
         "reviews": "review", "sessions": "session", "accounts": "session"}  # of {id}
CONSTANTS = {"role": "statistics", "unit": "municipio-5", "team": "nessuna"}  # no ids in paths
BYTES = b"bytes of the matrix"

# Routes that are the same for everybody, or no way to a dossier or account that exists.
BESIDE = {"/status", "/unseal", "/sessions", "/sessions/current", "/sessions/{id}", "/me",
          "/me/second-factor", "/me/second-factor/confirm", "/seal", "/checkpoint",
          "/checkpoint/consistency", "/units", "/codes/authorities", "/codes/document-types",
          "/codes/purposes", "/reviews/{id}"}  # break_glass.py shows that one
# What stands in a body for a member that is no id: such that who is permitted would be obeyed.
VALUES = {
    "account": "target", "name": "target", "role": "statistics", "unit": "municipio-3",
    "from": None, "until": "2099-12-31", "reason": "prova", "password": "una frase lunga davvero",
    "old": "una frase lunga davvero", "source": "anagrafe", "kind": "court", "purpose": "verifica",
    "recipient": "Tribunale", "metadata": {"subject": "cambiato"}, "twin_reason": "altro minore",
    "person": {}, "team": "altra", "statement": "0" * 64, "temporary": False,
    "code": "403", "verdict": "justified", "responsibility": [], "measures": [], "dangers": [],
    "health": [], "contacts": [], "placements": [],
}


def text64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclasses.dataclass(frozen=True)
class Slot:
    """A place of a request where an id stands: what it names there."""
    kind: str   # "dossier", "document", "account", "proposal"
    where: str  # "path", "body", "metadata"
    name: str


@dataclasses.dataclass(frozen=True)
class Route:
    method: str
    pattern: str
    actions: tuple
    slots: tuple
    members: tuple  # of the body besides the slots
    binary: bool

    @property
    def title(self):
        return f"{self.method} {self.pattern}"


class Document:
    def __init__(self):
        self.root = yaml.safe_load(OPENAPI.read_text())

    def resolve(self, node):
        while "$ref" in node:
            reference = node["$ref"]
            node = self.root
            for step in reference.removeprefix("#/").split("/"):
                node = node[step]
        return node

    def routes(self):
        for pattern, item in self.root["paths"].items():
            for method in METHODS:
                if method in item:
                    yield self.route(method.upper(), pattern, item, item[method])

    def route(self, method, pattern, item, operation):
        slots = []
        for parameter in map(self.resolve, item.get("parameters", [])
                             + operation.get("parameters", [])):
            if parameter["in"] == "path":
                slots += self.path_slot(pattern, parameter["name"])
        members = []
        content = operation.get("requestBody", {}).get("content", {})
        binary = bool(content) and "application/json" not in content
        if binary:
            slots.append(Slot("dossier", "metadata", "also"))
        elif content:
            schema = self.resolve(content["application/json"]["schema"])
            for name, member in schema.get("properties", {}).items():
                if self.resolve(member).get("format") == "uuid":
                    slots.append(Slot("dossier", "body", name))
                else:
                    members.append(name)
        return Route(method, pattern, tuple(operation.get("x-action", ())), tuple(slots),
                     tuple(members), binary)

    @staticmethod
    def path_slot(pattern, name):
        if name == "id":
            return [Slot(KINDS[pattern.split("/")[1]], "path", name)]
        if name == "dossier":
            return [Slot("dossier", "path", name)]
        if name == "name":
            return [Slot("account", "path", name)]
        if name in CONSTANTS:
            return []
        raise SystemExit(f"matrix: {pattern} has a parameter that is not known: {name}")


@dataclasses.dataclass(frozen=True)
class Request:
    method: str
    path: str
    body: bytes | None
    headers: tuple  # pairs


# Looks of one route: the same right, another surface.
def looks_of(route):
    if route.pattern == "/documents/{id}/content":
        purpose = ("Custode-Purpose", "verifica"), ("Custode-Reason", text64(b"prova"))
        yield "whole", "GET", purpose
        yield "head", "HEAD", purpose
        for span in ("bytes=0-3", "bytes=-1", "bytes=4-", "bytes=999999999-", "bytes=0-0,2-2"):
            yield span, "GET", (*purpose, ("Range", span))
        yield "without a purpose", "GET", ()
        yield "with a bad purpose", "GET", (("Custode-Purpose", "due parole"),)
        return
    yield "", route.method, (("Custode-Reason", text64(b"prova")),) if route.method == "DELETE" else ()
    if route.method == "GET":
        yield "head", "HEAD", ()
        yield "of a page", "GET?limit=1&incomplete=1", ()


def filled(route, ids, look, method, headers, spoil=False):
    """The request with these ids in its slots; `spoil`: such that who is permitted is told 400 and
    nothing happens."""
    path = route.pattern
    body = {} if route.members or any(slot.where == "body" for slot in route.slots) else None
    for slot in route.slots:
        value = ids[slot]
        if slot.where == "path":
            path = path.replace("{" + slot.name + "}", value)
        elif slot.where == "body":
            body[slot.name] = value
    for name, value in CONSTANTS.items():
        path = path.replace("{" + name + "}", value)
    method, _, query = method.partition("?")
    headers = dict(headers)
    if route.binary:
        metadata = {"file_name": "prova.bin", "type": "" if spoil else "altro"}
        also = [ids[slot] for slot in route.slots if slot.where == "metadata" and ids[slot]]
        if also:
            metadata["also"] = also
        headers |= {
            "Content-Digest": f"sha-256=:{base64.b64encode(hashlib.sha256(BYTES).digest()).decode()}:",
            "Idempotency-Key": "matrix-key-00000000",
            "Custode-Metadata": text64(json.dumps(metadata).encode())}
        data = BYTES
    elif body is None:
        data = None
    else:
        for name in route.members:
            if name not in VALUES:
                raise SystemExit(f"matrix: {route.title} has a member that is not known: {name}")
            if VALUES[name] is not None:
                body[name] = VALUES[name]
        if spoil:
            body["nonsense"] = 1
        data = json.dumps(body).encode()
        headers["Content-Type"] = "application/json"
    return Request(method, "/api/v1" + path + ("?" + query if query else ""), data,
                   tuple(sorted(headers.items())))
