#include "daemon/http/answer.h"

#include "archive/base/error.h"
#include "archive/base/json_text.h"

#include <algorithm>
#include <ctime>

namespace custode::daemon {

namespace {

bool same_name(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](char x, char y) { return lower(x) == lower(y); });
}

bool is_name(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-';
    });
}

bool is_value(std::string_view value) {
    return std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

/// IMF-fixdate (RFC 9110 §5.6.7), without the process's locale.
std::string date_now() {
    static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    gmtime_r(&now, &utc);
    char text[64];
    std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[utc.tm_wday],
                  utc.tm_mday, months[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min,
                  utc.tm_sec);
    return text;
}

void put(std::string& into, std::string_view name, std::string_view value) {
    if (!is_name(name) || !is_value(value)) {
        throw Error(ErrorCode::invalid_argument, "header.unsafe",
                    "could not send a header that holds more than one line of plain text");
    }
    into.append(name).append(": ").append(value).append("\r\n");
}

bool replaced_later(const Header& header, const std::vector<const Headers*>& layers,
                    std::size_t layer) {
    for (std::size_t later = layer + 1; later < layers.size(); ++later) {
        for (const Header& other : *layers[later]) {
            if (same_name(header.first, other.first)) return true;
        }
    }
    return false;
}

}  // namespace

std::string_view reason_of(int status) {
    switch (status) {
        case 100: return "Continue";
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 206: return "Partial Content";
        case 303: return "See Other";
        case 304: return "Not Modified";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 406: return "Not Acceptable";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 411: return "Length Required";
        case 412: return "Precondition Failed";
        case 413: return "Content Too Large";
        case 414: return "URI Too Long";
        case 415: return "Unsupported Media Type";
        case 416: return "Range Not Satisfiable";
        case 417: return "Expectation Failed";
        case 421: return "Misdirected Request";
        case 422: return "Unprocessable Content";
        case 423: return "Locked";
        case 428: return "Precondition Required";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 500: return "Internal Server Error";
        case 501: return "Not Implemented";
        case 503: return "Service Unavailable";
        case 505: return "HTTP Version Not Supported";
        case 507: return "Insufficient Storage";
        default: return "Unknown";
    }
}

bool has_body(int status) { return status >= 200 && status != 204 && status != 304; }

Headers fixed_headers(bool secure) {
    Headers headers = {
        {"Cache-Control", "no-store"},
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"Referrer-Policy", "no-referrer"},
        {"Content-Security-Policy",
         "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
         "sandbox"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Permissions-Policy", "camera=(), geolocation=(), microphone=()"},
    };
    if (secure) headers.emplace_back("Strict-Transport-Security", "max-age=31536000");
    return headers;
}

std::string render(const AnswerHead& head) {
    std::string text = "HTTP/1.1 " + std::to_string(head.status) + " ";
    text.append(reason_of(head.status)).append("\r\n");
    put(text, "Date", date_now());
    if (head.close) put(text, "Connection", "close");
    if (has_body(head.status)) {
        if (head.length) {
            put(text, "Content-Length", std::to_string(*head.length));
        } else {
            put(text, "Transfer-Encoding", "chunked");
        }
        if (!head.content_type.empty()) put(text, "Content-Type", head.content_type);
    }
    for (std::size_t layer = 0; layer < head.layers.size(); ++layer) {
        for (const Header& header : *head.layers[layer]) {
            if (replaced_later(header, head.layers, layer)) continue;
            put(text, header.first, header.second);
        }
    }
    return text.append("\r\n");
}

std::string plain_problem(const Problem& problem) {
    return "{\"type\":\"about:blank\",\"title\":" +
           json_quoted(std::string(reason_of(problem.status))) +
           ",\"status\":" + std::to_string(problem.status) +
           ",\"code\":" + json_quoted(problem.code) + ",\"detail\":" + json_quoted(problem.detail) +
           ",\"correlation_id\":" + json_quoted(problem.correlation_id) + "}";
}

}  // namespace custode::daemon
