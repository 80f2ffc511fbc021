// tests/archive/exchange/process_tests.cpp
#include "archive/exchange/process.h"

#include "archive/base/error.h"

#include <boost/test/unit_test.hpp>

using namespace custode;
using namespace custode::exchange;
using namespace std::chrono_literals;

namespace {

ProcessResult shell(const std::string& script, BytesView input = {},
                    std::chrono::milliseconds wall = 20s, std::size_t output_max = 1 << 20) {
    return run_process({{"/bin/sh", "-c", script}, output_max, wall}, input);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(process_tests)

BOOST_AUTO_TEST_CASE(bytes_go_through_whole_in_both_directions) {
    Bytes input(5'000'000);
    for (std::size_t i = 0; i < input.size(); ++i) input[i] = static_cast<std::uint8_t>(i * 7);
    const ProcessResult result = shell("exec /bin/cat", input, 20s, input.size());
    BOOST_TEST(result.succeeded());
    BOOST_TEST((result.output == input));
}

BOOST_AUTO_TEST_CASE(an_exit_code_and_a_signal_are_told_apart) {
    BOOST_TEST(shell("exit 3").status == 3);
    BOOST_TEST(!shell("exit 3").succeeded());
    const ProcessResult killed = shell("kill -9 $$");
    BOOST_TEST((killed.end == ProcessResult::End::signalled));
    BOOST_TEST(killed.status == 9);
}

BOOST_AUTO_TEST_CASE(a_child_that_reads_nothing_is_no_harm) {
    const Bytes input(5'000'000);
    const ProcessResult result = shell("exec 0<&-; echo done", input);
    BOOST_TEST(result.succeeded());
    BOOST_TEST(text(result.output) == "done\n");
}

BOOST_AUTO_TEST_CASE(a_child_that_never_ends_is_stopped) {
    BOOST_TEST((shell("exec sleep 60", {}, 200ms).end == ProcessResult::End::out_of_time));
    // Closing its output and staying must not buy more time.
    BOOST_TEST(
        (shell("exec 1>&-; exec sleep 60", {}, 200ms).end == ProcessResult::End::out_of_time));
}

BOOST_AUTO_TEST_CASE(output_is_bounded) {
    BOOST_TEST(shell("printf 12345678", {}, 20s, 8).succeeded());
    BOOST_TEST((shell("printf 123456789", {}, 20s, 8).end == ProcessResult::End::output_too_large));
    BOOST_TEST((shell("yes", {}, 20s, 1000).end == ProcessResult::End::output_too_large));
}

BOOST_AUTO_TEST_CASE(the_child_inherits_no_environment_and_no_descriptor) {
    setenv("CUSTODE_TEST_SECRET", "x", 1);
    const ProcessResult result =
        shell("echo \"${CUSTODE_TEST_SECRET:-none}\"; ls /proc/self/fd | wc -l");
    BOOST_TEST(text(result.output) == "none\n4\n");  // 0, 1, 2 and the folder that ls reads
}

BOOST_AUTO_TEST_CASE(a_missing_program_is_an_error) {
    BOOST_CHECK_EXCEPTION(
        run_process({{"/nonexistent/program"}, 1, 1s}, {}), Error, [](const Error& error) {
            return error.code() == ErrorCode::unsupported && error.name() == "process.cannot_start";
        });
}

BOOST_AUTO_TEST_SUITE_END()
