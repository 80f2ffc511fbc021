// daemon/log.h
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace custode::daemon {

class Exchange;

/// Structured logs on standard error, one JSON object a line: time, level, event, and numbers.
///
/// What never goes in: names, subjects, search terms, file names, user names, bodies, header
/// values, paths of a client's choosing.  A request is its method, the route's shape (ids left
/// out), status, code and correlation id.
/// Threads  Any.
void open_log(bool quiet);
/// The path with whatever is not a word of our routes replaced by {}.
std::string route_shape(const std::vector<std::string>& segments);
void log_request(const Exchange& exchange, int status, std::string_view code);
/// An unexpected exception; its text is ours or a library's, and is escaped.
void log_failure(const Exchange& exchange, std::string_view what);
void log_event(std::string_view event, std::string_view detail = {});

}  // namespace custode::daemon
