// The epoch switch, with the process ending at each step of it.
#include "archive/crypto/digest.h"
#include "archive/crypto/holders.h"
#include "tests/archive/crypto/vault_support.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <functional>
#include <thread>

using namespace custode;
using namespace custode::crypto;
using namespace custode::test;

namespace {

struct Switching : OneVault {
    EntryId kept, destroyed, rotated;
    Bytes kept_key, destroyed_key, rotated_key;

    explicit Switching(int holder_count = 0) : OneVault(holder_count) {
        kept = keys->add(EntryKind::dossier);
        destroyed = keys->add(EntryKind::dossier);
        rotated = keys->add(EntryKind::dossier);
        kept_key = key_bytes(kept);
        destroyed_key = key_bytes(destroyed);
        rotated_key = key_bytes(rotated);
    }

    KeyService::PreparedEpoch prepare(std::vector<std::filesystem::path> new_holders = {}) {
        KeyService::EpochPlan plan;
        plan.destroy = {destroyed};
        plan.rotate = {rotated};
        plan.destroyed_by = 4711;
        plan.place.size = 4711;
        plan.holders = std::move(new_holders);
        return keys->prepare_epoch(plan, key_input());
    }

    void check_before() {
        BOOST_TEST(keys->epoch() == 1U);
        BOOST_TEST((key_bytes(kept) == kept_key));
        BOOST_TEST((key_bytes(destroyed) == destroyed_key));
        BOOST_TEST((key_bytes(rotated) == rotated_key));
    }

    void check_after() {
        BOOST_TEST(keys->epoch() == 2U);
        BOOST_TEST((key_bytes(kept) == kept_key));
        BOOST_TEST(!keys->key(destroyed).has_value());
        BOOST_TEST((keys->info(destroyed)->state == EntryState::destroyed));
        BOOST_TEST(keys->info(destroyed)->destroyed_by == 4711U);
        BOOST_TEST((key_bytes(rotated) != rotated_key));
        BOOST_TEST(!key_bytes(rotated).empty());
        BOOST_TEST(keys->keyring_journal().size == 4711U);
        for (const char* gone : {"keyring.1", "keyring.1.log", "epoch.1", "vault.next.toml"})
            BOOST_TEST(!std::filesystem::exists(vault / gone));
    }
};

struct SwitchingWithTwoHolders : Switching {
    SwitchingWithTwoHolders() : Switching(2) {}
};

struct SwitchingWithThreeHolders : Switching {
    SwitchingWithThreeHolders() : Switching(3) {}
};

/// All files of a vault and its holders, to put back what an attacker kept.
struct Backup {
    TemporaryFolder copy_;
    explicit Backup(const std::filesystem::path& from) {
        std::filesystem::copy(from, copy_.path, std::filesystem::copy_options::recursive);
    }
    void put_back(const std::filesystem::path& to) const {
        std::filesystem::remove_all(to);
        std::filesystem::copy(copy_.path, to, std::filesystem::copy_options::recursive);
    }
};

std::string name_of(const std::function<void()>& act) {
    try {
        act();
    } catch (const Error& error) {
        return error.name();
    }
    return "done";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(epoch_tests)

BOOST_FIXTURE_TEST_CASE(a_switch_destroys_rotates_and_keeps, Switching) {
    const auto prepared = prepare();
    BOOST_TEST(prepared.epoch == 2U);
    BOOST_TEST((prepared.keyring == sha256({read_file(vault / "keyring.2")})));
    check_before();
    BOOST_TEST((copy(keys->next_key(kept)->view()) == kept_key));
    BOOST_TEST(!keys->next_key(destroyed).has_value());
    const Bytes next_rotated = copy(keys->next_key(rotated)->view());
    keys->finish_epoch();
    check_after();
    BOOST_TEST((key_bytes(rotated) == next_rotated));
    BOOST_TEST((keys->keyring_digest() == prepared.keyring));
    reopen();
    keys->settle(2, prepared.keyring);
    check_after();
}

BOOST_FIXTURE_TEST_CASE(a_crash_before_the_event_discards_the_prepared_epoch, Switching) {
    prepare();
    reopen();
    check_before();
    keys->settle(1, keys->keyring_digest());
    check_before();
    for (const char* gone : {"keyring.2", "keyring.2.log", "epoch.2", "vault.next.toml"})
        BOOST_TEST(!std::filesystem::exists(vault / gone));
    reopen();
    check_before();
    prepare();  // and another attempt may follow
    keys->finish_epoch();
    check_after();
}

BOOST_FIXTURE_TEST_CASE(a_crash_after_the_event_is_finished_forward, Switching) {
    const auto prepared = prepare();
    reopen();
    keys->settle(2, prepared.keyring);
    check_after();
    reopen();
    check_after();
}

BOOST_FIXTURE_TEST_CASE(a_crash_inside_finish_is_finished_forward, Switching) {
    const auto prepared = prepare();
    keys.reset();
    std::filesystem::rename(vault / "vault.next.toml", vault / "vault.toml");  // and no further
    reopen();
    keys->settle(2, prepared.keyring);
    check_after();
}

BOOST_FIXTURE_TEST_CASE(a_crash_anywhere_inside_prepare_is_discarded, Switching) {
    prepare();
    keys.reset();
    // vault.next.toml is written last; what comes before it, from all of it down to nothing.
    for (const char* last : {"vault.next.toml", "keyring.2", "keyring.2.log", "epoch.2"}) {
        std::filesystem::remove(vault / last);
        reopen();
        check_before();
    }
    keys->settle(1, keys->keyring_digest());
    check_before();
}

BOOST_FIXTURE_TEST_CASE(a_damaged_prepared_epoch_can_be_discarded_but_not_finished, Switching) {
    const auto prepared = prepare();
    flip(vault / "keyring.2", 200);
    reopen();
    check_before();
    BOOST_TEST(name_of([&] { keys->settle(2, prepared.keyring); }) == "keyring.damaged");
    BOOST_TEST(name_of([&] { prepare(); }) == "epoch.prepared");
    keys->settle(1, keys->keyring_digest());
    check_before();
}

BOOST_FIXTURE_TEST_CASE(abandoning_leaves_everything_as_it_was, Switching) {
    prepare();
    keys->abandon_epoch();
    check_before();
    BOOST_TEST(!std::filesystem::exists(vault / "keyring.2"));
    reopen();
    check_before();
}

BOOST_FIXTURE_TEST_CASE(keys_added_meanwhile_live_in_both_epochs, Switching) {
    const auto prepared = prepare();
    const EntryId meanwhile = keys->add(EntryKind::dossier);
    const Bytes key = key_bytes(meanwhile);
    reopen();
    BOOST_TEST((key_bytes(meanwhile) == key));
    keys->settle(2, prepared.keyring);
    BOOST_TEST((key_bytes(meanwhile) == key));
    reopen();
    BOOST_TEST((key_bytes(meanwhile) == key));
}

BOOST_FIXTURE_TEST_CASE(keys_added_meanwhile_survive_a_discarded_epoch, Switching) {
    prepare();
    const EntryId meanwhile = keys->add(EntryKind::dossier);
    const Bytes key = key_bytes(meanwhile);
    reopen();
    keys->settle(1, keys->keyring_digest());
    BOOST_TEST((key_bytes(meanwhile) == key));
}

BOOST_FIXTURE_TEST_CASE(the_root_is_asked_for_again_and_checked, Switching) {
    UnsealInput wrong;
    wrong.keyfile = Bytes(32, 1);
    BOOST_TEST(name_of([&] { keys->prepare_epoch({}, wrong); }) == "unseal.wrong_key");
    BOOST_TEST(name_of([&] { keys->prepare_epoch({}, {}); }) == "unseal.wrong_key");
    BOOST_TEST(!std::filesystem::exists(vault / "keyring.2"));
}

BOOST_FIXTURE_TEST_CASE(permanent_unknown_and_dead_keys_are_not_destroyed, Switching) {
    const auto attempt = [&](const EntryId& id) {
        KeyService::EpochPlan plan;
        plan.destroy = {id};
        return name_of([&] { keys->prepare_epoch(plan, key_input()); });
    };
    BOOST_TEST(attempt(*keys->find(EntryKind::log_signing)) == "keyring.permanent");
    BOOST_TEST(attempt(*keys->find(EntryKind::register_year, 2026)) == "keyring.permanent");
    BOOST_TEST(attempt(counting_id<EntryId>(1)) == "keyring.no_entry");
    for (const char* gone : {"keyring.2", "epoch.2", "vault.next.toml"})
        BOOST_TEST(!std::filesystem::exists(vault / gone));
    prepare();
    BOOST_TEST(attempt(kept) == "epoch.prepared");
    keys->finish_epoch();
    BOOST_TEST(attempt(destroyed) == "keyring.no_entry");
}

BOOST_FIXTURE_TEST_CASE(the_journal_and_the_keyring_must_agree, Switching) {
    const Sha256Digest digest = keys->keyring_digest();
    BOOST_TEST(name_of([&] { keys->settle(1, {}); }) == "done");
    BOOST_TEST(name_of([&] { keys->settle(1, sha256({view("x")})); }) == "keyring.damaged");
    BOOST_TEST(name_of([&] { keys->settle(2, digest); }) == "keyring.old_epoch");
    BOOST_TEST(name_of([&] { keys->settle(3, digest); }) == "keyring.old_epoch");
    prepare();
    BOOST_TEST(name_of([&] { keys->settle(2, digest); }) == "keyring.damaged");
    keys->finish_epoch();
    BOOST_TEST(name_of([&] { keys->settle(1, digest); }) == "journal.old_epoch");
    BOOST_TEST(name_of([&] { keys->settle(2, {}); }) == "keyring.damaged");
    check_after();
}

BOOST_FIXTURE_TEST_CASE(an_old_vault_put_back_is_refused_by_the_journals_epoch, Switching) {
    const Backup backup(vault);
    const auto prepared = prepare();
    keys->finish_epoch();
    keys.reset();
    backup.put_back(vault);
    reopen();  // without holders the old keys still open: level D0, and the status says so
    BOOST_TEST(keys->describe().destruction_level == 0);
    BOOST_TEST(name_of([&] { keys->settle(2, prepared.keyring); }) == "keyring.old_epoch");
}

BOOST_FIXTURE_TEST_CASE(an_old_keyring_under_the_new_name_is_refused, Switching) {
    const Bytes old = read_file(vault / "keyring.1"), old_log = read_file(vault / "keyring.1.log");
    prepare();
    keys->finish_epoch();
    write_file(vault / "keyring.2", old);
    write_file(vault / "keyring.2.log", old_log);
    BOOST_TEST(refusal() == "keyring.old_epoch");
}

// The point of it all: every byte that ever lay in the vault, and the root, and no key.
BOOST_FIXTURE_TEST_CASE(with_holders_last_weeks_backup_opens_no_more, SwitchingWithThreeHolders) {
    const Backup backup(vault);
    BOOST_TEST(!std::filesystem::exists(vault / "epoch.1"));
    prepare();
    keys->finish_epoch();
    check_after();
    keys.reset();
    backup.put_back(vault);
    BOOST_TEST(refusal() == "keyring.old_epoch");
}

BOOST_FIXTURE_TEST_CASE(one_of_three_holders_may_be_lost_and_two_may_not,
                        SwitchingWithThreeHolders) {
    for (const auto& lost : holders) {
        const Bytes share = read_file(lost);
        std::filesystem::remove(lost);
        BOOST_TEST(refusal() == "opened");
        BOOST_TEST(keys->read_back_holders().size() == 1U);
        write_file(lost, share);
    }
    std::filesystem::remove(holders[0]);
    std::filesystem::remove(holders[2]);
    BOOST_TEST(refusal() == "holder.missing");
}

BOOST_FIXTURE_TEST_CASE(a_damaged_holder_counts_as_none_and_is_named, SwitchingWithTwoHolders) {
    for (const std::size_t byte : {0U, 20U, 40U, 70U, 120U}) {
        flip(holders[1], 128 + byte);  // epoch 1 lies in the odd cell
        BOOST_TEST(refusal() == "holder.missing");
        flip(holders[1], 128 + byte);
    }
    reopen();
    flip(holders[1], 200);
    const auto wrong = keys->read_back_holders();
    BOOST_REQUIRE(wrong.size() == 1U);
    BOOST_TEST(wrong[0].find("holder-2: wrong") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(holders_of_an_earlier_epoch_are_said_to_be_old, SwitchingWithTwoHolders) {
    const Bytes old_one = read_file(holders[0]), old_two = read_file(holders[1]);
    prepare();
    keys->finish_epoch();
    write_file(holders[0], old_one);
    write_file(holders[1], old_two);
    BOOST_TEST(refusal() == "holder.old");
}

BOOST_FIXTURE_TEST_CASE(a_switch_leaves_only_the_new_share_in_each_holder,
                        SwitchingWithThreeHolders) {
    std::vector<Bytes> old_shares;
    for (const auto& holder : holders) {
        const Bytes bytes = read_file(holder);
        BOOST_TEST(bytes.size() == 256U);
        old_shares.emplace_back(bytes.begin() + 128 + 36, bytes.begin() + 128 + 68);
    }
    prepare();
    BOOST_TEST(keys->read_back_holders().empty());  // both epochs' shares are there, on purpose
    keys->finish_epoch();
    for (std::size_t i = 0; i < holders.size(); ++i) {
        const Bytes bytes = read_file(holders[i]);
        BOOST_TEST((std::search(bytes.begin(), bytes.end(), old_shares[i].begin(),
                                old_shares[i].end()) == bytes.end()));
    }
    BOOST_TEST(keys->read_back_holders().empty());
    reopen();
    check_after();
}

BOOST_FIXTURE_TEST_CASE(an_abandoned_switch_leaves_only_the_old_share, SwitchingWithTwoHolders) {
    prepare();
    keys->abandon_epoch();
    BOOST_TEST(keys->read_back_holders().empty());
    reopen();
    check_before();
}

BOOST_FIXTURE_TEST_CASE(a_crash_around_the_event_settles_with_holders_too,
                        SwitchingWithTwoHolders) {
    prepare();
    reopen();
    keys->settle(1, keys->keyring_digest());
    check_before();
    const auto prepared = prepare();
    reopen();
    keys->settle(2, prepared.keyring);
    check_after();
    BOOST_TEST(keys->read_back_holders().empty());
}

BOOST_FIXTURE_TEST_CASE(a_share_missed_by_the_erasure_is_erased_when_its_holder_returns,
                        SwitchingWithThreeHolders) {
    const auto away = place.path / "away";
    prepare();
    std::filesystem::rename(holders[2], away);
    keys->finish_epoch();
    BOOST_TEST(keys->read_back_holders().size() == 1U);
    std::filesystem::rename(away, holders[2]);  // with the shares of both epochs
    BOOST_TEST(keys->read_back_holders().empty());
    const Bytes bytes = read_file(holders[2]);
    BOOST_TEST(std::all_of(bytes.begin() + 128, bytes.end(), [](auto b) { return b == 0; }));
}

BOOST_FIXTURE_TEST_CASE(holders_are_added_by_an_epoch_and_the_wrap_beside_the_keyring_goes,
                        Switching) {
    prepare({place.path / "a", place.path / "b"});
    keys->finish_epoch();
    check_after();
    BOOST_TEST(!std::filesystem::exists(vault / "epoch.2"));
    reopen();
    check_after();
    std::filesystem::remove(place.path / "b");
    BOOST_TEST(refusal() == "holder.missing");
}

BOOST_FIXTURE_TEST_CASE(a_holder_that_is_replaced_is_erased, SwitchingWithThreeHolders) {
    const auto fresh = place.path / "fresh";
    prepare({holders[0], fresh, holders[2]});
    keys->finish_epoch();
    const Bytes replaced = read_file(holders[1]);
    BOOST_TEST(std::all_of(replaced.begin(), replaced.end(), [](auto b) { return b == 0; }));
    BOOST_TEST(keys->read_back_holders().empty());
    reopen();
    check_after();
}

BOOST_FIXTURE_TEST_CASE(a_file_that_is_not_a_holder_of_this_vault_is_left_alone,
                        SwitchingWithTwoHolders) {
    const auto letter = place.path / "letter.pdf";
    write_file(letter, Bytes(300, 'x'));
    BOOST_TEST(name_of([&] { prepare({holders[0], letter}); }) == "holder.in_use");
    BOOST_TEST((read_file(letter) == Bytes(300, 'x')));
    OneVault other(2);
    const Bytes theirs = read_file(other.holders[0]);
    BOOST_TEST(name_of([&] { prepare({holders[0], other.holders[0]}); }) == "holder.in_use");
    BOOST_TEST((read_file(other.holders[0]) == theirs));
    BOOST_TEST(keys->read_back_holders().empty());
    reopen();
    check_before();
}

BOOST_FIXTURE_TEST_CASE(one_holder_is_not_called_a_holder, Switching) {
    prepare({place.path / "alone"});
    keys->finish_epoch();
    BOOST_TEST(!std::filesystem::exists(place.path / "alone"));
    BOOST_TEST(keys->describe().destruction_level == 0);
    BOOST_TEST(keys->describe().holders.at(0).find("not used") != std::string::npos);
    reopen();
    check_after();
}

BOOST_FIXTURE_TEST_CASE(two_files_on_one_disk_are_level_one_and_two_disks_level_two, Switching) {
    prepare({place.path / "a", place.path / "b"});
    keys->finish_epoch();
    BOOST_TEST(keys->describe().destruction_level == 1);
    if (!std::filesystem::exists("/dev/shm")) return;
    const TemporaryFolder elsewhere("/dev/shm");
    KeyService::EpochPlan plan;
    plan.holders = {place.path / "a", elsewhere.path / "b"};
    keys->prepare_epoch(plan, key_input());
    keys->finish_epoch();
    BOOST_TEST(keys->describe().destruction_level == 2);
}

BOOST_FIXTURE_TEST_CASE(every_key_but_the_destroyed_opens_after_a_switch, Switching) {
    for (int i = 0; i < 200; ++i) keys->add(EntryKind::dossier);
    const std::size_t before = keys->entries().size();
    prepare();
    keys->finish_epoch();
    BOOST_TEST(keys->entries().size() == before);
    reopen();
    for (const EntryInfo& entry : keys->entries())
        BOOST_TEST(keys->key(entry.id).has_value() == (entry.state == EntryState::living));
}

// vault() was read from the epoch that finish_epoch() replaces without a lock.
BOOST_FIXTURE_TEST_CASE(readers_go_on_while_the_epoch_switches, Switching) {
    prepare();
    const VaultId id = keys->vault();
    const EntryId signing = keys->find(EntryKind::log_signing).value();
    std::atomic<bool> begun = false, ended = false;
    std::size_t wrong = 0;
    std::thread reader([&] {
        do {
            wrong += keys->vault() != id || !keys->key(signing) || keys->entries().empty();
            begun = true;
        } while (!ended);
    });
    while (!begun) std::this_thread::yield();
    keys->finish_epoch();
    ended = true;
    reader.join();
    BOOST_TEST(wrong == 0U);
    BOOST_TEST(keys->epoch() == 2U);
}

BOOST_AUTO_TEST_SUITE_END()
