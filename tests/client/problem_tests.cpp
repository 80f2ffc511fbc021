#include "client/cli/problem.h"

#include "client/cli/api.h"
#include "client/cli/console.h"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <regex>
#include <sstream>

namespace custode::client {
namespace {

/// The rows "| status, status | `code`, … | exit |" of the table in daemon/API.md.
struct ApiRow {
    std::vector<int> statuses;
    std::vector<std::string> codes;
    std::string exit;
};

std::vector<ApiRow> api_table() {
    std::ifstream file(CUSTODE_SOURCE_DIR "/daemon/API.md");
    BOOST_REQUIRE(file.good());
    std::vector<ApiRow> rows;
    const std::regex row(R"(^\| ([0-9, ]+) \| (.*) \| (.+) \|$)");
    for (std::string line; std::getline(file, line);) {
        std::smatch parts;
        if (!std::regex_match(line, parts, row)) continue;
        ApiRow& added = rows.emplace_back();
        added.exit = parts[3];
        std::istringstream statuses(parts[1]);
        for (std::string one; std::getline(statuses, one, ',');)
            added.statuses.push_back(std::stoi(one));
        const std::string codes = parts[2];
        const std::regex code("`([a-z_.]+)`");
        for (std::sregex_iterator at(codes.begin(), codes.end(), code), end; at != end; ++at) {
            added.codes.push_back((*at)[1]);
        }
    }
    return rows;
}

Response answer(int status, const std::string& body) {
    Response response;
    response.status = status;
    response.body = body;
    return response;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(problem_tests)

BOOST_AUTO_TEST_CASE(exits_are_those_of_the_api_table) {
    const std::vector<ApiRow> rows = api_table();
    BOOST_REQUIRE(rows.size() >= 9u);
    for (const ApiRow& row : rows) {
        const int exit = std::stoi(row.exit);
        for (const int status : row.statuses) {
            for (const std::string& code : row.codes) {
                // "5 (`login.failed`: 1)": the table's one exception.
                const bool is_exception = row.exit.find("`" + code + "`") != std::string::npos;
                const int wanted = is_exception ? 1 : exit;
                BOOST_TEST_CONTEXT(status << " " << code) {
                    BOOST_TEST(static_cast<int>(exit_for(status, code)) == wanted);
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(the_servers_own_words_are_told) {
    Response response = answer(409, R"({"code":"document.duplicate","status":409,
        "title":"Il documento è già nel fascicolo","hint":"usi --again","document":"0b1c"})");
    const Problem problem = problem_of(response);
    BOOST_TEST((problem.exit() == Exit::conflict));
    BOOST_TEST(problem.message(Lang::it) == "Il documento è già nel fascicolo");
    BOOST_TEST(problem.members().at("document") == "0b1c");
    const Json json = problem_json(problem, Lang::it);
    BOOST_TEST(json.at("code") == "document.duplicate");
    BOOST_TEST(json.at("hint") == "usi --again");
    BOOST_TEST(json.at("document") == "0b1c");
}

BOOST_AUTO_TEST_CASE(what_passes_is_told_from_what_stays) {
    Response busy =
        answer(503, R"({"code":"store.queue_full","status":503,"title":"x","hint":"y"})");
    busy.headers["retry-after"] = "7";
    BOOST_TEST(problem_of(busy).is_passing());
    BOOST_TEST(problem_of(busy).retry_after_seconds().value() == 7u);
    BOOST_TEST(problem_of(answer(409, R"({"code":"idempotency.in_flight"})")).is_passing());
    BOOST_TEST(!problem_of(answer(409, R"({"code":"idempotency.conflict"})")).is_passing());
    BOOST_TEST(!problem_of(answer(404, R"({"code":"not_found"})")).is_passing());
    BOOST_TEST(Problem("connection.cut").is_passing());
    BOOST_TEST(!Problem("tls.untrusted").is_passing());
}

BOOST_AUTO_TEST_CASE(an_answer_that_is_no_problem_of_ours_is_still_told) {
    BOOST_TEST(problem_of(answer(502, "<html>bad gateway</html>")).code() == "answer.unexpected");
    BOOST_TEST(problem_of(answer(503, "")).code() == "server.busy");
    BOOST_TEST(problem_of(answer(400, "[1,2]")).code() == "answer.unexpected");
    std::string deep;
    for (int i = 0; i < 100'000; ++i) deep += "[";
    BOOST_CHECK_EXCEPTION(parse_answer(deep), Problem,
                          [](const Problem& p) { return p.code() == "answer.malformed"; });
}

BOOST_AUTO_TEST_CASE(waiting_doubles_and_is_bounded) {
    BOOST_TEST(backoff_millis(0, std::nullopt) == 500u);
    BOOST_TEST(backoff_millis(3, std::nullopt) == 4000u);
    BOOST_TEST(backoff_millis(60, std::nullopt) == 15'000u);
    BOOST_TEST(backoff_millis(0, 7) == 7000u);
    BOOST_TEST(backoff_millis(0, 86'400) == 60'000u);
}

BOOST_AUTO_TEST_CASE(addresses_have_one_spelling) {
    BOOST_TEST(Endpoint::parse("https://Vault.Example:8443/", "").url() ==
               "https://vault.example:8443");
    BOOST_TEST(Endpoint::parse("https://[::1]:8443", "").url() == "https://[::1]:8443");
    BOOST_TEST(Endpoint::parse("https://vault.example", "").port == 443);
    for (const char* bad : {"http://vault.example", "vault.example", "https://", "https://u@v:1",
                            "https://v/path", "https://v?x=1", ""}) {
        BOOST_TEST_CONTEXT(bad) { BOOST_CHECK_THROW(Endpoint::parse(bad, ""), Problem); }
    }
}

BOOST_AUTO_TEST_CASE(paths_and_queries_are_encoded) {
    BOOST_TEST(encoded("2026/VII.11/000001") == "2026%2FVII.11%2F000001");
    BOOST_TEST(encoded("a b\r\nX: y?&#è") == "a%20b%0D%0AX%3A%20y%3F%26%23%C3%A8");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace custode::client
