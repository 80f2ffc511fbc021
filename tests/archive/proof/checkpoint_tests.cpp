#include "archive/proof/checkpoint.h"

#include "archive/crypto/signature.h"
#include "archive/proof/note.h"
#include "tests/archive/proof/signing.h"
#include "tests/archive/proof/trees.h"

#include <boost/test/unit_test.hpp>

using namespace custode;
using namespace custode::proof;
using namespace custode::proof::testing;

namespace {

// Published by golang.org/x/mod/sumdb/note: a key and a note that another implementation signed.
const std::string known_key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const std::string known_note =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\u2014 PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    "\n";

struct Signed {
    const TestLog log{"custode.example/0b1e55ed"};
    const TestLog witness{"witness.example/w1", 2};
    const Checkpoint checkpoint{log.key.name, 8, NaiveTree::numbered(8).root(8)};
    const std::string note = log.checkpoint(8, checkpoint.root);
    const std::string body = checkpoint_body(checkpoint);

    std::string line(const TestLog& by, std::string_view over) const {
        return signature_line(by.key.name, by.key.id(), by.sign(view(over)));
    }
    /// A note whose body the log really signed, whatever it says.
    std::string sealed(const std::string& text) const { return text + "\n" + line(log, text); }
    bool opens(const std::string& text) const { return open_checkpoint(text, log.key).has_value(); }
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    BOOST_TEST_REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(checkpoint_tests)

BOOST_AUTO_TEST_CASE(a_key_and_a_note_of_another_implementation_are_read) {
    const auto key = VerifierKey::parse(known_key);
    BOOST_TEST_REQUIRE(key.has_value());
    BOOST_TEST(key->name == "PeterNeumann");
    BOOST_TEST(key->id() == 0xc74f20a3U);
    BOOST_TEST(key->text() == known_key);

    const auto note = Note::parse(known_note);
    BOOST_TEST_REQUIRE(note.has_value());
    BOOST_TEST_REQUIRE(note->signatures.size() == 1U);
    BOOST_TEST(note->signatures[0].name == key->name);
    BOOST_TEST(note->signatures[0].key_id == key->id());
    BOOST_TEST(crypto::verify_signature(key->key, view(note->text), note->signatures[0].signature));
    BOOST_TEST(!parse_checkpoint_body(known_note));  // a note, but of no tree
}

BOOST_AUTO_TEST_CASE(a_verifier_key_changed_anywhere_is_refused) {
    for (std::size_t from = 0; from < known_key.size(); ++from)
        for (std::size_t to = from; to <= known_key.size(); ++to)
            if (to - from < known_key.size())
                BOOST_TEST_REQUIRE(!VerifierKey::parse(known_key.substr(from, to - from)));
    for (std::size_t i = 0; i < known_key.size(); ++i) {
        std::string changed = known_key;
        ++changed[i];
        BOOST_TEST_REQUIRE(!VerifierKey::parse(changed));
    }
    // Wrong length and unknown type, each with the id that it would have.
    BOOST_TEST(!VerifierKey::parse(
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY=="));
    BOOST_TEST(
        !VerifierKey::parse("PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"));
    BOOST_TEST(!VerifierKey::parse(replaced(known_key, "c74f20a3", "C74F20A3")));
}

BOOST_AUTO_TEST_CASE(key_names_have_no_spaces_of_any_alphabet_no_plus_and_no_controls) {
    BOOST_TEST(is_key_name("custode.example/0b1e55ed"));
    BOOST_TEST(is_key_name("citt\u00E0.example"));
    BOOST_TEST(is_key_name(std::string(key_name_bytes_max, 'a')));
    for (const std::string bad : {"", "a b", "a+b", "a\nb", "a\tb", "a\u00A0b", "a\u2003b",
                                  "a\u3000", "\u2028", "a\x80", "\xC3"})
        BOOST_TEST(!is_key_name(bad), bad);
    BOOST_TEST(!is_key_name(std::string(key_name_bytes_max + 1, 'a')));
}

BOOST_FIXTURE_TEST_CASE(what_was_signed_is_opened, Signed) {
    const auto opened = open_checkpoint(note, log.key);
    BOOST_TEST_REQUIRE(opened.has_value());
    BOOST_TEST((*opened == checkpoint));
    BOOST_TEST((parse_checkpoint_body(note) == checkpoint));
    BOOST_TEST(opens(sealed(body)));
    BOOST_TEST(opens(log.checkpoint(0, empty_root())));
    BOOST_TEST(opens(log.checkpoint(UINT64_MAX, checkpoint.root)));
}

BOOST_FIXTURE_TEST_CASE(a_note_changed_in_any_bit_does_not_open, Signed) {
    for (std::size_t i = 0; i < note.size(); ++i) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            std::string changed = note;
            changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
            BOOST_TEST_REQUIRE(!opens(changed));
        }
        BOOST_TEST_REQUIRE(!opens(note.substr(0, i)));
        BOOST_TEST_REQUIRE(!opens(note.substr(i + 1)));
    }
    BOOST_TEST(!opens(note + "\n"));
    BOOST_TEST(!opens(note + " "));
}

BOOST_FIXTURE_TEST_CASE(signatures_of_unknown_keys_are_skipped, Signed) {
    const std::string with_witness = note + line(witness, body);
    BOOST_TEST(opens(with_witness));
    BOOST_TEST(opens(body + "\n" + line(witness, body) + line(log, body)));
    // Our name with another id, and our id under another name, are strangers too.
    BOOST_TEST(opens(note + signature_line(log.key.name, log.key.id() + 1, Bytes(64))));
    BOOST_TEST(opens(note + signature_line("other.example", log.key.id(), Bytes(64))));
    // Post-quantum signatures are longer than ours.
    BOOST_TEST(opens(note + signature_line("pq.example", 7, Bytes(4627, 9))));
    BOOST_TEST(!opens(body + "\n" + line(witness, body)));
    BOOST_TEST(!opens(body + "\n"));
    BOOST_TEST(!opens(body));
}

BOOST_FIXTURE_TEST_CASE(a_bad_or_a_second_signature_under_our_own_name_refuses_the_note, Signed) {
    BOOST_TEST(!opens(note + line(log, "something else\n")));
    BOOST_TEST(!opens(note + signature_line(log.key.name, log.key.id(), Bytes(63))));
    BOOST_TEST(!opens(note + line(log, body)));
    BOOST_TEST(!opens(body + "\n" + line(witness, body) + line(log, "something else\n")));
    BOOST_TEST(!open_checkpoint(note, witness.key).has_value());
    TestLog same_name(log.key.name, 3);
    BOOST_TEST(!open_checkpoint(note, same_name.key).has_value());
}

BOOST_FIXTURE_TEST_CASE(sixteen_signatures_are_taken_and_seventeen_refused, Signed) {
    std::string sixteen = note;
    for (int i = 1; i < 16; ++i)
        sixteen += signature_line("w" + std::to_string(i) + ".example", 1, Bytes(72));
    BOOST_TEST(opens(sixteen));
    BOOST_TEST(!opens(sixteen + signature_line("w16.example", 1, Bytes(72))));
}

BOOST_FIXTURE_TEST_CASE(a_note_over_64_kib_is_refused, Signed) {
    // Base64 grows by steps of 4, the name takes up the rest, so that the limit is met exactly.
    const auto padded = [&](std::size_t total) {
        const std::size_t fixed = note.size() + signature_line("", 1, {}).size();
        std::string name(1, 'p');
        while ((total - fixed - name.size() - 4) % 4 != 0) name += 'p';
        const std::size_t base64 = total - note.size() - name.size() - 6;
        return note + signature_line(name, 1, Bytes(base64 / 4 * 3 - 4));
    };
    BOOST_TEST_REQUIRE(padded(note_bytes_max).size() == note_bytes_max);
    BOOST_TEST(opens(padded(note_bytes_max)));
    BOOST_TEST_REQUIRE(padded(note_bytes_max + 1).size() == note_bytes_max + 1);
    BOOST_TEST(!opens(padded(note_bytes_max + 1)));
}

// Each of these carries a valid signature of the log: only the form is wrong.
BOOST_FIXTURE_TEST_CASE(a_signed_body_of_another_form_is_refused, Signed) {
    const std::string root = to_base64(checkpoint.root);
    const std::string origin = log.key.name;
    for (const std::string size : {"08", "+8", "-8", " 8", "8 ", "0x8", "8.0", "",
                                   "18446744073709551616", "99999999999999999999999"})
        BOOST_TEST(!opens(sealed(origin + "\n" + size + "\n" + root + "\n")), size);
    BOOST_TEST(!opens(sealed(origin + "\n0\n" + root + "\n")));  // the empty tree has one root
    BOOST_TEST(!opens(sealed("other.example\n8\n" + root + "\n")));
    BOOST_TEST(!opens(sealed(" " + origin + "\n8\n" + root + "\n")));
    BOOST_TEST(!opens(sealed(origin + "\n8\n" + root.substr(0, root.size() - 1) + "\n")));
    BOOST_TEST(!opens(sealed(origin + "\n8\n" + to_base64(Bytes(31)) + "\n")));
    BOOST_TEST(!opens(sealed(origin + "\n8\n" + to_base64(Bytes(33)) + "\n")));
    BOOST_TEST(!opens(sealed(origin + "\n8\n" + to_hex(checkpoint.root) + "\n")));
    BOOST_TEST(!opens(sealed(body + "extension\n")));
    BOOST_TEST(!opens(sealed(origin + "\n8\n")));
    BOOST_TEST(!opens(sealed("\n" + body)));
    BOOST_TEST(!opens(sealed(replaced(body, "\n8\n", "\r\n8\r\n"))));
}

BOOST_FIXTURE_TEST_CASE(a_signature_line_of_another_form_refuses_the_note, Signed) {
    BOOST_TEST(opens(note));
    BOOST_TEST(!opens(replaced(note, "\u2014 ", "- ")));
    BOOST_TEST(!opens(replaced(note, "\u2014 ", "\u2014  ")));
    BOOST_TEST(!opens(replaced(note, "\u2014 ", "\u2014")));
    BOOST_TEST(!opens(note + "a line of text\n"));
    BOOST_TEST(!opens(note + "\u2014 witness.example not-base64\n"));
    BOOST_TEST(!opens(note + "\u2014 witness.example AAAAAQ==\n"));  // an id and no signature
    BOOST_TEST(!opens(note + "\u2014 wit+ness.example AAAAAQI=\n"));
    BOOST_TEST(opens(note + "\u2014 witness.example AAAAAQI=\n"));
}

BOOST_AUTO_TEST_SUITE_END()
