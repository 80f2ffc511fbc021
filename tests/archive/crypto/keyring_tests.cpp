// Header, keyring and log: every way to damage them is noticed, and only a torn tail is forgiven.
#include "archive/crypto/keyring.h"

#include "archive/crypto/header.h"
#include "archive/crypto/keyring_codec.h"
#include "tests/archive/crypto/vault_support.h"

#include <boost/test/unit_test.hpp>

using namespace custode;
using namespace custode::crypto;
using namespace custode::test;
using crypto::detail::log_entry_bytes;

namespace {

struct VaultWithDossiers : OneVault {
    std::vector<EntryId> dossiers;
    std::filesystem::path file = vault / "keyring.1", log = vault / "keyring.1.log";

    VaultWithDossiers() {
        for (int i = 0; i < 3; ++i) dossiers.push_back(keys->add(EntryKind::dossier));
    }

    /// What happens when the file holds these bytes; afterwards it holds the right ones again.
    std::string with(const std::filesystem::path& path, const Bytes& changed) {
        const Bytes right = read_file(path);
        write_file(path, changed);
        std::string outcome = refusal();
        write_file(path, right);
        return outcome;
    }

    std::string with_header(const std::string& from, const std::string& to) {
        const Bytes right = read_file(vault / "vault.toml");
        std::string changed(text(right));
        const auto at = changed.find(from);
        BOOST_REQUIRE(at != std::string::npos);
        changed.replace(at, from.size(), to);
        return with(vault / "vault.toml", copy(view(changed)));
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(keyring_tests, VaultWithDossiers)

BOOST_AUTO_TEST_CASE(the_files_have_the_documented_sizes) {
    BOOST_TEST(read_file(file).size() == 128U + 10 * 128 + 32);
    BOOST_TEST(read_file(log).size() == 3U * 168);
}

BOOST_AUTO_TEST_CASE(a_changed_byte_anywhere_in_the_keyring_is_refused) {
    const Bytes right = read_file(file);
    for (std::size_t i = 0; i < right.size(); i += i < 128 || i > right.size() - 40 ? 1U : 13U) {
        Bytes changed = right;
        changed[i] ^= 1U;
        const std::string outcome = with(file, changed);
        BOOST_TEST_CONTEXT("byte " << i)
        BOOST_TEST((outcome == "keyring.damaged" || outcome == "keyring.old_epoch"));
    }
}

BOOST_AUTO_TEST_CASE(a_cut_grown_reordered_or_missing_keyring_is_refused) {
    const Bytes right = read_file(file);
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{127},
                                   std::size_t{160}, right.size() - 128, right.size() - 1})
        BOOST_TEST(with(file, copy(BytesView(right).first(size))) == "keyring.damaged");
    Bytes grown = right;
    grown.push_back(0);
    BOOST_TEST(with(file, grown) == "keyring.damaged");
    Bytes swapped = right;
    std::swap_ranges(swapped.begin() + 128, swapped.begin() + 256, swapped.begin() + 256);
    BOOST_TEST(with(file, swapped) == "keyring.damaged");
    std::filesystem::remove(file);
    BOOST_TEST(refusal() == "keyring.damaged");
}

BOOST_AUTO_TEST_CASE(a_changed_byte_anywhere_in_the_log_is_refused) {
    const Bytes right = read_file(log);
    for (std::size_t i = 0; i < right.size(); i += 7) {
        Bytes changed = right;
        changed[i] ^= 0x80U;
        BOOST_TEST_CONTEXT("byte " << i) BOOST_TEST(with(log, changed) == "keyring.damaged");
    }
}

BOOST_AUTO_TEST_CASE(log_entries_that_are_reordered_repeated_or_missing_are_refused) {
    const Bytes right = read_file(log);
    const auto entry = [&](std::size_t i) {
        return BytesView(right).subspan(i * log_entry_bytes, log_entry_bytes);
    };
    const auto of = [&](std::initializer_list<std::size_t> order) {
        Bytes made;
        for (const std::size_t i : order) append(made, entry(i));
        return with(log, made);
    };
    BOOST_TEST(of({0, 1, 2}) == "opened");
    BOOST_TEST(of({1, 0, 2}) == "keyring.damaged");
    BOOST_TEST(of({0, 1, 2, 2}) == "keyring.damaged");
    BOOST_TEST(of({1, 2}) == "keyring.damaged");
    BOOST_TEST(of({0, 2}) == "keyring.damaged");
    std::filesystem::remove(log);
    BOOST_TEST(refusal() == "keyring.damaged");
}

BOOST_AUTO_TEST_CASE(a_torn_last_entry_is_ignored_and_the_next_key_takes_its_place) {
    const Bytes right = read_file(log);
    for (std::size_t kept = 2 * log_entry_bytes; kept < right.size(); kept += 11) {
        write_file(log, BytesView(right).first(kept));
        reopen();
        BOOST_TEST(keys->entries().size() == 12U);
        BOOST_TEST(!keys->key(dossiers[2]).has_value());
        const EntryId again = keys->add(EntryKind::dossier);
        const Bytes bytes = key_bytes(again);
        BOOST_TEST(read_file(log).size() == right.size());
        reopen();
        BOOST_TEST((key_bytes(again) == bytes));
        BOOST_TEST(keys->key(dossiers[1]).has_value());
    }
}

// The file system may give a torn write its full length with zeroes at the end.
BOOST_AUTO_TEST_CASE(a_last_entry_whose_end_was_never_written_is_ignored_but_only_the_last) {
    Bytes torn = read_file(log);
    std::fill(torn.end() - 40, torn.end(), std::uint8_t{0});
    write_file(log, torn);
    reopen();
    BOOST_TEST(keys->entries().size() == 12U);
    std::fill(torn.begin() + 136, torn.begin() + 168, std::uint8_t{0});
    BOOST_TEST(with(log, torn) == "keyring.damaged");
}

BOOST_AUTO_TEST_CASE(the_log_of_another_vault_is_refused) {
    VaultWithDossiers other;
    BOOST_TEST(with(log, read_file(other.log)) == "keyring.damaged");
    BOOST_TEST(with(file, read_file(other.file)) == "keyring.damaged");
}

BOOST_AUTO_TEST_CASE(a_changed_byte_anywhere_in_the_header_is_refused) {
    const Bytes right = read_file(vault / "vault.toml");
    for (std::size_t i = 0; i < right.size(); i += 3) {
        Bytes changed = right;
        changed[i] ^= 1U;
        BOOST_TEST_CONTEXT("byte " << i)
        BOOST_TEST(with(vault / "vault.toml", changed) != "opened");
    }
}

BOOST_AUTO_TEST_CASE(a_header_that_still_parses_is_caught_by_its_mac) {
    BOOST_TEST(with_header("created = 1795000000000", "created = 1795000000001") ==
               "header.damaged");
}

BOOST_AUTO_TEST_CASE(a_second_spelling_of_the_header_is_refused) {
    BOOST_TEST(with_header("format = 1", "format =  1") == "header.damaged");
    BOOST_TEST(with_header("format = 1", "format = 0x1") == "header.damaged");
    BOOST_TEST(with_header("suite = 1", "suite = 1\nextra = 1") == "header.damaged");
    BOOST_TEST(with_header("[keyfile]", "[keyfile") == "header.damaged");
    BOOST_TEST(with_header("wrapped = \"", "wrapped = \"00") == "header.damaged");
}

BOOST_AUTO_TEST_CASE(a_newer_format_is_said_to_be_newer) {
    BOOST_TEST(with_header("format = 1", "format = 2") == "vault.newer_format");
    BOOST_TEST(with_header("suite = 1", "suite = 2") == "vault.newer_format");
}

BOOST_AUTO_TEST_CASE(no_text_breaks_the_header_parser) {
    for (const std::string_view text :
         {"", "=", "format", "format = 1", "format = \"1\"", "[epoch]\nnumber = 1", "\xff\xfe",
          "format = 99999999999999999999", "format = 1\nsuite = 1\nvault = \"x\"\n"})
        BOOST_CHECK_EXCEPTION(crypto::detail::parse_header(text), Error, named("header.damaged"));
    BOOST_CHECK_EXCEPTION(crypto::detail::parse_header(std::string(70'000, '#')), Error,
                          named("header.damaged"));
}

BOOST_AUTO_TEST_CASE(a_folder_without_a_vault_is_said_to_have_none) {
    BOOST_CHECK_EXCEPTION(KeyService::unseal(place.path, key_input()), Error,
                          named("vault.missing"));
}

BOOST_AUTO_TEST_CASE(entries_that_the_writer_would_not_make_are_not_decoded) {
    using namespace crypto::detail;
    KeyringEntry entry;
    entry.info = {counting_id<EntryId>(1), EntryKind::dossier, 0, EntryState::living, 0};
    const Bytes right = encode(entry);
    BOOST_TEST(right.size() == keyring_entry_bytes);
    BOOST_TEST(decode_entry(right).has_value());
    const auto refused = [&](std::size_t at, std::uint8_t value) {
        Bytes changed = right;
        changed[at] = value;
        BOOST_TEST(!decode_entry(changed).has_value());
    };
    refused(16, 0);   // state
    refused(16, 3);   // state
    refused(17, 0);   // kind
    refused(17, 12);  // kind
    refused(19, 1);   // a year on a dossier
    refused(23, 1);   // reserved
    BOOST_TEST(!decode_entry(BytesView(right).first(127)).has_value());
    entry.info.state = EntryState::destroyed;
    entry.info.destroyed_by = 77;
    Bytes tombstone = encode(entry);
    BOOST_TEST(decode_entry(tombstone)->info.destroyed_by == 77U);
    tombstone.back() = 1;  // a tombstone has nothing where the key was
    BOOST_TEST(!decode_entry(tombstone).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
