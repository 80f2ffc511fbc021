#include "archive/upkeep.h"

#include "archive/base/codec.h"
#include "archive/base/encoding.h"
#include "archive/catalogue/ledger.h"
#include "archive/catalogue/tables_digest.h"
#include "archive/crypto/digest.h"
#include "archive/crypto/object.h"
#include "archive/process.h"
#include "archive/store/catalogue_copy.h"
#include "archive/store/page_check.h"
#include "archive/upkeep_files.h"
#include "policies/explain.h"

namespace custode {
namespace {

using catalogue::Ledger;
using catalogue::Lookup;
namespace table = catalogue::table;

constexpr std::uint64_t events_at_once = 500;

/// A vault opened for looking at, with nobody else in it.
struct Inspected {
    std::unique_ptr<crypto::KeyService> keys;
    std::unique_ptr<Ledger> ledger;

    Inspected(const std::filesystem::path& folder, const crypto::UnsealInput& input,
              const Clock& clock) {
        prepare_process();
        keys = crypto::KeyService::unseal(folder, input);
        Ledger::Options options;
        options.vault = folder;
        options.allow_any_file_system = true;
        options.reserve_bytes = 0;
        ledger = std::make_unique<Ledger>(*keys, clock, options);
    }
};

/// Opened; or nothing, when what keeps it shut is damage that can be named from outside.
std::unique_ptr<Inspected> inspect(const std::filesystem::path& folder,
                                   const crypto::UnsealInput& input, const Clock& clock,
                                   UpkeepReport& report) try {
    return std::make_unique<Inspected>(folder, input, clock);
} catch (const Error& error) {
    if (error.name() != "tiles.root" && error.name() != "journal.event_damaged") throw;
    report.findings.push_back("the journal's root is not the one that its events give");
    for (std::string& finding : damaged_events(folder, *crypto::KeyService::unseal(folder, input)))
        report.findings.push_back(std::move(finding));
    return nullptr;
}

/// LMDB would follow a damaged page wherever it leads, out of our memory too: so this comes first.
std::vector<std::string> damaged_pages(const std::filesystem::path& folder) {
    if (store::is_in_use(folder))
        throw Error(ErrorCode::conflict, "store.in_use", "could not open the vault: it is in use");
    return store::check_pages(folder / "catalogue.mdb");
}

/// What cannot be opened is a finding under its name, and the look goes on.
template <class Look>
void attempt(UpkeepReport& report, const std::string& where, const Look& look) {
    try {
        look();
    } catch (const std::exception& error) {
        report.findings.push_back(where + ": " + error.what());
    }
}

/// Every event: its seals, its place in the tree, and at the end the root that the head states.
void check_journal(Ledger& ledger, UpkeepReport& report, const UpkeepProgress& progress) {
    proof::Frontier frontier;
    const std::uint64_t size = ledger.journal().size();
    for (std::uint64_t start = 0; start < size; start += events_at_once) {
        const std::uint64_t end = std::min(size, start + events_at_once);
        const store::ReadTransaction transaction(ledger.environment());
        for (std::uint64_t i = start; i < end; ++i) {
            const auto bytes = transaction.find(table::journal, big_endian(i));
            const auto event = bytes ? journal::StoredEvent::decode(*bytes) : std::nullopt;
            if (!event) {
                report.findings.push_back("journal event " + std::to_string(i) +
                                          " does not decode");
                continue;
            }
            frontier.append(event->leaf_entry().leaf());
            const std::string where = "journal event " + std::to_string(i);
            attempt(report, where, [&] {
                if (!catalogue::open_event(ledger.lookup_in(transaction), i, *event))
                    report.findings.push_back(where + " does not open");
            });
        }
        report.events = end;
        progress("journal", end, size);
    }
    const auto checkpoint =
        proof::open_checkpoint(ledger.journal().checkpoint(), ledger.journal().verifier_key());
    if (!checkpoint || checkpoint->size != frontier.size() || checkpoint->root != frontier.root())
        report.findings.push_back("the journal's root is not the one that its events give");
}

void check_sums(Ledger& ledger, UpkeepReport& report) {
    const store::ReadTransaction transaction(ledger.environment());
    const auto head = journal::read_head(transaction, {table::journal, table::head}, ledger.keys());
    for (unsigned i = 0; i < catalogue::table_names().size(); ++i) {
        if (i == table::head.index) continue;
        store::TableSum sum;
        transaction.scan(store::Table{i}, {}, [&](BytesView name, BytesView value) {
            store::add_row(sum, ledger.journal().row_digest(store::Table{i}, name, value));
            return true;
        });
        if (sum != head.sums[i])
            report.findings.push_back("rows of table " + catalogue::table_names()[i] +
                                      " are not those that were last written");
    }
}

/// Reads an object's container back: its digest must be the journal's, its plaintext the
/// impronta's.
void check_object(Ledger& ledger, const Lookup& rows, const catalogue::ObjectKeys& keys,
                  const catalogue::DocumentRow& document, UpkeepReport& report) {
    const auto extents = rows.extents(document.blob);
    if (!extents) throw Error(ErrorCode::corrupt, "object.damaged", "it has no location");
    crypto::Sha256 sealed_digest;
    Bytes container;
    std::unique_ptr<crypto::ObjectOpener> opener;
    crypto::Sha256 plain_digest;
    std::uint64_t chunk = 0;
    const auto open_chunks = [&] {
        std::size_t at = 0;
        if (!opener) {
            if (container.size() < crypto::object_head_bytes) return;
            opener = std::make_unique<crypto::ObjectOpener>(
                *keys.o, crypto::ObjectContext{rows.rows().vault(), keys.object, 1, "original"},
                BytesView(container).first(crypto::object_head_bytes), document.bytes);
            at = crypto::object_head_bytes;
        }
        while (chunk < opener->chunk_count() &&
               container.size() - at >= opener->chunk_sealed_size(chunk)) {
            const std::size_t size = opener->chunk_sealed_size(chunk);
            plain_digest.update(opener->open_chunk(chunk, BytesView(container).subspan(at, size)));
            at += size;
            ++chunk;
        }
        container.erase(container.begin(), container.begin() + static_cast<long>(at));
    };
    for (const store::Extent& extent : *extents) {
        Bytes piece(extent.length);
        ledger.segments().read(extent, 0, piece);
        sealed_digest.update(piece);
        append(container, piece);
        open_chunks();
    }
    const auto event = rows.event_content(document.event);
    if (!event || *event != sealed_digest.finish())
        throw Error(ErrorCode::corrupt, "object.damaged", "its container is not the journal's");
    if (!opener || chunk != opener->chunk_count() || !container.empty() ||
        plain_digest.finish() != document.sha256)
        throw Error(ErrorCode::corrupt, "object.damaged",
                    "its bytes are not those of its impronta");
    report.bytes += document.bytes;
}

void check_objects(Ledger& ledger, UpkeepReport& report, const UpkeepProgress& progress) {
    const std::uint64_t all = ledger.memory().dossier_count();
    std::uint64_t done = 0;
    std::string after;
    for (;;) {
        const auto next = ledger.memory().dossiers(after, 1, [](const auto&) { return true; });
        if (next.empty()) return;
        const auto& dossier = *next.front();
        after = records::to_text(dossier.facts.code);
        ledger.read([&](const Lookup& rows) {
            const auto row = rows.dossier(dossier.entry);
            for (std::uint32_t i = 0; row && i < row->next; ++i) {
                attempt(report, "document " + after + " n. " + std::to_string(i + 1), [&] {
                    const auto keys = rows.object_keys(catalogue::LinkPlace{dossier.entry, i});
                    const auto document = keys ? rows.document(*keys) : std::nullopt;
                    if (!document) return;
                    check_object(ledger, rows, *keys, *document, report);
                    ++report.documents;
                });
            }
        });
        progress("documents", ++done, all);
    }
}

void check_segments(Ledger& ledger, UpkeepReport& report) {
    for (const auto& damage : ledger.segments().damage())
        report.findings.push_back("segment " + std::to_string(damage.segment) + ": " + damage.what);
    const store::ReadTransaction transaction(ledger.environment());
    transaction.scan(table::segments, {}, [&](BytesView name, BytesView value) {
        if (name.size() != sizeof(std::uint32_t)) return true;  // How far a segment is named.
        const std::uint32_t number = Decoder(name).u32();
        const std::string where = "segment " + std::to_string(number);
        attempt(report, where, [&] {
            const auto row =
                nlohmann::json::parse(ledger.rows().open_special(table::segments, name, value));
            if (to_hex(ledger.segment_digest(number)) != row.at("sha256").get<std::string>())
                report.findings.push_back(where + " is not the one that was closed");
            ++report.segments;
        });
        return true;
    });
}

void add_tables(Ledger& ledger, UpkeepReport& report) {
    const store::ReadTransaction transaction(ledger.environment());
    const auto digests = catalogue::digest_tables(transaction, ledger.rows());
    for (const auto& table : digests.tables)
        report.tables.push_back({table.table, table.rows, to_hex(table.digest), {}});
    report.findings.insert(report.findings.end(), digests.findings.begin(), digests.findings.end());
}

/// Where each blob's frames lie, from the segments alone.
std::map<BlobId, std::vector<store::Extent>> extents_of(const store::SegmentStore& segments) {
    std::map<BlobId, std::map<std::uint32_t, store::Extent>> frames;
    segments.frames(
        [&](const store::FrameInfo& frame) { frames[frame.blob][frame.ordinal] = frame.extent; });
    std::map<BlobId, std::vector<store::Extent>> extents;
    for (const auto& [blob, ordered] : frames)
        for (const auto& [ordinal, extent] : ordered) extents[blob].push_back(extent);
    return extents;
}

/// Writes the head row of the catalogue that is being rebuilt, as the journal would have.
class RebuildHooks final : public store::GroupHooks {
public:
    explicit RebuildHooks(Ledger& ledger) : ledger_(ledger) {}

    proof::Frontier frontier;

    Blake2Digest row_digest(store::Table table, BytesView key, BytesView value) override {
        return ledger_.journal().row_digest(table, key, value);
    }
    void before_commit(store::Changes& changes, const std::vector<store::TableSum>& sums) override {
        changes.put(table::head, view("head"),
                    ledger_.journal().seal_head({frontier.size(), frontier.root(), sums}));
    }
    void after_commit() override {}
    void rolled_back() override {}
    void verify_after_failure() override {}

private:
    Ledger& ledger_;
};

void replay(Ledger& source, store::Writer& writer, RebuildHooks& hooks,
            const UpkeepProgress& progress) {
    const auto extents = extents_of(source.segments());
    const catalogue::Projection projection(source.rows());
    const std::uint64_t size = source.journal().size();
    std::uint64_t at_once = events_at_once;
    for (std::uint64_t start = 0; start < size;) {
        const std::uint64_t end = std::min(size, start + at_once);
        const proof::Frontier before = hooks.frontier;
        const auto project = [&](store::Changes& changes) {
            const store::ReadTransaction transaction(source.environment());
            const Lookup rows(source.rows(), [&changes](store::Table table, BytesView name) {
                return changes.find(table, name);
            });
            for (std::uint64_t i = start; i < end; ++i) {
                const auto bytes = transaction.find(table::journal, big_endian(i));
                const auto stored = bytes ? journal::StoredEvent::decode(*bytes) : std::nullopt;
                const auto event = stored ? catalogue::open_event(rows, i, *stored) : std::nullopt;
                if (!event)
                    throw Error(ErrorCode::corrupt, "journal.event_damaged",
                                "could not open journal event " + std::to_string(i));
                changes.insert(table::journal, big_endian(i), copy(*bytes));
                hooks.frontier.append(stored->leaf_entry().leaf());
                const auto blob = catalogue::filed_blob(*event);
                const auto where = blob ? extents.find(*blob) : extents.end();
                projection.apply(changes, *event,
                                 where == extents.end() ? nullptr : &where->second);
            }
        };
        try {
            writer.run(project);
        } catch (const Error& error) {
            // Long events: fewer of them fit one task.  One always does, as it did when it came.
            if (error.name() != "store.task_too_large" || at_once == 1) throw;
            hooks.frontier = before;
            at_once /= 2;
            continue;
        }
        progress("journal", end, size);
        start = end;
    }
}

}  // namespace

UpkeepReport verify_vault(const std::filesystem::path& folder, const crypto::UnsealInput& input,
                          const Clock& clock, const UpkeepProgress& progress) {
    UpkeepReport report;
    report.findings = damaged_pages(folder);
    if (!report.findings.empty()) return report;
    const auto vault = inspect(folder, input, clock, report);
    if (!vault) return report;
    check_journal(*vault->ledger, report, progress);
    check_sums(*vault->ledger, report);
    check_segments(*vault->ledger, report);
    check_objects(*vault->ledger, report, progress);
    add_tables(*vault->ledger, report);
    for (std::string& finding : check_files(folder, *vault->ledger))
        report.findings.push_back(std::move(finding));
    return report;
}

UpkeepReport rebuild_vault(const std::filesystem::path& folder, const crypto::UnsealInput& input,
                           const Clock& clock, bool replace, const UpkeepProgress& progress) {
    namespace fs = std::filesystem;
    const fs::path workshop = folder / "rebuild";
    fs::remove_all(workshop);  // of an earlier rebuild that was interrupted
    fs::create_directory(workshop);
    UpkeepReport report;
    bool same_past = false;
    {
        Inspected vault(folder, input, clock);
        store::Environment::Options options;
        options.tables = catalogue::table_names();
        options.create = true;
        options.allow_any_file_system = true;
        store::Environment rebuilt(workshop / "catalogue.mdb", options);
        {
            RebuildHooks hooks(*vault.ledger);
            store::Writer::Options writer_options;
            writer_options.head = table::head;
            store::Writer writer(rebuilt, hooks, writer_options);
            replay(*vault.ledger, writer, hooks, progress);
            // What no key seals of an event only the tree holds: a catalogue of another past must
            // not take the place of this one.
            const auto place = proof::parse_checkpoint_body(vault.ledger->journal().checkpoint());
            same_past = place && hooks.frontier.root() == place->root;
            if (!same_past)
                report.findings.push_back("the journal's root is not the one that its events give");
        }
        report.events = vault.ledger->journal().size();
        add_tables(*vault.ledger, report);
        const store::ReadTransaction transaction(rebuilt);
        const auto digests = catalogue::digest_tables(transaction, vault.ledger->rows());
        for (std::size_t i = 0; i < digests.tables.size(); ++i) {
            report.tables[i].rebuilt = to_hex(digests.tables[i].digest);
            if (report.tables[i].rebuilt != report.tables[i].digest)
                report.findings.push_back("table " + report.tables[i].name +
                                          " is not what the journal gives");
        }
    }
    if (replace && same_past) {
        fs::rename(folder / "catalogue.mdb", folder / "catalogue.mdb.old");
        fs::rename(workshop / "catalogue.mdb", folder / "catalogue.mdb");
        report.replaced = true;
    }
    fs::remove_all(workshop);
    return report;
}

std::optional<RuleFault> check_rules(std::string_view toml_text) {
    auto loaded = ::policies::access::load_rules(toml_text);
    if (loaded.rules) return std::nullopt;
    return RuleFault{loaded.line, std::move(loaded.reason)};
}

std::string_view shipped_rules() { return ::policies::access::shipped_rules_text(); }

RulesExplained explain_rules(std::string_view toml_text, bool italian) {
    namespace access = ::policies::access;
    const auto loaded = access::load_rules(toml_text);
    require(loaded.rules.has_value(), "only rules that are fit are explained");
    RulesExplained explained{to_hex(crypto::sha256({view(toml_text)})), {}};
    const auto tongue = italian ? access::Tongue::italian : access::Tongue::english;
    for (auto& one : access::explain(*loaded.rules, tongue)) {
        RulesExplained::Role role{std::move(one.role), std::move(one.name), {}};
        for (auto& line : one.lines)
            role.lines.push_back({std::move(line.text), std::move(line.rule)});
        explained.roles.push_back(std::move(role));
    }
    return explained;
}

}  // namespace custode
