#include "tests/archive/store/support.h"

using namespace custode;
using namespace custode::store;
using namespace custode::store::testing;

namespace {

std::vector<std::string> keys(Environment& environment, Table table, std::string_view from) {
    std::vector<std::string> found;
    const ReadTransaction read(environment);
    read.scan(table, view(from), [&](BytesView key, BytesView) {
        found.emplace_back(text(key));
        return found.size() < 3;
    });
    return found;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(transaction_tests)

BOOST_FIXTURE_TEST_CASE(rows_are_found_counted_and_scanned_in_key_order, TemporaryStore) {
    Writer(environment, hooks, {}).run([](Changes& changes) {
        for (const char* key : {"d", "b", "a", "c", "e"})
            changes.insert(rows, view(key), bytes(key));
        changes.insert(others, view("x"), bytes("y"));
    });
    BOOST_TEST(stored(rows, "c").value() == bytes("c"));
    BOOST_TEST(!stored(rows, "cc").has_value());
    BOOST_TEST(!stored(others, "c").has_value());
    BOOST_TEST(ReadTransaction(environment).count(rows) == 5U);
    BOOST_TEST(ReadTransaction(environment).count(others) == 1U);
    BOOST_TEST(keys(environment, rows, "") == (std::vector<std::string>{"a", "b", "c"}));
    BOOST_TEST(keys(environment, rows, "bb") == (std::vector<std::string>{"c", "d", "e"}));
    BOOST_TEST(keys(environment, rows, "f").empty());
    BOOST_TEST(text(ReadTransaction(environment).last(rows).value().first) == "e");
}

BOOST_FIXTURE_TEST_CASE(an_empty_table_has_no_last_row, TemporaryStore) {
    BOOST_TEST(!ReadTransaction(environment).last(rows).has_value());
    BOOST_TEST(keys(environment, rows, "").empty());
}

BOOST_FIXTURE_TEST_CASE(a_reader_sees_the_state_of_its_beginning, TemporaryStore) {
    Writer writer(environment, hooks, {});
    writer.run([](Changes& changes) { changes.put(rows, view("k"), bytes("old")); });
    const ReadTransaction before(environment);
    writer.run([](Changes& changes) { changes.put(rows, view("k"), bytes("new")); });
    BOOST_TEST(text(before.find(rows, view("k")).value()) == "old");
    BOOST_TEST(stored(rows, "k").value() == bytes("new"));
}

BOOST_FIXTURE_TEST_CASE(keys_of_1_to_64_bytes_are_used_and_others_refused, TemporaryStore) {
    Writer writer(environment, hooks, {});
    const auto put = [&](std::size_t size) {
        writer.run([size](Changes& c) { c.put(rows, Bytes(size, 'k'), bytes("v")); });
    };
    const auto refused = is_error(ErrorCode::invalid_argument, "store.key");
    put(1);
    put(64);
    BOOST_CHECK_EXCEPTION(put(0), Error, refused);
    BOOST_CHECK_EXCEPTION(put(65), Error, refused);

    const ReadTransaction read(environment);
    BOOST_TEST(read.find(rows, Bytes(64, 'k')).has_value());
    BOOST_CHECK_EXCEPTION(read.find(rows, Bytes(65, 'k')), Error, refused);
    BOOST_CHECK_EXCEPTION(read.find(rows, {}), Error, refused);
    BOOST_CHECK_EXCEPTION(read.scan(rows, Bytes(65, 'k'), [](auto, auto) { return true; }), Error,
                          refused);
    BOOST_TEST(read.count(rows) == 2U);
}

BOOST_FIXTURE_TEST_CASE(a_visitor_that_throws_ends_the_scan_and_nothing_else, TemporaryStore) {
    Writer(environment, hooks, {}).run([](Changes& c) { c.put(rows, view("k"), bytes("v")); });
    {
        const ReadTransaction read(environment);
        const auto fail = [](BytesView, BytesView) -> bool { throw std::runtime_error("visitor"); };
        BOOST_CHECK_THROW(read.scan(rows, {}, fail), std::runtime_error);
        BOOST_TEST(read.count(rows) == 1U);
    }
    environment.reopen();  // no reader is left behind
    BOOST_TEST(stored(rows, "k").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
