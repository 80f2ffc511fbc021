#include "archive/acts/sessions.h"

#include "tests/archive/vault_support.h"

using namespace custode;
using namespace custode::testing;
using acts::Sessions;

namespace {

auto failed() { return is_error(ErrorCode::unauthenticated, "login.failed"); }
auto locked() { return is_error(ErrorCode::sealed, "account.locked"); }
auto expired() { return is_error(ErrorCode::unauthenticated, "session.expired"); }

struct SigningIn : OpenWorld {
    Sessions& sessions = parts->sessions;

    std::string login(const std::string& name = "archivista") {
        return sessions.login(name, password).token;
    }
    void fail(const std::string& name) {
        BOOST_CHECK_EXCEPTION(sessions.login(name, "sbagliata di sicuro"), Error, failed());
    }
    bool is_open(const std::string& token) {
        try {
            sessions.session(token);
            return true;
        } catch (const Error&) {
            return false;
        }
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(sessions_tests)

BOOST_FIXTURE_TEST_CASE(a_session_ends_when_idle_for_a_quarter_of_an_hour, SigningIn) {
    const auto token = login();
    for (int i = 0; i < 4; ++i) {
        clock.pass(Sessions::idle);  // looked at each time: it goes on
        BOOST_TEST(is_open(token));
    }
    clock.pass(Sessions::idle + std::chrono::milliseconds(1));
    BOOST_CHECK_EXCEPTION(sessions.session(token), Error, expired());
    BOOST_CHECK_EXCEPTION(sessions.session(""), Error,
                          is_error(ErrorCode::unauthenticated, "session.missing"));
    BOOST_CHECK_EXCEPTION(sessions.session("nobody's"), Error, expired());
}

BOOST_FIXTURE_TEST_CASE(a_session_ends_after_a_working_day_however_busy, SigningIn) {
    const auto token = login();
    for (auto spent = std::chrono::minutes(0); spent < Sessions::longest;
         spent += std::chrono::minutes(10)) {
        BOOST_REQUIRE(is_open(token));
        clock.pass(std::chrono::minutes(10));
    }
    BOOST_TEST(is_open(token));  // eight hours to the millisecond
    clock.pass(std::chrono::milliseconds(1));
    BOOST_CHECK_EXCEPTION(sessions.session(token), Error, expired());
}

BOOST_FIXTURE_TEST_CASE(setting_the_wall_clock_neither_ends_nor_prolongs_a_session, SigningIn) {
    const auto token = login();
    clock.set_wall({clock.now().value + std::int64_t{365} * 24 * 3'600'000});
    BOOST_TEST(is_open(token));
    const Millis future = clock.now();
    clock.pass(Sessions::idle);
    clock.set_wall({future.value - std::int64_t{730} * 24 * 3'600'000});
    BOOST_TEST(is_open(token));
    clock.pass(Sessions::idle + std::chrono::milliseconds(1));
    clock.set_wall(future);
    BOOST_TEST(!is_open(token));
}

BOOST_FIXTURE_TEST_CASE(the_session_unused_for_longest_makes_room_for_one_more, SigningIn) {
    std::vector<std::string> tokens;
    for (std::size_t i = 0; i < Sessions::sessions_per_account_max; ++i) {
        tokens.push_back(login());
        clock.pass(std::chrono::seconds(1));
    }
    BOOST_TEST(is_open(tokens[0]));  // used just now: the second is the oldest
    const auto other = login("altra");
    clock.pass(std::chrono::seconds(1));
    const auto latest = login();
    BOOST_TEST(is_open(latest));
    BOOST_TEST(is_open(tokens[0]));
    BOOST_TEST(!is_open(tokens[1]));
    BOOST_TEST(is_open(tokens[2]));
    BOOST_TEST(is_open(other));
}

BOOST_FIXTURE_TEST_CASE(logging_out_ends_one_session_and_is_journaled, SigningIn) {
    const auto one = login();
    const auto other = login();
    sessions.logout(one);
    BOOST_TEST((last_event().header.action == journal::Action::logout));
    BOOST_TEST(!is_open(one));
    BOOST_TEST(is_open(other));
    const std::uint64_t before = events();
    sessions.logout(one);
    BOOST_TEST(events() == before);
}

BOOST_FIXTURE_TEST_CASE(changed_rights_end_every_session_of_the_account, SigningIn) {
    auto& administration = parts->administration;
    const auto& admin = as("admin");
    const auto grant = door().ask<Action::account_grant>(admin, OnNothing{});
    const auto revoke = door().ask<Action::account_revoke>(admin, OnNothing{});
    const auto disable = door().ask<Action::account_disable>(admin, OnNothing{});
    const auto bystander = login("altra");
    auto token = login();
    administration.add_role(grant, "archivista", {"coordinator", "affidi", {}, {}});
    BOOST_TEST(!is_open(token));
    token = login();
    administration.remove_role(revoke, "archivista", "coordinator");
    BOOST_TEST(!is_open(token));
    token = login();
    const auto principal = sessions.principal(token);
    administration.set_state(disable, "archivista", records::AccountState::disabled);
    BOOST_TEST(!is_open(token));
    BOOST_CHECK_EXCEPTION(login(), Error, failed());
    // Whoever still holds a principal is asked again at the door.
    BOOST_CHECK_EXCEPTION(door().ask<Action::dossier_list>(principal, OnNothing{}), Error,
                          is_missing());
    BOOST_TEST(is_open(bystander));
    administration.set_state(disable, "archivista", records::AccountState::active);
    BOOST_TEST(is_open(login()));
    BOOST_CHECK_EXCEPTION(
        administration.set_state(disable, "admin", records::AccountState::disabled), Error,
        is_error(ErrorCode::invalid_argument, "account.last_administrator"));
    BOOST_TEST((sessions.principal(login("admin")).name() == "admin"));
}

BOOST_FIXTURE_TEST_CASE(a_changed_password_ends_every_other_session, SigningIn) {
    const auto token = login();
    const auto other = login();
    const auto principal = sessions.principal(token);
    auto& administration = parts->administration;
    BOOST_CHECK_EXCEPTION(
        administration.change_password(principal, token, "non quella giusta", "una frase nuova"),
        Error, failed());
    BOOST_TEST(is_open(other));
    administration.change_password(principal, token, password, "una frase tutta nuova");
    BOOST_TEST(is_open(token));
    BOOST_TEST(!is_open(other));
    BOOST_CHECK_EXCEPTION(login(), Error, failed());
    BOOST_CHECK_NO_THROW(sessions.login("archivista", "una frase tutta nuova"));
    for (const char* bad :
         {"undici cara", "archivista", "Archivista2026!", "una frase tutta nuova"})
        BOOST_CHECK_THROW(
            administration.change_password(principal, token, "una frase tutta nuova", bad), Error);
}

BOOST_FIXTURE_TEST_CASE(a_reset_password_lets_in_for_nothing_but_its_change, SigningIn) {
    auto& administration = parts->administration;
    const auto create = door().ask<Action::account_create>(as("admin"), OnNothing{});
    const auto before = login();
    administration.set_password(create, "archivista", "una frase di passaggio");
    BOOST_TEST(!is_open(before));
    reopen();  // It is the row that remembers it.
    auto& again = parts->sessions;
    const auto entered = again.login("archivista", "una frase di passaggio");
    BOOST_TEST((entered.owed == Sessions::Owed::password));
    BOOST_CHECK_EXCEPTION(again.principal(entered.token), Error,
                          is_error(ErrorCode::sealed, "password.must_change"));
    const auto session = again.session(entered.token);
    parts->administration.change_password(session.principal, entered.token,
                                          "una frase di passaggio", "una frase tutta nuova");
    BOOST_CHECK_NO_THROW(again.principal(entered.token));
    BOOST_TEST(
        (again.login("archivista", "una frase tutta nuova").owed == Sessions::Owed::nothing));
    const auto digests_now = digests();
    BOOST_TEST(!digests_now.tables.empty());
}

BOOST_FIXTURE_TEST_CASE(five_failures_lock_an_account_and_each_more_doubles_it, SigningIn) {
    for (unsigned i = 0; i < Sessions::failures_until_lock; ++i) fail("archivista");
    BOOST_CHECK_EXCEPTION(login(), Error, locked());  // the right password does not help
    BOOST_TEST(is_open(login("altra")));
    clock.pass(Sessions::first_lock - std::chrono::milliseconds(1));
    BOOST_CHECK_EXCEPTION(login(), Error, locked());
    clock.pass(std::chrono::milliseconds(1));
    fail("archivista");
    clock.pass(Sessions::first_lock);
    BOOST_CHECK_EXCEPTION(login(), Error, locked());
    clock.pass(Sessions::first_lock);
    BOOST_TEST(is_open(login()));
    fail("archivista");  // a success cleared the count
    BOOST_TEST(is_open(login()));
}

BOOST_FIXTURE_TEST_CASE(a_lock_is_remembered_over_a_restart_and_lifted_by_hand, SigningIn) {
    for (unsigned i = 0; i < Sessions::failures_until_lock; ++i) fail("archivista");
    reopen();
    auto& again = parts->sessions;
    BOOST_CHECK_EXCEPTION(again.login("archivista", password), Error, locked());
    parts->administration.unlock(door().ask<Action::account_disable>(as("admin"), OnNothing{}),
                                 "archivista");
    BOOST_CHECK_NO_THROW(again.login("archivista", password));
}

BOOST_FIXTURE_TEST_CASE(a_name_that_nobody_has_locks_like_any_other, SigningIn) {
    for (unsigned i = 0; i < Sessions::failures_until_lock; ++i) fail("nessuno");
    BOOST_CHECK_EXCEPTION(login("nessuno"), Error, locked());
    BOOST_CHECK_EXCEPTION(login(" NESSUNO "), Error, locked());  // canonicalised first
    clock.pass(Sessions::first_lock);
    fail("nessuno");
    // Every failure has its event, with nobody as actor.
    BOOST_TEST(count(journal::Action::login_failed) == Sessions::failures_until_lock + 1);
    BOOST_TEST((last_event().header.actor == std::array<std::uint8_t, 16>{}));
}

BOOST_FIXTURE_TEST_CASE(names_are_found_however_they_are_typed, SigningIn) {
    BOOST_TEST(is_open(login("  Archivista ")));
    BOOST_CHECK_EXCEPTION(login(""), Error, failed());
    BOOST_CHECK_EXCEPTION(login(std::string(10'000, 'n')), Error, failed());
    BOOST_CHECK_EXCEPTION(sessions.login("archivista", std::string(1025, 'p')), Error, failed());
}

BOOST_FIXTURE_TEST_CASE(the_last_login_is_told_at_the_next, SigningIn) {
    BOOST_TEST(!sessions.login("legale", password).last_login.has_value());
    const Millis first = clock.now();
    clock.pass(std::chrono::hours(1));
    const auto second = sessions.login("legale", password);
    BOOST_REQUIRE(second.last_login.has_value());
    BOOST_TEST((*second.last_login == first));
    BOOST_TEST((second.expires.value - clock.now().value ==
                std::chrono::milliseconds(Sessions::longest).count()));
}

BOOST_AUTO_TEST_SUITE_END()
