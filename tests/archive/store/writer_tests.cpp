#include "tests/archive/store/support.h"

#include <thread>

using namespace custode;
using namespace custode::store;
using namespace custode::store::testing;

namespace {

/// Keeps the writer busy inside a task until released, so that what is submitted meanwhile waits.
struct Gate {
    std::promise<void> entered;
    std::promise<void> released;
    std::future<void> done;

    explicit Gate(Writer& writer) {
        done = writer.submit([this](Changes& changes) {
            changes.put(others, view("gate"), bytes("x"));
            entered.set_value();
            released.get_future().wait();
        });
        entered.get_future().wait();
    }
    void open() {
        released.set_value();
        done.get();
    }
};

std::string key_of(int number) { return "row" + std::to_string(number); }

}  // namespace

BOOST_AUTO_TEST_SUITE(writer_tests)

BOOST_FIXTURE_TEST_CASE(a_finished_task_is_in_the_file, TemporaryFolder) {
    RecordingHooks hooks;
    {
        Environment environment(path / "catalogue.mdb", options(true));
        Writer(environment, hooks, {}).run([](Changes& c) { c.put(rows, view("k"), bytes("v")); });
    }
    Environment again(path / "catalogue.mdb", options(false));
    const ReadTransaction read(again);
    BOOST_TEST(text(read.find(rows, view("k")).value()) == "v");
    BOOST_TEST(read.find(head, view("head")).has_value());
}

BOOST_FIXTURE_TEST_CASE(a_task_sees_its_own_changes_on_top_of_the_catalogue, TemporaryStore) {
    Writer writer(environment, hooks, {});
    writer.run([](Changes& c) {
        c.put(rows, view("kept"), bytes("1"));
        c.put(rows, view("gone"), bytes("2"));
    });
    writer.run([](Changes& c) {
        BOOST_TEST(c.find(rows, view("kept")).value() == bytes("1"));
        c.put(rows, view("kept"), bytes("3"));
        BOOST_TEST(c.find(rows, view("kept")).value() == bytes("3"));
        c.erase(rows, view("gone"));
        BOOST_TEST(!c.find(rows, view("gone")).has_value());
        c.insert(rows, view("gone"), bytes("4"));  // a new row under the same key
        c.insert(rows, view("brief"), bytes("5"));
        c.erase(rows, view("brief"));
        BOOST_TEST(!c.find(rows, view("brief")).has_value());
    });
    BOOST_TEST(stored(rows, "kept").value() == bytes("3"));
    BOOST_TEST(stored(rows, "gone").value() == bytes("4"));
    BOOST_TEST(!stored(rows, "brief").has_value());
    BOOST_TEST((writer.sums() == recount(environment)));
}

BOOST_FIXTURE_TEST_CASE(inserting_under_an_existing_key_is_refused, TemporaryStore) {
    Writer writer(environment, hooks, {});
    const auto insert = [&](const char* key) {
        writer.run([key](Changes& c) { c.insert(rows, view(key), bytes("v")); });
    };
    insert("first");
    BOOST_CHECK_EXCEPTION(insert("first"), Error, is_error(ErrorCode::conflict, "store.exists"));
    BOOST_CHECK_NO_THROW(insert("second"));
    BOOST_TEST(hooks.tasks_failed == 1);
}

BOOST_FIXTURE_TEST_CASE(a_task_that_throws_leaves_no_trace_and_its_group_commits, TemporaryStore) {
    Writer writer(environment, hooks, {});
    Gate gate(writer);
    auto before = writer.submit([](Changes& c) { c.put(rows, view("before"), bytes("1")); });
    auto thrown = writer.submit([](Changes& c) {
        c.put(rows, view("before"), bytes("overwritten"));
        c.put(rows, view("thrown"), bytes("2"));
        throw std::runtime_error("changed my mind");
    });
    auto after = writer.submit([](Changes& c) {
        BOOST_TEST(c.find(rows, view("before")).value() == bytes("1"));
        BOOST_TEST(!c.find(rows, view("thrown")).has_value());
        c.put(rows, view("after"), bytes("3"));
    });
    gate.open();
    BOOST_CHECK_NO_THROW(before.get());
    BOOST_CHECK_THROW(thrown.get(), std::runtime_error);
    BOOST_CHECK_NO_THROW(after.get());
    BOOST_TEST(hooks.commits == 1);
    BOOST_TEST(stored(rows, "before").value() == bytes("1"));
    BOOST_TEST(!stored(rows, "thrown").has_value());
    BOOST_TEST(stored(rows, "after").value() == bytes("3"));
    BOOST_TEST((writer.sums() == recount(environment)));
}

BOOST_FIXTURE_TEST_CASE(what_waits_together_is_committed_together, TemporaryStore) {
    Writer writer(environment, hooks, {.group_tasks_max = 8});
    Gate gate(writer);
    std::vector<std::future<void>> waiting;
    for (int i = 0; i < 15; ++i)
        waiting.push_back(
            writer.submit([i](Changes& c) { c.insert(rows, view(key_of(i)), bytes("v")); }));
    gate.open();
    for (auto& done : waiting) done.get();
    BOOST_TEST(hooks.commits == 2);  // the gate and seven, then eight
    BOOST_TEST(ReadTransaction(environment).count(rows) == 15U);
}

BOOST_FIXTURE_TEST_CASE(a_task_that_may_be_later_joins_the_next_group, TemporaryStore) {
    Writer writer(environment, hooks, {.later_max = std::chrono::hours(1)});
    const auto put = [](const char* key) {
        return [key](Changes& c) { c.insert(rows, view(key), bytes("v")); };
    };
    auto later = writer.submit(put("later"), Writer::Urgency::later);
    BOOST_TEST((later.wait_for(std::chrono::milliseconds(20)) == std::future_status::timeout));
    writer.run([](Changes& c) {
        BOOST_TEST(c.find(rows, view("later")).has_value());  // it came first, and stays first
    });
    later.get();
    BOOST_TEST(hooks.commits == 1);
}

BOOST_FIXTURE_TEST_CASE(a_task_that_may_be_later_does_not_wait_for_ever, TemporaryStore) {
    Writer writer(environment, hooks, {.later_max = std::chrono::milliseconds(5)});
    writer
        .submit([](Changes& c) { c.insert(rows, view("later"), bytes("v")); },
                Writer::Urgency::later)
        .get();
    BOOST_TEST(stored(rows, "later").has_value());
}

BOOST_FIXTURE_TEST_CASE(a_writer_that_ends_finishes_what_may_be_later, TemporaryStore) {
    std::future<void> later;
    {
        Writer writer(environment, hooks, {.later_max = std::chrono::hours(1)});
        later = writer.submit([](Changes& c) { c.insert(rows, view("later"), bytes("v")); },
                              Writer::Urgency::later);
    }
    later.get();
    BOOST_TEST(stored(rows, "later").has_value());
}

BOOST_FIXTURE_TEST_CASE(a_full_queue_refuses_and_takes_again_when_it_has_moved, TemporaryStore) {
    Writer writer(environment, hooks, {.queue_tasks_max = 2});
    Gate gate(writer);
    const auto nothing = [](Changes&) {};
    auto one = writer.submit(nothing);
    auto two = writer.submit(nothing);
    BOOST_CHECK_EXCEPTION(writer.submit(nothing), Error,
                          is_error(ErrorCode::busy, "store.queue_full"));
    gate.open();
    two.get();
    BOOST_CHECK_NO_THROW(writer.run(nothing));
}

BOOST_FIXTURE_TEST_CASE(tasks_of_one_thread_keep_their_order, TemporaryStore) {
    Writer writer(environment, hooks, {});
    std::vector<std::future<void>> all;
    for (int i = 0; i < 500; ++i)
        all.push_back(writer.submit([i](Changes& c) {
            const auto last = c.find(rows, view("last"));
            if (i > 0 && last.value() != bytes(std::to_string(i - 1)))
                throw std::logic_error("out of order");
            c.put(rows, view("last"), bytes(std::to_string(i)));
        }));
    for (auto& done : all) BOOST_CHECK_NO_THROW(done.get());
    BOOST_TEST(stored(rows, "last").value() == bytes("499"));
}

BOOST_FIXTURE_TEST_CASE(concurrent_submitters_lose_nothing_and_see_whole_tasks, TemporaryStore) {
    constexpr int threads = 8;
    constexpr int tasks = 50;
    std::atomic<bool> running{true};
    std::atomic<int> torn{0};
    {
        Writer writer(environment, hooks, {});
        std::thread reader([&] {
            while (running) {
                const ReadTransaction read(environment);
                // Each task adds one row to both tables, so they are equal in every view.
                if (read.count(rows) != read.count(others)) ++torn;
            }
        });
        std::vector<std::thread> submitters;
        for (int t = 0; t < threads; ++t)
            submitters.emplace_back([&, t] {
                for (int i = 0; i < tasks; ++i)
                    writer.run([&](Changes& c) {
                        const std::string key = std::to_string(t) + "." + std::to_string(i);
                        c.insert(rows, view(key), bytes("1"));
                        c.insert(others, view(key), bytes("2"));
                    });
            });
        for (auto& thread : submitters) thread.join();
        running = false;
        reader.join();
        BOOST_TEST((writer.sums() == recount(environment)));
    }
    BOOST_TEST(torn == 0);
    BOOST_TEST(ReadTransaction(environment).count(rows) == std::uint64_t{threads * tasks});
    BOOST_TEST(hooks.commits <= threads * tasks);
}

BOOST_FIXTURE_TEST_CASE(the_destructor_finishes_the_queue, TemporaryStore) {
    std::vector<std::future<void>> waiting;
    {
        Writer writer(environment, hooks, {});
        Gate gate(writer);
        for (int i = 0; i < 10; ++i)
            waiting.push_back(
                writer.submit([i](Changes& c) { c.insert(rows, view(key_of(i)), bytes("v")); }));
        gate.open();
    }
    for (auto& done : waiting) BOOST_CHECK_NO_THROW(done.get());
    BOOST_TEST(ReadTransaction(environment).count(rows) == 10U);
}

BOOST_FIXTURE_TEST_CASE(a_group_without_changes_commits_nothing, TemporaryStore) {
    Writer writer(environment, hooks, {});
    writer.run([](Changes&) {});
    BOOST_TEST(hooks.commits == 0);
    writer.run([](Changes& c) { c.put(rows, view("k"), bytes("v")); });
    BOOST_TEST(hooks.commits == 1);
}

BOOST_FIXTURE_TEST_CASE(a_task_may_have_half_a_group_and_no_more, TemporaryStore) {
    Writer writer(environment, hooks, {.group_bytes_max = 64 * 1024});
    const auto write = [&](std::size_t value_bytes) {
        writer.run([=](Changes& c) { c.put(rows, view("k"), Bytes(value_bytes)); });
    };
    const std::size_t most = 32 * 1024 - Writer::row_bytes - 1;
    write(most);
    BOOST_CHECK_EXCEPTION(write(most + 1), Error,
                          is_error(ErrorCode::invalid_argument, "store.task_too_large"));
    BOOST_TEST(stored(rows, "k").value().size() == most);
    BOOST_TEST(!writer.read_only());
}

BOOST_FIXTURE_TEST_CASE(the_sums_equal_a_recount_after_random_operations, TemporaryStore) {
    auto random = printed_random();
    std::vector<TableSum> carried;
    for (int life = 0; life < 4; ++life) {  // each life begins with the sums of the one before
        Writer writer(environment, hooks, {.sums = carried});
        for (int i = 0; i < 60; ++i) {
            const auto task = [&](Changes& c) {
                const std::size_t operations = 1 + random() % 20;
                for (std::size_t n = 0; n < operations; ++n) {
                    const Table table{1 + static_cast<unsigned>(random() % 2)};
                    const std::string key = key_of(static_cast<int>(random() % 50));
                    if (c.find(table, view(key)) && random() % 2 == 0)
                        c.erase(table, view(key));
                    else
                        c.put(table, view(key), Bytes(random() % 6000, std::uint8_t(random())));
                }
                if (random() % 5 == 0) throw std::runtime_error("dropped");
            };
            try {
                writer.run(task);
            } catch (const std::runtime_error&) {
            }
        }
        carried = writer.sums();
        BOOST_TEST((carried == recount(environment)));
    }
    BOOST_TEST(carried[head.index].count == 0U);  // the head is not summed
}

BOOST_AUTO_TEST_CASE(adding_and_removing_a_row_carries_over_all_256_bits) {
    TableSum sum;
    Blake2Digest all_ones;
    all_ones.bytes.fill(0xFF);
    Blake2Digest one;
    one.bytes[0] = 1;
    add_row(sum, all_ones);
    add_row(sum, one);
    BOOST_TEST((sum == TableSum{.count = 2, .sum = {}}));
    remove_row(sum, one);
    BOOST_TEST((sum == TableSum{.count = 1, .sum = all_ones.bytes}));
    remove_row(sum, all_ones);
    BOOST_TEST((sum == TableSum{}));
}

BOOST_AUTO_TEST_SUITE_END()
