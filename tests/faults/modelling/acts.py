"""What each action must answer and journal, and what it changes: one function an action.

An action is a dict {"n", "verb", "by", …} whose references ("D7": the dossier that action 7 opened,
"F9": the document that action 9 filed) may name things that were never made, so that any part of a
list of actions is a list of actions.  A function gives an Expected.
"""
import dataclasses
import datetime
import hashlib
import typing

from modelling.town import Account, nobody_has, roman_day

NOTHING = (None, None)  # an event about no dossier and no object


class Event(typing.NamedTuple):
    action: str
    actor: str | None
    subject: tuple = NOTHING     # ("dossier" | "object", reference)
    purpose: str = ""
    outcome: str = "permitted"


@dataclasses.dataclass
class Expected:
    status: int
    code: str = ""
    groups: list = dataclasses.field(default_factory=list)  # events, a list for each commit
    apply: typing.Callable = lambda answer: None            # with the first group, or at once
    check: typing.Callable = lambda answer: None            # what the body must say
    posted: bool = False                                    # the last group is not waited for
    method: str = "GET"
    path: str = ""
    body: object = None
    headers: dict = dataclasses.field(default_factory=dict)


def same(actual, wanted, what):
    if actual != wanted:
        raise AssertionError(f"{what}: {actual!r:.600} is not {wanted!r:.600}")


def content_of(action):
    return hashlib.shake_256(f"content {action['content']}".encode()).digest(action["size"])


class Acts:
    """Predicts on a town at a moment; `boot` is time that no clock jump touches."""

    def __init__(self, town, now, boot):
        self.town, self.now, self.boot = town, now, boot
        self.day = roman_day(now)

    def predict(self, action):
        town, by = self.town, action.get("by")
        expected = getattr(self, action["verb"].replace("-", "_"))(action)
        if town.sealed and action["verb"] not in ("unseal",):
            return dataclasses.replace(expected, status=423, code="vault.sealed", groups=[],
                                       apply=lambda _: None, check=lambda _: None, posted=False)
        if by and action["verb"] != "login" and by not in town.sessions:
            return dataclasses.replace(expected, status=401, code="session.expired", groups=[],
                                       apply=lambda _: None, check=lambda _: None, posted=False)
        account = town.accounts.get(by)
        if account and account.must_change and action["verb"] not in ("login", "logout",
                                                                      "own-password", "unseal"):
            return dataclasses.replace(expected, status=423, code="password.must_change", groups=[],
                                       apply=lambda _: None, check=lambda _: None, posted=False)
        return expected

    # --- small help ---------------------------------------------------------------------------------

    def dossier_id(self, reference):
        dossier = self.town.dossiers.get(reference)
        return dossier.id if dossier else nobody_has(reference)

    def document_id(self, reference):
        document = self.town.documents.get(reference)
        return document.id if document else nobody_has(reference)

    def may(self, by, right, reference):
        dossier = self.town.dossiers.get(reference)
        return bool(dossier) and by in self.town.accounts and self.town.may(by, right, dossier,
                                                                           self.day)

    def missing(self, by=None):
        """Not there or not permitted; with `by`, an attempt that the journal keeps."""
        refused = [[Event("access.refused", by, outcome="refused")]] if by else []
        return Expected(404, "not_found", refused)

    def active(self, name):
        account = self.town.accounts.get(name)
        return account is not None and account.active

    def change(self, action, reference, apply, status=204, code="", groups=None):
        events = [[Event("dossier.changed", action["by"], ("dossier", reference))]]
        return Expected(status, code, events if groups is None else groups, apply)

    def shown(self, action, what):
        return [[Event("disclosure.opened", action["by"], purpose=action.get("purpose", ""))]]

    # --- accounts -----------------------------------------------------------------------------------

    def login(self, action):
        town, name = self.town, action["by"]
        account = town.accounts.get(name)
        asked = {"method": "POST", "path": "/sessions",
                 "body": {"user": name, "password": action["password"]}}
        locked = account.locked_until if account else town.ghosts.get(name, [0, 0])[1]
        if locked > self.now:
            return Expected(423, "account.locked", **asked)
        if account and account.active and account.password == action["password"]:
            def enter(_):
                account.failed = account.locked_until = 0
                town.sessions.add(name)
            return Expected(201, "", [[Event("login.succeeded", name)]], enter, **asked)
        def fail(_):
            if account:
                account.failed += 1
                account.locked_until = town.lock_for(self.now, account.failed)
            else:
                ghost = town.ghosts.setdefault(name, [0, 0])
                ghost[0] += 1
                ghost[1] = town.lock_for(self.now, ghost[0])
        failed = Event("login.failed", name if account else None, outcome="refused")
        return Expected(401, "login.failed", [[failed]], fail, **asked)

    def logout(self, action):
        return Expected(204, "", [[Event("logout", action["by"])]],
                        lambda _: self.town.sessions.discard(action["by"]),
                        method="DELETE", path="/sessions/current")

    def service(self, action, right, asked, then):
        """An administrator's verb: `then` says what happens when it is permitted."""
        if action["by"] not in self.town.accounts or \
                not self.town.may_ask(action["by"], right, self.day):
            refused = self.missing(action["by"])
            return dataclasses.replace(refused, **asked)
        return dataclasses.replace(then(), **asked)

    def create(self, action):
        town, name = self.town, action["name"]
        body = {"name": name, "role": action["role"], "password": action["password"]}
        if action["unit"]:
            body["unit"] = action["unit"]
        def then():
            if action["role"] == "archivist" and not action["unit"]:
                return Expected(400, "unit.needed")
            if name in town.accounts:
                return Expected(409, "account.exists")
            waits = action["role"] == "administrator" and town.second_administrator(self.day)
            def make(_):
                roles = [] if waits else [(action["role"], action["unit"], None)]
                town.accounts[name] = Account(action["password"], roles)
            if waits:
                return Expected(202, "", [[Event("account.created", action["by"]),
                                           Event("proposal.made", action["by"])]], make)
            return Expected(201, "", [[Event("account.created", action["by"])]], make)
        return self.service(action, "account.create",
                            {"method": "POST", "path": "/accounts", "body": body}, then)

    def changed(self, action, apply, ends=True, role=None):
        """A change of an account: its sessions end, and an administrator must remain.

        With two administrators their rights only become a proposal, which nobody decides here."""
        town, name = self.town, action["name"]
        account = town.accounts.get(name)
        if not account:
            return self.missing()
        after = town.copy()
        apply(after.accounts[name])
        lasting = [bool(t.accounts[name].active and any(
            role == "administrator" and until is None for role, _, until in t.accounts[name].roles))
            for t in (town, after)]
        if lasting == [True, False] and town.last_administrator(name):
            return Expected(400, "account.last_administrator")
        concerns = role == "administrator" if role else ends and town.has_administrator(name, self.day)
        if concerns and town.second_administrator(self.day):
            return Expected(202, "", [[Event("proposal.made", action["by"])]])
        def change(_):
            apply(account)
            if ends:
                town.sessions.discard(name)
        return Expected(200, "", [[Event("account.changed", action["by"])]], change)

    def state(self, action):
        def apply(account):
            account.active = action["active"]
        path = f"/accounts/{action['name']}/{'enable' if action['active'] else 'disable'}"
        return self.service(action, "account.disable", {"method": "POST", "path": path},
                            lambda: self.changed(action, apply))

    def unlock(self, action):
        def apply(account):
            account.failed = account.locked_until = 0
        return self.service(action, "account.disable",
                            {"method": "POST", "path": f"/accounts/{action['name']}/unlock"},
                            lambda: self.changed(action, apply, ends=False))

    def own_password(self, action):
        account = self.town.accounts[action["by"]]
        asked = {"method": "PUT", "path": f"/accounts/{action['by']}/password",
                 "body": {"password": action["password"], "old": account.password}}
        if account.locked_until > self.now:
            return Expected(423, "account.locked", **asked)
        if account.password == action["password"]:
            return Expected(400, "password.same", **asked)
        def change(_):
            account.password, account.must_change = action["password"], False
        return Expected(204, "", [[Event("account.changed", action["by"])]], change, **asked)

    def password(self, action):
        if action["name"] == action["by"]:
            return Expected(400, "password.old_needed", method="PUT",
                            path=f"/accounts/{action['name']}/password",
                            body={"password": action["password"]})
        def apply(account):
            account.password, account.must_change = action["password"], True
        def then():
            expected = self.changed(action, apply)
            return dataclasses.replace(expected, status=204) if expected.status == 200 else expected
        return self.service(action, "account.create",
                            {"method": "PUT", "path": f"/accounts/{action['name']}/password",
                             "body": {"password": action["password"]}}, then)

    def role(self, action):
        role, unit = action["role"], action["unit"]
        until = None
        body = {"role": role, **({"unit": unit} if unit else {})}
        if action["days"] is not None:
            until = self.day + datetime.timedelta(days=action["days"])
            body["until"] = until.isoformat()
        def apply(account):
            account.roles = [held for held in account.roles if held[:2] != (role, unit)]
            account.roles.append((role, unit, until))
        def then():
            if role == "archivist" and not unit:
                return Expected(400, "unit.needed")
            if action["name"] == action["by"]:
                return Expected(409, "account.own_rights",
                                [[Event("access.refused", action["by"], outcome="refused")]])
            return self.changed(action, apply, role=role)
        return self.service(action, "account.grant",
                            {"method": "POST", "path": f"/accounts/{action['name']}/roles",
                             "body": body}, then)

    def role_end(self, action):
        def apply(account):
            account.roles = [held for held in account.roles if held[0] != action["role"]]
        def then():
            account = self.town.accounts.get(action["name"])
            if account and not any(held[0] == action["role"] for held in account.roles):
                return self.missing()
            return self.changed(action, apply, role=action["role"])
        return self.service(action, "account.revoke",
                            {"method": "DELETE",
                             "path": f"/accounts/{action['name']}/roles/{action['role']}"}, then)

    def accounts(self, action):
        def check(answer):
            same({(item["name"], item["state"]) for item in answer.json["items"]},
                 {(name, "active" if account.active else "disabled")
                  for name, account in self.town.accounts.items()}, "the accounts")
        return self.service(action, "account.list", {"path": "/accounts"},
                            lambda: Expected(200, "", self.shown(action, "account.list"),
                                             check=check))

    def seal(self, action):
        def shut(_):
            self.town.restarted()
            self.town.sealed = True
        return self.service(action, "vault.seal", {"method": "POST", "path": "/seal"},
                            lambda: Expected(200, "", [[Event("vault.sealed", action["by"],
                                                              outcome="system")]], shut))

    def unseal(self, action):
        def open_(_):
            self.town.sealed = False
        groups = [[Event("vault.unsealed", None, outcome="system")]] if self.town.sealed else []
        return Expected(200, "", groups, open_, method="POST", path="/unseal",
                        body={"keyfile": action["keyfile"]})
