#include "archive/proof/receipt.h"

#include "archive/crypto/digest.h"
#include "tests/archive/proof/signing.h"
#include "tests/archive/proof/trees.h"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

using namespace custode;
using namespace custode::proof;
using namespace custode::proof::testing;

namespace {

Hash digest(const std::string& text) { return crypto::sha256({view(text)}); }

/// A journal of seven entries; the receipt is for the fifth.
struct Filed {
    const TestLog log{"custode.example/0b1e55ed"};
    Receipt receipt;

    Filed() {
        receipt.statement =
            R"({"bytes":3,"document":"6f1c3a52-0d3e-4b7a-9a55-1f2d3c4b5a69","impronta":")" +
            to_hex(digest("pdf")) +
            R"(","time":"2026-11-23T08:15:00.000Z","what":"document.filed"})";
        receipt.salt.fill(0x5A);
        receipt.leaf = {digest("header"), digest("payload"), digest("envelope"),
                        statement_hash(receipt.salt, receipt.statement), digest("ciphertext")};
        NaiveTree tree = NaiveTree::numbered(7);
        tree.leaves[4] = receipt.leaf.leaf();
        receipt.index = 4;
        receipt.path = inclusion_path(tree, 4, 7);
        receipt.checkpoint = log.checkpoint(7, tree.root(7));
        receipt.key = log.key;
    }

    bool holds(const Receipt& altered) const { return !check(altered, log.key); }
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    BOOST_TEST_REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

bool reads(const std::string& json) { return Receipt::parse(json).has_value(); }

}  // namespace

BOOST_AUTO_TEST_SUITE(receipt_tests)

BOOST_AUTO_TEST_CASE(a_leaf_entry_is_its_five_digests_in_their_order) {
    const LeafEntry entry{digest("h"), digest("p"), digest("e"), digest("s"), digest("c")};
    Bytes expected;
    for (const char* part : {"h", "p", "e", "s", "c"}) append(expected, digest(part));
    const auto bytes = entry.bytes();
    BOOST_TEST((copy(bytes) == expected));
    BOOST_TEST((LeafEntry::parse(bytes) == entry));
    BOOST_TEST((entry.leaf() == leaf_hash(expected)));
    BOOST_TEST(!LeafEntry::parse(BytesView(expected).first(159)));
    append(expected, Bytes(1));
    BOOST_TEST(!LeafEntry::parse(expected));
}

BOOST_FIXTURE_TEST_CASE(a_receipt_holds_and_survives_its_json, Filed) {
    BOOST_TEST(holds(receipt));
    const std::string json = receipt.json();
    const auto reread = Receipt::parse(json);
    BOOST_TEST_REQUIRE(reread.has_value());
    BOOST_TEST((*reread == receipt));
    BOOST_TEST(reread->json() == json);
    BOOST_TEST(holds(*reread));
    BOOST_TEST(!check(*reread, std::nullopt));
}

BOOST_FIXTURE_TEST_CASE(the_json_is_the_documented_one, Filed) {
    const std::string json = receipt.json();
    BOOST_TEST(json.starts_with(R"({"checkpoint":"custode.example/0b1e55ed\n7\n)"));
    BOOST_TEST(json.ends_with(R"(\"what\":\"document.filed\"}","version":1})"));
    BOOST_TEST(json.find(R"(","index":4,"key":"custode.example/0b1e55ed+)") != std::string::npos);
    BOOST_TEST(json.find(R"(","leaf":{"content":")") != std::string::npos);
    BOOST_TEST(json.find(R"("},"proof":[")") != std::string::npos);
    BOOST_TEST(json.find(R"("],"salt":"5a5a)") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(white_space_between_tokens_is_the_only_freedom, Filed) {
    const std::string json = receipt.json();
    const std::string pretty = nlohmann::json::parse(json).dump(2);
    BOOST_TEST(pretty.size() > json.size());
    BOOST_TEST((Receipt::parse(pretty) == receipt));
    BOOST_TEST(reads("\r\n\t " + json + "\n"));
    BOOST_TEST(!reads("\f" + json));
    BOOST_TEST(!reads(replaced(json, "\"version\"", "\"ver sion\"")));
    BOOST_TEST(!reads(json + "{}"));
    BOOST_TEST(!reads("\xEF\xBB\xBF" + json));  // a byte order mark
}

BOOST_FIXTURE_TEST_CASE(json_of_another_form_is_refused, Filed) {
    const std::string json = receipt.json();
    BOOST_TEST_REQUIRE(reads(json));
    for (const auto& [from, to] : std::initializer_list<std::pair<std::string, std::string>>{
             {"\"version\":1", "\"version\":2"},
             {"\"version\":1", "\"version\":1.0"},
             {"\"version\":1", "\"version\":\"1\""},
             {"\"version\":1", "\"version\":1,\"version\":1"},
             {"\"version\":1", "\"version\":1,\"zone\":0"},
             {",\"version\":1", ""},
             {"\"index\":4", "\"index\":4.0"},
             {"\"index\":4", "\"index\":04"},
             {"\"index\":4", "\"index\":-4"},
             {"\"index\":4", "\"index\":4e0"},
             {"\"index\":4", "\"index\":\"4\""},
             {"\"index\":4", "\"index\":18446744073709551616"},
             {"\"index\":4", "\"index\":9,\"index\":4"},
             {"\"index\":4", "\"index\":null"},
             {"\"salt\":\"5a", "\"salt\":\"5A"},
             {"\"salt\":\"5a", "\"salt\":\""},
             {"\"salt\":\"5a", "\"salt\":\"5a5a"},
             {"\"salt\":", "\"salz\":"},
             {"\"leaf\":{", "\"leaf\":{\"audit\":\"\","},
             {"\"leaf\":{\"content\"", "\"leaf\":{\"contents\""},
             {"\"proof\":[", "\"proof\":[[],"},
             {"\"proof\":[", "\"proof\":[\"\","},
             {"\"proof\":[", "\"proof\":[{\"a\":{}},"},
             {"\"document.filed", "\"document\\u002efiled"},
             {"\"key\":\"custode.example", "\"key\":\"custode.exemple"},
             {"{\"checkpoint\"", "[{\"checkpoint\""},
             {"\"bytes\\\":3", "\"bytes\\\":\xFF"}})
        BOOST_TEST(!reads(replaced(json, from, to)), to);
    BOOST_TEST(!reads(""));
    BOOST_TEST(!reads("null"));
    BOOST_TEST(!reads("[]"));
    BOOST_TEST(!reads("{}"));
    for (std::size_t size = 0; size < json.size(); ++size)
        BOOST_TEST_REQUIRE(!reads(json.substr(0, size)));
}

BOOST_FIXTURE_TEST_CASE(members_in_another_order_are_refused, Filed) {
    const std::string json = receipt.json();
    const std::string moved = replaced(json, ",\"version\":1", "");
    BOOST_TEST(!reads(replaced(moved, "{\"checkpoint\"", "{\"version\":1,\"checkpoint\"")));
}

BOOST_FIXTURE_TEST_CASE(a_receipt_past_the_limits_is_refused, Filed) {
    Receipt large = receipt;
    large.path.assign(receipt_path_max, Hash{});
    BOOST_TEST(reads(large.json()));
    large.path.emplace_back();
    BOOST_TEST(!reads(large.json()));

    const std::string json = receipt.json();
    BOOST_TEST(reads(json + std::string(receipt_bytes_max - json.size(), ' ')));
    BOOST_TEST(!reads(json + std::string(receipt_bytes_max - json.size() + 1, ' ')));
    BOOST_TEST(!reads(std::string(receipt_bytes_max, '[')));  // depth, not only size
}

BOOST_FIXTURE_TEST_CASE(a_receipt_altered_in_any_part_does_not_hold, Filed) {
    const auto altered = [&](auto change) {
        Receipt copy = receipt;
        change(copy);
        return copy;
    };
    BOOST_TEST(!holds(altered([](Receipt& r) { r.statement.replace(9, 1, "4"); })));
    BOOST_TEST(!holds(altered([](Receipt& r) { r.statement += " "; })));
    BOOST_TEST(!holds(altered([](Receipt& r) { r.salt[31] ^= 1U; })));
    BOOST_TEST(!holds(altered([](Receipt& r) { r.index = 5; })));
    BOOST_TEST(!holds(altered([](Receipt& r) { r.index = 7; })));
    BOOST_TEST(!holds(altered([](Receipt& r) { r.path.pop_back(); })));
    for (std::size_t i = 0; i < receipt.path.size(); ++i)
        BOOST_TEST(!holds(altered([i](Receipt& r) { r.path[i] = flipped(r.path[i]); })));
    for (Hash LeafEntry::*part :
         {&LeafEntry::header, &LeafEntry::payload, &LeafEntry::envelope, &LeafEntry::content})
        BOOST_TEST(!holds(altered([part](Receipt& r) { r.leaf.*part = flipped(r.leaf.*part); })));
    // The statement's digest is never believed: it is computed from what the reader sees.
    BOOST_TEST(holds(altered([](Receipt& r) { r.leaf.statement = Hash{}; })));
    BOOST_TEST(!holds(altered([](Receipt& r) {
        r.statement = "another";
        r.leaf.statement = Filed().receipt.leaf.statement;
    })));
}

BOOST_FIXTURE_TEST_CASE(a_receipt_of_another_log_does_not_hold_against_the_pinned_key, Filed) {
    const TestLog forger(log.key.name, 9);
    Receipt forged = receipt;
    forged.key = forger.key;
    forged.checkpoint = forger.checkpoint(7, open_checkpoint(receipt.checkpoint, log.key)->root);
    BOOST_TEST(!check(forged, std::nullopt));  // with no key pinned it is only self-consistent
    BOOST_TEST(check(forged, log.key).value() == "the receipt names another log key than expected");
    forged.key = log.key;
    BOOST_TEST(check(forged, log.key).has_value());
}

BOOST_FIXTURE_TEST_CASE(every_flipped_bit_of_a_receipt_is_refused_or_found, Filed) {
    const std::string json = receipt.json();
    for (std::size_t i = 0; i < json.size(); ++i) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            std::string changed = json;
            changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
            const auto read = Receipt::parse(changed);
            BOOST_TEST_REQUIRE((!read || !holds(*read)), changed);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
