#include "tools/bench/raw_events.h"

#include "archive/crypto/digest.h"
#include "archive/journal/journal.h"

#include <atomic>
#include <chrono>
#include <thread>

namespace custode::bench {
namespace {

/// A journal on a keyring and a catalogue of its own; everything real but what is above them.
struct BareJournal {
    SystemClock clock;
    std::unique_ptr<crypto::KeyService> keys;
    store::Environment environment;
    journal::Journal journal;
    store::Writer writer;

    explicit BareJournal(const std::filesystem::path& folder)
        : keys(make_keys(folder, clock)),
          environment(folder / "catalogue.mdb", environment_options()),
          journal(environment, *keys, clock, {0, proof::empty_root(), {{}, {}}},
                  {{store::Table{0}, store::Table{1}}, folder / "tiles", {}}),
          writer(environment, journal, writer_options()) {}

    static std::unique_ptr<crypto::KeyService> make_keys(const std::filesystem::path& folder,
                                                         const Clock& clock) {
        crypto::KeyService::CreateOptions options;
        options.slots.keyfile = folder / "keyfile";
        options.now = clock.now();
        options.year = static_cast<std::uint16_t>(roman_day(options.now).year);
        return crypto::KeyService::create(folder / "vault", options).keys;
    }
    static store::Environment::Options environment_options() {
        store::Environment::Options options;
        options.tables = {"journal", "head"};
        options.create = true;
        options.allow_any_file_system = true;
        return options;
    }
    static store::Writer::Options writer_options() {
        store::Writer::Options options;
        options.head = store::Table{1};
        return options;
    }
};

}  // namespace

nlohmann::json journal_events(const std::filesystem::path& folder, unsigned clients,
                              std::size_t count) {
    BareJournal bare(folder);
    journal::Draft draft;
    draft.action = journal::Action::disclosure_opened;
    draft.actor = crypto::random_id<AccountId>();
    draft.payload = R"({"what":"document.content","rule":"archivist.unit"})";
    std::atomic<std::size_t> begun = 0;
    const auto start = std::chrono::steady_clock::now();
    {
        std::vector<std::jthread> threads;
        for (unsigned i = 0; i < clients; ++i)
            threads.emplace_back([&] {
                while (begun++ < count)
                    bare.journal
                        .submit(
                            bare.writer,
                            [&](store::Changes& changes) { bare.journal.append(changes, draft); })
                        .get();
            });
    }
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return {{"seconds", seconds}, {"events", bare.journal.size()}, {"clients", clients}};
}

}  // namespace custode::bench
