#include "archive/crypto/keys.h"
#include "archive/crypto/signature.h"
#include "tests/archive/crypto/vault_support.h"

#include <sys/stat.h>

#include <boost/test/unit_test.hpp>

#include <set>
#include <thread>

using namespace custode;
using namespace custode::crypto;
using namespace custode::test;

BOOST_AUTO_TEST_SUITE(key_service_tests)

BOOST_FIXTURE_TEST_CASE(a_new_vault_has_one_key_of_each_kind_and_no_dossier, OneVault) {
    std::set<EntryKind> kinds;
    for (const EntryInfo& entry : keys->entries()) {
        BOOST_TEST(kinds.insert(entry.kind).second);
        BOOST_TEST((entry.state == EntryState::living));
        BOOST_TEST(keys->key(entry.id).has_value());
    }
    BOOST_TEST(kinds.size() == 10U);
    BOOST_TEST(!kinds.contains(EntryKind::dossier));
    BOOST_TEST(keys->find(EntryKind::actor_year, 2026).has_value());
    BOOST_TEST(!keys->find(EntryKind::actor_year, 2027).has_value());
    BOOST_TEST(keys->epoch() == 1U);
}

BOOST_FIXTURE_TEST_CASE(keys_come_back_after_an_unseal_the_same, OneVault) {
    const EntryId dossier = keys->add(EntryKind::dossier);
    const EntryId year = keys->add(EntryKind::register_year, 2027);
    const Bytes before = key_bytes(dossier), of_year = key_bytes(year);
    const VaultId id = keys->vault();
    reopen();
    BOOST_TEST((keys->vault() == id));
    BOOST_TEST((KeyService::vault_id(vault) == id));
    BOOST_TEST((key_bytes(dossier) == before));
    BOOST_TEST((key_bytes(year) == of_year));
    BOOST_TEST((keys->find(EntryKind::register_year, 2027) == year));
    BOOST_TEST((keys->info(dossier)->kind == EntryKind::dossier));
}

BOOST_FIXTURE_TEST_CASE(an_unknown_entry_has_no_key, OneVault) {
    BOOST_TEST(!keys->key(counting_id<EntryId>(1)).has_value());
    BOOST_TEST(!keys->info(counting_id<EntryId>(1)).has_value());
}

BOOST_FIXTURE_TEST_CASE(a_year_is_demanded_of_year_keys_and_of_no_other, OneVault) {
    BOOST_CHECK_EXCEPTION(keys->add(EntryKind::dossier, 2026), Error, named("keyring.year"));
    BOOST_CHECK_EXCEPTION(keys->add(EntryKind::actor_year), Error, named("keyring.year"));
}

BOOST_FIXTURE_TEST_CASE(signatures_verify_and_the_key_outlives_the_process, OneVault) {
    const auto public_key = keys->verifying_key();
    const auto signature = keys->sign(view("checkpoint"));
    BOOST_TEST(verify_signature(public_key, view("checkpoint"), signature));
    BOOST_TEST(!verify_signature(public_key, view("checkpoinT"), signature));
    reopen();
    BOOST_TEST((keys->verifying_key() == public_key));
}

BOOST_FIXTURE_TEST_CASE(many_threads_read_while_one_adds, OneVault) {
    const EntryId id = keys->add(EntryKind::dossier);
    const Bytes expected = key_bytes(id);
    std::atomic<int> wrong{0};
    {
        std::vector<std::jthread> readers;
        for (int i = 0; i < 3; ++i)
            readers.emplace_back([&] {
                for (int k = 0; k < 300; ++k) wrong += key_bytes(id) == expected ? 0 : 1;
            });
        for (int k = 0; k < 30; ++k) keys->add(EntryKind::dossier);
    }
    BOOST_TEST(wrong == 0);
    BOOST_TEST(keys->entries().size() == 10U + 31U);
}

BOOST_FIXTURE_TEST_CASE(key_files_are_for_their_owner_alone, OneVault) {
    for (const char* name : {"vault.toml", "keyring.1", "keyring.1.log", "epoch.1", "../keyfile"}) {
        struct stat facts {};
        BOOST_REQUIRE(stat((vault / name).c_str(), &facts) == 0);
        BOOST_TEST((facts.st_mode & 07777U) == 0600U);
    }
}

BOOST_FIXTURE_TEST_CASE(no_key_lies_readable_in_any_file, OneVault) {
    std::vector<Bytes> secrets{read_file(keyfile)};
    for (const EntryInfo& entry : keys->entries()) secrets.push_back(key_bytes(entry.id));
    for (const auto& file : std::filesystem::recursive_directory_iterator(vault)) {
        const Bytes bytes = read_file(file.path());
        for (const Bytes& secret : secrets)
            BOOST_TEST((std::search(bytes.begin(), bytes.end(), secret.begin(), secret.end()) ==
                        bytes.end()));
    }
}

BOOST_FIXTURE_TEST_CASE(a_vault_is_not_made_over_another, OneVault) {
    KeyService::CreateOptions options;
    options.slots.keyfile = place.path / "another";
    BOOST_CHECK_EXCEPTION(KeyService::create(vault, options), Error, named("vault.exists"));
    options.slots.keyfile = keyfile;
    BOOST_CHECK_EXCEPTION(KeyService::create(place.path / "second", options), Error,
                          named("keyfile.exists"));
}

BOOST_AUTO_TEST_CASE(a_vault_that_nothing_unseals_is_not_made) {
    const TemporaryFolder place;
    BOOST_CHECK_EXCEPTION(KeyService::create(place.path / "v", {}), Error, named("slot.none"));
}

BOOST_FIXTURE_TEST_CASE(the_status_says_how_it_is_guarded, OneVault) {
    const auto description = keys->describe();
    BOOST_TEST((description.slots == std::vector<std::string>{"keyfile"}));
    BOOST_TEST(description.holders.empty());
    BOOST_TEST(description.destruction_level == 0);
    BOOST_TEST((description.arena == "memfd_secret" || description.arena == "locked"));
}

BOOST_AUTO_TEST_SUITE_END()
