#include "tests/archive/vault_support.h"

#include <boost/test/unit_test.hpp>

using namespace custode;
using namespace custode::testing;
using Json = nlohmann::json;

namespace {

/// A world whose `legale` works for the emergency unit, and a dossier that it may not see.
struct Night : OpenWorld {
    DossierId dossier;

    Night() {
        const auto permit = door().ask<Action::account_grant>(as("admin"), OnNothing{});
        parts->administration.add_role(permit, "legale",
                                       {"emergency-unit", "pronto-intervento-minori", {}, {}});
        dossier = open_dossier("archivista", "Notturni");
    }
    Json break_glass() {
        const auto permit = door().ask<Action::dossier_break_glass>(
            as("legale"), OnDossier{dossier}, {"ricovero", "ore 2:10"});
        return parts->emergency.break_glass(permit);
    }
    bool is_open() {
        return door().would_permit(as("legale"), Action::dossier_show,
                                   *ledger().memory().dossier(dossier));
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(emergency_tests)

BOOST_FIXTURE_TEST_CASE(it_lasts_two_hours_to_the_millisecond, Night) {
    break_glass();
    clock.pass(std::chrono::minutes(120) - std::chrono::milliseconds(1));
    BOOST_TEST(is_open());
    clock.pass(std::chrono::milliseconds(1));
    BOOST_TEST(!is_open());
}

BOOST_FIXTURE_TEST_CASE(a_clock_set_back_does_not_lengthen_it, Night) {
    break_glass();
    clock.pass(std::chrono::minutes(119));
    clock.set_wall({FakeClock::start - 86'400'000});
    BOOST_TEST(is_open());
    clock.pass(std::chrono::minutes(1));
    BOOST_TEST(!is_open());
    clock.set_wall({FakeClock::start});
    BOOST_TEST(!is_open());
    reopen();
    BOOST_TEST(!is_open(), "nor does a restart");
}

BOOST_FIXTURE_TEST_CASE(a_clock_set_ahead_does_not_shorten_it, Night) {
    break_glass();
    clock.set_wall({FakeClock::start + 86'400'000});
    BOOST_TEST(is_open());
}

BOOST_FIXTURE_TEST_CASE(a_machine_started_again_has_ended_it, Night) {
    break_glass();
    reopen();
    BOOST_TEST(is_open(), "the daemon was, the machine was not");
    auto facts = ledger().memory().dossier(dossier)->facts;
    BOOST_REQUIRE(facts.breaks.size() == 1U);
    const records::GlassBreak one = facts.breaks.front();
    BOOST_TEST(one.is_running(one.boot, one.boot_millis));
    BOOST_TEST(!one.is_running("another boot", one.boot_millis));
    BOOST_TEST(!one.is_running(one.boot, one.boot_millis - 1), "a counter that went back");
}

BOOST_FIXTURE_TEST_CASE(its_event_is_durable_first_and_without_it_nothing_opens, Night) {
    const std::uint64_t before = events();
    {
        const NoWrites none;
        BOOST_CHECK_THROW(break_glass(), Error);
    }
    BOOST_TEST(events() == before);
    BOOST_TEST(!is_open());
}

BOOST_FIXTURE_TEST_CASE(a_review_is_due_two_working_days_later, Night) {
    BOOST_TEST(break_glass().at("due") == "2026-11-25");
    clock.pass(std::chrono::hours(24 * 4));  // Friday
    principals.clear();
    BOOST_TEST(break_glass().at("due") == "2026-12-01");
    const auto overdue = [&] {
        std::vector<bool> each;
        for (const Json& item : parts->emergency.list(as("archivista")))
            each.push_back(item.at("overdue"));
        return each;
    };
    BOOST_TEST((overdue() == std::vector{true, false}));
}

BOOST_FIXTURE_TEST_CASE(those_that_wait_for_a_review_are_bounded, Night) {
    for (std::size_t i = 0; i < records::breaks_max; ++i) break_glass();
    BOOST_CHECK_EXCEPTION(break_glass(), Error,
                          is_error(ErrorCode::conflict, "break_glass.too_many"));
}

BOOST_AUTO_TEST_SUITE_END()
