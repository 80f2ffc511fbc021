"""Who may do what, written by hand from the issue and domain §3.3, not from the rule file.

role → action → the relations to a dossier under which it is permitted.  What is not here is refused.
"""

# How an account can stand to a dossier.  Every account of the matrix stands so to one dossier each.
RELATIONS = {
    "none": "a dossier of another unit",
    "unit": "a dossier of the unit in which the role is held",
    "assigned": "assigned to the account",
    "team": "a dossier of another unit on which the team works",
    "other-team": "a dossier of another unit on which other teams work",
    "granted": "granted to the account until a day to come",
    "expired": "granted to the account until a day that is past",
    "conflict": "of the unit, assigned, granted, of the team, and a conflict of interest was noted",
}

_ANY = tuple(relation for relation in RELATIONS if relation != "conflict")
_READS = ("dossier.list", "dossier.show", "document.list", "document.read")
_SEEKS = ("search.dossiers", "search.documents")


def _each(actions, *relations):
    return {action: frozenset(relations) for action in actions}


# Over all units, but never where the one who looks is involved.
_LOCATES = _each(("dossier.locate",), *_ANY)

RIGHTS = {
    "administrator": {},
    "mail-room": _LOCATES | _each(("document.file",), *_ANY),
    "archivist": _LOCATES | _each(_READS + _SEEKS + (
        "dossier.assign", "dossier.correct", "dossier.conflict", "document.file", "document.correct",
        "document.refile", "document.proof", "dossier.history", "dossier.notices", "dossier.review",
        "dossier.emergency", "dossier.emergency-write"), "unit"),
    "social-worker": _each(_READS + _SEEKS + (
        "dossier.notices", "dossier.emergency", "dossier.emergency-write"), "assigned"),
    "team-member": _each(_READS + _SEEKS[:1], "team"),
    "coordinator": _each(_READS + _SEEKS + (
        "dossier.assign", "document.proof", "dossier.history", "dossier.notices", "dossier.review",
        "dossier.emergency"), "team"),
    "guardianship-office": _each(_READS + _SEEKS, "granted"),
    "legal-office": _each(_READS + ("document.proof", "export.court"), "granted"),
    "emergency-unit": _LOCATES | _each(("dossier.break-glass", "dossier.emergency"), *_ANY),
    "access-desk": _LOCATES | _each(_READS, "granted"),
    "register-officer": {},
    "conservation-officer": {},
    "dpo": _each(("dossier.history", "dossier.notices", "dossier.review"), *_ANY),
    "statistics": {},
    "operator": {},
}


def may(role, action, relation):
    return relation in RIGHTS[role].get(action, ())


def may_ask(role, action):
    """Whether a list or search may be asked for at all."""
    return action in RIGHTS[role]
