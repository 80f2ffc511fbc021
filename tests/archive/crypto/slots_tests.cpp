// Passphrase, keyfile and custodians' shares: what each refuses, by name.
#include "archive/crypto/slots.h"

#include "tests/archive/crypto/vault_support.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cctype>

using namespace custode;
using namespace custode::crypto;
using namespace custode::test;

namespace {

/// A vault of which three of five custodians, a passphrase or a keyfile give the root back.
struct ThreeWays {
    TemporaryFolder place;
    std::filesystem::path vault = place.path / "vault";
    std::vector<ShareText> shares;
    VaultId id;

    ThreeWays() { shares = make(vault, "2026-11", id); }

    std::vector<ShareText> make(const std::filesystem::path& where, const std::string& ceremony,
                                VaultId& made) const {
        KeyService::CreateOptions options;
        options.slots.keyfile = where.string() + ".key";
        options.slots.passphrase = "una frase lunga abbastanza";
        options.slots.passphrase_memory_kib = 64;
        options.slots.passphrase_passes = 1;
        options.slots.shares = 5;
        options.slots.threshold = 3;
        options.ceremony = ceremony;
        auto created = KeyService::create(where, options);
        made = created.keys->vault();
        return created.shares;
    }

    std::string outcome(const UnsealInput& input) const {
        try {
            return KeyService::unseal(vault, input)->vault() == id ? "opened" : "another vault";
        } catch (const Error& error) {
            return error.name();
        }
    }

    std::string with_shares(std::vector<ShareText> given) const {
        UnsealInput input;
        input.shares = std::move(given);
        return outcome(input);
    }

    std::string with_passphrase(const std::string& passphrase) const {
        UnsealInput input;
        input.passphrase = passphrase;
        return outcome(input);
    }

    std::string with_keyfile(const Bytes& keyfile) const {
        UnsealInput input;
        input.keyfile = keyfile;
        return outcome(input);
    }
};

/// The share with one letter changed to another of its class.
ShareText mistyped(ShareText share) {
    share[0] = share[0] == 'b' ? 'd' : 'b';
    return share;
}

/// A share that parses and names the right ceremony, but whose value is made up.
ShareText forged(const ShareText& share) {
    auto parsed = crypto::detail::parse_words(share);
    parsed.point.y.writable()[5] ^= 1U;
    return to_words(parsed);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(slots_tests, ThreeWays)

BOOST_AUTO_TEST_CASE(each_way_unseals_by_itself) {
    BOOST_TEST(with_shares({shares[4], shares[0], shares[2]}) == "opened");
    BOOST_TEST(with_passphrase("una frase lunga abbastanza") == "opened");
    BOOST_TEST(with_keyfile(read_file(vault.string() + ".key")) == "opened");
}

BOOST_AUTO_TEST_CASE(more_shares_than_needed_are_welcome) {
    BOOST_TEST(with_shares(shares) == "opened");
}

BOOST_AUTO_TEST_CASE(a_wrong_passphrase_or_keyfile_is_refused_by_name) {
    BOOST_TEST(with_passphrase("una frase lunga abbastanza ") == "passphrase.wrong");
    BOOST_TEST(with_passphrase("") == "passphrase.size");
    BOOST_TEST(with_keyfile(Bytes(32, 1)) == "unseal.wrong_key");
    Bytes longer = read_file(vault.string() + ".key");
    longer.push_back('\n');
    BOOST_TEST(with_keyfile(longer) == "unseal.wrong_key");
}

BOOST_AUTO_TEST_CASE(shares_are_refused_by_name) {
    VaultId other;
    const auto old = make(place.path / "other", "2025-03", other);
    BOOST_TEST(with_shares({}) == "share.too_few");
    BOOST_TEST(with_shares({shares[0], shares[1]}) == "share.too_few");
    BOOST_TEST(with_shares({shares[0], shares[1], shares[0]}) == "share.duplicate");
    BOOST_TEST(with_shares({shares[0], shares[1], old[2]}) == "share.old_ceremony");
    BOOST_TEST(with_shares({shares[0], shares[1], mistyped(shares[2])}) == "share.wrong");
    BOOST_TEST(with_shares({shares[0], shares[1], forged(shares[2])}) == "share.wrong");
}

BOOST_AUTO_TEST_CASE(a_bad_share_is_named_when_it_is_given_and_costs_no_good_one) {
    std::vector<ShareText> given{shares[3]};
    BOOST_CHECK_EXCEPTION(KeyService::check_share(vault, given, forged(shares[1])), Error,
                          named("share.wrong"));
    BOOST_CHECK_EXCEPTION(KeyService::check_share(vault, given, shares[3]), Error,
                          named("share.duplicate"));
    auto progress = KeyService::check_share(vault, given, shares[1]);
    BOOST_TEST(progress.given == 2);
    BOOST_TEST(progress.needed == 3);
    given.push_back(shares[1]);
    progress = KeyService::check_share(vault, given, shares[0]);
    BOOST_TEST(progress.given == progress.needed);
    given.push_back(shares[0]);
    BOOST_TEST(with_shares(given) == "opened");
}

BOOST_AUTO_TEST_CASE(an_error_about_a_share_names_it_and_the_ceremony) {
    VaultId other;
    const auto old = make(place.path / "other", "2025-03", other);
    try {
        KeyService::check_share(vault, {}, old[3]);
        BOOST_FAIL("an old share was accepted");
    } catch (const Error& error) {
        BOOST_TEST(std::string(error.what()).find("share 4") != std::string::npos);
        BOOST_TEST(std::string(error.what()).find("2026-11") != std::string::npos);
        BOOST_TEST(std::string(error.what()).find(old[3].substr(0, 11)) == std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(a_share_is_read_in_any_case_and_spacing) {
    std::string shouted = "  ";
    for (const char c : shares[2]) {
        shouted += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        if (c == ' ') shouted += "\t \n";
    }
    BOOST_TEST(with_shares({shares[0], shouted + "\r\n", shares[4]}) == "opened");
}

BOOST_AUTO_TEST_CASE(every_mistyped_letter_and_every_lost_word_is_noticed) {
    for (std::size_t i = 0; i < shares[0].size(); ++i) {
        if (shares[0][i] == ' ') continue;
        for (const char other : std::string_view("bdfghjklmnprstvzaioue1")) {
            ShareText changed = shares[0];
            if (changed[i] == other) continue;
            changed[i] = other;
            BOOST_CHECK_EXCEPTION(crypto::detail::parse_words(changed), Error,
                                  named("share.wrong"));
        }
    }
    BOOST_CHECK_EXCEPTION(crypto::detail::parse_words(shares[0].substr(6)), Error,
                          named("share.wrong"));
    BOOST_CHECK_EXCEPTION(crypto::detail::parse_words(shares[0] + " babab"), Error,
                          named("share.wrong"));
    BOOST_CHECK_EXCEPTION(crypto::detail::parse_words(std::string(100'000, 'b')), Error,
                          named("share.wrong"));
}

BOOST_AUTO_TEST_CASE(a_share_is_twenty_two_words_on_one_line) {
    for (const ShareText& share : shares) {
        BOOST_TEST(std::count(share.begin(), share.end(), ' ') == 21);
        BOOST_TEST(share.size() == 22U * 5 + 21);
    }
}

BOOST_AUTO_TEST_CASE(impossible_sharings_are_refused_before_anything_is_written) {
    for (const auto& [count, threshold] : {std::pair{5, 1}, {5, 6}, {33, 3}, {1, 1}, {-3, -3}}) {
        KeyService::CreateOptions options;
        options.slots.shares = count;
        options.slots.threshold = threshold;
        const auto where = place.path / "impossible";
        BOOST_CHECK_EXCEPTION(KeyService::create(where, options), Error, named("share.threshold"));
        BOOST_TEST(!std::filesystem::exists(where / "vault.toml"));
    }
}

BOOST_AUTO_TEST_CASE(the_real_cost_of_a_passphrase_is_what_the_header_says) {
    KeyService::CreateOptions options;
    options.slots.passphrase = "quattro parole a caso";
    const auto where = place.path / "real";
    KeyService::create(where, options);
    const Bytes header = read_file(where / "vault.toml");
    BOOST_TEST(text(header).find("memory_kib = 262144\npasses = 4\n") != std::string_view::npos);
    UnsealInput input;
    input.passphrase = "quattro parole a caso";
    BOOST_CHECK_NO_THROW(KeyService::unseal(where, input));
}

BOOST_AUTO_TEST_SUITE_END()
