#include "client/cli/console.h"

#include "client/cli/table.h"
#include "client/cli/terminal.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>

namespace custode::client {
namespace {

constexpr std::size_t secret_bytes_max = 4096;

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

std::string first_given(const std::string& one, const std::string& two) {
    return one.empty() ? two : one;
}

}  // namespace

Console::Console(GlobalOptions options)
    : options_(std::move(options)), lang_(language_of(options_.lang)) {}

const StatePaths& Console::paths() const {
    static const StatePaths paths = StatePaths::of_environment();
    return paths;
}

std::optional<SavedSession> Console::saved() const { return load_session(paths().session); }

Endpoint Console::endpoint() const {
    std::string server = first_given(options_.server, environment("CUSTODE_SERVER"));
    std::string ca = first_given(options_.ca, environment("CUSTODE_CA"));
    if (server.empty() || ca.empty()) {
        // The CA of a session is only for the server of that session.
        const auto session = saved();
        if (session && server.empty()) server = session->server;
        const bool is_same =
            session && !server.empty() && Endpoint::parse(server, {}).url() == session->server;
        if (is_same && ca.empty()) ca = session->ca;
    }
    if (server.empty()) throw Problem("server.unnamed");
    return Endpoint::parse(server, ca);
}

Api Console::guest() const { return {endpoint(), {}, lang_}; }

SavedSession Console::session() const {
    const auto session = saved();
    if (!session) throw Problem("session.none");
    // A token goes to the server that gave it and to no other.
    if (endpoint().url() != session->server) {
        throw Problem("session.other_server", {session->server, endpoint().url()});
    }
    return *session;
}

Api Console::api() const { return {endpoint(), session().token, lang_}; }

void Console::result(const Json& value, const std::function<void(std::ostream&)>& human) const {
    if (options_.json)
        std::cout << value.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
    else
        human(std::cout);
    std::cout.flush();
    if (!std::cout) throw Problem("output.failed");
}

void Console::done(std::string_view code, const std::vector<std::string>& arguments) const {
    if (options_.json || options_.quiet) return;
    std::cout << say(lang_, code, arguments) << std::endl;
}

void Console::note(std::string_view code, const std::vector<std::string>& arguments) const {
    if (!options_.quiet) std::cerr << say(lang_, code, arguments) << std::endl;
}

void print_table(std::ostream& out, const std::vector<std::string>& heading,
                 const std::vector<std::vector<std::string>>& rows) {
    out << table_text(heading, rows, &out == &std::cout ? terminal_width(STDOUT_FILENO) : 0);
}

std::string cell(const Json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end() || found->is_null()) return {};
    if (found->is_string()) return found->get<std::string>();
    if (!found->is_array()) return found->dump();
    std::string joined;
    for (const Json& item : *found) {
        if (!joined.empty()) joined += ", ";
        joined += item.is_string() ? item.get<std::string>() : item.dump();
    }
    return joined;
}

namespace {

constexpr Words said_document{"documento", "document"};
constexpr Words said_dossier{"fascicolo", "dossier"};
constexpr Words said_field{"campo", "field"};

/// The field that the server refused, which its detail names in single quotes.
std::string refused_field(const Problem& problem) {
    const auto detail = problem.members().find("detail");
    if (problem.code().rfind("field.", 0) != 0 || detail == problem.members().end()) return {};
    const std::size_t begin = detail->second.find('\'');
    const std::size_t end = detail->second.find('\'', begin + 1);
    if (begin == std::string::npos || end == std::string::npos) return {};
    return detail->second.substr(begin + 1, end - begin - 1);
}

/// Where the codes of a field are listed.
std::string codes_of(const std::string& field) {
    if (field == "type") return "custode codes document-types";
    if (field == "authority") return "custode codes authorities";
    if (field == "unit") return "custode unit list";
    return {};
}

/// The lines that name what the problem is about: a document, dossiers, a field.
std::string what_is_named(const Problem& problem, Lang lang) {
    const auto line = [&](const Words& label, const std::string& value) {
        return "  " + std::string(label.in(lang)) + ": " + visible(value) + "\n";
    };
    std::string text;
    const auto document = problem.members().find("document");
    if (document != problem.members().end()) text += line(said_document, document->second);
    const auto twins = problem.members().find("twins");
    if (twins != problem.members().end()) {
        const Json list = Json::parse(twins->second, nullptr, false);
        for (const Json& twin : list.is_array() ? list : Json::array())
            if (twin.is_object()) text += line(said_dossier, cell(twin, "code"));
    }
    if (const std::string field = refused_field(problem); !field.empty()) {
        const std::string codes = codes_of(field);
        text += line(said_field, field + (codes.empty() ? "" : " (" + codes + ")"));
    }
    return text;
}

}  // namespace

std::string problem_text(const Problem& problem, Lang lang) {
    // What the server said may have come from whoever filed a document.
    const auto shown = [&](const std::string& said) {
        return problem.status() == 0 ? said : visible(said);
    };
    std::string text =
        "custode: " + shown(problem.message(lang)) + " [" + visible(problem.code()) + "]\n";
    text += what_is_named(problem, lang);
    const std::string hint = shown(problem.hint(lang));
    if (!hint.empty())
        text += (lang == Lang::it ? "  Cosa fare: " : "  What to do: ") + hint + "\n";
    const auto correlation = problem.members().find("correlation");
    if (correlation != problem.members().end() && problem.status() >= 500) {
        text += "  correlation: " + visible(correlation->second) + "\n";
    }
    return text;
}

Json problem_json(const Problem& problem, Lang lang) {
    Json json = Json::object();
    for (const auto& [name, value] : problem.members()) {
        json[name] = Json::accept(value) && !value.empty() && value.front() == '['
                         ? Json::parse(value)
                         : Json(value);
    }
    json["code"] = problem.code();
    json["message"] = problem.message(lang);
    json["hint"] = problem.hint(lang);
    json["exit"] = static_cast<int>(problem.exit());
    return json;
}

std::string secret_from(const std::string& file, std::string_view prompt_code, Lang lang) {
    if (file.empty()) return ask_secret(say(lang, prompt_code));
    auto content = read_small_file(file, secret_bytes_max);
    if (!content) throw Problem("file.missing", {file});
    // One line end is the editor's; anything more belongs to the secret.
    if (!content->empty() && content->back() == '\n') content->pop_back();
    if (!content->empty() && content->back() == '\r') content->pop_back();
    if (content->empty()) throw Problem("secret.empty", {file});
    return *content;
}

}  // namespace custode::client
