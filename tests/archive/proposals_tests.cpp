#include "tests/archive/vault_support.h"

#include <boost/test/unit_test.hpp>

#include <thread>

using namespace custode;
using namespace custode::testing;
using Json = nlohmann::json;

namespace {

/// A world with a second administrator, `altra`, and the means to propose and decide.
struct Two : OpenWorld {
    Two() { grant_administrator("admin", "altra"); }

    Json grant_administrator(const std::string& by, const std::string& name) {
        const auto permit = door().ask<Action::account_grant>(as(by), OnNothing{});
        principals.erase(name);  // Its sessions end.
        return parts->administration.add_role(permit, name,
                                              {"administrator", {}, std::nullopt, std::nullopt});
    }
    Json propose() { return grant_administrator("admin", "legale").at("proposal"); }
    Json approve(const std::string& by, const Json& proposal) {
        return parts->proposals.approve(decides(by), id_of(proposal),
                                        proposal.at("statement").at("sha256"));
    }
    Permit<Action::proposal_decide> decides(const std::string& by) {
        return door().ask<Action::proposal_decide>(as(by), OnNothing{});
    }
    static ProposalId id_of(const Json& proposal) {
        return *parse_id<ProposalId>(proposal.at("id").get<std::string>());
    }
    std::string state(const Json& proposal) {
        const auto permit =
            door().ask_to_see<Action::proposal_show>(as("admin"), OnNothing{}, {}, "proposal.show");
        return parts->proposals.show(permit, id_of(proposal)).at("state");
    }
    bool is_administrator(const std::string& name) {
        const auto roles = ledger().memory().account(name)->account.roles;
        return std::any_of(roles.begin(), roles.end(),
                           [](const auto& held) { return held.role == "administrator"; });
    }
};

auto conflict(const char* name) { return is_error(ErrorCode::conflict, name); }

}  // namespace

BOOST_AUTO_TEST_SUITE(proposals_tests)

BOOST_FIXTURE_TEST_CASE(a_proposal_lives_a_week_to_the_millisecond, Two) {
    const Json first = propose();
    const Json second = propose();
    clock.pass(acts::Proposals::open_for - std::chrono::milliseconds(1));
    principals.clear();  // The sessions are long over.
    approve("altra", first);
    clock.pass(std::chrono::milliseconds(1));
    BOOST_CHECK_EXCEPTION(approve("altra", second), Error, conflict("proposal.expired"));
    BOOST_TEST(state(first) == "executed");
    BOOST_TEST(state(second) == "expired");
}

BOOST_FIXTURE_TEST_CASE(what_expired_stays_so_when_the_clock_is_set_back, Two) {
    const Json late = propose();
    clock.pass(acts::Proposals::open_for);
    principals.clear();
    parts->proposals.expire();
    BOOST_TEST(count(journal::Action::proposal_expired) == 1U);
    parts->proposals.expire();
    BOOST_TEST(count(journal::Action::proposal_expired) == 1U, "once");
    clock.set_wall({FakeClock::start});
    BOOST_CHECK_EXCEPTION(approve("altra", late), Error, conflict("proposal.expired"));
    reopen();
    BOOST_TEST(state(late) == "expired");
}

BOOST_FIXTURE_TEST_CASE(many_who_approve_at_once_do_it_once, Two) {
    const Json proposal = propose();
    const std::uint64_t before = events();
    std::atomic<int> done = 0, refused = 0;
    std::vector<Permit<Action::proposal_decide>> permits;
    for (int i = 0; i < 8; ++i) permits.push_back(decides("altra"));
    {
        std::vector<std::jthread> threads;
        for (const auto& permit : permits)
            threads.emplace_back([&] {
                try {
                    parts->proposals.approve(permit, id_of(proposal),
                                             proposal.at("statement").at("sha256"));
                    ++done;
                } catch (const Error& error) {
                    if (error.name() == "proposal.decided") ++refused;
                }
            });
    }
    BOOST_TEST(done == 1);
    BOOST_TEST(refused == 7);
    BOOST_TEST(count(journal::Action::proposal_approved, before) == 1U);
    BOOST_TEST(count(journal::Action::account_changed, before) == 1U);
    BOOST_TEST(is_administrator("legale"));
}

BOOST_FIXTURE_TEST_CASE(an_attempt_on_ones_own_is_journaled_as_refused, Two) {
    const Json proposal = propose();
    const std::uint64_t before = events();
    BOOST_CHECK_EXCEPTION(approve("admin", proposal), Error, conflict("proposal.own"));
    BOOST_TEST(count(journal::Action::access_refused, before) == 1U);
    BOOST_TEST(Json::parse(last_event().payload).at("rule") == "proposal.own");
    BOOST_TEST(!is_administrator("legale"));
}

BOOST_FIXTURE_TEST_CASE(the_approval_names_both_and_is_bound_to_the_statement, Two) {
    const Json proposal = propose();
    const Json answer = approve("altra", proposal);
    const Json said = Json::parse(answer.at("receipt").at("statement").get<std::string>());
    BOOST_TEST(said.at("proposer") == "admin");
    BOOST_TEST(said.at("approver") == "altra");
    BOOST_TEST(said.at("statement") == proposal.at("statement").at("sha256"));
    const Json changed = Json::parse(last_event().payload);
    BOOST_TEST(changed.at("proposer") == "admin");
    BOOST_TEST(changed.at("approver") == "altra");
}

BOOST_FIXTURE_TEST_CASE(the_waiting_are_bounded, Two) {
    for (std::size_t i = 0; i < acts::Proposals::open_max; ++i) propose();
    BOOST_CHECK_EXCEPTION(propose(), Error, conflict("proposal.too_many"));
}

BOOST_FIXTURE_TEST_CASE(a_second_administrator_may_be_one_until_a_day, OpenWorld) {
    const auto grant = [&](std::optional<Day> from, std::optional<Day> until) {
        const auto permit = door().ask<Action::account_grant>(as("admin"), OnNothing{});
        return parts->administration.add_role(permit, "altra", {"administrator", {}, from, until});
    };
    grant(Day{2026, 11, 24}, Day{2026, 11, 25});
    BOOST_TEST(!parts->administration.has_second_administrator(), "from tomorrow");
    BOOST_TEST(!grant(Day{2026, 11, 24}, Day{2026, 11, 24}).contains("proposal"));
    clock.pass(std::chrono::hours(24));
    principals.clear();
    BOOST_TEST(parts->administration.has_second_administrator());
    BOOST_TEST(grant(Day{2026, 11, 24}, Day{2026, 11, 30}).contains("proposal"));
    clock.pass(std::chrono::hours(24));
    principals.clear();
    BOOST_TEST(!parts->administration.has_second_administrator(), "no longer");
}

BOOST_AUTO_TEST_SUITE_END()
