// Whatever stands behind a server's address may answer the client anything: it becomes a problem
// with a known exit and words to show, within bounds; and every problem of ours survives the way.
#include "client/cli/api.h"
#include "daemon/problems.h"
#include "tests/fuzz/fuzz.h"

using namespace custode;
using custode::client::Exit;
using custode::client::Lang;
using custode::fuzz::Input;

namespace {

client::Response answer(Input& input) {
    client::Response response;
    static constexpr int statuses[] = {400, 401, 404, 409, 411, 413, 416, 423, 429, 500, 503, 507};
    const std::uint8_t choice = input.byte();
    response.status =
        choice < 200 ? statuses[choice % std::size(statuses)] : 300 + input.word() % 300;
    response.headers["retry-after"] = text(input.piece());
    response.body = text(input.rest());
    return response;
}

void check_shown(const client::Problem& problem) {
    require(!problem.code().empty(), "a problem has a code");
    const auto exit = static_cast<int>(problem.exit());
    require(exit >= 1 && exit <= 7, "a problem ends with one of the documented exits");
    const auto wait = problem.retry_after_seconds();
    require(client::backoff_millis(3, wait) <= 60'000, "a server cannot make us wait for ever");
    for (const Lang lang : {Lang::it, Lang::en}) (void)(problem.message(lang) + problem.hint(lang));
    (void)problem.is_passing();
}

/// The server's own writing comes through the client's reading unchanged.
void check_ours(Input& input) {
    const auto codes = daemon::problem_codes();
    const std::string code(codes[input.byte() % codes.size()]);
    const auto kind = static_cast<ErrorCode>(1 + input.byte() % 10);
    const auto language =
        input.byte() % 2 == 0 ? daemon::Language::italian : daemon::Language::english;
    const std::string detail(text(input.rest()));
    const auto words = daemon::problem_text(code, kind, language);
    client::Response response;
    response.status = words.status;
    response.body = daemon::problem_json(code, kind, detail, "c0ffee", language);
    const client::Problem problem = client::problem_of(response);
    require(problem.code() == code && problem.status() == words.status, "a code comes through");
    require(problem.message(Lang::it) == words.title && problem.hint(Lang::it) == words.hint,
            "and its words");
    require(problem.members().at("correlation") == "c0ffee", "and its members");
    check_shown(problem);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input theirs(data, size);
    check_shown(client::problem_of(answer(theirs)));
    Input ours(data, size);
    check_ours(ours);
    try {
        const client::Json json = client::parse_answer(text({data, size}));
        require(client::parse_answer(
                    json.dump(-1, ' ', false, client::Json::error_handler_t::strict)) == json,
                "an answer survives its own writing");
    } catch (const client::Problem& problem) {
        require(problem.code() == "answer.malformed", "an answer is malformed, nothing worse");
    }
    return 0;
}
