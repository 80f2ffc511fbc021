#include "client/cli/api.h"

#include "archive/base/encoding.h"
#include "archive/base/id.h"
#include "client/cli/signals.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace custode::client {
namespace {

constexpr const char* base_path = "/api/v1";
constexpr int json_depth_max = 32;
constexpr unsigned first_wait_millis = 500;
constexpr unsigned longest_wait_millis = 15'000;
constexpr unsigned longest_asked_seconds = 60;

std::string text_member(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<unsigned> retry_after(const Response& response) {
    const std::string text = response.header("retry-after");
    if (text.empty() || text.size() > 6 || text.find_first_not_of("0123456789") != text.npos) {
        return std::nullopt;
    }
    return static_cast<unsigned>(std::stoul(text));
}

std::map<std::string, std::string> further_members(const Json& object) {
    std::map<std::string, std::string> members;
    for (const auto& [name, value] : object.items()) {
        static constexpr std::string_view known[] = {"type", "code", "status", "title", "hint"};
        if (std::find(std::begin(known), std::end(known), name) != std::end(known)) continue;
        if (value.is_null()) continue;
        members[name] = value.is_string() ? value.get<std::string>() : value.dump();
    }
    return members;
}

}  // namespace

std::string encoded(std::string_view text) {
    static constexpr std::string_view digits = "0123456789ABCDEF";
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool is_plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                              (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
                              c == '~';
        if (is_plain)
            result += c;
        else
            result += {'%', digits[byte >> 4], digits[byte & 15]};
    }
    return result;
}

Json parse_answer(std::string_view text) {
    // The depth is bounded while parsing: a value nested a million deep costs nothing then.
    const auto limit = [](int depth, Json::parse_event_t, Json&) {
        if (depth > json_depth_max) throw Problem("answer.malformed", {"depth"});
        return true;
    };
    try {
        return Json::parse(text, limit);
    } catch (const Json::exception&) {
        throw Problem("answer.malformed", {"JSON"});
    }
}

Problem problem_of(const Response& response) {
    Json body;
    try {
        body = parse_answer(response.body);
    } catch (const Problem&) {
        body = Json::object();
    }
    if (!body.is_object() || text_member(body, "code").empty()) {
        // Not our server, or something between us and it.
        if (response.status == 503 || response.status == 429) return Problem("server.busy");
        return Problem("answer.unexpected", {std::to_string(response.status)});
    }
    Problem::Answer answer;
    answer.code = text_member(body, "code");
    answer.status = response.status;
    answer.title = text_member(body, "title");
    answer.hint = text_member(body, "hint");
    answer.members = further_members(body);
    answer.retry_after_seconds = retry_after(response);
    return Problem(std::move(answer));
}

Api::Api(Endpoint endpoint, std::string token, Lang lang)
    : connection_(std::move(endpoint)), token_(std::move(token)), lang_(lang) {}

Request Api::request(std::string method, const std::string& path) const {
    Request request;
    request.method = std::move(method);
    request.target = base_path + path;
    request.headers = {{"Accept-Language", lang_ == Lang::it ? "it" : "en"},
                       {"User-Agent", "custode/" CUSTODE_VERSION}};
    if (!token_.empty()) request.headers.emplace_back("Authorization", "Bearer " + token_);
    return request;
}

Json Api::send(const Request& request) {
    for (unsigned attempt = 0;; ++attempt) {
        std::optional<Problem> failed;
        try {
            const Response response = connection_.call(request);
            if (response.status < 300) {
                return response.body.empty() ? Json::object() : parse_answer(response.body);
            }
            failed = problem_of(response);
        } catch (const Problem& problem) {
            failed = problem;
        }
        const bool was_not_done = failed->status() != 0 || failed->code() == "server.busy";
        const bool may_repeat = request.method == "GET" || was_not_done;
        const bool is_last = attempt + 1 >= attempts_max || failed->code() == "server.unreachable";
        if (!failed->is_passing() || !may_repeat || is_last) throw *failed;
        wait_millis(backoff_millis(attempt, failed->retry_after_seconds()));
    }
}

Json Api::get(const std::string& path) { return send(request("GET", path)); }
Json Api::remove(const std::string& path) { return send(request("DELETE", path)); }

Json Api::remove(const std::string& path, const std::string& reason) {
    Request asked = request("DELETE", path);
    asked.headers.emplace_back("Custode-Reason", to_base64url(view(reason)));
    return send(asked);
}

Json Api::post(const std::string& path, const Json& body, const Headers& more) {
    Request asked = request("POST", path);
    asked.headers.insert(asked.headers.end(), more.begin(), more.end());
    asked.headers.emplace_back("Content-Type", "application/json");
    asked.body = body.dump();
    return send(asked);
}

Json Api::put(const std::string& path, const Json& body) {
    Request asked = request("PUT", path);
    asked.headers.emplace_back("Content-Type", "application/json");
    asked.body = body.dump();
    return send(asked);
}

Json Api::list(const std::string& path) {
    const char joint = path.find('?') == std::string::npos ? '?' : '&';
    Json items = Json::array();
    std::string cursor;
    for (;;) {
        std::string page_path = path + joint + "limit=200";
        if (!cursor.empty()) page_path += "&cursor=" + encoded(cursor);
        Json page = get(page_path);
        Json& found = page.at("items");
        if (!found.is_array()) throw Problem("answer.malformed", {"items"});
        for (Json& item : found) {
            if (!item.is_object()) throw Problem("answer.malformed", {"items"});
            items.push_back(std::move(item));
        }
        const std::string next = text_member(page, "next");
        if (next.empty()) return {{"items", std::move(items)}, {"next", nullptr}};
        // The same cursor twice would be a loop without end.
        if (next == cursor) throw Problem("answer.malformed", {"cursor"});
        cursor = next;
        if (items.size() >= items_max) return {{"items", std::move(items)}, {"next", cursor}};
    }
}

Json Api::search(const Json& body) {
    Json found = post("/searches", body);
    if (!found.at("items").is_array()) throw Problem("answer.malformed", {"items"});
    return found;
}

std::string Api::dossier_id(const std::string& given) {
    if (parse_id<DossierId>(given)) return given;
    const Json found = get("/dossiers?code=" + encoded(given));
    const Json& items = found.at("items");
    if (items.empty()) throw Problem("dossier.not_found", {given});
    const auto id = items.at(0).at("id").get<std::string>();
    // The id becomes part of paths: it must be one.
    if (!parse_id<DossierId>(id)) throw Problem("answer.malformed", {"id"});
    return id;
}

unsigned backoff_millis(unsigned attempt, std::optional<unsigned> asked_seconds) {
    if (asked_seconds) return std::min(*asked_seconds, longest_asked_seconds) * 1000;
    const unsigned doublings = std::min(attempt, 10u);
    return std::min(first_wait_millis << doublings, longest_wait_millis);
}

void wait_millis(unsigned millis) {
    using namespace std::chrono;
    const auto until = steady_clock::now() + milliseconds(millis);
    while (steady_clock::now() < until) {
        if (stop_asked()) throw Problem("interrupted");
        std::this_thread::sleep_for(milliseconds(50));
    }
}

}  // namespace custode::client
