"""What is done with dossiers and documents: the other half of acts.py."""
import base64
import dataclasses
import datetime
import hashlib
import io
import json
import zipfile

from modelling.acts import Acts, Event, Expected, content_of, same
from modelling.town import REPLAY, Document, Dossier


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Papers(Acts):

    # --- dossiers -----------------------------------------------------------------------------------

    def open(self, action):
        town, by, reference = self.town, action["by"], f"D{action['n']}"
        body = {"person": {"designations": [{"surname": action["surname"], "name": "Prova"}]},
                "unit": action["unit"], **({"twin_reason": "noto"} if action["twin"] else {})}
        asked = {"method": "POST", "path": "/dossiers", "body": body}
        if by not in town.accounts or ("archivist", action["unit"]) not in town.roles(by, self.day):
            return dataclasses.replace(self.missing(by), **asked)
        twins = [dossier.code for dossier in town.seen(by, "dossier.list", self.day)
                 if action["surname"] in dossier.names]
        if twins and not action["twin"]:
            return Expected(409, "dossier.twin", self.shown(action, "dossier.twins"), check=lambda a: same(
                sorted(twin["code"] for twin in a.json["twins"]), twins, "the twins"), **asked)
        number = town.counters.get(self.day.year, 0) + 1
        code = f"{self.day.year}/VII.11/{number:06}"
        def make(answer):
            town.counters[self.day.year] = number
            town.dossiers[reference] = Dossier(answer.json["id"] if answer else None, code,
                                               action["unit"], [action["surname"]])
        return Expected(201, "", [[Event("dossier.opened", by, ("dossier", reference))]], make,
                        lambda a: same(a.json["code"], code, "the code"), **asked)

    def line_of(self, dossier):
        return (dossier.id, dossier.code, dossier.unit, len(dossier.living()),
                dossier.names[0] + " Prova")

    def dossiers(self, action):
        town, by = self.town, action["by"]
        asked = {"path": "/dossiers?limit=200"}
        if by not in town.accounts or not town.may_ask(by, "dossier.list", self.day):
            return dataclasses.replace(self.missing(by), **asked)
        wanted = [self.line_of(dossier) for dossier in town.seen(by, "dossier.list", self.day)]
        return Expected(200, "", self.shown(action, "dossier.list"), check=lambda a: same(
            [(i["id"], i["code"], i["unit"], i["documents"], i["designation"])
             for i in a.json["items"]], wanted, "the dossiers"), **asked)

    def dossier(self, action):
        by, reference = action["by"], action["dossier"]
        asked = {"path": f"/dossiers/{self.dossier_id(reference)}"}
        if not self.may(by, "dossier.show", reference):
            return dataclasses.replace(self.missing(by), **asked)
        dossier = self.town.dossiers[reference]
        def check(answer):
            shown = answer.json
            same((shown["code"], shown["documents"], sorted(shown["assigned"]),
                  {grant["account"]: grant["until"] for grant in shown["grants"]}),
                 (dossier.code, len(dossier.living()), sorted(dossier.assigned),
                  {name: until.isoformat() for name, until in dossier.grants.items()}),
                 "the dossier")
        return Expected(200, "", [[Event("disclosure.opened", by, ("dossier", reference))]],
                        check=check, **asked)

    def on_dossier(self, action, right, asked, then):
        if not self.may(action["by"], right, action["dossier"]):
            return dataclasses.replace(self.missing(action["by"]), **asked)
        return dataclasses.replace(then(self.town.dossiers[action["dossier"]]), **asked)

    def assign(self, action):
        who = action["who"]
        def then(dossier):
            if not self.active(who):
                return self.missing()
            if who in dossier.conflicts:
                return Expected(409, "account.in_conflict")
            def put(_):
                if who not in dossier.assigned:
                    dossier.assigned.append(who)
            return self.change(action, action["dossier"], put, 201)
        path = f"/dossiers/{self.dossier_id(action['dossier'])}/assignments"
        return self.on_dossier(action, "dossier.assign",
                               {"method": "POST", "path": path, "body": {"account": who}}, then)

    def unassign(self, action):
        who = action["who"]
        def then(dossier):
            if not self.active(who) or who not in dossier.assigned:
                return self.missing()
            return self.change(action, action["dossier"], lambda _: dossier.assigned.remove(who))
        path = f"/dossiers/{self.dossier_id(action['dossier'])}/assignments/{who}"
        return self.on_dossier(action, "dossier.assign", {"method": "DELETE", "path": path}, then)

    def grant(self, action):
        who, until = action["who"], self.day + datetime.timedelta(days=action["days"])
        def then(dossier):
            if not self.active(who):
                return self.missing()
            if until < self.day:
                return Expected(400, "grant.past")
            if who in dossier.conflicts:
                return Expected(409, "account.in_conflict")
            return self.change(action, action["dossier"],
                               lambda _: dossier.grants.update({who: until}), 201)
        return self.on_dossier(action, "dossier.assign",
                               {"method": "POST", "path": f"/accounts/{who}/grants",
                                "body": {"dossier": self.dossier_id(action["dossier"]),
                                         "until": until.isoformat()}}, then)

    def revoke(self, action):
        who = action["who"]
        def then(dossier):
            if not self.active(who) or who not in dossier.grants:
                return self.missing()
            return self.change(action, action["dossier"], lambda _: dossier.grants.pop(who))
        path = f"/accounts/{who}/grants/{self.dossier_id(action['dossier'])}"
        return self.on_dossier(action, "dossier.assign", {"method": "DELETE", "path": path}, then)

    def conflict(self, action):
        """Somebody must stay out of a dossier: whatever they had there ends."""
        who = action["who"]
        def then(dossier):
            if not self.active(who):
                return self.missing()
            def put(_):
                dossier.conflicts.add(who)
                dossier.grants.pop(who, None)
                if who in dossier.assigned:
                    dossier.assigned.remove(who)
            return self.change(action, action["dossier"], put, 201)
        path = f"/dossiers/{self.dossier_id(action['dossier'])}/conflicts"
        return self.on_dossier(action, "dossier.conflict", {
            "method": "POST", "path": path, "body": {"account": who, "reason": "prova"}}, then)

    def conflict_end(self, action):
        who = action["who"]
        def then(dossier):
            if not self.active(who) or who not in dossier.conflicts:
                return self.missing()
            return self.change(action, action["dossier"], lambda _: dossier.conflicts.remove(who))
        path = f"/dossiers/{self.dossier_id(action['dossier'])}/conflicts/{who}"
        return self.on_dossier(action, "dossier.conflict", {
            "method": "DELETE", "path": path,
            "headers": {"Custode-Reason": base64url(b"prova")}}, then)

    def rename(self, action):
        body = {"reason": "prova", "source": "prova", "person": {
            "designation": {"surname": action["surname"], "name": "Prova"}}}
        def then(dossier):
            def put(_):
                dossier.names = [action["surname"],
                                 *(name for name in dossier.names if name != action["surname"])]
            return self.change(action, action["dossier"], put, 200)
        path = f"/dossiers/{self.dossier_id(action['dossier'])}/corrections"
        return self.on_dossier(action, "dossier.correct",
                               {"method": "POST", "path": path, "body": body}, then)

    def export(self, action):
        by, reference = action["by"], action["dossier"]
        def then(dossier):
            documents = dossier.living()
            if not documents:
                return Expected(409, "export.empty")
            def check(answer):
                with zipfile.ZipFile(io.BytesIO(answer.body)) as bag:
                    manifest = next(bag.read(name) for name in bag.namelist()
                                    if name.endswith("/manifest-sha256.txt")).decode()
                for document in documents:
                    same(self.town.documents[document].sha256 in manifest, True, "an original")
            events = [[Event(kind, by, ("dossier", reference), action["purpose"])]
                      for kind in ("export.created", "export.completed")]
            return Expected(200, "", events, check=check)
        path = f"/dossiers/{self.dossier_id(reference)}/exports"
        return self.on_dossier(action, "export.court", {
            "method": "POST", "path": path,
            "body": {"kind": "court", "purpose": action["purpose"], "recipient": "Tribunale"}}, then)

    # --- filing -------------------------------------------------------------------------------------

    def file(self, action):
        town, by, reference = self.town, action["by"], action["dossier"]
        content, made = content_of(action), f"F{action['n']}"
        sha256 = hashlib.sha256(content).hexdigest()
        also = [other for i, other in enumerate(action["also"])
                if other != reference and other not in action["also"][:i]]
        metadata = {"file_name": f"{made}.bin", "type": "altro", "subject": action["subject"],
                    "also": [self.dossier_id(other) for other in action["also"]],
                    **({"again": "prova"} if action["again"] else {})}
        asked = {"method": "POST", "path": f"/dossiers/{self.dossier_id(reference)}/documents",
                 "body": content, "headers": {
                     "Content-Digest":
                         f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:",
                     "Idempotency-Key": action["key"],
                     "Custode-Metadata": base64url(json.dumps(metadata).encode())}}
        for one in (reference, *also):
            if not self.may(by, "document.file", one):
                return dataclasses.replace(self.missing(by), **asked)
        return dataclasses.replace(self.filed(action, made, sha256, content, also), **asked)

    def filed(self, action, made, sha256, content, also):
        town, by, reference = self.town, action["by"], action["dossier"]
        place = (by, reference, action["key"])
        time, earlier, bytes_then = town.filings.get(place, (0, None, None))
        if earlier and time + REPLAY >= self.now:
            if bytes_then != sha256:
                return Expected(409, "idempotency.conflict")
            if reference not in town.documents[earlier].places:
                return self.missing()
            return Expected(200, check=lambda a: same(
                (a.json["id"], a.json.get("replayed")), (town.documents[earlier].id, True),
                "the first answer again"))
        if not action["again"]:
            for one in (reference, *also):
                if sha256 in town.dossiers[one].first:
                    first = town.documents[town.dossiers[one].first[sha256]].id
                    return Expected(409, "document.duplicate", check=lambda a: same(
                        a.json["document"], first, "the document that is there"))
        def put(answer):
            town.documents[made] = Document(answer.json["id"] if answer else None, content, sha256,
                                            action["subject"], [])
            for one in (reference, *also):
                town.link(one, made)
            town.filings[place] = (self.now, made, sha256)
        kinds = [("document.filed", reference)] + [("document.linked", other) for other in also]
        groups = [[Event(kind, by, ("dossier", one)) for kind, one in kinds]]
        elsewhere = self.same_bytes(by, reference, sha256)
        if elsewhere:
            groups.append([Event("disclosure.opened", by)])
        return Expected(201, "", groups, put, lambda a: same(
            (a.json["sha256"], a.json.get("same_bytes_in", [])), (sha256, elsewhere), "the filing"))

    def same_bytes(self, by, reference, sha256):
        """Where else the same bytes lay before, as far as one may see."""
        places = {place for document in self.town.documents.values() if document.sha256 == sha256
                  for place in document.places}
        return sorted(self.town.dossiers[place].code for place in places - {reference}
                      if self.may(by, "document.list", place))

    def refile(self, action):
        town, by = self.town, action["by"]
        document, wrong, right = action["document"], action["from"], action["to"]
        paper = town.documents.get(document)
        asked = {"method": "POST", "path": f"/documents/{self.document_id(document)}/refile",
                 "body": {"from": self.dossier_id(wrong), "to": self.dossier_id(right),
                          "reason": "prova"}}
        def answer(expected):
            return dataclasses.replace(expected, **asked)
        if not paper or wrong not in paper.places or not self.may(by, "document.refile", wrong) \
                or not self.may(by, "document.file", right):
            return answer(self.missing(by))
        if wrong == right:
            return answer(Expected(400, "refile.same"))
        if right in paper.places:
            return answer(Expected(409, "document.in_dossier"))
        if paper.sha256 in town.dossiers[right].first:
            return answer(Expected(409, "document.duplicate"))
        readers = sorted((account, what, purpose) for place, account, what, purpose in paper.readers
                         if place == wrong)
        def move(_):
            town.link(right, document)
            town.unlink(wrong, document)
        return answer(Expected(
            200, "", [[Event("document.linked", by, ("dossier", right)),
                       Event("document.unlinked", by, ("object", document))]], move,
            lambda a: same(sorted((r["account"], r["what"], r["purpose"]) for r in
                                  a.json["readers"]), readers, "who read it there")))
