#include "archive/acts/ceremonies.h"
#include "archive/base/encoding.h"
#include "archive/upkeep.h"
#include "archive/vault.h"
#include "tests/archive/vault_support.h"

#include <thread>

using namespace custode;
using namespace custode::testing;
namespace fs = std::filesystem;

namespace {

void no_progress(const char*, std::uint64_t, std::uint64_t) {}

struct Switching : OpenWorld {
    Bytes bytes = content_of(1000);
    DossierId dossier = open_dossier("archivista", "Prima");
    DocumentId document = file("archivista", dossier, bytes).document;
    std::vector<fs::path> holders = {folder / "holder-1", folder / "holder-2", folder / "holder-3"};

    std::uint32_t switch_epoch(const std::vector<fs::path>& to = {}) {
        return acts::Ceremonies(ledger()).switch_epoch(key(), to);
    }
    std::uint32_t epoch() { return parts->keys->epoch(); }
    crypto::KeyService::PreparedEpoch prepare() {
        crypto::KeyService::EpochPlan plan;
        return parts->keys->prepare_epoch(plan, key());
    }
    void journal_switch(const crypto::KeyService::PreparedEpoch& prepared) {
        journal::Draft draft;
        draft.action = journal::Action::epoch_switched;
        draft.outcome = journal::Outcome::system;
        draft.payload =
            nlohmann::json{{"epoch", prepared.epoch}, {"keyring", to_hex(prepared.keyring)}}.dump();
        ledger().commit([&](catalogue::Batch& batch) { batch.append(draft); });
    }
    bool is_there(const char* name) { return fs::exists(vault / name); }
    void check_whole() {
        BOOST_TEST((read("archivista", document) == bytes));
        BOOST_TEST((file("archivista", dossier, content_of(10, ++extra)).bytes == 10U));
        BOOST_TEST(digests().findings.empty());
    }
    unsigned extra = 100;

    /// The files that unseal a vault, as a backup of yesterday has them.
    std::map<std::string, Bytes> key_files() {
        std::map<std::string, Bytes> files;
        for (const auto& one : fs::directory_iterator(vault)) {
            const std::string name = one.path().filename().string();
            if (name == "vault.toml" || name.starts_with("keyring.") || name.starts_with("epoch."))
                files[name] = read_file(one.path());
        }
        return files;
    }
    void put_back(const std::map<std::string, Bytes>& files) {
        for (const auto& [name, content] : key_files()) fs::remove(vault / name);
        for (const auto& [name, content] : files) write_file(vault / name, content);
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(epoch_switch_tests)

BOOST_FIXTURE_TEST_CASE(an_epoch_is_switched_by_one_event, Switching) {
    const std::uint64_t before = events();
    BOOST_TEST(switch_epoch() == 2U);
    BOOST_TEST(epoch() == 2U);
    BOOST_TEST(events() == before + 1);
    const auto event = last_event();
    BOOST_TEST((event.header.action == journal::Action::epoch_switched));
    const auto payload = nlohmann::json::parse(event.payload);
    BOOST_TEST(payload.at("epoch") == 2);
    BOOST_TEST(payload.at("keyring") == to_hex(parts->keys->keyring_digest()));
    BOOST_TEST(payload.at("keyring") == to_hex(sha256_of(read_file(vault / "keyring.2"))));
    BOOST_TEST(parts->keys->keyring_journal().size == before);
    BOOST_TEST(!is_there("keyring.1"));
    BOOST_TEST(!is_there("vault.next.toml"));
    check_whole();
    reopen();
    BOOST_TEST(epoch() == 2U);
    check_whole();
    BOOST_TEST(switch_epoch() == 3U);
    reopen();
    BOOST_TEST(epoch() == 3U);
    check_whole();
    close();
    const auto report = rebuild_vault(vault, key(), clock, false, no_progress);
    for (const std::string& finding : report.findings) BOOST_TEST_ERROR(finding);
}

BOOST_FIXTURE_TEST_CASE(holders_given_at_a_switch_are_needed_from_then_on, Switching) {
    BOOST_TEST(parts->keys->describe().destruction_level == 0);
    BOOST_TEST(switch_epoch(holders) == 2U);
    BOOST_TEST(parts->keys->describe().holders.size() == 3U);
    BOOST_TEST(parts->keys->read_back_holders().empty());
    BOOST_TEST(!is_there("epoch.2"));  // no wrap beside the keyring any more
    check_whole();
    reopen();
    check_whole();
    close();
    fs::remove(holders[0]);
    open();  // two of three are enough
    close();
    fs::remove(holders[1]);
    BOOST_CHECK_EXCEPTION(open(), Error, is_error(ErrorCode::sealed, "holder.missing"));
}

BOOST_FIXTURE_TEST_CASE(the_root_is_asked_for_again, Switching) {
    crypto::UnsealInput wrong;
    wrong.keyfile = Bytes(32, 7);
    const std::uint64_t before = events();
    BOOST_CHECK_EXCEPTION(acts::Ceremonies(ledger()).switch_epoch(wrong, {}), Error,
                          is_error(ErrorCode::unauthenticated, "unseal.wrong_key"));
    BOOST_TEST(epoch() == 1U);
    BOOST_TEST(events() == before);
    check_whole();
    reopen();
    check_whole();
}

BOOST_FIXTURE_TEST_CASE(a_crash_before_the_event_leaves_the_former_epoch, Switching) {
    BOOST_TEST(prepare().epoch == 2U);
    BOOST_TEST(is_there("vault.next.toml"));
    reopen();
    BOOST_TEST(epoch() == 1U);
    BOOST_TEST(!is_there("vault.next.toml"));
    BOOST_TEST(!is_there("keyring.2"));
    check_whole();
    BOOST_TEST(switch_epoch() == 2U);
}

BOOST_FIXTURE_TEST_CASE(a_crash_after_the_event_is_finished_forward, Switching) {
    journal_switch(prepare());
    const auto opened_meanwhile = open_dossier("archivista", "Seconda");  // in both keyrings' logs
    const auto filed = file("archivista", opened_meanwhile, bytes);
    BOOST_TEST(epoch() == 1U);
    reopen();
    BOOST_TEST(epoch() == 2U);
    BOOST_TEST(!is_there("vault.next.toml"));
    BOOST_TEST(!is_there("keyring.1"));
    BOOST_TEST((read("archivista", filed.document) == bytes));
    check_whole();
    reopen();
    check_whole();
}

BOOST_FIXTURE_TEST_CASE(an_old_keyring_put_back_is_refused, Switching) {
    const auto yesterday = key_files();
    switch_epoch();
    close();
    const auto today = key_files();
    put_back(yesterday);
    BOOST_CHECK_EXCEPTION(open(), Error, is_error(ErrorCode::corrupt, "keyring.old_epoch"));
    BOOST_CHECK_EXCEPTION(verify_vault(vault, key(), clock, no_progress), Error,
                          is_error(ErrorCode::corrupt, "keyring.old_epoch"));
    put_back(today);
    open();
    check_whole();
}

// With the row that names the epoch put back too, or gone, the sums in the head row tell; and
// nothing of the right keyring was swept away meanwhile.
BOOST_FIXTURE_TEST_CASE(an_epoch_s_row_put_back_is_refused, Switching) {
    const Bytes name = ledger().rows().epoch_name();
    switch_epoch();
    close();
    const Bytes second = Tamperer(vault).rows(catalogue::table::counters).at(name);
    open();
    const auto of_second = key_files();
    switch_epoch();
    close();
    const auto of_third = key_files();
    const Bytes third = Tamperer(vault).rows(catalogue::table::counters).at(name);
    for (const auto* files : {&of_second, &of_third}) {
        put_back(*files);
        Tamperer(vault).put(catalogue::table::counters, name, second);
        BOOST_CHECK_EXCEPTION(open(), Error, is_error(ErrorCode::corrupt, "vault.rows_missing"));
        Tamperer(vault).erase(catalogue::table::counters, name);
        BOOST_CHECK_EXCEPTION(open(), Error, is_error(ErrorCode::corrupt, "vault.rows_missing"));
        Tamperer(vault).put(catalogue::table::counters, name, third);
    }
    BOOST_TEST((key_files() == of_third));
    open();
    check_whole();
}

BOOST_FIXTURE_TEST_CASE(a_catalogue_of_an_earlier_epoch_is_refused, Switching) {
    close();
    const Bytes yesterday = read_file(vault / "catalogue.mdb");
    open();
    switch_epoch();
    close();
    const Bytes today = read_file(vault / "catalogue.mdb");
    write_file(vault / "catalogue.mdb", yesterday);
    BOOST_CHECK_EXCEPTION(open(), Error, is_error(ErrorCode::corrupt, "journal.old_epoch"));
    write_file(vault / "catalogue.mdb", today);
    open();
    check_whole();
}

BOOST_FIXTURE_TEST_CASE(a_switch_that_cannot_be_journaled_is_none, Switching) {
    switch_epoch();
    {
        const NoWrites disk;
        BOOST_CHECK_THROW(switch_epoch(), Error);
    }
    while (ledger().read_only()) std::this_thread::yield();
    check_whole();
    // What was prepared is settled by the next ceremony, or by the next unsealing.
    BOOST_TEST(switch_epoch() == 3U);
    check_whole();
    reopen();
    BOOST_TEST(epoch() == 3U);
    check_whole();
}

BOOST_AUTO_TEST_CASE(a_vault_switches_its_epoch_and_opens_again) {
    const TemporaryVault place;
    Vault::Options options;
    options.allow_any_file_system = true;
    options.reserve_bytes = 1U << 20U;
    {
        Vault vault(place.vault, place.clock, options);
        BOOST_TEST(vault.unseal(place.key()).unsealed);
        BOOST_TEST(vault.open()->switch_epoch(place.key(), {}) == 2U);
        vault.seal(std::nullopt);
        BOOST_TEST(vault.unseal(place.key()).unsealed);
        BOOST_TEST(vault.open()->switch_epoch(place.key(), {}) == 3U);
    }
    const auto report = verify_vault(place.vault, place.key(), place.clock, no_progress);
    for (const std::string& finding : report.findings) BOOST_TEST_ERROR(finding);
}

BOOST_AUTO_TEST_SUITE_END()
