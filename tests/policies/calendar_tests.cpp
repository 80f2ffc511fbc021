#include "policies/calendar.h"

#include <boost/test/unit_test.hpp>

using namespace policies::calendar;

BOOST_AUTO_TEST_SUITE(calendar_tests)

BOOST_AUTO_TEST_CASE(easter_is_where_it_was_and_will_be) {
    BOOST_TEST((easter(1818) == Day{1818, 3, 22}));  // the earliest there can be
    BOOST_TEST((easter(1943) == Day{1943, 4, 25}));  // and the latest
    BOOST_TEST((easter(2000) == Day{2000, 4, 23}));
    BOOST_TEST((easter(2025) == Day{2025, 4, 20}));
    BOOST_TEST((easter(2026) == Day{2026, 4, 5}));
    BOOST_TEST((easter(2038) == Day{2038, 4, 25}));
}

BOOST_AUTO_TEST_CASE(offices_rest_on_week_ends_and_civil_holidays) {
    BOOST_TEST(is_working_day({2026, 11, 23}));
    for (const Day& rest :
         {Day{2026, 11, 21}, Day{2026, 11, 22}, Day{2026, 1, 1}, Day{2026, 1, 6}, Day{2026, 4, 6},
          Day{2025, 4, 25}, Day{2026, 5, 1}, Day{2026, 6, 2}, Day{2025, 8, 15}, Day{2027, 10, 4},
          Day{2027, 11, 1}, Day{2026, 12, 8}, Day{2026, 12, 25}, Day{2025, 12, 26}})
        BOOST_TEST(!is_working_day(rest), rest.year << "-" << rest.month << "-" << rest.day);
    BOOST_TEST(is_working_day({2024, 10, 4}), "before the law");
    BOOST_TEST(is_working_day({2026, 12, 7}), "a patron's day is each town's own");
}

BOOST_AUTO_TEST_CASE(working_days_are_counted_from_the_next_on) {
    BOOST_TEST((add_working_days({2026, 11, 23}, 0) == Day{2026, 11, 23}));
    BOOST_TEST((add_working_days({2026, 11, 23}, 2) == Day{2026, 11, 25}));
    BOOST_TEST((add_working_days({2026, 11, 20}, 2) == Day{2026, 11, 24}));  // over a week-end
    BOOST_TEST((add_working_days({2026, 11, 21}, 2) == Day{2026, 11, 24}));  // from within it
    BOOST_TEST((add_working_days({2026, 12, 24}, 2) == Day{2026, 12, 29}));  // and over Christmas
    BOOST_TEST((add_working_days({2026, 12, 31}, 1) == Day{2027, 1, 4}));
}

BOOST_AUTO_TEST_SUITE_END()
