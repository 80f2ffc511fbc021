#include "daemon/http/head.h"

#include "archive/base/guard.h"

#include <algorithm>
#include <array>
#include <limits>

// The one place that includes Beast: its headers take seconds to compile.
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

namespace custode::daemon {

namespace http = boost::beast::http;

namespace {

using Refused = std::optional<Refusal>;

Refusal refusal(int status, const char* code, const char* detail) { return {status, code, detail}; }

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return result;
}

std::string_view trimmed(std::string_view text) {
    const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

template <std::size_t size>
bool among(std::string_view word, const std::array<std::string_view, size>& words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// Fields that RFC 9110 defines as lists, so that two lines of them mean one longer list.
constexpr std::array<std::string_view, 9> list_fields = {
    "accept",         "accept-encoding", "accept-language", "cache-control",
    "connection",     "forwarded",       "pragma",          "via",
    "x-forwarded-for"};

constexpr std::array<std::string_view, 7> methods = {"GET",   "HEAD",   "POST",   "PUT",
                                                     "PATCH", "DELETE", "OPTIONS"};

/// What is wrong with the byte at `at`, looking back only: a scan can resume anywhere.
Refused judge_byte(BytesView bytes, std::size_t at) {
    const std::uint8_t byte = bytes[at];
    const bool after_return = at > 0 && bytes[at - 1] == '\r';
    if (at == 0 && (byte < 'A' || byte > 'Z')) {
        return refusal(400, "head.malformed", "a request starts with its method");
    }
    if (byte == '\n' && !after_return) return refusal(400, "head.line_end", "a line ends in CR LF");
    if (byte == '\n') return std::nullopt;
    if (after_return) return refusal(400, "head.line_end", "CR occurs only before LF");
    if ((byte == ' ' || byte == '\t') && bytes[at - 1] == '\n') {
        return refusal(400, "head.folded", "folded lines are not taken");
    }
    if (byte == '\r' || byte == '\t') return std::nullopt;
    if (byte < 0x20 || byte > 0x7e) return refusal(400, "head.octet", "a head is printable ASCII");
    return std::nullopt;
}

bool ends_head(BytesView bytes, std::size_t at) {
    return at >= 3 && bytes[at] == '\n' && bytes[at - 1] == '\r' && bytes[at - 2] == '\n' &&
           bytes[at - 3] == '\r';
}

/// Beast's reason as ours.
Refusal refusal_for(const boost::system::error_code& error) {
    if (error == http::error::bad_version) {
        return refusal(505, "head.version", "only HTTP/1.1 is spoken");
    }
    if (error == http::error::header_limit) {
        return refusal(431, "head.too_large", "the head is too large");
    }
    if (error == http::error::bad_content_length) {
        return refusal(400, "head.length", "Content-Length is not valid");
    }
    return refusal(400, "head.malformed", "the head is not valid HTTP/1.1");
}

Refused add_field(std::string name, std::string_view value, Head& head) {
    const auto same = [&](const Field& field) { return field.name == name; };
    const auto known = std::find_if(head.fields.begin(), head.fields.end(), same);
    if (known == head.fields.end()) {
        head.fields.push_back({std::move(name), std::string(value)});
        return std::nullopt;
    }
    if (!among(name, list_fields)) {
        return refusal(400, "head.repeated", "a field occurs twice that may occur once");
    }
    known->value += ", ";
    known->value += value;
    return std::nullopt;
}

Refused take_fields(const http::request<http::empty_body>& message, Head& head) {
    std::size_t count = 0;
    for (const auto& field : message) {
        if (++count > fields_max)
            return refusal(431, "head.too_large", "the head has too many fields");
        const auto name = field.name_string();
        const auto value = field.value();
        Refused refused = add_field(lower({name.data(), name.size()}),
                                    trimmed({value.data(), value.size()}), head);
        if (refused) return refused;
    }
    return std::nullopt;
}

bool is_port(std::string_view text) {
    return !text.empty() && text.size() <= 5 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// A name, an IPv4 address or a bracketed IPv6 address, with or without a port.
bool is_host(std::string_view host) {
    constexpr std::size_t host_bytes_max = 255 + 6;
    if (host.empty() || host.size() > host_bytes_max) return false;
    std::string_view name = host;
    std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789.-_";
    std::string_view rest;
    if (host.front() == '[') {
        const std::size_t bracket = host.find(']');
        if (bracket == std::string_view::npos) return false;
        name = host.substr(1, bracket - 1);
        rest = host.substr(bracket + 1);
        allowed = "0123456789abcdef:.";
    } else if (const std::size_t colon = host.find(':'); colon != std::string_view::npos) {
        name = host.substr(0, colon);
        rest = host.substr(colon);
    }
    if (!rest.empty() && (rest.front() != ':' || !is_port(rest.substr(1)))) return false;
    return !name.empty() && name.find_first_not_of(allowed) == std::string_view::npos;
}

Refused judge_host(Head& head) {
    const std::optional<std::string> host = head.field("host");
    if (!host) return refusal(400, "head.host", "Host is missing");
    head.host = lower(*host);
    if (!is_host(head.host)) return refusal(400, "head.host", "Host is not valid");
    return std::nullopt;
}

/// The shortest decimal, or nothing: "+5", "05", "5,5" and 2^64 are all how framings diverge.
std::optional<std::uint64_t> parse_length(std::string_view text) {
    constexpr std::size_t digits_max = 16;
    if (text.empty() || text.size() > digits_max) return std::nullopt;
    if (text.size() > 1 && text.front() == '0') return std::nullopt;
    std::uint64_t length = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        length = length * 10 + static_cast<std::uint64_t>(c - '0');
    }
    if (length > content_length_max) return std::nullopt;
    return length;
}

Refused judge_length(Head& head) {
    const std::optional<std::string> text = head.field("content-length");
    const bool carries_body =
        head.method == "POST" || head.method == "PUT" || head.method == "PATCH";
    if (!text && carries_body)
        return refusal(411, "head.length_missing", "Content-Length is missing");
    if (!text) return std::nullopt;
    const std::optional<std::uint64_t> length = parse_length(*text);
    if (!length) return refusal(400, "head.length", "Content-Length is not valid");
    if (*length != 0 && !carries_body && head.method != "DELETE") {
        return refusal(400, "head.body", "this method takes no body");
    }
    head.content_length = *length;
    return std::nullopt;
}

Refused judge_connection(Head& head) {
    // Anything else in Connection names fields for a proxy to remove, which we have no use for.
    constexpr std::array<std::string_view, 5> options = {"close", "keep-alive", "te", "upgrade",
                                                         "http2-settings"};
    std::string list = lower(head.field("connection").value_or(""));
    std::string_view rest = list;
    while (!rest.empty()) {
        const std::size_t comma = rest.find(',');
        const std::string_view option = trimmed(rest.substr(0, comma));
        if (!among(option, options)) {
            return refusal(400, "head.connection", "Connection names something unknown");
        }
        if (option == "close") head.wants_close = true;
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    }
    const std::optional<std::string> expect = head.field("expect");
    if (expect && lower(*expect) != "100-continue") {
        return refusal(417, "head.expectation", "only 100-continue can be expected");
    }
    head.expects_continue = expect.has_value();
    return std::nullopt;
}

std::variant<Head, Refusal> judge(const http::request<http::empty_body>& message) {
    Head head;
    if (message.version() != 11) return refusal(505, "head.version", "only HTTP/1.1 is spoken");
    if (Refused refused = take_fields(message, head)) return *refused;
    const auto method = message.method_string();
    head.method.assign(method.data(), method.size());
    if (Refused refused = judge_host(head)) return *refused;
    // Before the method: two framings at once are refused as such, whatever else is wrong.
    if (head.field("transfer-encoding") && stands(Guard::one_framing)) {
        return refusal(400, "head.transfer_encoding", "bodies are framed by Content-Length only");
    }
    if (!among(head.method, methods)) return refusal(501, "head.method", "the method is unknown");
    if (Refused refused = judge_length(head)) return *refused;
    if (Refused refused = judge_connection(head)) return *refused;
    const auto raw_target = message.target();
    std::variant<Target, Refusal> target = parse_target({raw_target.data(), raw_target.size()});
    if (auto* refused = std::get_if<Refusal>(&target)) return std::move(*refused);
    head.target = std::get<Target>(std::move(target));
    return head;
}

}  // namespace

std::optional<std::string> Head::field(std::string_view lower_case_name) const {
    for (const Field& field : fields) {
        if (field.name == lower_case_name) return field.value;
    }
    return std::nullopt;
}

HeadScan scan_head(BytesView bytes, std::size_t seen) {
    for (std::size_t at = seen; at < bytes.size(); ++at) {
        if (at >= head_bytes_max) {
            return {HeadScan::State::refused, 0,
                    refusal(431, "head.too_large", "the head is too large")};
        }
        if (Refused refused = judge_byte(bytes, at)) {
            return {HeadScan::State::refused, 0, std::move(*refused)};
        }
        if (ends_head(bytes, at)) return {HeadScan::State::complete, at + 1, {}};
    }
    return {};
}

std::variant<Head, Refusal> parse_head(BytesView bytes) {
    HeadScan scan = scan_head(bytes);
    if (scan.state == HeadScan::State::refused) return std::move(scan.refusal);
    if (scan.state == HeadScan::State::incomplete) {
        return refusal(400, "head.incomplete", "the head has no end");
    }
    // Beast throws only std::bad_alloc; the head is at most 32 KiB, so that is the machine's end.
    http::request_parser<http::empty_body> parser;
    parser.header_limit(head_bytes_max);
    // Lengths are judged below; 1.74 takes boost::none, documented as no limit, for a limit of 0.
    parser.body_limit(std::numeric_limits<std::uint64_t>::max());
    boost::system::error_code error;
    parser.put(boost::asio::buffer(bytes.data(), scan.end), error);
    if (error) return refusal_for(error);
    if (!parser.is_header_done()) return refusal(400, "head.malformed", "the head has no end");
    std::variant<Head, Refusal> result = judge(parser.get());
    if (auto* head = std::get_if<Head>(&result)) head->bytes_count = scan.end;
    return result;
}

}  // namespace custode::daemon
