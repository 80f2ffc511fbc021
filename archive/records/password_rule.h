// archive/records/password_rule.h
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace custode::records {

constexpr std::size_t password_characters_min = 12;
constexpr std::size_t password_bytes_max = 1024;

/// What of a password guessers must really find: each common word, context word, run of keys,
/// repetition and year counts as one character, however it is spelt (capitals, accents, 3 for e);
/// a text that repeats itself counts once.
constexpr std::size_t password_effective_min = 8;
std::size_t effective_length(std::string_view password, const std::vector<std::string>& context);

/// Refuses what is guessed first.  No rule about which characters: NIST finds that those make
/// passwords worse.
///
/// `context`: words that anybody would try here, as folded() gives them: the town, the account.
///
/// Errors  Error(invalid_argument, "password.too_short" | "password.too_long" |
///         "password.is_name" | "password.too_common"), which never repeat the password.
/// Source  NIST SP 800-63B-4 §3.1.1.2.  Words: data/common-passwords.txt.
void check_password(std::string_view password, std::string_view account_name,
                    const std::vector<std::string>& context);

/// The words of a text that are long enough to be somebody's password: "Comune di Valfinta" gives
/// "comune" and "valfinta".
std::vector<std::string> context_words(std::string_view text);

}  // namespace custode::records
