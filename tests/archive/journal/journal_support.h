// tests/archive/journal/journal_support.h
#pragma once

#include "archive/base/codec.h"
#include "archive/crypto/digest.h"
#include "archive/crypto/secret.h"
#include "archive/journal/journal.h"
#include "archive/proof/receipt.h"
#include "tests/archive/store/support.h"
#include "tests/support/fake_clock.h"

namespace custode::journal::testing {

using custode::testing::FakeClock;

inline const Tables tables{store::Table{0}, store::Table{1}};
inline constexpr store::Table rows{2};
inline const std::vector<std::string> names{"journal", "head", "rows"};

/// Passes everything on to the journal, and does something of its own between the commit and the
/// journal's second look at it.
struct Interposed final : store::GroupHooks {
    explicit Interposed(Journal& journal_in) : journal(journal_in) {}

    Blake2Digest row_digest(store::Table table, BytesView key, BytesView value) override {
        return journal.row_digest(table, key, value);
    }
    void task_failed() override { journal.task_failed(); }
    void before_commit(store::Changes& changes, const std::vector<store::TableSum>& sums) override {
        journal.before_commit(changes, sums);
    }
    void after_commit() override {
        if (committed) std::exchange(committed, nullptr)();
        journal.after_commit();
    }
    void rolled_back() override { journal.rolled_back(); }
    void verify_after_failure() override {
        if (verifying) verifying();
        journal.verify_after_failure();
        ++verified;
    }

    Journal& journal;
    std::function<void()> committed;  ///< On the writer's thread, like the next.
    std::function<void()> verifying;
    std::atomic<int> verified{0};
};

/// A keyring, an environment and a journal on top: everything real but what is above them.
struct OneJournal {
    store::testing::TemporaryFolder folder;
    FakeClock clock;
    std::unique_ptr<crypto::KeyService> keys = make_keys();
    std::unique_ptr<store::Environment> environment;
    std::unique_ptr<Journal> journal;
    std::unique_ptr<Interposed> hooks;
    std::unique_ptr<store::Writer> writer;
    std::vector<std::uint64_t> durable;

    OneJournal() {
        open_environment(true);
        open({0, proof::empty_root(), std::vector<store::TableSum>(names.size())});
    }
    ~OneJournal() { close(); }

    std::unique_ptr<crypto::KeyService> make_keys() {
        crypto::open_arena();
        crypto::KeyService::CreateOptions options;
        options.slots.keyfile = folder.path / "keyfile";
        options.year = 2026;
        options.now = clock.now();
        return crypto::KeyService::create(folder.path / "vault", options).keys;
    }
    void open_environment(bool create) {
        store::Environment::Options options;
        options.tables = names;
        options.map_bytes = store::testing::test_map_bytes;
        options.create = create;
        options.allow_any_file_system = true;
        environment = std::make_unique<store::Environment>(folder.path / "catalogue.mdb", options);
    }
    void open(const Head& head) {
        journal = std::make_unique<Journal>(
            *environment, *keys, clock, head,
            Journal::Options{tables, folder.path / "tiles",
                             [this](std::uint64_t sequence, const OpenedEvent&) {
                                 durable.push_back(sequence);
                             }});
        hooks = std::make_unique<Interposed>(*journal);
        store::Writer::Options options;
        options.head = tables.head;
        options.sums = head.sums;
        options.retry_pause = std::chrono::milliseconds(1);
        writer = std::make_unique<store::Writer>(*environment, *hooks, options);
    }
    void close() {
        writer.reset();
        hooks.reset();
        journal.reset();
        environment.reset();
    }
    void reopen() {
        close();
        open_environment(false);
        open(head());
    }
    Head head() {
        const store::ReadTransaction read(*environment);
        return read_head(read, tables, *keys);
    }

    static Draft draft(std::string payload = "{}") {
        Draft draft;
        draft.action = Action::disclosure_opened;
        draft.payload = std::move(payload);
        return draft;
    }
    std::future<void> post(const Draft& draft, std::uint64_t* sequence = nullptr) {
        return journal->submit(*writer, [this, draft, sequence](store::Changes& changes) {
            const OpenedEvent event = journal->append(changes, draft);
            if (sequence != nullptr) *sequence = event.header.sequence;
        });
    }
    std::uint64_t append(const Draft& draft) {
        std::uint64_t sequence = 0;
        post(draft, &sequence).get();
        return sequence;
    }
    void append_many(int count) {
        std::vector<std::future<void>> all;
        for (int i = 0; i < count; ++i) all.push_back(post(draft(std::to_string(i))));
        for (auto& one : all) one.get();
    }

    Bytes stored(std::uint64_t sequence) {
        const store::ReadTransaction read(*environment);
        const auto found = read.find(tables.journal, big_endian(sequence));
        BOOST_REQUIRE(found.has_value());
        return copy(*found);
    }
    StoredEvent event(std::uint64_t sequence) {
        auto event = StoredEvent::decode(stored(sequence));
        BOOST_REQUIRE(event.has_value());
        return std::move(*event);
    }
    proof::Checkpoint checkpoint() const {
        auto checkpoint = proof::open_checkpoint(journal->checkpoint(), journal->verifier_key());
        BOOST_REQUIRE(checkpoint.has_value());
        return std::move(*checkpoint);
    }
    void wait_until_writable() const {
        while (writer->read_only()) std::this_thread::yield();
    }
};

/// Changes rows without keeping any head: what somebody with the file in hand can do.
class Tamperer final : store::GroupHooks {
public:
    explicit Tamperer(store::Environment& environment) : environment_(environment) {}

    void run(const std::function<void(store::Changes&)>& change) {
        store::Writer writer(environment_, *this, {});
        writer.run(change);
    }
    void put(store::Table table, BytesView key, const Bytes& value) {
        run([&](store::Changes& changes) { changes.put(table, key, value); });
    }
    void erase(store::Table table, BytesView key) {
        run([&](store::Changes& changes) { changes.erase(table, key); });
    }

private:
    Blake2Digest row_digest(store::Table, BytesView, BytesView) override { return {}; }
    void before_commit(store::Changes&, const std::vector<store::TableSum>&) override {}
    void after_commit() override {}
    void rolled_back() override {}
    void verify_after_failure() override {}

    store::Environment& environment_;
};

}  // namespace custode::journal::testing
