#include "client/cli/messages.h"

#include "client/cli/command.h"
#include "client/cli/manual.h"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <set>

namespace custode::client {
namespace {

std::set<std::string> places(std::string_view text) {
    std::set<std::string> found;
    for (std::size_t at = text.find('{'); at != text.npos; at = text.find('{', at + 1)) {
        found.insert(std::string(text.substr(at, 3)));
    }
    return found;
}

bool is_said_twice(const Words& words) {
    return !words.it.empty() && !words.en.empty() && places(words.it) == places(words.en);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(messages_tests)

BOOST_AUTO_TEST_CASE(every_code_speaks_both_languages) {
    std::set<std::string_view> codes;
    for (const Message& message : messages()) {
        BOOST_TEST_CONTEXT(message.code) {
            BOOST_TEST(codes.insert(message.code).second);
            BOOST_TEST(is_said_twice(message.text));
        }
    }
}

BOOST_AUTO_TEST_CASE(every_problem_says_what_to_do_and_ends_with_its_exit) {
    for (const Message& message : messages()) {
        if (message.exit == 0) continue;
        BOOST_TEST_CONTEXT(message.code) {
            BOOST_TEST(is_said_twice(message.hint));
            BOOST_TEST(!exit_meaning(static_cast<Exit>(message.exit), Lang::it).empty());
        }
    }
}

BOOST_AUTO_TEST_CASE(every_verb_and_option_is_described_in_both_languages) {
    for (const Command& command : all_commands()) {
        BOOST_TEST_CONTEXT(command.path) {
            BOOST_TEST(is_said_twice(command.about));
            const bool begins = command.example.rfind(command.path, 0) == 0;
            const bool follows = command.example.find(" " + command.path) != std::string::npos;
            BOOST_TEST((begins || follows));
            for (const Option& option : command.options) {
                BOOST_TEST_CONTEXT(option.names) { BOOST_TEST(is_said_twice(option.about)); }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(arguments_are_shown_escaped_and_once) {
    BOOST_TEST(filled("<{0}> {1}", {"a\x1b[2J", "{0}"}) == "<a\\x1B[2J> {0}");
    BOOST_TEST(filled("{0} {x} {", {"a"}) == "a {x} {");
    BOOST_TEST(filled("{1}", {"a"}) == "");
}

BOOST_AUTO_TEST_CASE(the_language_is_the_first_that_somebody_names) {
    for (const char* name : {"CUSTODE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"}) ::unsetenv(name);
    BOOST_TEST((language_of("") == Lang::en));
    ::setenv("LANG", "it_IT.UTF-8", 1);
    BOOST_TEST((language_of("") == Lang::it));
    ::setenv("CUSTODE_LANG", "en", 1);
    BOOST_TEST((language_of("") == Lang::en));
    BOOST_TEST((language_of("it") == Lang::it));
    BOOST_TEST((language_of("item") == Lang::en));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace custode::client
