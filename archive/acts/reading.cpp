#include "archive/acts/reading.h"

#include "archive/base/encoding.h"
#include "archive/crypto/digest.h"
#include "archive/crypto/object.h"
#include "archive/records/document.h"

#include <charconv>

namespace custode::acts {
namespace {

using catalogue::DocumentRow;
using catalogue::LinkPlace;
using catalogue::Lookup;
using Json = nlohmann::json;

[[noreturn]] void missing() {
    throw Error(ErrorCode::not_found, "not_found", "could not find the document");
}

std::uint32_t ordinal_of(const std::string& cursor) {
    std::uint32_t ordinal = 0;
    const auto [end, error] =
        std::from_chars(cursor.data(), cursor.data() + cursor.size(), ordinal);
    if (!cursor.empty() && (error != std::errc() || end != cursor.data() + cursor.size()))
        throw Error(ErrorCode::invalid_argument, "request.cursor", "could not read the cursor");
    return ordinal;
}

std::optional<DocumentRow> document_at(const Lookup& rows, const LinkPlace& link) {
    const auto keys = rows.object_keys(link);
    return keys ? rows.document(*keys) : std::nullopt;
}

/// Room for one chunk, for its sealed bytes and then for what they open to; wiped at the end,
/// however it comes about.
class ChunkMemory {
public:
    ~ChunkMemory() { crypto::wipe(first(crypto::chunk_sealed_bytes)); }
    ChunkMemory() = default;
    ChunkMemory(const ChunkMemory&) = delete;
    ChunkMemory& operator=(const ChunkMemory&) = delete;

    std::span<std::uint8_t> first(std::size_t bytes) { return {memory_.get(), bytes}; }

private:
    std::unique_ptr<std::uint8_t[]> memory_ =
        std::make_unique_for_overwrite<std::uint8_t[]>(crypto::chunk_sealed_bytes);
};

}  // namespace

Json document_json(catalogue::Ledger& ledger, const DocumentRow& row, const DossierId& dossier) {
    Json json = row.metadata;
    const auto metadata = records::document_from_json(row.metadata, roman_day(row.filed));
    Json lacking = Json::array();
    for (const records::Missing& field : records::missing(metadata))
        lacking.push_back({{"field", field.field}, {"label", field.label}});
    json["id"] = to_text(row.document);
    json["dossier"] = to_text(dossier);
    json["sha256"] = to_hex(row.sha256);
    json["bytes"] = row.bytes;
    json["filed"] = to_rfc3339(row.filed);
    const auto by = ledger.memory().account(row.filed_by);
    json["filed_by"] = by ? by->account.name : "";
    json["state"] = "filed";
    json["missing"] = std::move(lacking);
    return json;
}

Reading::Page Reading::list(const Permit<Action::document_list>& permit, const std::string& cursor,
                            std::size_t limit, bool only_incomplete) {
    const auto& dossier = permit.target().dossier;
    Page page;
    Json shown = Json::array();
    std::uint32_t ordinal = ordinal_of(cursor);
    ledger_.read([&](const Lookup& rows) {
        const auto row = rows.dossier(dossier->entry);
        for (; row && ordinal < row->next && page.items.size() < limit; ++ordinal) {
            const auto document = document_at(rows, {dossier->entry, ordinal});
            if (!document) continue;
            Json json = document_json(ledger_, *document, dossier->facts.id);
            if (only_incomplete && json.at("missing").empty()) continue;
            shown.push_back(to_text(document->object));
            page.items.push_back(std::move(json));
        }
        if (row && ordinal < row->next) page.next = std::to_string(ordinal);
    });
    door_.disclosed(permit.principal(), permit.purpose(), "document.list",
                    {{"dossier", to_text(dossier->entry)}, {"objects", std::move(shown)}});
    return page;
}

Reading::Page Reading::list_all(const Permit<Action::document_list>& permit,
                                const std::string& cursor, std::size_t limit,
                                bool only_incomplete) {
    const Principal& principal = permit.principal();
    // A cursor is "<dossier code>#<ordinal>": the place of the next document to look at.
    const std::size_t mark = cursor.rfind('#');
    std::string after = mark == std::string::npos ? "" : cursor.substr(0, mark);
    std::uint32_t ordinal = mark == std::string::npos ? 0 : ordinal_of(cursor.substr(mark + 1));
    const auto allowed = door_.permits(principal, Action::document_list);
    std::size_t looked_at = 0;
    Page page;
    Json shown = Json::array();
    std::shared_ptr<const catalogue::DossierState> dossier =
        after.empty() ? nullptr : ledger_.memory().dossier(std::string_view(after));
    if (dossier && !allowed(*dossier)) dossier = nullptr;
    while (page.items.size() < limit && looked_at < looked_at_max) {
        if (!dossier) {
            const auto next = ledger_.memory().dossiers(after, 1, allowed);
            if (next.empty()) break;
            dossier = next.front();
            after = records::to_text(dossier->facts.code);
            ordinal = 0;
        }
        bool more = false;
        ledger_.read([&](const Lookup& rows) {
            const auto row = rows.dossier(dossier->entry);
            ++looked_at;  // A dossier without documents costs something too.
            for (; row && ordinal < row->next && page.items.size() < limit &&
                   looked_at < looked_at_max;
                 ++ordinal, ++looked_at) {
                const auto document = document_at(rows, {dossier->entry, ordinal});
                if (!document) continue;
                Json json = document_json(ledger_, *document, dossier->facts.id);
                if (only_incomplete && json.at("missing").empty()) continue;
                shown.push_back(to_text(document->object));
                page.items.push_back(std::move(json));
            }
            more = row && ordinal < row->next;
        });
        if (!more) dossier = nullptr;
    }
    if (page.items.size() >= limit || looked_at >= looked_at_max)
        page.next = after + "#" + std::to_string(dossier ? ordinal : 0xFFFFFFFEU);
    door_.disclosed(principal, {}, "document.list", {{"objects", std::move(shown)}});
    return page;
}

Json Reading::show(const Permit<Action::document_list>& permit) {
    require(permit.disclosure().has_value(), "a disclosure is durable before it is shown");
    const auto row =
        ledger_.read([&](const Lookup& rows) { return document_at(rows, permit.target().link); });
    if (!row) missing();
    return document_json(ledger_, *row, permit.target().dossier->facts.id);
}

struct Reading::Content::State {
    catalogue::Ledger& ledger;
    catalogue::ObjectKeys keys;
    DocumentRow row;
    std::vector<store::Extent> extents;
    std::unique_ptr<crypto::ObjectOpener> opener;

    /// Copies container bytes [offset, offset + into.size()) out of the extents.
    void read(std::uint64_t offset, std::span<std::uint8_t> into) const {
        for (const store::Extent& extent : extents) {
            if (into.empty()) return;
            if (offset >= extent.length) {
                offset -= extent.length;
                continue;
            }
            const std::size_t part = static_cast<std::size_t>(
                std::min<std::uint64_t>(into.size(), extent.length - offset));
            ledger.segments().read(extent, offset, into.first(part));
            into = into.subspan(part);
            offset = 0;
        }
        if (!into.empty())
            throw Error(ErrorCode::corrupt, "object.damaged", "could not read all of an object");
    }
};

std::uint64_t Reading::Content::size() const { return state_->row.bytes; }
const Sha256Digest& Reading::Content::sha256() const { return state_->row.sha256; }

std::string Reading::Content::file_name() const {
    return state_->row.metadata.value("file_name", std::string("documento"));
}

std::string Reading::Content::media_type() const {
    if (!state_->row.metadata.contains("format")) return {};
    return state_->row.metadata.at("format").value("media_type", std::string());
}

void Reading::Content::stream(std::uint64_t from, std::uint64_t to,
                              const std::function<void(BytesView)>& sink) const {
    if (from > to || to > size())
        throw Error(ErrorCode::invalid_argument, "range.unsatisfiable",
                    "could not read that range");
    ChunkMemory memory;
    for (std::uint64_t chunk = from / crypto::chunk_plain_bytes; from < to; ++chunk) {
        const auto bytes = memory.first(state_->opener->chunk_sealed_size(chunk));
        state_->read(state_->opener->chunk_offset(chunk), bytes);
        const BytesView plain = state_->opener->open_in_place(chunk, bytes);
        const std::uint64_t start = chunk * crypto::chunk_plain_bytes;
        const std::uint64_t end = std::min<std::uint64_t>(to, start + plain.size());
        sink(plain.subspan(from - start, end - from));
        from = end;
    }
}

Reading::Content Reading::open(const LinkPlace& link) {
    auto state = std::make_shared<Content::State>(Content::State{ledger_, {}, {}, {}, nullptr});
    ledger_.read([&](const Lookup& rows) {
        auto keys = rows.object_keys(link);
        auto row = keys ? rows.document(*keys) : std::nullopt;
        if (!row) missing();
        state->keys = std::move(*keys);
        state->row = std::move(*row);
        auto extents = rows.extents(state->row.blob);
        if (!extents)
            throw Error(ErrorCode::corrupt, "object.damaged",
                        "could not find where an object lies");
        state->extents = std::move(*extents);
    });
    Bytes head(crypto::object_head_bytes);
    state->read(0, head);
    state->opener = std::make_unique<crypto::ObjectOpener>(
        *state->keys.o,
        crypto::ObjectContext{ledger_.rows().vault(), state->keys.object, 1, "original"}, head,
        state->row.bytes);
    Content content;
    content.state_ = std::move(state);
    return content;
}

Reading::Content Reading::content(const Permit<Action::document_read>& permit) {
    permit.check_lease();
    require(permit.disclosure().has_value(), "a disclosure is durable before content is opened");
    return open(permit.target().link);
}

void Reading::close(const Permit<Action::document_read>& permit, const Content& content,
                    std::uint64_t from, std::uint64_t to) {
    const catalogue::ObjectKeys& keys = content.state_->keys;
    journal::Draft draft;
    draft.action = journal::Action::disclosure_closed;
    draft.actor = permit.principal().account();
    draft.subject_kind = journal::SubjectKind::object;
    draft.subject = keys.object.bytes;
    draft.payload_key = journal::PayloadKey::object;
    draft.key = keys.records;
    draft.payload = Json{{"disclosure", *permit.disclosure()}, {"from", from}, {"to", to}}.dump();
    // Nobody waits for it: what counts, the opening, is durable already.
    ledger_.post([draft = std::move(draft)](catalogue::Batch& batch) { batch.append(draft); });
}

Reading::Content Reading::content(const Permit<Action::export_court>& permit,
                                  const LinkPlace& link) {
    require(permit.target().dossier->entry == link.dossier, "an export stays in its dossier");
    return open(link);
}

proof::Receipt Reading::proof(const Permit<Action::document_proof>& permit) {
    require(permit.disclosure().has_value(), "a disclosure is durable before it is shown");
    const auto row =
        ledger_.read([&](const Lookup& rows) { return document_at(rows, permit.target().link); });
    if (!row) missing();
    return ledger_.journal().receipt(row->event, {row->salt, row->statement});
}

}  // namespace custode::acts
