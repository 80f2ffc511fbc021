// daemon/http/router.h
#pragma once

#include "daemon/http/server.h"

#include <map>
#include <string>
#include <vector>

namespace custode::daemon {

/// Finds the route of a request.
///
/// Patterns are tried from the most literal to the least, segment by segment from the left, so the
/// answer does not depend on the order of the table.
///
/// Errors    The constructor throws Error(invalid_argument, "route.bad") for a malformed pattern,
///           an unknown method and two routes that no request could tell apart.
/// Threads   find() from any thread.
class Router {
public:
    explicit Router(std::vector<Route> routes);

    struct Match {
        const Route* route = nullptr;
        std::map<std::string, std::string, std::less<>> parameters;
        std::string allow;  ///< Methods of this path when none fits: 405.  Empty: 404.
    };
    Match find(const std::string& method, const std::vector<std::string>& segments) const;

private:
    struct Piece {
        enum class Kind { literal, parameter, tail } kind = Kind::literal;
        std::string text;  ///< The literal, or the parameter's name.
    };
    struct Entry {
        Route route;
        std::vector<Piece> pieces;
    };
    static std::vector<Piece> read_pattern(const std::string& pattern);
    static bool fits(const Entry& entry, const std::vector<std::string>& segments);
    static bool more_literal(const Entry& a, const Entry& b);
    static Match matched(const Entry& entry, const std::vector<std::string>& segments);

    std::vector<Entry> entries_;
};

}  // namespace custode::daemon
