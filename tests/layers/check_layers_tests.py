#!/usr/bin/env python3
"""What check_layers.py must catch, each beside its nearest permitted neighbour."""
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import check_layers  # noqa: E402

HEADER = "#pragma once\n"
# A small sound house: one header a folder.
SOUND = {f"{folder}/a.h": HEADER for folder in check_layers.ARROWS}
SOUND.update({"archive/door.h": HEADER, "archive/vault.h": HEADER,
              "archive/crypto/digest.h": HEADER, "archive/crypto/keys.h": HEADER})


class Layers(unittest.TestCase):
    def findings(self, changes):
        with tempfile.TemporaryDirectory() as root:
            for path, text in {**SOUND, **changes}.items():
                os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
                with open(os.path.join(root, path), "w", encoding="utf-8") as stream:
                    stream.write(text)
            return check_layers.check(root)

    def permitted(self, path, line):
        self.assertEqual(self.findings({path: self.text(path, line)}), [])

    def refused(self, path, line, why):
        found = self.findings({path: self.text(path, line)})
        self.assertEqual(len(found), 1, found)
        self.assertEqual(found[0][0], path)
        self.assertIn(why, found[0][2])

    @staticmethod
    def text(path, line):
        return (HEADER if path.endswith(".h") else "") + line + "\n"

    def test_a_sound_house_has_no_findings(self):
        self.assertEqual(self.findings({}), [])

    def test_arrows_point_down(self):
        for path, down, up in [
                ("archive/base/x.h", "archive/base/a.h", "archive/crypto/a.h"),
                ("archive/crypto/x.h", "archive/base/a.h", "archive/proof/a.h"),
                ("archive/proof/x.cpp", "archive/crypto/a.h", "archive/store/a.h"),
                ("archive/store/x.cpp", "archive/base/a.h", "archive/crypto/a.h"),
                ("archive/journal/x.cpp", "archive/store/a.h", "archive/records/a.h"),
                ("archive/records/x.cpp", "archive/journal/a.h", "archive/store/a.h"),
                ("archive/search/x.cpp", "archive/records/a.h", "archive/journal/a.h"),
                ("archive/exchange/x.cpp", "archive/proof/a.h", "archive/journal/a.h"),
                ("archive/exchange/x.cpp", "archive/crypto/digest.h", "archive/crypto/keys.h"),
                ("archive/acts/x.cpp", "policies/a.h", "daemon/a.h"),
                ("archive/x.cpp", "archive/acts/a.h", "client/a.h"),
                ("archive/catalogue/x.cpp", "archive/search/a.h", "archive/door.h"),
                ("policies/x.cpp", "policies/a.h", "archive/base/a.h"),
                ("daemon/x.cpp", "archive/vault.h", "archive/store/a.h"),
                ("daemon/routes/x.cpp", "archive/acts/a.h", "archive/crypto/digest.h"),
                ("daemon/routes/x.cpp", "archive/door.h", "archive/journal/a.h"),
                ("daemon/x.cpp", "daemon/examiner/a.h", "archive/exchange/a.h"),
                ("daemon/examiner/x.cpp", "archive/exchange/a.h", "archive/vault.h"),
                ("daemon/examiner/x.cpp", "archive/base/a.h", "daemon/a.h"),
                ("client/cli/x.cpp", "archive/proof/a.h", "archive/crypto/digest.h"),
                ("client/cli/x.cpp", "client/a.h", "archive/vault.h"),
                ("client/cli/x.cpp", "archive/base/a.h", "daemon/a.h"),
                ("client/cli/x.cpp", "archive/base/a.h", "archive/door.h"),
                ("tools/verify/x.cpp", "archive/journal/a.h", "archive/acts/a.h"),
                ("tools/verify/x.cpp", "archive/crypto/keys.h", "policies/a.h")]:
            with self.subTest(path=path, up=up):
                self.permitted(path, f'#include "{down}"')
                self.refused(path, f'#include "{up}"', "may not include")

    def test_third_parties_stay_in_their_folder(self):
        for path, name, elsewhere in [
                ("archive/crypto/x.cpp", "sodium.h", "archive/proof/x.cpp"),
                ("archive/crypto/x.cpp", "openssl/evp.h", "archive/journal/x.cpp"),
                ("archive/crypto/x.cpp", "openssl/evp.h", "daemon/http/x.cpp"),
                ("daemon/tls/x.cpp", "openssl/ssl.h", "daemon/http/x.cpp"),
                ("daemon/tls/x.cpp", "openssl/x509v3.h", "client/cli/x.cpp"),
                ("archive/store/x.cpp", "lmdb.h", "archive/journal/x.cpp"),
                ("archive/exchange/x.cpp", "archive.h", "daemon/x.cpp"),
                ("archive/exchange/x.cpp", "archive_entry.h", "archive/acts/x.cpp"),
                ("archive/exchange/x.cpp", "libxml/parser.h", "daemon/examiner/x.cpp"),
                ("archive/exchange/x.cpp", "qpdf/QPDF.hh", "tools/x.cpp"),
                ("daemon/x.cpp", "Poco/Net/Context.h", "archive/acts/x.cpp"),
                ("client/cli/x.cpp", "Poco/URI.h", "tools/x.cpp")]:
            with self.subTest(name=name, elsewhere=elsewhere):
                self.permitted(path, f"#include <{name}>")
                self.refused(elsewhere, f"#include <{name}>", "is named only in")

    def test_slow_headers_are_compiled_once(self):
        self.permitted("policies/x.cpp", "#include <toml++/toml.h>")
        self.refused("policies/x.h", "#include <toml++/toml.h>", ".cpp files only")
        self.permitted("client/cli/x.cpp", "#include <CLI/CLI.hpp>")
        self.refused("client/cli/x.h", "#include <CLI/CLI.hpp>", ".cpp files only")
        two = {f"client/cli/{name}.cpp": "#include <CLI/CLI.hpp>\n" for name in "xy"}
        self.assertIn("once a program", self.findings(two)[0][2])
        two["daemon/y.cpp"] = two.pop("client/cli/y.cpp")
        self.assertEqual(self.findings(two), [])

    def test_headers_keep_their_form(self):
        self.refused("archive/base/x.cpp", '#include "a.h"', "no file of the tree")
        self.refused("archive/base/x.h", "using namespace std;", "no using namespace")
        self.refused("archive/base/x.h", "  using namespace std::chrono;", "no using namespace")
        self.permitted("archive/base/x.h", "using namespace std::chrono_literals;")
        self.permitted("archive/base/x.cpp", "using namespace std;")
        self.permitted("archive/base/x.h", "using Name = int;  // using namespace is not")
        found = self.findings({"archive/base/x.h": "int x;\n"})
        self.assertEqual([f[2] for f in found], ["a header begins with #pragma once"])
        found = self.findings({"tests/x.h": "using namespace std;\n"})
        self.assertEqual(len(found), 2, found)

    def test_headers_in_a_circle_are_found(self):
        circle = {"archive/base/x.h": HEADER + '#include "archive/base/y.h"\n',
                  "archive/base/y.h": HEADER + '#include "archive/base/z.h"\n',
                  "archive/base/z.h": HEADER + '#include "archive/base/x.h"\n'}
        found = self.findings(circle)
        self.assertEqual(len(found), 1, found)
        self.assertIn("include each other", found[0][2])
        circle["archive/base/z.h"] = HEADER
        self.assertEqual(self.findings(circle), [])

    def test_a_folder_without_a_row_is_found(self):
        found = self.findings({"archive/attic/x.h": HEADER})
        self.assertIn("has no row", found[0][2])

    def test_links_obey_the_same_arrows(self):
        def linked(path, library):
            return self.findings({
                "archive/base/CMakeLists.txt": "custode_library(base SOURCES a.cpp)\n",
                "archive/store/CMakeLists.txt": "custode_library(store SOURCES a.cpp)\n",
                "archive/CMakeLists.txt": "custode_library(archive SOURCES a.cpp)\n",
                path: f"# custode_store is a comment\ncustode_program(x SOURCES a.cpp\n"
                      f"  PRIVATE custode_base {library})\n"})

        self.assertEqual(linked("tools/CMakeLists.txt", "custode_store"), [])
        self.assertEqual(linked("daemon/CMakeLists.txt", "custode_archive Poco::Net"), [])
        for path, library in [("daemon/CMakeLists.txt", "custode_store"),
                              ("client/cli/CMakeLists.txt", "custode_archive"),
                              ("client/cli/CMakeLists.txt", "PkgConfig::lmdb"),
                              ("tools/CMakeLists.txt", "Poco::Net")]:
            found = linked(path, library)
            self.assertEqual(len(found), 1, (path, library, found))
            self.assertEqual(found[0][:2], (path, 2))


if __name__ == "__main__":
    unittest.main()
