#include "daemon/http/router.h"

#include "archive/base/error.h"

#include <algorithm>
#include <set>

namespace custode::daemon {

namespace {

[[noreturn]] void refuse(const std::string& pattern, const char* why) {
    throw Error(ErrorCode::invalid_argument, "route.bad",
                "could not take the route " + pattern + ": " + why);
}

bool is_method(const std::string& method) {
    static const std::set<std::string> known = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
    return known.contains(method);
}

}  // namespace

std::vector<Router::Piece> Router::read_pattern(const std::string& pattern) {
    if (pattern.empty() || pattern.front() != '/') refuse(pattern, "it starts with a slash");
    std::vector<Piece> pieces;
    if (pattern == "/") return pieces;
    std::set<std::string> names;
    for (std::size_t at = 1; at <= pattern.size();) {
        const std::size_t end = std::min(pattern.find('/', at), pattern.size());
        std::string word = pattern.substr(at, end - at);
        at = end + 1;
        if (word.empty()) refuse(pattern, "a segment is empty");
        if (!pieces.empty() && pieces.back().kind == Piece::Kind::tail) {
            refuse(pattern, "a tail comes last");
        }
        if (word.front() != '{') {
            pieces.push_back({Piece::Kind::literal, word});
            continue;
        }
        const bool tail = word.ends_with("*}");
        const std::size_t cut = tail ? 3 : 2;
        if (word.back() != '}' || word.size() <= cut) refuse(pattern, "a parameter has no name");
        word = word.substr(1, word.size() - cut);
        if (!names.insert(word).second) refuse(pattern, "a parameter is named twice");
        pieces.push_back({tail ? Piece::Kind::tail : Piece::Kind::parameter, word});
    }
    return pieces;
}

bool Router::more_literal(const Entry& a, const Entry& b) {
    const std::size_t common = std::min(a.pieces.size(), b.pieces.size());
    for (std::size_t i = 0; i < common; ++i) {
        const Piece& x = a.pieces[i];
        const Piece& y = b.pieces[i];
        if (x.kind != y.kind) return x.kind < y.kind;
        if (x.kind == Piece::Kind::literal && x.text != y.text) return x.text < y.text;
    }
    if (a.pieces.size() != b.pieces.size()) return a.pieces.size() < b.pieces.size();
    return a.route.method < b.route.method;
}

Router::Router(std::vector<Route> routes) {
    for (Route& route : routes) {
        if (!is_method(route.method)) refuse(route.pattern, "its method is unknown");
        if (!route.handler) refuse(route.pattern, "it has no handler");
        std::vector<Piece> pieces = read_pattern(route.pattern);
        entries_.push_back({std::move(route), std::move(pieces)});
    }
    std::sort(entries_.begin(), entries_.end(), more_literal);
    for (std::size_t i = 1; i < entries_.size(); ++i) {
        if (!more_literal(entries_[i - 1], entries_[i])) {
            refuse(entries_[i].route.pattern, "another route means the same");
        }
    }
}

bool Router::fits(const Entry& entry, const std::vector<std::string>& segments) {
    const auto& pieces = entry.pieces;
    const bool tail = !pieces.empty() && pieces.back().kind == Piece::Kind::tail;
    if (tail ? segments.size() < pieces.size() : segments.size() != pieces.size()) return false;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        if (pieces[i].kind == Piece::Kind::literal && pieces[i].text != segments[i]) return false;
    }
    return true;
}

Router::Match Router::matched(const Entry& entry, const std::vector<std::string>& segments) {
    Match match;
    match.route = &entry.route;
    for (std::size_t i = 0; i < entry.pieces.size(); ++i) {
        const Piece& piece = entry.pieces[i];
        if (piece.kind == Piece::Kind::literal) continue;
        std::string value = segments[i];
        if (piece.kind == Piece::Kind::tail) {
            for (std::size_t j = i + 1; j < segments.size(); ++j) value += "/" + segments[j];
        }
        match.parameters.emplace(piece.text, std::move(value));
    }
    return match;
}

Router::Match Router::find(const std::string& method,
                           const std::vector<std::string>& segments) const {
    const Entry* get_for_head = nullptr;
    std::set<std::string> allowed;
    for (const Entry& entry : entries_) {
        if (!fits(entry, segments)) continue;
        if (entry.route.method == method) return matched(entry, segments);
        if (method == "HEAD" && entry.route.method == "GET" && get_for_head == nullptr) {
            get_for_head = &entry;
        }
        allowed.insert(entry.route.method);
        if (entry.route.method == "GET") allowed.insert("HEAD");
    }
    if (get_for_head != nullptr) return matched(*get_for_head, segments);
    Match none;
    if (allowed.empty()) return none;
    allowed.insert("OPTIONS");
    for (const std::string& word : allowed) none.allow += (none.allow.empty() ? "" : ", ") + word;
    return none;
}

}  // namespace custode::daemon
