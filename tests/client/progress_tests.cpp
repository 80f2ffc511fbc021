#include "client/cli/progress.h"

#include <boost/test/unit_test.hpp>

namespace custode::client {

BOOST_AUTO_TEST_SUITE(progress_tests)

BOOST_AUTO_TEST_CASE(sizes_are_written_as_each_language_does) {
    BOOST_TEST(size_text(0, Lang::it) == "0 byte");
    BOOST_TEST(size_text(1, Lang::en) == "1 byte");
    BOOST_TEST(size_text(48'213, Lang::it) == "48.213 byte");
    BOOST_TEST(size_text(48'213, Lang::en) == "48,213 bytes");
    BOOST_TEST(size_text(99'999, Lang::it) == "99.999 byte");
    BOOST_TEST(size_text(100'000, Lang::it) == "100,0 kB");
    BOOST_TEST(size_text(12'449'999, Lang::it) == "12,4 MB");
    BOOST_TEST(size_text(12'450'000, Lang::en) == "12.5 MB");
}

BOOST_AUTO_TEST_CASE(rounding_up_moves_to_the_next_unit) {
    BOOST_TEST(size_text(999'949, Lang::en) == "999.9 kB");
    BOOST_TEST(size_text(999'950, Lang::en) == "1.0 MB");
    BOOST_TEST(size_text(999'999'999, Lang::en) == "1.0 GB");
    BOOST_TEST(size_text(UINT64_MAX, Lang::en) == "18446.7 PB");
}

BOOST_AUTO_TEST_CASE(counts_are_parted_by_thousands) {
    BOOST_TEST(count_text(999, Lang::it) == "999");
    BOOST_TEST(count_text(1000, Lang::it) == "1.000");
    BOOST_TEST(count_text(1'234'567, Lang::en) == "1,234,567");
}

BOOST_AUTO_TEST_CASE(time_left_follows_the_pace_so_far) {
    BOOST_TEST(seconds_left(50, 100, 10'000).value() == 11u);  // 10 s, and the started one
    BOOST_TEST(seconds_left(100, 100, 10'000).value() == 0u);
    BOOST_TEST(seconds_left(120, 100, 10'000).value() == 0u);  // the file grew
    BOOST_TEST(!seconds_left(0, 100, 10'000));
    BOOST_TEST(!seconds_left(50, 100, 999));
    BOOST_TEST(seconds_left(1, UINT64_MAX, 86'400'000).value() == 99u * 3600);
}

BOOST_AUTO_TEST_CASE(clocks_grow_hours_only_when_needed) {
    BOOST_TEST(clock_text(7) == "0:07");
    BOOST_TEST(clock_text(765) == "12:45");
    BOOST_TEST(clock_text(3723) == "1:02:03");
}

BOOST_AUTO_TEST_CASE(the_line_says_what_is_known) {
    Moment moment{3, 120, 12'400'000, 297'000'000, 2000};
    BOOST_TEST(progress_line(moment, Lang::it) ==
               "3/120 file · 12,4 MB di 297,0 MB · 6,2 MB/s · ancora 0:46");
    moment.bytes_total.reset();
    moment.files_total = 1;
    BOOST_TEST(progress_line(moment, Lang::en) == "12.4 MB · 6.2 MB/s");
    moment.elapsed_millis = 10;
    BOOST_TEST(progress_line(moment, Lang::en) == "12.4 MB");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace custode::client
