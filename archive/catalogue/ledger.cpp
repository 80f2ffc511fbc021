#include "archive/catalogue/ledger.h"

#include "archive/base/codec.h"
#include "archive/base/guard.h"
#include "archive/crypto/digest.h"
#include "archive/records/text.h"

#include <array>
#include <cstdio>
#include <fstream>

namespace custode::catalogue {
namespace {

/// A twentieth of the catalogue's map, kept for the journal as the reserve is kept on the disk.
constexpr std::uint64_t map_kept_part = 20;

store::Environment::Options environment_options(const Ledger::Options& options) {
    store::Environment::Options out;
    out.tables = table_names();
    out.create = options.create;
    out.allow_any_file_system = options.allow_any_file_system;
    if (options.map_bytes != 0) out.map_bytes = options.map_bytes;
    return out;
}

journal::Head first_head() {
    return {0, proof::empty_root(), std::vector<store::TableSum>(table_names().size())};
}

}  // namespace

Batch::Batch(store::Changes& changes, journal::Journal& journal, const Rows& rows,
             const Projection& projection, const Clock& clock)
    : changes_(changes),
      journal_(journal),
      projection_(projection),
      lookup_(rows,
              [&changes](store::Table table, BytesView name) { return changes.find(table, name); }),
      now_(clock.now()) {}

std::uint64_t Batch::append(const journal::Draft& draft,
                            const std::vector<store::Extent>* extents) {
    const journal::OpenedEvent event = journal_.append(changes_, draft);
    projection_.apply(changes_, event, extents);
    return event.header.sequence;
}

Ledger::Ledger(crypto::KeyService& keys, const Clock& clock, const Options& options)
    : keys_(keys), clock_(clock), rows_(keys), projection_(rows_), vault_(options.vault) {
    environment_ = std::make_unique<store::Environment>(options.vault / "catalogue.mdb",
                                                        environment_options(options));
    if (options.reserve_bytes != 0)
        reserve_ =
            std::make_unique<store::Reserve>(options.vault / "reserve", options.reserve_bytes);
    const journal::Tables tables{table::journal, table::head};
    journal::Head head = first_head();
    if (!options.create) {
        const store::ReadTransaction read(*environment_);
        head = journal::read_head(read, tables, keys_);
        if (head.sums.size() != table_names().size())
            throw Error(ErrorCode::unsupported, "vault.newer_format",
                        "could not open the catalogue: it has other tables than this program");
    }
    journal_ = std::make_unique<journal::Journal>(
        *environment_, keys_, clock_, head,
        journal::Journal::Options{
            tables, options.vault / "tiles",
            [this](std::uint64_t sequence, const journal::OpenedEvent& event) {
                durable(sequence, event);
            }});
    if (!options.create) settle(head);
    store::Writer::Options writer;
    writer.head = table::head;
    writer.sums = head.sums;
    writer_ = std::make_unique<store::Writer>(*environment_, *journal_, writer);
    open_segments(options);
    load();
    background_ = std::jthread([this](const std::stop_token& stop) { load_imprints(stop); });
}

Ledger::~Ledger() {
    background_ = {};
    segments_.reset();
    writer_.reset();  // finishes the queue
    journal_.reset();
}

store::Reserve& Ledger::reserve() {
    require(reserve_ != nullptr, "who serves holds a reserve");
    return *reserve_;
}

bool Ledger::has_room() {
    if (!stands(Guard::reserve)) return true;
    reserve().look();
    return had_room();
}

bool Ledger::had_room() const {
    if (reserve_->state() != store::Reserve::State::held) return false;
    const auto space = environment_->space();
    return space.map_used_bytes < space.map_bytes - space.map_bytes / map_kept_part;
}

void Ledger::open_segments(const Options& options) {
    store::SegmentStore::Hooks hooks;
    hooks.seal_index = [this](std::uint32_t segment, BytesView index) {
        return rows_.seal_special(table::segments, Encoder().u32(segment).u8('i').bytes(),
                                  text(index));
    };
    hooks.open_index = [this](std::uint32_t segment, BytesView sealed) -> std::optional<Bytes> {
        try {
            return copy(view(rows_.open_special(table::segments,
                                                Encoder().u32(segment).u8('i').bytes(), sealed)));
        } catch (const Error&) {
            return std::nullopt;
        }
    };
    hooks.on_closed = [this](std::uint32_t segment, std::uint64_t bytes,
                             const Sha256Digest& sha256) {
        commit([&](Batch& batch) {
            journal::Draft draft;
            draft.action = journal::Action::segment_closed;
            draft.outcome = journal::Outcome::system;
            draft.payload = nlohmann::json{{"segment", segment}, {"bytes", bytes}}.dump();
            draft.content.bytes = sha256.bytes;
            batch.append(draft);
        });
    };
    store::SegmentStore::Options segments;
    segments.segment_bytes_max = options.segment_bytes_max;
    hooks.sha256 = [](const store::SegmentStore::Pieces& pieces) {
        crypto::Sha256 digest;
        pieces([&](BytesView bytes) { digest.update(bytes); });
        return digest.finish();
    };
    segments_ = std::make_unique<store::SegmentStore>(
        options.vault / "segments", segments, std::move(hooks), [this](std::uint32_t segment) {
            return read([&](const Lookup& lookup) { return lookup.named_end(segment); });
        });
}

Lookup Ledger::lookup(const store::ReadTransaction& transaction) const {
    return {rows_, [&transaction](store::Table table, BytesView name) -> std::optional<Bytes> {
                const auto found = transaction.find(table, name);
                if (!found) return std::nullopt;
                return copy(*found);
            }};
}

/// Visits every row of a table, then compares their sum with the head row's.
void Ledger::check_whole(const store::ReadTransaction& transaction, store::Table table,
                         const store::TableSum& expected,
                         const std::function<void(BytesView name, BytesView value)>& visit) {
    store::TableSum sum;
    transaction.scan(table, {}, [&](BytesView name, BytesView value) {
        store::add_row(sum, journal_->row_digest(table, name, value));
        visit(name, value);
        return true;
    });
    if (sum != expected)
        throw Error(ErrorCode::corrupt, "vault.rows_missing",
                    "could not unseal: rows of table " + table_names()[table.index] +
                        " are not those that were last written");
}

/// What deletes files is decided by rows that are known to be the last written: the epoch whose
/// keyring stays, and how far each segment is named, past which its tail is dropped.
void Ledger::settle(const journal::Head& head) {
    const store::ReadTransaction transaction(*environment_);
    for (const store::Table table : {table::counters, table::segments})
        check_whole(transaction, table, head.sums[table.index], [](BytesView, BytesView) {});
    const Epoch epoch = lookup(transaction).epoch();
    keys_.settle(epoch.number, epoch.keyring);
}

/// Opens the authority tables in full, against the sums that the head row states: who may see what
/// is not left to be found out later.
void Ledger::load() {
    const store::ReadTransaction transaction(*environment_);
    const Lookup rows = lookup(transaction);
    const std::vector<store::TableSum> expected = writer_->sums();
    const auto whole = [&](store::Table table, const auto& visit) {
        check_whole(transaction, table, expected[table.index], visit);
    };
    whole(table::accounts, [&](BytesView name, BytesView value) {
        memory_.load_account(
            nlohmann::json::parse(rows_.open_system(table::accounts, name, value)));
    });
    whole(table::proposals, [&](BytesView name, BytesView value) {
        memory_.load_proposal(
            nlohmann::json::parse(rows_.open_system(table::proposals, name, value)));
    });
    std::size_t keys_lost = 0;
    whole(table::dossiers, [&](BytesView name, BytesView) {
        const auto entry = id_from<EntryId>(name);
        if (!entry)
            throw Error(ErrorCode::corrupt, "vault.row_damaged", "could not read a row name");
        // Only a tombstone says that a key was destroyed.  Without one it is lost, and a dossier
        // that silently was not there would be the worst answer.
        if (!keys_.info(*entry)) ++keys_lost;
        if (const auto dossier = rows.dossier(*entry)) memory_.load_dossier(*dossier);
    });
    if (keys_lost != 0)
        throw Error(ErrorCode::corrupt, "keyring.damaged",
                    "could not unseal: the keyring lacks the keys of " + std::to_string(keys_lost) +
                        " dossiers that the catalogue has");
    ready_ = true;
}

/// After the vault serves: the impronte and the numbers of proceedings, dossier by dossier.
void Ledger::load_imprints(const std::stop_token& stop) try {
    std::string after;
    while (!stop.stop_requested()) {
        const auto some = memory_.dossiers(after, 1, [](const DossierState&) { return true; });
        if (some.empty()) return;
        after = records::to_text(some.front()->facts.code);
        load_imprints(*some.front(), stop);
    }
} catch (const std::exception&) {
    // No memory, or the catalogue is being reopened: what is not loaded is not flagged.
}

void Ledger::load_imprints(const DossierState& of, const std::stop_token& stop) try {
    read([&](const Lookup& rows) {
        const auto dossier = rows.dossier(of.entry);
        for (std::uint32_t i = 0; dossier && i < dossier->next && !stop.stop_requested(); ++i) {
            const auto keys = rows.object_keys(LinkPlace{of.entry, i});
            const auto document = keys ? rows.document(*keys) : std::nullopt;
            if (document) memory_.document(of.facts.id, *document);
        }
    });
} catch (const Error&) {
    // Damage met here is met again, by name, by whoever reads that row and by the scrub; the other
    // dossiers are loaded all the same.
}

/// After a document left the dossier: its numbers no longer lead here.
void Ledger::forget_numbers(const DossierRow& dossier, const Lookup& rows) {
    std::vector<DocumentRow> left;
    for (std::uint32_t i = 0; i < dossier.next; ++i) {
        const auto keys = rows.object_keys(LinkPlace{dossier.keys.entry, i});
        if (auto document = keys ? rows.document(*keys) : std::nullopt)
            left.push_back(std::move(*document));
    }
    memory_.replace_numbers(records::dossier_from_json(dossier.facts), left);
}

void Ledger::durable(std::uint64_t, const journal::OpenedEvent& event) {
    using journal::Action;
    const Action action = event.header.action;
    if (action == Action::account_created || action == Action::account_changed ||
        action == Action::login_failed || action == Action::login_succeeded) {
        const auto name = nlohmann::json::parse(event.payload).at("name").get<std::string>();
        const auto row = read([&](const Lookup& rows) { return rows.account(name); });
        if (row) memory_.load_account(*row);
        return;
    }
    if (action >= Action::proposal_made && action <= Action::proposal_expired)
        return memory_.load_proposal(nlohmann::json::parse(event.payload).at("proposal"));
    if (action == Action::document_unlinked) {
        const auto entry = parse_id<EntryId>(
            nlohmann::json::parse(event.payload).at("dossier").get<std::string>());
        return read([&](const Lookup& rows) {
            const auto row = rows.dossier(*entry);
            if (!row) return;
            memory_.load_dossier(*row);
            forget_numbers(*row, rows);
        });
    }
    if (action == Action::document_corrected) {
        return read([&](const Lookup& rows) {
            const ObjectId object{event.header.subject};
            const auto place = rows.place(object);
            if (place) note_document(object, *place, rows);
        });
    }
    const EntryId entry{event.header.subject};
    if (action == Action::dossier_opened || action == Action::dossier_changed ||
        action == Action::glass_broken || action == Action::glass_reviewed)
        return read([&](const Lookup& rows) {
            if (const auto dossier = rows.dossier(entry)) memory_.load_dossier(*dossier);
        });
    if (action == Action::document_filed || action == Action::document_linked)
        note_link(entry, event);
}

/// A dossier got a document: it counts one more, and is found by what the document says.
void Ledger::note_link(const EntryId& entry, const journal::OpenedEvent& event) {
    // Out of the event and not off the dossier's last link: events of one group are looked at
    // together, and that link may be another document's.
    auto document = nlohmann::json::parse(event.payload).at("document");
    read([&](const Lookup& rows) {
        const auto dossier = rows.dossier(entry);
        if (!dossier) return;
        memory_.count_documents(entry, dossier->documents);
        if (document.is_object()) {
            document["event"] = event.header.sequence;
            if (const auto known = memory_.dossier(entry))
                memory_.document(known->facts.id, document_row_from(document));
            return;
        }
        const auto id = parse_id<DocumentId>(document.get<std::string>());
        const ObjectId object = rows_.object_of(*id);
        if (const auto place = rows.place(object)) note_document(object, *place, rows);
    });
}

void Ledger::note_document(const ObjectId& object, const Place& place, const Lookup& rows) {
    const auto keys = rows.object_keys(object);
    const auto row = keys ? rows.document(*keys) : std::nullopt;
    for (const LinkPlace& link : place.links)
        if (const auto dossier = memory_.dossier(link.dossier); row && dossier)
            memory_.document(dossier->facts.id, *row);
}

void Ledger::commit(const std::function<void(Batch&)>& task) {
    submit(task, store::Writer::Urgency::now).get();
}

std::future<void> Ledger::post(std::function<void(Batch&)> task) {
    return submit(std::move(task), store::Writer::Urgency::later);
}

std::future<void> Ledger::submit(std::function<void(Batch&)> task, store::Writer::Urgency urgency) {
    return journal_->submit(
        *writer_,
        [this, task = std::move(task)](store::Changes& changes) {
            if (closed_) throw Error(ErrorCode::sealed, "vault.sealed", "the vault is sealed");
            Batch batch(changes, *journal_, rows_, projection_, clock_);
            task(batch);
        },
        urgency);
}

void Ledger::close(const journal::Draft& last) try {
    commit([&](Batch& batch) {
        batch.append(last);
        closed_ = true;
    });
} catch (...) {
    closed_ = true;  // Sealed all the same, though the journal could not be told.
    throw;
}

void Ledger::visit_events(
    std::uint64_t from, std::uint64_t to,
    const std::function<void(const journal::Header&,
                             const std::function<journal::OpenedEvent()>& open)>& visit) {
    const store::ReadTransaction transaction(*environment_);
    const Lookup rows = lookup(transaction);
    for (std::uint64_t sequence = from; sequence < to; ++sequence) {
        const auto bytes = transaction.find(table::journal, big_endian(sequence));
        const auto stored = bytes ? journal::StoredEvent::decode(*bytes) : std::nullopt;
        const auto header = stored ? journal::open_header(keys_, sequence, *stored) : std::nullopt;
        if (!header)
            throw Error(ErrorCode::corrupt, "journal.event_damaged",
                        "could not open journal event " + std::to_string(sequence));
        visit(*header, [&] {
            auto event = open_event(rows, sequence, *stored);
            if (!event)
                throw Error(ErrorCode::corrupt, "journal.event_damaged",
                            "could not open journal event " + std::to_string(sequence));
            return std::move(*event);
        });
    }
}

Sha256Digest Ledger::segment_digest(std::uint32_t segment) const {
    std::array<char, 16> name{};
    std::snprintf(name.data(), name.size(), "%06u.seg", segment);
    std::ifstream file(vault_ / "segments" / name.data(), std::ios::binary);
    crypto::Sha256 digest;
    Bytes buffer(1U << 20U);
    while (file.read(reinterpret_cast<char*>(buffer.data()),
                     static_cast<std::streamsize>(buffer.size())) ||
           file.gcount() > 0)
        digest.update(BytesView(buffer).first(static_cast<std::size_t>(file.gcount())));
    return digest.finish();
}

void Ledger::publish() {
    journal_->submit(*writer_, [this](store::Changes&) { journal_->publish(); }).get();
}

bool Ledger::read_only() const { return writer_->read_only(); }

}  // namespace custode::catalogue
