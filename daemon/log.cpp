#include "daemon/log.h"

#include "archive/base/id.h"
#include "archive/base/json_text.h"
#include "daemon/http/exchange.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace custode::daemon {
namespace {

constexpr std::size_t detail_bytes_max = 500;

/// The path with whatever is not a word of ours replaced, so that no log ever holds what a client
/// wrote into a path.
std::string shape_of(const Exchange& exchange) {
    std::string shape;
    for (const std::string& segment : exchange.segments()) {
        const bool word =
            segment.size() <= 24 && std::all_of(segment.begin(), segment.end(), [](char c) {
                return (c >= 'a' && c <= 'z') || c == '-' || (c >= '0' && c <= '9');
            });
        const bool after_name = shape.ends_with("/accounts");
        shape += word && !after_name ? "/" + segment : "/{}";
    }
    return shape;
}

}  // namespace

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
        json_quoted(exchange.method()), json_quoted(shape_of(exchange)), status,
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
