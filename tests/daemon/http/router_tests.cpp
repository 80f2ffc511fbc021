#include "daemon/http/router.h"

#include "archive/base/error.h"

#include <boost/test/unit_test.hpp>

using namespace custode;
using namespace custode::daemon;

namespace {

Route route(std::string method, std::string pattern) {
    return {std::move(method), std::move(pattern), [](Exchange&) {}};
}

bool is_bad_route(const Error& error) { return error.name() == "route.bad"; }

}  // namespace

BOOST_AUTO_TEST_SUITE(router_tests)

BOOST_AUTO_TEST_CASE(a_literal_beats_a_parameter_whatever_the_order) {
    for (const bool literal_first : {true, false}) {
        std::vector<Route> routes = {route("GET", "/d/{id}"), route("GET", "/d/search")};
        if (literal_first) std::swap(routes[0], routes[1]);
        const Router router(std::move(routes));
        BOOST_TEST(router.find("GET", {"d", "search"}).route->pattern == "/d/search");
        const Router::Match match = router.find("GET", {"d", "other"});
        BOOST_TEST(match.route->pattern == "/d/{id}");
        BOOST_TEST(match.parameters.at("id") == "other");
    }
}

BOOST_AUTO_TEST_CASE(several_parameters_and_a_tail_are_bound) {
    const Router router({route("GET", "/d/{id}/p/{page}"), route("GET", "/files/{path*}")});
    const Router::Match two = router.find("GET", {"d", "1", "p", "2"});
    BOOST_TEST(two.parameters.at("id") == "1");
    BOOST_TEST(two.parameters.at("page") == "2");
    BOOST_TEST(router.find("GET", {"files", "a", "b"}).parameters.at("path") == "a/b");
    BOOST_TEST(router.find("GET", {"files", "a"}).parameters.at("path") == "a");
    BOOST_TEST(router.find("GET", {"files"}).route == nullptr);
    BOOST_TEST(router.find("GET", {"d", "1", "p"}).route == nullptr);
}

BOOST_AUTO_TEST_CASE(the_wrong_method_is_told_from_the_missing_path) {
    const Router router({route("GET", "/a"), route("POST", "/a"), route("DELETE", "/{any}")});
    BOOST_TEST(router.find("PUT", {"a"}).allow == "DELETE, GET, HEAD, OPTIONS, POST");
    BOOST_TEST(router.find("DELETE", {"a"}).route->pattern == "/{any}");
    BOOST_TEST(router.find("HEAD", {"a"}).route->pattern == "/a");
    BOOST_TEST(router.find("GET", {"a", "b"}).allow.empty());
    BOOST_TEST(router.find("GET", {}).route == nullptr);
}

BOOST_AUTO_TEST_CASE(a_table_that_cannot_be_meant_is_refused) {
    for (const char* pattern :
         {"", "a", "/a/", "//", "/{}", "/{a", "/{a}/{a}", "/{a*}/b", "/{*}"}) {
        BOOST_TEST_CONTEXT(pattern) {
            BOOST_CHECK_EXCEPTION(Router({route("GET", pattern)}), Error, is_bad_route);
        }
    }
    BOOST_CHECK_EXCEPTION(Router({route("BREW", "/a")}), Error, is_bad_route);
    BOOST_CHECK_EXCEPTION(Router({route("GET", "/{a}"), route("GET", "/{b}")}), Error,
                          is_bad_route);
    BOOST_CHECK_EXCEPTION(Router({{"GET", "/a", nullptr}}), Error, is_bad_route);
    BOOST_CHECK_NO_THROW(Router({route("GET", "/{a}"), route("POST", "/{b}")}));
}

BOOST_AUTO_TEST_SUITE_END()
