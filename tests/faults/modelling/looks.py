"""What is looked at: lists, searches, documents and their bytes."""
import dataclasses

from modelling.acts import Event, Expected, same
from modelling.papers import Papers
from modelling.town import LEASE


class Looks(Papers):

    def lines_of(self, reference):
        dossier = self.town.dossiers[reference]
        return [(self.town.documents[document].id, dossier.id) for document in dossier.living()]

    def everything(self, by, right):
        """(document, dossier) over all that an account may list, as lists are ordered."""
        codes = {dossier.code: reference for reference, dossier in self.town.dossiers.items()}
        return [(document, codes[dossier.code])
                for dossier in self.town.seen(by, right, self.day) for document in dossier.living()]

    def documents(self, action):
        def then(_):
            wanted = self.lines_of(action["dossier"])
            return Expected(200, "", self.shown(action, "document.list"), check=lambda a: same(
                [(i["id"], i["dossier"]) for i in a.json["items"]], wanted, "the documents"))
        path = f"/dossiers/{self.dossier_id(action['dossier'])}/documents?limit=200"
        return self.on_dossier(action, "document.list", {"path": path}, then)

    def all_documents(self, action):
        town, by = self.town, action["by"]
        asked = {"path": "/documents?limit=200"}
        if by not in town.accounts or not town.may_ask(by, "document.list", self.day):
            return dataclasses.replace(self.missing(by), **asked)
        wanted = [(town.documents[document].id, town.dossiers[reference].id)
                  for document, reference in self.everything(by, "document.list")][:200]
        return Expected(200, "", self.shown(action, "document.list"), check=lambda a: same(
            [(i["id"], i["dossier"]) for i in a.json["items"]], wanted, "all documents"), **asked)

    def search(self, action):
        town, by = self.town, action["by"]
        right = f"search.{action['in']}"
        asked = {"method": "POST", "path": "/searches",
                 "body": {"query": action["query"], "in": action["in"]}}
        if by not in town.accounts or not town.may_ask(by, right, self.day):
            return dataclasses.replace(self.missing(by), **asked)
        if action["in"] == "dossiers":
            wanted = [dossier.id for dossier in town.seen(by, right, self.day)
                      if action["query"] in dossier.names]
        else:
            wanted = [town.documents[document].id
                      for document, _ in self.everything(by, right)
                      if action["query"] in town.documents[document].subject]
        return Expected(200, "", self.shown(action, right), check=lambda a: same(
            sorted(i["id"] for i in a.json["items"]), sorted(wanted), "what was found"), **asked)

    # --- one document -------------------------------------------------------------------------------

    def disclosure(self, action, reference, what):
        """The events of a look at a document, which within its lease is the one before."""
        by, purpose = action["by"], action.get("purpose", "")
        lease = (by, action["document"], reference, what, purpose)
        if self.town.leases.get(lease, -LEASE) + LEASE > self.boot:
            return [], lambda _: None
        def note(_):
            self.town.leases[lease] = self.boot
            self.town.documents[action["document"]].readers.append((reference, by, what, purpose))
        return [[Event("disclosure.opened", by, ("object", action["document"]), purpose)]], note

    def on_document(self, action, right, asked, then):
        by, paper = action["by"], self.town.documents.get(action["document"])
        reference = paper and by in self.town.accounts and \
            self.town.through(by, right, paper, self.day)
        if not reference:
            return dataclasses.replace(self.missing(by), **asked)
        return dataclasses.replace(then(paper, reference), **asked)

    def show(self, action):
        def then(paper, reference):
            groups, note = self.disclosure(action, reference, "document.show")
            return Expected(200, "", groups, note, lambda a: same(
                (a.json["id"], a.json["dossier"], a.json["sha256"], a.json["subject"]),
                (paper.id, self.town.dossiers[reference].id, paper.sha256, paper.subject),
                "the document"))
        return self.on_document(action, "document.list", self.asking(action, ""), then)

    def proof(self, action):
        def then(paper, reference):
            groups, note = self.disclosure(action, reference, "document.proof")
            return Expected(200, "", groups, note, lambda a: same(
                paper.sha256 in a.json["statement"], True, "the statement"))
        return self.on_document(action, "document.proof", self.asking(action, "/proof"), then)

    def read(self, action):
        asked = self.asking(action, "/content")
        span = action["range"]
        if span:
            asked["headers"]["Range"] = f"bytes={span[0]}-{span[1]}"
        def then(paper, reference):
            purpose = action["purpose"] or self.town.unsaid(action["by"], reference, self.day)
            if not purpose:
                return Expected(400, "purpose.missing")
            groups, note = self.disclosure({**action, "purpose": purpose}, reference,
                                           "document.content")
            if span and span[0] >= len(paper.content):
                return Expected(416, "range.unsatisfiable", groups, note)
            wanted = paper.content[span[0]:span[1] + 1] if span else paper.content
            closed = [[Event("disclosure.closed", action["by"], ("object", action["document"]))]]
            return Expected(206 if span else 200, "", groups + closed, note,
                            lambda a: same(a.body == wanted, True, "the bytes"), posted=True)
        return self.on_document(action, "document.read", asked, then)

    def correct(self, action):
        body = {"reason": "prova", "metadata": {"subject": action["subject"]}}
        def then(paper, reference):
            def put(_):
                paper.subject = action["subject"]
            return Expected(200, "", [[Event("document.corrected", action["by"],
                                             ("object", action["document"]))]], put,
                            lambda a: same(a.json["subject"], action["subject"], "the subject"))
        return self.on_document(action, "document.correct",
                                {**self.asking(action, "/corrections"), "method": "POST",
                                 "body": body}, then)

    def asking(self, action, what):
        headers = {"Custode-Purpose": action["purpose"]} if action.get("purpose") else {}
        return {"path": f"/documents/{self.document_id(action['document'])}{what}",
                "headers": headers}
