// client/cli/messages.h
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace custode::client {

/// The languages in which people are spoken to.
enum class Lang { it, en };

/// One text in both languages.
struct Words {
    std::string_view it;
    std::string_view en;

    std::string_view in(Lang lang) const { return lang == Lang::it ? it : en; }
};

/// A row of the catalogue: a problem with its hint and its exit, or a plain sentence (exit 0, no
/// hint).  "{0}", "{1}" … stand for arguments, which are shown escaped.
struct Message {
    std::string_view code;
    int exit = 0;
    Words text;
    Words hint;
};

/// The whole catalogue, sorted as written in messages.cpp.
std::span<const Message> messages();

/// The row of `code`; a code that is not in the catalogue is a bug and stops the process.
const Message& message_of(std::string_view code);

/// `pattern` with its places filled; every argument passes through visible().
std::string filled(std::string_view pattern, const std::vector<std::string>& arguments);

/// A plain sentence of the catalogue.
std::string say(Lang lang, std::string_view code, const std::vector<std::string>& arguments = {});

/// The language asked for: `wanted` ("it", "en", a locale name) first, then CUSTODE_LANG, LC_ALL,
/// LC_MESSAGES, LANG; English when none of them speaks of Italian.
Lang language_of(std::string_view wanted);

}  // namespace custode::client
