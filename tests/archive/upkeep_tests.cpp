#include "archive/upkeep.h"

#include "archive/base/codec.h"
#include "tests/archive/vault_support.h"

using namespace custode;
using namespace custode::testing;
namespace fs = std::filesystem;

namespace {

void no_progress(const char*, std::uint64_t, std::uint64_t) {}

struct Verified : OpenWorld {
    explicit Verified(std::uint64_t segment_bytes = std::uint64_t{64} << 20U)
        : OpenWorld(segment_bytes) {}

    UpkeepReport verify() {
        close();
        return verify_vault(vault, key(), clock, no_progress);
    }
    void check_intact() {
        for (const std::string& finding : verify().findings) BOOST_TEST_ERROR(finding);
    }
    fs::path segment(int number) const {
        return vault / "segments" / ("00000" + std::to_string(number) + ".seg");
    }
};

struct SmallSegments : Verified {
    SmallSegments() : Verified(1U << 20U) {}
};

bool has(const UpkeepReport& report, const std::string& what) {
    return std::any_of(report.findings.begin(), report.findings.end(), [&](const auto& finding) {
        return finding.find(what) != std::string::npos;
    });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(upkeep_tests)

BOOST_FIXTURE_TEST_CASE(an_intact_vault_is_read_to_its_last_byte, Verified) {
    const auto dossier = open_dossier("archivista", "Prima");
    std::uint64_t bytes = 0;
    for (unsigned i = 1; i <= 5; ++i) {
        file("archivista", dossier, content_of(i * 50'000, i));
        bytes += i * 50'000;
    }
    const std::uint64_t all = events();
    const auto report = verify();
    for (const std::string& finding : report.findings) BOOST_TEST_ERROR(finding);
    BOOST_TEST(report.events == all);
    BOOST_TEST(report.documents == 5U);
    BOOST_TEST(report.bytes == bytes);
    BOOST_TEST(report.tables.size() == catalogue::table_names().size() - 1);
}

BOOST_FIXTURE_TEST_CASE(a_byte_flipped_anywhere_in_a_segment_is_found, Verified) {
    const auto dossier = open_dossier("archivista", "Prima");
    file("archivista", dossier, content_of(100'000, 1));
    file("archivista", dossier, content_of(100'000, 2));
    close();
    auto random = printed_random();
    const std::uint64_t size = fs::file_size(segment(1));
    for (int i = 0; i < 25; ++i) {
        const std::uint64_t at = random() % size;
        flip(segment(1), at);
        const auto report = verify_vault(vault, key(), clock, no_progress);
        BOOST_TEST(!report.findings.empty(), "byte " << at << " of " << size);
        flip(segment(1), at);
    }
    check_intact();
}

BOOST_FIXTURE_TEST_CASE(a_closed_segment_is_its_journaled_digest, SmallSegments) {
    const auto dossier = open_dossier("archivista", "Prima");
    for (unsigned i = 1; i <= 4; ++i) file("archivista", dossier, content_of(600'000, i));
    ledger().segments().close_full();
    BOOST_TEST(count(journal::Action::segment_closed) >= 1U);
    const auto whole = verify();
    BOOST_TEST(whole.findings.empty());
    BOOST_TEST(whole.segments >= 1U);
    // In the sealed index at its end, where no document lies.
    flip(segment(1), fs::file_size(segment(1)) - 40);
    BOOST_TEST(has(verify(), "segment 1"));
    flip(segment(1), fs::file_size(segment(1)) - 40);
    check_intact();
}

BOOST_FIXTURE_TEST_CASE(a_truncated_segment_is_found_and_not_made_worse, SmallSegments) {
    const auto dossier = open_dossier("archivista", "Prima");
    for (unsigned i = 1; i <= 4; ++i) file("archivista", dossier, content_of(600'000, i));
    close();
    const Bytes good = read_file(segment(1));
    fs::permissions(segment(1), fs::perms::owner_write, fs::perm_options::add);
    fs::resize_file(segment(1), good.size() / 2);
    const auto report = verify();
    BOOST_TEST(has(report, "segment 1"));
    BOOST_TEST(has(report, "document "));
    BOOST_TEST(report.documents >= 1U);  // what lies elsewhere was still read
    BOOST_TEST(fs::file_size(segment(1)) == good.size() / 2);
    open();
    const auto ids = documents_in("archivista", dossier);
    BOOST_TEST(ids.size() == 4U);
    BOOST_CHECK_THROW(read("archivista", *parse_id<DocumentId>(ids[0])), Error);
    BOOST_TEST((read("archivista", *parse_id<DocumentId>(ids[3])) == content_of(600'000, 4)));
    close();
    write_file(segment(1), good);
    check_intact();
    fs::remove(segment(1));
    BOOST_TEST(has(verify(), "document "));
}

BOOST_FIXTURE_TEST_CASE(a_flipped_byte_in_any_table_is_found, Verified) {
    const auto dossier = open_dossier("archivista", "Prima");
    file("archivista", dossier, content_of(1000));
    close();
    auto random = printed_random();
    for (unsigned i = 0; i < catalogue::table_names().size(); ++i) {
        const auto rows = Tamperer(vault).rows(store::Table{i});
        for (int attempt = 0; attempt < 3 && !rows.empty(); ++attempt) {
            const auto row = std::next(rows.begin(), static_cast<long>(random() % rows.size()));
            Bytes changed = row->second;
            const std::size_t at = random() % changed.size();
            changed[at] ^= 1U;
            Tamperer(vault).put(store::Table{i}, row->first, changed);
            bool found = false;
            try {
                found = !verify_vault(vault, key(), clock, no_progress).findings.empty();
            } catch (const Error& error) {  // so early that the vault does not open
                found = error.code() == ErrorCode::corrupt;
            }
            BOOST_TEST(found, catalogue::table_names()[i] << " byte " << at);
            Tamperer(vault).put(store::Table{i}, row->first, row->second);
        }
    }
    check_intact();
}

BOOST_FIXTURE_TEST_CASE(what_lies_beside_the_catalogue_is_looked_at_too, Verified) {
    file("archivista", open_dossier("archivista", "Prima"), content_of(1000));
    ledger().publish();
    close();
    // The head of a frame: the reader knows where the content lies and never looks at it.
    const std::vector<std::pair<fs::path, const char*>> places = {
        {segment(1), "segment 1"},
        {vault / "identity.pub", "identity.pub"},
    };
    for (const auto& [path, name] : places) {
        flip(path, 20);
        BOOST_TEST(has(verify(), name), name);
        flip(path, 20);
    }
    check_intact();
}

BOOST_FIXTURE_TEST_CASE(a_catalogue_put_back_without_its_tiles_is_refused, Verified) {
    close();
    const Bytes yesterday = read_file(vault / "catalogue.mdb");
    open();
    file("archivista", open_dossier("archivista", "Prima"), content_of(1000));
    ledger().publish();
    close();
    write_file(vault / "catalogue.mdb", yesterday);
    BOOST_CHECK_EXCEPTION(open(), Error, is_error(ErrorCode::corrupt, "journal.rolled_back"));
}

// A receipt was given out that its receiver would have refused.
BOOST_FIXTURE_TEST_CASE(a_damaged_event_gives_no_receipt_and_no_new_past, Verified) {
    const auto filed = file("archivista", open_dossier("archivista", "Prima"), content_of(1000));
    for (int i = 0; i < 300; ++i)
        door().disclosed(as("archivista"), {}, "dossier.list", {{"i", i}});
    close();
    const Bytes sequence = big_endian(filed.receipt.index);
    Bytes row = Tamperer(vault).rows(catalogue::table::journal).at(sequence);
    row.back() ^= 1U;  // the content digest, which no key seals
    Tamperer(vault).put(catalogue::table::journal, sequence, row);
    open();
    BOOST_CHECK_EXCEPTION(ledger().journal().receipt(filed.receipt.index, {{}, {}}), Error,
                          is_error(ErrorCode::corrupt, "journal.event_damaged"));
    close();
    const auto report = rebuild_vault(vault, TemporaryVault::key(), clock, true, no_progress);
    BOOST_TEST(!report.replaced);
    BOOST_TEST(has(report, "the journal's root"));
}

// A wrap that did not open made an event seem to be of a destroyed document.
BOOST_FIXTURE_TEST_CASE(a_damaged_envelope_is_damage_and_no_destruction, Verified) {
    const auto filed = file("archivista", open_dossier("archivista", "Prima"), content_of(1000));
    close();
    const Bytes sequence = big_endian(filed.receipt.index);
    Bytes row = Tamperer(vault).rows(catalogue::table::journal).at(sequence);
    row.at(row.size() - 64 - 50) ^= 1U;  // statement and content follow the envelope
    Tamperer(vault).put(catalogue::table::journal, sequence, row);
    BOOST_TEST(
        has(verify(), "journal event " + std::to_string(filed.receipt.index) + " does not open"));
}

// An event in the middle of the journal, where no unsealing looks.
BOOST_FIXTURE_TEST_CASE(damage_in_an_old_event_is_a_finding, Verified) {
    const auto dossier = open_dossier("archivista", "Prima");
    for (unsigned i = 0; i < 300; ++i)
        door().disclosed(as("archivista"), {}, "dossier.list", {{"dossiers", to_text(dossier)}});
    close();
    const auto rows = Tamperer(vault).rows(catalogue::table::journal);
    const auto row = std::next(rows.begin(), 20);
    Bytes changed = row->second;
    changed.back() ^= 1U;  // the content digest: sealed by nothing but the tree
    Tamperer(vault).put(catalogue::table::journal, row->first, changed);
    const auto report = verify();
    BOOST_TEST(has(report, "the journal's root"));
    BOOST_TEST(has(report, "table journal"));
    changed = row->second;
    changed[20] ^= 1U;
    Tamperer(vault).put(catalogue::table::journal, row->first, changed);
    BOOST_TEST(has(verify(), "journal event 20"));
    Tamperer(vault).put(catalogue::table::journal, row->first, row->second);
    check_intact();
}

BOOST_FIXTURE_TEST_CASE(a_tile_that_was_lost_is_made_again, Verified) {
    const auto dossier = open_dossier("archivista", "Prima");
    const auto filed = file("archivista", dossier, content_of(10));
    for (int i = 0; i < 300; ++i)
        door().disclosed(as("archivista"), {}, "dossier.list", {{"i", i}});
    ledger().publish();
    const std::string before = ledger().journal().checkpoint();
    close();
    std::vector<fs::path> tiles;
    for (const auto& one : fs::recursive_directory_iterator(vault / "tiles"))
        if (one.is_regular_file()) tiles.push_back(one.path());
    BOOST_REQUIRE(tiles.size() > 2U);
    const auto good = [&] {
        std::map<fs::path, Bytes> files;
        for (const fs::path& tile : tiles) files[tile] = read_file(tile);
        return files;
    }();
    for (const fs::path& tile : tiles) {
        fs::permissions(tile, fs::perms::owner_write, fs::perm_options::add);
        fs::remove(tile);
    }
    check_intact();
    open();
    ledger().publish();
    BOOST_TEST(ledger().journal().checkpoint() == before);
    const auto permit = door().ask_to_see<Action::document_proof>(
        as("archivista"), OnDocument{filed.document}, {}, "document.proof");
    const auto fault =
        proof::check(parts->reading.proof(permit), ledger().journal().verifier_key());
    BOOST_TEST(!fault.has_value(), fault.value_or(""));
    for (const auto& [tile, content] : good)
        if (tile.string().find(".p") == std::string::npos && tile.filename() != "checkpoint")
            BOOST_TEST((read_file(tile) == content), tile.string());
}

BOOST_FIXTURE_TEST_CASE(looking_needs_the_key_and_nobody_else_inside, Verified) {
    BOOST_CHECK_EXCEPTION(verify_vault(vault, key(), clock, no_progress), Error,
                          is_error(ErrorCode::conflict, "store.in_use"));
    close();
    crypto::UnsealInput wrong;
    wrong.keyfile = Bytes(32, 1);
    BOOST_CHECK_EXCEPTION(verify_vault(vault, wrong, clock, no_progress), Error,
                          is_error(ErrorCode::unauthenticated, "unseal.wrong_key"));
}

BOOST_AUTO_TEST_CASE(a_rule_file_is_judged_with_its_line) {
    BOOST_TEST(!check_rules(policies::access::shipped_rules_text()).has_value());
    const auto fault = check_rules("format = 1\n\n[[rule]]\nid = 5\n");
    BOOST_REQUIRE(fault.has_value());
    BOOST_TEST(fault->line >= 3U);
    BOOST_TEST(!fault->reason.empty());
}

BOOST_AUTO_TEST_SUITE_END()
