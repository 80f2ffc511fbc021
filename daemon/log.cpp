#include "daemon/log.h"

#include "archive/base/id.h"
#include "archive/base/json_text.h"
#include "daemon/http/exchange.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace custode::daemon {
namespace {

constexpr std::size_t detail_bytes_max = 500;

/// The words that routes are made of; a test compares them with the route table.
constexpr std::string_view words[] = {
    "accounts",       "api",         "approve",   "assignments",
    "authorities",    "break-glass", "cancel",    "checkpoint",
    "codes",          "confirm",     "conflicts", "consistency",
    "content",        "corrections", "current",   "disable",
    "document-types", "documents",   "dossiers",  "emergency-sheet",
    "enable",         "exports",     "grants",    "healthz",
    "history",        "locations",   "me",        "metrics",
    "password",       "proof",       "proposals", "purposes",
    "readers",        "readyz",      "refile",    "refuse",
    "reviews",        "roles",       "seal",      "searches",
    "second-factor",  "sessions",    "status",    "teams",
    "units",          "unlock",      "unseal",    "v1"};

}  // namespace

/// A list of words and not a form of words: a name has the form of a word.
std::string route_shape(const std::vector<std::string>& segments) {
    std::string shape;
    for (const std::string& segment : segments) {
        const bool ours = std::find(std::begin(words), std::end(words), segment) != std::end(words);
        shape += ours && !shape.ends_with("/accounts") ? "/" + segment : "/{}";
    }
    return shape;
}

void open_log(bool quiet) {
    auto logger = spdlog::stderr_logger_mt("custoded");
    logger->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})",
                        spdlog::pattern_time_type::utc);
    logger->set_level(quiet ? spdlog::level::warn : spdlog::level::info);
    logger->flush_on(spdlog::level::info);
    spdlog::set_default_logger(std::move(logger));
}

void log_request(const Exchange& exchange, int status, std::string_view code) {
    spdlog::log(
        status >= 500 ? spdlog::level::warn : spdlog::level::info,
        R"("event":"request","method":{},"route":{},"status":{},"code":{},"correlation":"{}")",
        json_quoted(exchange.method()), json_quoted(route_shape(exchange.segments())), status,
        json_quoted(std::string(code)), exchange.correlation_id());
}

void log_failure(const Exchange& exchange, std::string_view what) {
    spdlog::error(R"("event":"failure","detail":{},"correlation":"{}")",
                  json_quoted(std::string(what.substr(0, detail_bytes_max))),
                  exchange.correlation_id());
}

void log_event(std::string_view event, std::string_view detail) {
    spdlog::info(R"("event":{},"detail":{})", json_quoted(std::string(event)),
                 json_quoted(std::string(detail.substr(0, detail_bytes_max))));
}

}  // namespace custode::daemon
