#include "archive/acts/second_factor.h"

#include "archive/crypto/one_time_code.h"
#include "tests/archive/vault_support.h"

using namespace custode;
using namespace custode::testing;
using acts::SecondFactor;

namespace {

/// A row with a factor confirmed at `clock`'s moment.
struct Enrolled : OpenWorld {
    SecondFactor factor{ledger().keys()};
    SecondFactor::Enrolment begun = SecondFactor::begin("archivista");
    nlohmann::json row = ledger().memory().account("archivista")->row;
    std::vector<std::string> recovery;

    Enrolled() {
        auto enrolled = factor.confirm(ledger().memory().account("archivista")->account.id,
                                       begun.secret, code(0), clock.now());
        BOOST_REQUIRE(enrolled.has_value());
        row["otp"] = enrolled->otp;
        recovery = enrolled->recovery;
    }
    std::string code(std::int64_t beside) const {
        return crypto::one_time_code(
            begun.secret,
            static_cast<std::uint64_t>(clock.now().value / SecondFactor::step_millis + beside));
    }
    bool accepts(const std::string& typed) const {
        return factor.accept(row, typed, clock.now()).has_value();
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(second_factor_tests)

// RFC 6238, appendix B: the last six of the eight digits printed there.
BOOST_AUTO_TEST_CASE(codes_are_those_of_the_rfc) {
    const std::string_view secret = "12345678901234567890";
    const std::pair<std::uint64_t, const char*> wanted[] = {
        {59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
        {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};
    for (const auto& [seconds, code] : wanted)
        BOOST_TEST(crypto::one_time_code(view(secret), seconds / 30) == code);
}

BOOST_FIXTURE_TEST_CASE(a_code_holds_for_three_steps_and_only_after_the_last_used, Enrolled) {
    BOOST_TEST(!accepts(code(0)));  // its confirmation spent it
    BOOST_TEST(!accepts(code(-1)));
    BOOST_TEST(accepts(code(1)));
    BOOST_TEST(!accepts(code(2)));
    clock.pass(std::chrono::seconds(90));
    for (const std::int64_t beside : {-1, 0, 1}) BOOST_TEST(accepts(code(beside)));
    for (const std::int64_t beside : {-2, 2}) BOOST_TEST(!accepts(code(beside)));
    row["otp"]["step"] = factor.accept(row, code(0), clock.now())->at("step");
    BOOST_TEST(!accepts(code(0)));
    BOOST_TEST(accepts(code(1)));
}

// A clock that is set back does not make spent codes fresh.
BOOST_FIXTURE_TEST_CASE(a_clock_set_back_accepts_nothing_older, Enrolled) {
    clock.set_wall({clock.now().value - 10 * SecondFactor::step_millis});
    for (const std::int64_t beside : {-1, 0, 1}) BOOST_TEST(!accepts(code(beside)));
}

BOOST_FIXTURE_TEST_CASE(a_recovery_code_is_found_however_it_is_typed, Enrolled) {
    BOOST_TEST(recovery.size() == SecondFactor::recovery_codes);
    BOOST_TEST(recovery[0].size() == 19U);
    BOOST_TEST(accepts(recovery[0]));
    std::string plain;
    for (const char c : recovery[9])
        if (c != '-') plain += static_cast<char>(c >= 'A' ? c - 'A' + 'a' : c);
    BOOST_TEST(accepts(plain));
    BOOST_TEST(!accepts(plain.substr(1)));
    BOOST_TEST(!accepts(plain + "a"));
    BOOST_TEST(!accepts(std::string(1'000'000, 'A')));
    row["otp"]["recovery"].erase(0);
    BOOST_TEST(!accepts(recovery[0]));
    BOOST_TEST(SecondFactor::recovery_left(row) == 9U);
}

// Neither the row of another account nor a changed one opens: the secret is bound to its account.
BOOST_FIXTURE_TEST_CASE(a_secret_moved_to_another_account_does_not_open, Enrolled) {
    auto other = ledger().memory().account("altra")->row;
    other["otp"] = row["otp"];
    clock.pass(std::chrono::seconds(60));
    BOOST_CHECK_EXCEPTION(factor.accept(other, code(0), clock.now()), Error,
                          is_error(ErrorCode::corrupt, "vault.row_damaged"));
}

BOOST_AUTO_TEST_CASE(a_uri_names_the_account_and_nothing_breaks_it) {
    const auto begun = SecondFactor::begin("maría@ufficio");
    BOOST_TEST(begun.uri.starts_with("otpauth://totp/Custode:mar%C3%ADa%40ufficio?secret="));
    BOOST_TEST(begun.text.size() == 32U);
    BOOST_TEST(begun.secret != SecondFactor::begin("maría@ufficio").secret);
}

BOOST_AUTO_TEST_SUITE_END()
