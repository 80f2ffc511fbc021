#!/usr/bin/env python3
"""The law of the house: who may name whom.  README.md shows the same arrows as a picture.

Usage: check_layers.py ROOT      exit 0 and one line, or 1 and one line a finding
"""
import os
import re
import sys

# --- the arrows: a folder, and what its files may include besides their own folder ----------------
# An entry is a folder or one header of it.  A folder of the product without a row is a finding.

BASE, CRYPTO, PROOF, STORE = "archive/base", "archive/crypto", "archive/proof", "archive/store"
JOURNAL, RECORDS, SEARCH = "archive/journal", "archive/records", "archive/search"
CATALOGUE, EXCHANGE, ACTS = "archive/catalogue", "archive/exchange", "archive/acts"
DOOR, VAULT = "archive/door.h", "archive/vault.h"
WHOLE_ARCHIVE = [BASE, CRYPTO, PROOF, STORE, JOURNAL, RECORDS, SEARCH, CATALOGUE, EXCHANGE, ACTS,
                 "archive"]

ARROWS = {
    BASE: [],
    CRYPTO: [BASE],
    PROOF: [BASE, CRYPTO],
    STORE: [BASE],
    JOURNAL: [BASE, CRYPTO, PROOF, STORE],
    RECORDS: [BASE, CRYPTO, JOURNAL],
    SEARCH: [BASE, RECORDS],
    CATALOGUE: [BASE, CRYPTO, PROOF, STORE, JOURNAL, RECORDS, SEARCH],
    EXCHANGE: [BASE, PROOF, "archive/crypto/digest.h"],  # a manifest is made of digests
    ACTS: WHOLE_ARCHIVE + ["policies"],
    "archive": WHOLE_ARCHIVE + ["policies"],  # the files of the folder itself: door, vault
    "policies": [],  # pure decisions: they know nobody, not even base
    "daemon": [VAULT, DOOR, "archive/upkeep.h", ACTS, BASE, RECORDS, PROOF],  # never store, crypto or journal
    "daemon/examiner": [BASE, EXCHANGE],  # a program of its own, without a key
    "client": [BASE, PROOF],  # whatever it knows of the vault came over HTTP
    "tools": [BASE, CRYPTO, PROOF, STORE, JOURNAL, EXCHANGE,
              "archive/catalogue/tables.h"],  # the verifier: what can be checked without a key
    "tools/bench": [BASE, CRYPTO, PROOF, STORE, JOURNAL, "policies"],  # how long a decision takes
}

# --- third parties: a header, and the only places that name it ------------------------------------

THIRD_PARTIES = [
    (r"sodium(\.h|/)", [CRYPTO]),
    # TLS itself; the error queue is read where a connection breaks.
    (r"openssl/(ssl|x509|x509v3|err)\.h", [CRYPTO, "daemon/tls", "daemon/http/stream",
                                           "client/cli/wire", "tools/bench/load_wire"]),
    # Keys and digests; the vault's own CA makes its certificates beside the TLS that shows them.
    (r"openssl/", [CRYPTO, "daemon/tls/certificates"]),
    (r"liboath/", [CRYPTO]),
    (r"lmdb\.h", [STORE]),
    (r"archive(_entry)?\.h", [EXCHANGE]),
    (r"(libxml2?|qpdf)/", [EXCHANGE]),
    (r"Poco/", ["daemon", "client"]),
]
CPP_ONLY = r"(toml\+\+|CLI)/"  # slow to compile: never in a header
ONCE_A_PROGRAM = r"CLI/"       # and this one in a single .cpp of a folder

# The same law for the libraries that a CMakeLists.txt links.
LIBRARIES = [
    (r"PkgConfig::(sodium|oath)", [CRYPTO]),
    (r"OpenSSL::Crypto", [CRYPTO, "daemon", "client"]),
    (r"OpenSSL::SSL", ["daemon", "client", "tools/bench"]),
    (r"PkgConfig::lmdb", [STORE]),
    (r"(LibArchive|LibXml2)::\w+|PkgConfig::(libqpdf|qpdf)", [EXCHANGE]),
    (r"Poco::\w+", ["daemon", "client"]),
]

# --- the checker ----------------------------------------------------------------------------------

PRODUCT = ["archive", "policies", "daemon", "client", "tools"]
EVERYWHERE = PRODUCT + ["tests"]
# Literals are meant to be used so: they bring suffixes and no names.
USING = re.compile(r"\s*using\s+namespace\b(?!\s+std::(\w+_)?literals\s*;)")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def files(root, tops, wanted):
    """Paths below ROOT, with slashes, sorted; build folders and hidden ones left out."""
    for top in tops:
        for folder, inner, names in os.walk(os.path.join(root, top)):
            inner[:] = sorted(n for n in inner if n[0] != "." and n not in ("build", "__pycache__"))
            for name in sorted(names):
                if wanted(name):
                    yield os.path.relpath(os.path.join(folder, name), root).replace(os.sep, "/")


def is_source(name):
    return name.endswith((".h", ".cpp"))


def lines_of(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as stream:
        return stream.read().splitlines()


def row_of(path):
    """The row that rules a file (or a folder): the longest one that holds it."""
    row = max((r for r in ARROWS if path == r or path.startswith(r + "/")), key=len, default=None)
    direct = path == "archive" or os.path.dirname(path) == "archive" and "." in path
    return None if row == "archive" and not direct else row


def may_name(row, path):
    """Whether files of a row may include a file, or link a folder's target."""
    if row_of(path) == row:
        return True
    for entry in ARROWS[row]:
        if entry == "archive":
            if row_of(path) == "archive":
                return True
        elif path == entry or path.startswith(entry + "/") or os.path.dirname(entry) == path and "." in entry:
            return True
    # A program of its own may live inside a folder that starts it.
    return row_of(path) is not None and row_of(path).startswith(row + "/") and row != "archive"


def third_party_finding(table, name, path):
    for pattern, places in table:
        if re.match(pattern, name):
            if any(path.startswith(place) for place in places):
                return None
            return f"{name} is named only in {', '.join(places)}"
    return None


def check_source(root, path, known, includes):
    row = row_of(path) if path.split("/")[0] in PRODUCT else "tests"
    if row is None:
        yield path, 1, "this folder has no row in the table of tests/layers/check_layers.py"
        return
    text = lines_of(root, path)
    header = path.endswith(".h")
    if header and "#pragma once" not in (line.strip() for line in text):
        yield path, 1, "a header begins with #pragma once"
    for number, line in enumerate(text, 1):
        if header and USING.match(line):
            yield path, number, "no using namespace in a header"
        match = INCLUDE.match(line)
        if not match:
            continue
        name = match[2]
        if match[1] == '"':
            includes.setdefault(path, []).append(name)
            if name not in known:
                yield path, number, f'"{name}" is no file of the tree; includes start at its root'
            elif row != "tests" and not may_name(row, name):
                yield path, number, f'{row} may not include "{name}"'
        elif row != "tests":
            finding = third_party_finding(THIRD_PARTIES, name, path)
            if finding:
                yield path, number, finding
            if header and re.match(CPP_ONLY, name):
                yield path, number, f"{name} is included by .cpp files only"
            if re.match(ONCE_A_PROGRAM, name):
                includes.setdefault(("once", os.path.dirname(path)), []).append((path, number))


def check_once(includes):
    for key, places in includes.items():
        if isinstance(key, tuple) and len(places) > 1:
            for path, number in places[1:]:
                yield path, number, f"CLI11 is compiled once a program, already in {places[0][0]}"


def check_cycles(includes):
    """Depth first; each cycle of headers is told once, where it closes."""
    state = {}

    def visit(path, trail):
        state[path] = "open"
        for name in includes.get(path, []):
            if state.get(name) == "open":
                cycle = trail[trail.index(name):] + [name]
                yield path, 1, "headers include each other: " + " -> ".join(cycle)
            elif name not in state:
                yield from visit(name, trail + [name])
        state[path] = "done"

    for path in sorted(k for k in includes if isinstance(k, str)):
        if path not in state:
            yield from visit(path, [path])


def check_table():
    """The table itself must be a picture of arrows that all point down."""
    for row in ARROWS:
        for entry in ARROWS[row]:
            other = row_of(entry)
            if other not in (None, row) and {row, other} != {"archive", ACTS} and any(
                    row_of(back) == row for back in ARROWS[other]):
                yield "tests/layers/check_layers.py", 1, f"{row} and {other} may include each other"


def cmake_commands(root, path):
    """The commands of a CMakeLists.txt as (line, name, words)."""
    text = "\n".join(re.sub(r"#.*", "", line) for line in lines_of(root, path))
    for match in re.finditer(r"(\w+)\s*\(([^()]*)\)", text):
        yield text.count("\n", 0, match.start()) + 1, match[1], match[2].split()


def check_links(root):
    lists = list(files(root, PRODUCT, lambda name: name == "CMakeLists.txt"))
    home = {}
    for path in lists:
        for _, command, words in cmake_commands(root, path):
            if command == "custode_library" and words:
                home["custode_" + words[0]] = os.path.dirname(path)
    for path in lists:
        row = row_of(os.path.dirname(path))
        if row is None:
            continue
        for number, _, words in cmake_commands(root, path):
            for word in words:
                if word in home and not may_name(row, home[word]):
                    yield path, number, f"{row} may not link {word}"
                finding = third_party_finding(LIBRARIES, word, os.path.dirname(path))
                if finding:
                    yield path, number, finding


def check(root):
    """Every breach of the law as (path, line, what)."""
    known = set(files(root, EVERYWHERE, lambda name: True))
    includes = {}
    findings = list(check_table())
    for path in files(root, EVERYWHERE, is_source):
        findings += check_source(root, path, known, includes)
    findings += check_once(includes)
    findings += check_cycles(includes)
    findings += check_links(root)
    return findings


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    findings = check(sys.argv[1])
    for path, number, what in findings:
        print(f"{path}:{number}: {what}")
    count = sum(1 for _ in files(sys.argv[1], EVERYWHERE, is_source))
    print(f"layers: {count} files, {len(findings)} findings")
    sys.exit(1 if findings or count == 0 else 0)


if __name__ == "__main__":
    main()
