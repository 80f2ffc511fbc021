"""Which action comes next: weighted, mostly sensible, sometimes hopeless."""
import hashlib

UNITS = ("municipio-3", "municipio-5")
STAFF = (("anna", "archivist", UNITS[0]), ("bruno", "archivist", UNITS[1]),
         ("carla", "social-worker", ""), ("dario", "social-worker", UNITS[0]),
         ("elena", "legal-office", "avvocatura"), ("franca", "legal-office", ""))
LATER = ("nuova", "nuovo")                 # accounts that an action may make
NOBODY = ("fantasma", "spettro")           # names that nobody ever has
ROLES = ("archivist", "social-worker", "legal-office", "administrator", "statistics")
PASSWORDS = ("una frase lunga di prova", "una seconda frase lunga")
PURPOSES = ("gestione-caso", "verifica", "avvocatura")
SIZES = (1, 700, 9_000, 65_503, 65_504, 131_009)
SURNAMES = 12
WEIGHTS = {
    "open": 6, "file": 18, "file-again": 6, "refile": 6, "assign": 4, "unassign": 2, "grant": 5,
    "revoke": 2, "conflict": 1.5, "conflict-end": 1.5, "read": 14, "show": 4, "proof": 3, "documents": 5, "all-documents": 4,
    "dossiers": 4, "dossier": 3, "search": 6, "correct": 2, "rename": 2, "accounts": 1,
    "create": 1.5, "state": 2, "role": 2, "role-end": 1.5, "password": 0.7, "own-password": 0.7, "unlock": 1, "login": 2,
    "bad-login": 3, "logout": 1, "seal": 0.4, "restart": 0.4, "kill": 0.4, "kill-during": 1.6,
    "kill-after": 1, "clock": 1.5, "export": 0.05,
}
WRITES = ("open", "file", "file-again", "refile", "assign", "grant", "revoke", "correct", "rename",
          "create", "state", "role", "password", "bad-login", "login", "read")
HOUR, DAY = 3600, 86_400
JUMPS = (HOUR, 5 * HOUR, DAY, 3 * DAY, 31 * DAY, 366 * DAY, -HOUR, -2 * DAY, -40 * DAY, -400 * DAY)
LETTERS = "bcdfglmnprstvz", "aeiou"


def word(seed):
    """A name of eight letters that is the beginning of no other."""
    bits = hashlib.sha256(str(seed).encode()).digest()
    return "".join(LETTERS[i % 2][bits[i] % len(LETTERS[i % 2])] for i in range(8))


class Dice:
    def __init__(self, dice, town, clock_moves, weights=None):
        self.dice, self.town, self.clock_moves = dice, town, clock_moves
        self.weights = {**WEIGHTS, **(weights or {})}
        if not clock_moves:
            self.weights["clock"] = 0
        self.filings = []
        self.number = 0

    def one(self, things):
        return self.dice.choice(list(things))

    def next(self):
        verbs = list(self.weights)
        verb = self.dice.choices(verbs, [self.weights[verb] for verb in verbs])[0]
        if self.town.sealed and self.dice.random() < 0.6:
            verb = self.one(("unseal", "unseal", "restart", "kill"))
        self.number += 1
        if verb in ("kill-during", "kill-after"):
            return {"n": self.number, "verb": verb, "delay": round(self.dice.uniform(0, 0.02), 4),
                    "act": self.make(self.one(WRITES))}
        return self.make(verb)

    def make(self, verb):
        action = {"n": self.number, "verb": verb}
        maker = getattr(self, "make_" + verb.replace("-", "_"), None)
        if maker:
            action.update(maker())
        return action

    # --- whom and what ------------------------------------------------------------------------------

    def staff(self):
        return [name for name, _, _ in STAFF] + [n for n in LATER if n in self.town.accounts]

    def somebody(self, role=None):
        """Mostly one who holds the role, when one is wanted; sometimes anybody."""
        holders = [name for name, account in self.town.accounts.items() if account.active
                   and any(held[0] == role for held in account.roles)]
        if role and holders and self.dice.random() < 0.85:
            return self.one(holders)
        return self.one([*self.staff(), "admin"])

    def whoever(self):
        return self.one([*self.staff(), "admin", *LATER, *NOBODY])

    def a_dossier(self, by=None):
        own = {unit for _, unit, _ in self.town.accounts[by].roles} if by in self.town.accounts else ()
        mine = [r for r, d in self.town.dossiers.items() if d.unit in own]
        if mine and self.dice.random() < 0.8:
            return self.one(mine)
        return self.one(self.town.dossiers) if self.town.dossiers and self.dice.random() < 0.97 \
            else f"D{self.number + 1000}"

    def a_document(self):
        return self.one(self.town.documents) if self.town.documents and self.dice.random() < 0.97 \
            else f"F{self.number + 1000}"

    def surname(self):
        return word(self.dice.randrange(SURNAMES))

    def subject(self):
        return word(100 + self.dice.randrange(8))

    # --- the makers ---------------------------------------------------------------------------------

    def make_open(self):
        return {"by": self.somebody("archivist"), "surname": self.surname(),
                "unit": self.one(UNITS), "twin": self.dice.random() < 0.5}

    def make_file(self):
        by = self.somebody("archivist")
        content = self.dice.randrange(self.number) if self.dice.random() < 0.25 else self.number
        filing = {"by": by, "dossier": self.a_dossier(by), "content": content,
                  "size": SIZES[content % len(SIZES)], "subject": self.subject(),
                  "also": [self.a_dossier(by) for _ in range(self.dice.choice((0, 0, 0, 1, 2)))],
                  "again": self.dice.random() < 0.15, "key": f"model-key-{self.number:016}"}
        self.filings.append(filing)
        return filing

    def make_file_again(self):
        """An earlier request once more: as it was, or the same key for other bytes."""
        if not self.filings:
            return {"verb": "file", **self.make_file()}
        filing = dict(self.one(self.filings[-40:]), verb="file")
        if self.dice.random() < 0.15:
            filing["content"] += 10_000
        if self.dice.random() < 0.1:
            filing["again"] = True
        return filing

    def make_refile(self):
        document = self.a_document()
        paper = self.town.documents.get(document)
        wrong = self.one(paper.places) if paper and paper.places and self.dice.random() < 0.9 \
            else self.a_dossier()
        by = self.somebody("archivist")
        return {"by": by, "document": document, "from": wrong, "to": self.a_dossier(by)}

    def make_assign(self):
        by = self.somebody("archivist")
        return {"by": by, "dossier": self.a_dossier(by), "who": self.whoever()}

    def make_unassign(self):
        dossier = self.a_dossier()
        there = self.town.dossiers[dossier].assigned if dossier in self.town.dossiers else []
        return {"by": self.somebody("archivist"), "dossier": dossier,
                "who": self.one(there) if there else self.whoever()}

    def make_grant(self):
        by = self.somebody("archivist")
        return {"by": by, "dossier": self.a_dossier(by),
                "who": self.somebody("legal-office") if self.dice.random() < 0.8 else self.whoever(),
                "days": self.dice.choice((-1, 0, 0, 1, 2, 30, 400))}

    def make_revoke(self):
        dossier = self.a_dossier()
        there = list(self.town.dossiers[dossier].grants) if dossier in self.town.dossiers else []
        return {"by": self.somebody("archivist"), "dossier": dossier,
                "who": self.one(there) if there else self.whoever()}

    def make_conflict(self):
        by = self.somebody("archivist")
        return {"by": by, "dossier": self.a_dossier(by), "who": self.one(self.staff())}

    def make_conflict_end(self):
        marked = [r for r, dossier in self.town.dossiers.items() if dossier.conflicts]
        dossier = self.one(marked) if marked else self.a_dossier()
        there = self.town.dossiers[dossier].conflicts if dossier in self.town.dossiers else ()
        return {"by": self.somebody("archivist"), "dossier": dossier,
                "who": self.one(sorted(there)) if there else self.whoever()}

    def make_read(self):
        return {"by": self.somebody(), "document": self.a_document(),
                "purpose": self.dice.choice(("", *PURPOSES, *PURPOSES)),
                "range": self.dice.choice((None, None, (0, 9), (65_500, 65_510), (500, 10 ** 9)))}

    def make_show(self):
        return {"by": self.somebody(), "document": self.a_document(),
                "purpose": self.dice.choice(("", PURPOSES[0]))}

    def make_proof(self):
        return {"by": self.somebody(), "document": self.a_document()}

    def make_documents(self):
        return {"by": self.somebody(), "dossier": self.a_dossier()}

    make_dossier = make_documents

    def make_dossiers(self):
        return {"by": self.somebody()}

    make_all_documents = make_accounts = make_logout = make_dossiers

    def make_search(self):
        where = self.one(("dossiers", "documents"))
        return {"by": self.somebody(), "in": where,
                "query": self.surname() if where == "dossiers" else self.subject()}

    def make_correct(self):
        return {"by": self.somebody("archivist"), "document": self.a_document(),
                "subject": self.subject()}

    def make_rename(self):
        by = self.somebody("archivist")
        return {"by": by, "dossier": self.a_dossier(by), "surname": self.surname()}

    def make_export(self):
        return {"by": self.somebody("legal-office"), "dossier": self.a_dossier(),
                "purpose": "avvocatura"}

    def make_create(self):
        role = self.one(ROLES)
        return {"by": self.somebody("administrator"), "name": self.one((*LATER, *LATER, "anna")),
                "role": role, "unit": self.one(("", *UNITS)), "password": self.one(PASSWORDS)}

    def make_state(self):
        return {"by": self.somebody("administrator"), "name": self.whoever(),
                "active": self.dice.random() < 0.65}

    def make_role(self):
        return {"by": self.somebody("administrator"), "name": self.whoever(),
                "role": self.one(ROLES), "unit": self.one(("", *UNITS)),
                "days": self.dice.choice((None, None, -1, 0, 1, 40))}

    def make_role_end(self):
        name = self.whoever()
        held = self.town.accounts[name].roles if name in self.town.accounts else []
        return {"by": self.somebody("administrator"), "name": name,
                "role": self.one(held)[0] if held and self.dice.random() < 0.7 else self.one(ROLES)}

    def make_password(self):
        return {"by": self.somebody("administrator"), "name": self.whoever(),
                "password": self.one(PASSWORDS)}

    def make_own_password(self):
        return {"by": self.somebody(), "password": self.one(PASSWORDS)}

    def make_unlock(self):
        return {"by": self.somebody("administrator"), "name": self.whoever()}

    def make_login(self):
        name = self.whoever()
        account = self.town.accounts.get(name)
        return {"by": name, "password": account.password if account else PASSWORDS[0]}

    def make_bad_login(self):
        return {"verb": "login", "by": self.one([*self.staff(), *NOBODY, *NOBODY]),
                "password": "sbagliata e lunga"}

    def make_seal(self):
        return {"by": self.somebody("administrator")}

    def make_clock(self):
        return {"seconds": self.one(JUMPS)}
