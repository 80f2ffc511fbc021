#!/usr/bin/env python3
"""Every role × relation to a dossier × route × surface: without a right, what exists is what never did.

The requests come from daemon/openapi.yaml, the rights from matrix_rights.py.  A cell is one account
asking one request about one thing that exists.  Without a right the answer must be, byte for byte
(status, headers but date and correlation id, body), the one for an id that never existed; with one
it must be another.  At the end nothing has changed.

    matrix.py                  every cell
    matrix.py --hole           negative control: rules with one permit too many; it must be found
"""
import argparse
import concurrent.futures
import datetime
import http.client
import itertools
import os
import threading
import uuid

from harness import (FAKETIME, IS_SANITIZED, PASSWORD, RunningVault, demand, run_scenarios, same,
                     scenario, short)
from matrix_rights import RELATIONS, RIGHTS, may, may_ask
from matrix_routes import BESIDE, Document, Slot, filled, looks_of

UNIT, OTHER_UNIT = "municipio-3", "municipio-5"
LANGUAGES = ("it", "en") if not IS_SANITIZED else ("it",)
THREADS = 8
TEAMS = {"team": [(UNIT, "tutela")], "conflict": [(UNIT, "tutela")],
         "other-team": [(UNIT, "penale"), (OTHER_UNIT, "tutela")]}
HOLE = '''
[[rule]]
id = "test.hole"
role = "statistics"
actions = ["document.list"]
scope = "all"
source = "un permesso di troppo"
'''

options = argparse.Namespace(hole=False)
vault = None
things = {}      # relation → {"dossier", "code", "document", "surname", "subject"}
cells = {"without a right": 0, "with a right": 0, "lists and searches": 0, "service": 0}
found = []
lock = threading.Lock()
local = threading.local()


def ask(user, request, language="it"):
    """One request over the thread's own connection; an Answer without what is new in each."""
    for attempt in (1, 2):
        connection = getattr(local, "connection", None)
        if connection is None:
            connection = local.connection = vault.connection()
        try:
            headers = {"Authorization": "Bearer " + tokens[user], "Accept-Language": language,
                       **dict(request.headers)}
            connection.request(request.method, request.path, request.body, headers)
            response = connection.getresponse()
            body = response.read()
            if response.will_close:
                connection.close()
                local.connection = None
            return stripped(response, body)
        except (http.client.HTTPException, OSError):
            connection.close()
            local.connection = None
            if attempt == 2:
                raise


def stripped(response, body):
    headers = [item for item in response.getheaders()
               if item[0].lower() not in ("date", "x-correlation-id")]
    correlation = response.getheader("X-Correlation-Id")
    if correlation:
        body = body.replace(correlation.encode(), b"")
    return response.status, headers, body


def finding(what, left, right=None):
    with lock:
        found.append(f"{what}: {short(left)}" + (f" is not {short(right)}" if right else ""))


def count(kind, number=1):
    with lock:
        cells[kind] += number


# --- the world -------------------------------------------------------------------------------------

def build_world():
    """An account for every role, and for every relation a dossier to which all of them stand so."""
    vault.login("admin")
    vault.account("anna", "archivist", UNIT)
    vault.account("bruno", "archivist", OTHER_UNIT)
    vault.account("target", "statistics")
    for role in RIGHTS:
        vault.account(f"r-{role}", role, UNIT, "--team", "tutela")
    everybody = [f"r-{role}" for role in RIGHTS]
    for relation in RELATIONS:
        owner = "anna" if relation in ("unit", "conflict") else "bruno"
        surname, subject = f"Cognome{relation}", f"oggetto{relation}"
        dossier = vault.open_dossier(owner, surname, unit=UNIT if owner == "anna" else OTHER_UNIT)
        paper = vault.file(owner, dossier, vault.document("atto.txt", relation.encode() * 9),
                           "--subject", subject).json["id"]
        shown = vault.custode(owner, "dossier", "show", dossier).json
        things[relation] = {"dossier": dossier, "code": shown["code"], "document": paper,
                            "surname": surname, "subject": subject, "owner": owner}
        for team in TEAMS.get(relation, ()):
            vault.custode(owner, "dossier", "assign", dossier, "--unit", team[0], "--team", team[1])
        for name in everybody:
            relate(owner, dossier, name, relation)


def a_proposal():
    """One that waits for a second administrator."""
    answer = vault.call("POST", "/accounts/r-administrator/disable", "admin")
    demand(answer.status == 202, answer.body)
    return answer.json["proposal"]["id"]


def relate(owner, dossier, name, relation):
    if relation in ("assigned", "conflict"):
        demand(vault.call("POST", f"/dossiers/{dossier}/assignments", owner,
                          {"account": name}).status == 201, "assigned")
    if relation in ("granted", "expired", "conflict"):
        until = "2099-12-31" if relation != "expired" else EXPIRES
        demand(vault.call("POST", f"/accounts/{name}/grants", owner,
                          {"dossier": dossier, "until": until}).status == 201, "granted")
    if relation == "conflict":
        demand(vault.call("POST", f"/dossiers/{dossier}/conflicts", owner,
                          {"account": name, "reason": "parente"}).status == 201, "conflict")


def snapshot():
    """All that the archivists see of every dossier, and who the accounts are."""
    state = {}
    for relation, thing in things.items():
        owner = thing["owner"]
        state[relation] = (vault.call("GET", f"/dossiers/{thing['dossier']}", owner).json,
                           vault.call("GET", f"/dossiers/{thing['dossier']}/documents",
                                      owner).json)
    state["accounts"] = [{**item, "locked_until": None} for item in
                         vault.call("GET", "/accounts?limit=200", "admin").json["items"]]
    state["dossiers"] = {owner: sorted(item["id"] for item in vault.call(
        "GET", "/dossiers?limit=200", owner).json["items"]) for owner in ("anna", "bruno")}
    return state


# --- the cells -------------------------------------------------------------------------------------

def answers_for(route, relation):
    """Ids for the slots of a route: what exists in one of them or in all, and its twins that never
    did, alike in every other slot."""
    thing, own = things[relation], things["unit"]
    real = {"dossier": thing["dossier"], "document": thing["document"]}
    mine = {"dossier": own["dossier"], "document": own["document"]}
    never = {"dossier": str(uuid.UUID(int=0xdead << 64 | 0x4000 << 64)), "document":
             str(uuid.UUID(int=0xbeef << 64 | 0x4000 << 64))}
    slots = [slot for slot in route.slots if slot.kind != "account"]
    fixed = {slot: "target" for slot in route.slots if slot.kind == "account"}
    chosen = [slots] if len(slots) == 1 else [slots] + [[slot] for slot in slots]
    for some in chosen:
        others = {slot: (mine[slot.kind] if slot.where != "metadata" else "")
                  for slot in slots if slot not in some}
        yield ("all ids" if some == slots else f"{some[0].where} {some[0].name}",
               {**fixed, **others, **{slot: real[slot.kind] for slot in some}},
               {**fixed, **others, **{slot: never[slot.kind] for slot in some}})


def is_permitted(role, route, relation, which):
    """Whether the request as a whole is: each id in it is one that the role reaches."""
    def reaches(slot, action):
        chosen = which == "all ids" or which == f"{slot.where} {slot.name}"
        return may(role, action, relation if chosen else "unit")
    if route.pattern == "/documents/{id}/refile":
        pairs = {"id": "document.refile", "from": "document.refile", "to": "document.file"}
        return all(reaches(slot, pairs[slot.name]) for slot in route.slots)
    return all(reaches(slot, route.actions[0]) for slot in route.slots
               if slot.kind != "account" and not (slot.where == "metadata" and which != "all ids"
                                                  and which != f"{slot.where} {slot.name}"))


def try_cell(role, route, relation, look, language):
    user = f"r-{role}"
    name, method, headers = look
    for which, real, never in answers_for(route, relation):
        what = f"{user} {route.title} {name} on {relation} ({which}, {language})"
        allowed = is_permitted(role, route, relation, which)
        if allowed:
            if route.method == "GET":
                answer = ask(user, filled(route, real, name, method, headers), language)
            elif route.members or route.binary:
                answer = ask(user, filled(route, real, name, method, headers, spoil=True), language)
            else:
                continue  # it would be done
            if answer[0] == 404:
                finding(f"{what} is refused", answer)
            count("with a right")
            continue
        answer = ask(user, filled(route, real, name, method, headers), language)
        twin = ask(user, filled(route, never, name, method, headers), language)
        if answer != twin:
            finding(what, answer, twin)
        if answer[0] not in (404, 400):
            finding(f"{what} is no refusal", answer)
        count("without a right")


def all_cells():
    routes = [route for route in Document().routes() if route.pattern not in BESIDE]
    about = [route for route in routes
             if any(slot.kind in ("dossier", "document") for slot in route.slots)]
    for route, role, relation, language in itertools.product(about, RIGHTS, RELATIONS, LANGUAGES):
        for look in looks_of(route):
            yield role, route, relation, look, language


@scenario
def the_routes_are_those_of_the_program():
    routes = list(Document().routes())
    demand(len(routes) >= 40, f"{len(routes)} routes")
    demand(BESIDE <= {route.pattern for route in routes}, "a route beside the matrix is gone")
    for route in routes:
        if route.pattern not in BESIDE:
            demand(route.actions, f"{route.title} names no action")
    same(run_help_roles(), sorted(RIGHTS), "the roles of the table are those of the program")


def run_help_roles():
    answer = vault.custoded("rules", "check").json
    return sorted(role["role"] for role in answer[0]["roles"] if role["role"] != "any")


@scenario
def without_a_right_what_exists_is_what_never_did():
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        for _ in pool.map(lambda cell: try_cell(*cell), all_cells(), chunksize=64):
            pass
    demand(not found, "\n".join([f"{len(found)} findings"] + found[:10]))


@scenario
def lists_and_searches_hold_what_the_table_says_and_nothing_else():
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        for _ in pool.map(try_lists, RIGHTS):
            pass
    demand(not found, "\n".join([f"{len(found)} findings"] + found[:10]))


def items_of(user, method, path, body=None):
    answer = vault.call(method, path, user, body, {"Custode-Purpose": "verifica"})
    return None if answer.status == 404 else [item["id"] for item in answer.json["items"]]


def try_lists(role):
    user = f"r-{role}"
    for action, kind, request in (
            ("dossier.list", "dossier", ("GET", "/dossiers?limit=200")),
            ("document.list", "document", ("GET", "/documents?limit=200"))):
        items = items_of(user, *request)
        for relation, thing in things.items():
            check_seen(user, action, relation, items, thing[kind])
    for relation, thing in things.items():
        for action, kind, method, path, body in (
                ("dossier.list", "dossier", "GET", f"/dossiers?code={thing['code']}", None),
                ("search.dossiers", "dossier", "POST", "/searches", {"query": thing["surname"]}),
                ("search.dossiers", "dossier", "POST", "/searches", {"query": thing["code"]}),
                ("search.documents", "document", "POST", "/searches",
                 {"query": thing["subject"], "in": "documents"})):
            check_seen(user, action, relation, items_of(user, method, path, body), thing[kind])
        check_seen(user, "dossier.locate", relation, items_of(
            user, "POST", "/locations", {"query": thing["surname"]}), thing["dossier"])
        check_as_never(user, role, relation, thing)


def check_seen(user, action, relation, items, thing):
    role = user.removeprefix("r-")
    count("lists and searches")
    if items is None:
        if may_ask(role, action):
            finding(f"{user} {action} cannot be asked", relation)
    elif (thing in items) != may(role, action, relation):
        finding(f"{user} {action} on {relation}", thing in items, may(role, action, relation))


def check_as_never(user, role, relation, thing):
    """What is not shown leaves no trace in the answer as a whole: its bytes are those for nothing."""
    for action, method, path, body, nothing in (
            ("dossier.list", "GET", f"/dossiers?code={thing['code']}", None,
             ("/dossiers?code=2001/VII.11/999999", None)),
            ("search.dossiers", "POST", "/searches", {"query": thing["surname"]},
             ("/searches", {"query": "Nessuno mai"})),
            ("dossier.locate", "POST", "/locations", {"query": thing["surname"]},
             ("/locations", {"query": "Nessuno mai"})),
            ("search.documents", "POST", "/searches", {"query": thing["subject"], "in": "documents"},
             ("/searches", {"query": "nessuno mai", "in": "documents"}))):
        if may(role, action, relation):
            continue
        why = {"Custode-Purpose": "verifica"}
        answer = vault.call(method, path, user, body, why).without_its_own()
        twin = vault.call(method, nothing[0], user, nothing[1], why).without_its_own()
        if answer != twin:
            finding(f"{user} {action} on {relation}", answer, twin)
        count("lists and searches")


@scenario
def who_does_not_run_the_service_learns_nothing_about_accounts_and_proposals():
    vault.call("POST", "/sessions", body={"user": "target", "password": PASSWORD})
    open_now = vault.call("GET", "/accounts/target/sessions", "admin").json["items"]
    real = {"account": "target", "proposal": a_proposal(), "session": open_now[0]["id"]}
    missing = {"account": "nessuno", "proposal": str(uuid.UUID(int=0x4000 << 64)),
               "session": str(uuid.UUID(int=0x4000 << 64))}
    routes = [route for route in Document().routes()
              if route.pattern.split("/")[1] in ("accounts", "proposals")
              and not any(slot.kind in ("dossier", "document") for slot in route.slots)]
    for route, role, language in itertools.product(routes, RIGHTS, LANGUAGES):
        if role == "administrator":
            continue
        slots = {slot: real[slot.kind] for slot in route.slots}
        never = {slot: missing[slot.kind] for slot in route.slots}
        answer = ask(f"r-{role}", filled(route, slots, "", route.method, ()), language)
        twin = ask(f"r-{role}", filled(route, never, "", route.method, ()), language)
        if answer != twin or answer[0] != 404:
            finding(f"r-{role} {route.title}", answer, twin)
        count("service")
    demand(not found, "\n".join(found[:10]))


@scenario
def nothing_that_was_refused_was_done():
    after = snapshot()
    for name, state in before.items():
        same(after[name], state, f"what is {name}")


def report():
    print(f"cells      {sum(cells.values())}: "
          + ", ".join(f"{number} {kind}" for kind, number in cells.items()), flush=True)
    if not IS_SANITIZED:
        demand(sum(cells.values()) >= 10_000, "the matrix has shrunk")


def hole_is_found():
    """The control: one permit too many is a finding of the matrix."""
    for cell in all_cells():
        if cell[0] == "statistics" and cell[1].pattern.startswith("/documents/{id}") \
                or cell[1].pattern == "/dossiers/{id}/documents":
            try_cell(*cell)
    demand(found, "a permit too many was not noticed")
    print(f"found      {len(found)} cells, as they must be: {found[0][:200]}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hole", action="store_true")
    options = parser.parse_args(namespace=options)
    vault = RunningVault()
    past = {}
    EXPIRES = datetime.date.today().isoformat()
    if FAKETIME:  # the grants that have expired were given when they had not
        EXPIRES = (datetime.date.today() - datetime.timedelta(days=10)).isoformat()
        past = {"LD_PRELOAD": FAKETIME, "FAKETIME": "-20d"}
    else:
        del RELATIONS["expired"]
    vault.serve(**past)
    with vault:
        build_world()
        vault.stop()
        if options.hole:
            rules = vault.folder / "access.toml"
            shipped = os.path.join(os.path.dirname(__file__), "../../policies/rules/access.toml")
            rules.write_text(open(shipped).read() + HOLE)
            vault.config.write_text(vault.config.read_text() + f'rules = "{rules}"\n')
        vault.serve("--quiet")
        users = ["admin", "anna", "bruno"] + [f"r-{role}" for role in RIGHTS]
        for user in users:
            vault.login(user)
        tokens = {user: vault.token(user) for user in users}
        before = snapshot()
        if options.hole:
            hole_is_found()
        else:
            run_scenarios()
            report()
