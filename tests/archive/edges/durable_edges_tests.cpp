#include "archive/records/code_list.h"
#include "tests/archive/edges/world.h"

using namespace custode;
using testing::named;
using testing::World;

BOOST_AUTO_TEST_SUITE(durable_edges_tests)

/// An account that cannot be read back would have kept the vault sealed for ever.
BOOST_AUTO_TEST_CASE(a_role_that_ends_before_it_begins_is_refused_and_nothing_is_durable) {
    World w;
    const auto open = w.vault->open();
    const auto permit = open->door().ask<Action::account_grant>(w.principal(w.admin), OnNothing{});
    const auto events = open->figures().events;
    BOOST_CHECK_EXCEPTION(
        open->administration().add_role(
            permit, "archivista", {"archivist", "municipio-3", Day{2026, 12, 1}, Day{2026, 10, 1}}),
        Error, named("field.invalid"));
    BOOST_TEST(open->figures().events == events);
    BOOST_TEST(!open->figures().read_only);
}

BOOST_AUTO_TEST_CASE(more_roles_than_an_account_can_hold_are_refused_and_the_vault_opens_again) {
    World w;
    {
        const auto open = w.vault->open();
        bool refused = false;
        for (const char* role : {"archivist", "social-worker", "team-member", "coordinator",
                                 "legal-office", "mail-room"})
            for (const auto& unit : records::units().entries()) {
                const auto permit =
                    open->door().ask<Action::account_grant>(w.principal(w.admin), OnNothing{});
                try {
                    open->administration().add_role(permit, "archivista",
                                                    {role, unit.id, std::nullopt, std::nullopt});
                } catch (const Error& error) {
                    BOOST_TEST((error.code() == ErrorCode::invalid_argument));
                    refused = true;
                }
            }
        BOOST_TEST(refused);
    }
    w.start_again();
    BOOST_TEST(w.vault->progress().unsealed);
}

BOOST_AUTO_TEST_CASE(a_grant_with_a_reason_too_long_is_refused_and_the_vault_opens_again) {
    World w;
    const DossierId dossier = w.open_dossier(w.archivist, "municipio-1", "Verdi");
    {
        const auto open = w.vault->open();
        const auto permit =
            open->door().ask<Action::dossier_assign>(w.principal(w.archivist), OnDossier{dossier});
        BOOST_CHECK_THROW(
            open->dossiers().grant(permit, "altra", Day{2026, 12, 31}, std::string(100'000, 'x')),
            Error);
        BOOST_TEST(!open->figures().read_only);
    }
    w.start_again();
    BOOST_TEST(w.listed(w.archivist, dossier) == 0U);
}

/// A unit's name from a request went into the event of the refusal as it came: a thousand of them
/// together were longer than an event may be, and the process ended.
BOOST_AUTO_TEST_CASE(refusals_about_units_with_endless_names_are_journaled_and_harm_nothing) {
    World w;
    const auto open = w.vault->open();
    const std::string name(500'000, 'u');
    for (unsigned i = 0; i < Door::refusals_journaled_per_minute + 20; ++i)
        BOOST_CHECK_EXCEPTION(
            open->door().ask<Action::dossier_open>(w.principal(w.archivist), OnUnit{name}), Error,
            named("not_found"));
    open->door().flush_refusals();
    BOOST_TEST(!open->figures().read_only);
    BOOST_TEST(std::filesystem::file_size(w.folder / "vault" / "catalogue.mdb") < 20'000'000U);
}

/// The events of a task that changed too much stayed in the head row, though not in the journal.
BOOST_AUTO_TEST_CASE(a_task_that_is_too_large_leaves_no_event) {
    World w;
    w.vault.reset();
    {
        const auto keys = crypto::KeyService::unseal(w.folder / "vault", w.input());
        catalogue::Ledger::Options options;
        options.vault = w.folder / "vault";
        options.allow_any_file_system = true;
        options.reserve_bytes = 1U << 20U;
        catalogue::Ledger ledger(*keys, w.clock, options);
        const std::uint64_t size = ledger.journal().size();
        journal::Draft draft;
        draft.action = journal::Action::rules_loaded;
        draft.payload = nlohmann::json{{"rules", std::string(3'500'000, 'x')}}.dump();
        BOOST_CHECK_EXCEPTION(ledger.commit([&](catalogue::Batch& batch) {
            for (int i = 0; i < 3; ++i) batch.append(draft);
        }),
                              Error, named("store.task_too_large"));
        draft.payload = "{}";
        ledger.commit([&](catalogue::Batch& batch) { batch.append(draft); });
        BOOST_TEST(ledger.journal().size() == size + 1);
        draft.payload.assign(journal::payload_bytes_max + 1, ' ');
        BOOST_CHECK_EXCEPTION(ledger.commit([&](catalogue::Batch& batch) { batch.append(draft); }),
                              Error, named("journal.payload_too_large"));
    }
    w.start_again();
    BOOST_TEST(!w.vault->open()->figures().read_only);
}

/// One who stays only until a day is no administrator to leave a vault to.
BOOST_AUTO_TEST_CASE(the_last_lasting_administrator_stays) {
    World w;
    w.add_account("supplente", "social-worker", "");
    const auto open = w.vault->open();
    const auto grant = [&](const std::string& by, const std::string& name,
                           std::optional<Day> until) {
        return open->administration().add_role(
            open->door().ask<Action::account_grant>(w.principal(by), OnNothing{}), name,
            {"administrator", "", std::nullopt, until});
    };
    grant(w.admin, "supplente", Day{2026, 12, 31});
    const std::string second = w.sign_in("supplente");
    BOOST_CHECK_EXCEPTION(
        open->administration().set_state(
            open->door().ask<Action::account_disable>(w.principal(w.admin), OnNothing{}), "admin",
            records::AccountState::disabled),
        Error, named("account.last_administrator"));
    BOOST_CHECK_EXCEPTION(grant(second, "admin", Day{2026, 12, 31}), Error,
                          named("account.last_administrator"));
    // The other is one of two, if only for a month, and so it takes both.
    const auto waits = grant(w.admin, "supplente", std::nullopt).at("proposal");
    open->proposals().approve(
        open->door().ask<Action::proposal_decide>(w.principal(second), OnNothing{}),
        *parse_id<ProposalId>(waits.at("id").get<std::string>()),
        waits.at("statement").at("sha256").get<std::string>());
    const auto gone = open->administration().set_state(
        open->door().ask<Action::account_disable>(w.principal(w.admin), OnNothing{}), "admin",
        records::AccountState::disabled);
    BOOST_TEST(gone.contains("proposal"));
}

/// A request that was still there when the wait was over went on in a sealed vault.
BOOST_AUTO_TEST_CASE(what_outlives_the_sealing_neither_changes_nor_sees_anything) {
    World w;
    const DossierId dossier = w.open_dossier(w.archivist, "municipio-1", "Verdi");
    w.sealing_wait = std::chrono::milliseconds(20);
    w.start_again();
    const auto open = w.vault->open();
    const Principal principal = w.principal(w.archivist);
    w.vault->seal(std::nullopt);
    const auto events = open->figures().events;
    BOOST_CHECK_EXCEPTION(open->door().ask_to_see<Action::dossier_show>(
                              principal, OnDossier{dossier}, {}, "dossier.show"),
                          Error, named("vault.sealed"));
    const auto permit = open->door().ask<Action::dossier_assign>(principal, OnDossier{dossier});
    BOOST_CHECK_EXCEPTION(open->dossiers().assign(permit, "altra"), Error, named("vault.sealed"));
    BOOST_TEST(open->figures().events == events);
}

/// The shares stayed after a holder had been missing, and each one given again was one too many.
BOOST_AUTO_TEST_CASE(shares_are_given_again_after_a_holder_was_missing) {
    World w;
    const auto folder = w.folder / "shared";
    Vault::CreateOptions create;
    create.slots.shares = 3;
    create.slots.threshold = 2;
    create.holders = {w.folder / "holder", w.folder / "other holder"};
    create.administrator_password = World::password;
    create.allow_any_file_system = true;
    const auto made = Vault::create(folder, create, w.clock);
    std::filesystem::rename(w.folder / "holder", w.folder / "away");
    Vault::Options options;
    options.allow_any_file_system = true;
    options.reserve_bytes = 1U << 20U;
    Vault vault(folder, w.clock, options);
    const auto give = [&](std::size_t i) {
        crypto::UnsealInput input;
        input.shares = {made.shares[i]};
        return vault.unseal(input).unsealed;
    };
    BOOST_TEST(!give(0));
    BOOST_CHECK_EXCEPTION(give(1), Error, named("holder.missing"));
    std::filesystem::rename(w.folder / "away", w.folder / "holder");
    BOOST_TEST(!give(0));
    BOOST_TEST(give(1));
}

BOOST_AUTO_TEST_SUITE_END()
