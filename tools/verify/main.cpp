// custode-verify: checks what the vault handed out, offline and without its keys.
#include "archive/base/encoding.h"
#include "archive/base/error.h"
#include "archive/exchange/safe_text.h"
#include "tools/verify/checks.h"
#include "tools/verify/files.h"
#include "tools/verify/texts.h"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <iostream>
#include <string_view>

namespace {

using custode::Error;
using custode::ErrorCode;
using custode::exchange::one_line;
using namespace custode::verify;
using Json = nlohmann::json;

constexpr std::size_t kept_bytes_max = std::size_t{1} << 20U;

struct Options {
    std::vector<std::string> paths;
    std::string kept;
    std::string key;
    bool json = false;
    bool help = false;
    bool version = false;
};

[[noreturn]] void usage(const std::string& what) {
    throw Error(ErrorCode::invalid_argument, "usage", what);
}

Options parse(const std::vector<std::string>& arguments) {
    Options options;
    bool only_paths = false;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& argument = arguments[i];
        const auto value = [&] {
            if (++i == arguments.size()) usage(argument + " needs a value");
            return arguments[i];
        };
        if (!only_paths && argument == "--")
            only_paths = true;
        else if (!only_paths && argument == "--json")
            options.json = true;
        else if (!only_paths && (argument == "--help" || argument == "-h"))
            options.help = true;
        else if (!only_paths && argument == "--version")
            options.version = true;
        else if (!only_paths && argument == "--checkpoint")
            options.kept = value();
        else if (!only_paths && argument == "--key")
            options.key = value();
        else if (!only_paths && argument.size() > 1 && argument[0] == '-')
            usage("unknown option " + argument);
        else
            options.paths.push_back(argument);
    }
    if (options.paths.empty() && !options.help && !options.version) usage("name a path to verify");
    return options;
}

Given given_by(const Options& options) {
    Given given;
    if (!options.key.empty()) {
        given.key = custode::proof::VerifierKey::parse(options.key);
        if (!given.key)
            throw Error(ErrorCode::invalid_argument, "key.malformed", "could not read --key");
    }
    if (options.kept.empty()) return given;
    const auto text = read_whole(options.kept, kept_bytes_max);
    if (!text) throw Error(ErrorCode::not_found, "kept.missing", "could not read " + options.kept);
    given.kept = kept_notes(*text);
    if (given.kept.empty())
        throw Error(ErrorCode::invalid_argument, "kept.malformed", "could not use " + options.kept);
    return given;
}

Json as_json(const std::vector<Finding>& findings, Language language) {
    Json list = Json::array();
    for (const Finding& finding : findings)
        list.push_back({{"code", finding.code},
                        {"where", finding.where},
                        {"message", sentence(finding, language)}});
    return list;
}

void print_json(const std::string& path, const Report& report, Language language) {
    Json out = {{"path", path},
                {"kind", report.kind},
                {"valid", report.intact()},
                {"findings", as_json(report.findings, language)},
                {"notes", as_json(report.notes, language)},
                {"figures", Json::object()},
                {"key_trusted", report.key_trusted},
                {"kept_checked", report.kept_checked}};
    for (const auto& [name, value] : report.figures) out["figures"][name] = value;
    if (report.findings_left_out > 0) out["findings_left_out"] = report.findings_left_out;
    if (report.key) out["key"] = report.key->text();
    if (report.checkpoint)
        out["checkpoint"] = {{"size", report.checkpoint->size},
                             {"root", custode::to_hex(report.checkpoint->root)}};
    std::cout << out.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
}

/// A number with its thousands apart, as both languages read it.
std::string grouped(std::uint64_t value) {
    std::string digits = std::to_string(value);
    for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ' ');
    return digits;
}

void print_line(const std::string& name, const std::string& value, std::size_t width) {
    // Names carry accents and apostrophes of several bytes: count characters.
    const auto columns = static_cast<std::size_t>(
        std::count_if(name.begin(), name.end(), [](char c) { return (c & '\xC0') != '\x80'; }));
    std::cout << "  " << name << std::string(width > columns ? width - columns : 1, ' ') << value
              << "\n";
}

void print_text(const std::string& path, const Report& report, Language language) {
    constexpr std::size_t width = 32;
    std::cout << word(report.kind, language) << " " << one_line(path) << ": "
              << word(report.intact() ? "intact" : "broken", language) << "\n";
    for (const auto& [name, value] : report.figures)
        print_line(word(name, language), grouped(value), width);
    if (report.checkpoint)
        print_line(word("signed", language),
                   sentence({"checkpoint.shown",
                             {},
                             {grouped(report.checkpoint->size),
                              custode::to_hex(report.checkpoint->root).substr(0, 16) + "…"}},
                            language),
                   width);
    if (report.key)
        std::cout << "  " << word("key", language) << " " << one_line(report.key->text()) << "\n";
    if (report.kept_checked) std::cout << "  " << word("kept", language) << "\n";
    for (const Finding& note : report.notes)
        std::cout << "  " << word("note", language) << ": "
                  << (note.where.empty() ? "" : one_line(note.where) + ": ")
                  << one_line(sentence(note, language)) << "\n";
    if (report.intact()) return;
    std::cout << sentence({"findings.count",
                           {},
                           {grouped(report.findings.size() + report.findings_left_out)}},
                          language)
              << "\n";
    for (const Finding& finding : report.findings)
        std::cout << "  " << one_line(finding.where) << ": "
                  << one_line(sentence(finding, language)) << "  [" << finding.code << "]\n";
    if (report.findings_left_out > 0)
        std::cout << "  "
                  << sentence({"findings.more", {}, {grouped(report.findings_left_out)}}, language)
                  << "\n";
}

int exit_code(ErrorCode code) {
    switch (code) {  // no default: the compiler names a missing case
        case ErrorCode::invalid_argument: return 2;
        case ErrorCode::not_found: return 3;
        case ErrorCode::conflict: return 4;
        case ErrorCode::corrupt: return 7;
        case ErrorCode::busy:
        case ErrorCode::full:
        case ErrorCode::storage:
        case ErrorCode::sealed:
        case ErrorCode::unauthenticated:
        case ErrorCode::unsupported: return 1;
    }
    return 1;
}

int fail(const Error& error, bool json, Language language) {
    const bool is_known = word(error.name(), language) != error.name();
    const std::string code = is_known ? error.name() : "failed";
    const std::string hint = word(code + ".hint", language);
    if (json) {
        std::cerr << Json{{"code", error.name()},
                          {"message", word(code, language) + ": " + error.what()},
                          {"hint", hint}}
                         .dump(-1, ' ', false, Json::error_handler_t::replace)
                  << "\n";
    } else {
        std::cerr << "custode-verify: " << word(code, language) << ".\n  " << one_line(error.what())
                  << "  [" << error.name() << "]\n  " << word("hint", language) << hint << "\n";
    }
    return exit_code(error.code());
}

int check_one(const std::string& path, const Options& options, const Given& given,
              Language language) try {
    const Report report = check_path(path, given);
    if (options.json)
        print_json(path, report, language);
    else
        print_text(path, report, language);
    std::cout.flush();
    if (!std::cout) throw Error(ErrorCode::storage, "verify.output", "could not write the result");
    return report.intact() ? 0 : 7;
} catch (const Error& error) {
    return fail(error, options.json, language);
}

/// All paths, whatever is found in one; broken outweighs what could not be looked at.
int run(const Options& options, Language language) {
    if (options.help) return std::cout << word("help", language), 0;
    if (options.version) return std::cout << CUSTODE_VERSION << "\n", 0;
    const Given given = given_by(options);
    int exit = 0;
    for (const std::string& path : options.paths) {
        const int one = check_one(path, options, given, language);
        if (exit == 0 || one == 7) exit = one;
    }
    return exit;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    const Language language = language_from_environment();
    const bool json = std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
    try {
        return run(parse(arguments), language);
    } catch (const Error& error) {
        return fail(error, json, language);
    } catch (const std::exception& error) {
        return fail(Error(ErrorCode::storage, "failed", error.what()), json, language);
    }
}
