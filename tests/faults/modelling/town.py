"""What a vault should know and show: written from daemon/API.md and policies/README.md, not from
our C++.  Values only; nothing here talks to a vault."""
import copy
import dataclasses
import datetime
import hashlib
import uuid

LOCK_AFTER, FIRST_LOCK, LONGEST_LOCK = 5, 15 * 60, 4 * 3600
LEASE = 300            # seconds in which a second look is the same disclosure
REPLAY = 30 * 86_400   # seconds for which a filing's key gives the first answer again
REFUSALS_A_MINUTE = 60

# policies/README.md, by hand: action → {role: scope}.
UNIT, ASSIGNED, GRANTED, SERVICE = "unit", "assigned", "granted", "service"
READERS = {"archivist": UNIT, "social-worker": ASSIGNED, "legal-office": GRANTED}
SEEKERS = {"archivist": UNIT, "social-worker": ASSIGNED}
RIGHTS = {
    "vault.seal": {"administrator": SERVICE},
    **{f"account.{verb}": {"administrator": SERVICE}
       for verb in ("create", "list", "disable", "grant", "revoke")},
    "dossier.open": {"archivist": UNIT},
    "dossier.list": READERS, "dossier.show": READERS, "document.list": READERS,
    "document.read": READERS,
    "search.dossiers": SEEKERS, "search.documents": SEEKERS,
    **{action: {"archivist": UNIT} for action in
       ("document.file", "document.refile", "dossier.assign", "dossier.correct",
        "dossier.conflict", "document.correct")},
    "document.proof": {"archivist": UNIT, "legal-office": GRANTED},
    "export.court": {"legal-office": GRANTED},
}


def roman_day(seconds):
    """The civil day in Rome; the hour changes on the last Sundays of March and October, 01:00 UTC."""
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    def last_sunday(month):
        last = datetime.datetime(moment.year, month, 31, 1, tzinfo=datetime.timezone.utc)
        return last - datetime.timedelta(days=(last.weekday() + 1) % 7)
    summer = last_sunday(3) <= moment < last_sunday(10)
    return (moment + datetime.timedelta(hours=2 if summer else 1)).date()


def nobody_has(reference):
    """A well-formed id that nothing has, the same for the same reference."""
    return str(uuid.UUID(bytes=hashlib.sha256(reference.encode()).digest()[:16], version=4))


@dataclasses.dataclass
class Account:
    password: str
    roles: list = dataclasses.field(default_factory=list)  # (role, unit, until or None)
    active: bool = True
    failed: int = 0
    locked_until: float = 0
    must_change: bool = False


@dataclasses.dataclass
class Dossier:
    id: str | None
    code: str | None
    unit: str
    names: list                                     # in use first, then former
    assigned: list = dataclasses.field(default_factory=list)
    grants: dict = dataclasses.field(default_factory=dict)
    conflicts: set = dataclasses.field(default_factory=set)  # for them it does not exist
    links: list = dataclasses.field(default_factory=list)   # documents in order, None: moved away
    first: dict = dataclasses.field(default_factory=dict)   # sha256 → the document that has it

    def living(self):
        return [document for document in self.links if document]


@dataclasses.dataclass
class Document:
    id: str | None
    content: bytes
    sha256: str
    subject: str
    places: list                                    # dossiers, the first that permits is read
    readers: list = dataclasses.field(default_factory=list)  # (dossier, account, what, purpose)


class Town:
    """The whole state that any answer depends on."""

    def __init__(self, admin_password):
        self.accounts = {"admin": Account(admin_password, [("administrator", "", None)])}
        self.ghosts = {}        # names nobody has: [failures, locked until]
        self.dossiers = {}      # reference → Dossier
        self.documents = {}     # reference → Document
        self.filings = {}       # (account, dossier, key) → (time, document, sha256)
        self.counters = {}      # year → dossiers opened in it
        self.sealed = False
        # What one run of the daemon knows and the next does not:
        self.sessions = set()   # accounts with a session
        self.leases = {}        # (account, document, dossier, what, purpose) → boot time
        self.strict_grants = False   # a control: a grant would end the day before its last

    def copy(self):
        return copy.deepcopy(self)

    def restarted(self):
        self.sealed = False
        self.sessions.clear()
        self.leases.clear()

    # --- who may what -------------------------------------------------------------------------------

    def roles(self, name, day):
        account = self.accounts[name]
        return [(role, unit) for role, unit, until in account.roles
                if account.active and (until is None or day <= until)]

    def may_ask(self, name, action, day):
        """Whether a list or a search may be asked for at all, or a service used."""
        return any(role in RIGHTS[action] for role, _ in self.roles(name, day))

    def may(self, name, action, dossier, day):
        if name in dossier.conflicts:
            return False
        for role, unit in self.roles(name, day):
            scope = RIGHTS[action].get(role)
            if scope == UNIT and unit == dossier.unit:
                return True
            if scope == ASSIGNED and name in dossier.assigned:
                return True
            until = dossier.grants.get(name)
            if scope == GRANTED and until and (day < until if self.strict_grants else day <= until):
                return True
        return False

    def unsaid(self, name, reference, day):
        """The purpose of whoever has the child in charge, which nobody types."""
        in_charge = name in self.dossiers[reference].assigned and \
            any(role == "social-worker" for role, _ in self.roles(name, day))
        return "presa-in-carico" if in_charge else ""

    def seen(self, name, action, day):
        """The dossiers that the action reaches, in the order of lists."""
        if name not in self.accounts:
            return []
        return sorted((d for d in self.dossiers.values() if self.may(name, action, d, day)),
                      key=lambda dossier: dossier.code)

    def through(self, name, action, document, day, only=None):
        """The dossier through which an account reaches a document."""
        for reference in document.places:
            if only in (None, reference) and self.may(name, action, self.dossiers[reference], day):
                return reference
        return None

    def has_administrator(self, name, day):
        """Whether an account holds the role, disabled or not."""
        return any(role == "administrator" and (until is None or day <= until)
                   for role, _, until in self.accounts[name].roles)

    def second_administrator(self, day):
        return sum(account.active and self.has_administrator(name, day)
                   for name, account in self.accounts.items()) >= 2

    def last_administrator(self, but):
        """Whether nobody else stays administrator without an end."""
        return not any(account.active and any(role == "administrator" and until is None
                                              for role, _, until in account.roles)
                       for name, account in self.accounts.items() if name != but)

    # --- what changes -------------------------------------------------------------------------------

    def lock_for(self, now, failed):
        if failed < LOCK_AFTER:
            return 0
        return now + min(FIRST_LOCK * 2 ** min(failed - LOCK_AFTER, 8), LONGEST_LOCK)

    def link(self, reference, document):
        dossier = self.dossiers[reference]
        dossier.links.append(document)
        dossier.first.setdefault(self.documents[document].sha256, document)
        self.documents[document].places.append(reference)

    def unlink(self, reference, document):
        dossier = self.dossiers[reference]
        dossier.links[dossier.links.index(document)] = None
        sha256 = self.documents[document].sha256
        self.documents[document].places.remove(reference)
        if dossier.first.get(sha256) == document:
            others = [other for other in dossier.living() if self.documents[other].sha256 == sha256]
            if others:
                dossier.first[sha256] = others[0]
            else:
                del dossier.first[sha256]
