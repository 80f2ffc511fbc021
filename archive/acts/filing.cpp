#include "archive/acts/filing.h"

#include "archive/base/encoding.h"
#include "archive/crypto/digest.h"
#include "archive/crypto/object.h"

namespace custode::acts {
namespace {

using catalogue::Batch;
using catalogue::DossierKeys;
using catalogue::ObjectKeys;
using Json = nlohmann::json;

constexpr std::size_t frame_bytes = 1U << 20U;
constexpr std::size_t frame_bytes_of_large = 4U << 20U;
static_assert(Filing::Upload::piece_bytes == crypto::chunk_plain_bytes);
constexpr std::uint64_t large_bytes = std::uint64_t{256} << 20U;
constexpr std::int64_t idempotency_millis = std::int64_t{30} * 24 * 3600 * 1000;

void check(const Filing::Request& request) {
    if (request.bytes == 0)
        throw Error(ErrorCode::invalid_argument, "body.empty", "could not file: the body is empty");
    if (request.bytes > Filing::bytes_max)
        throw Error(ErrorCode::invalid_argument, "body.too_large", "could not file: over 1 TiB");
    const std::string& key = request.idempotency_key;
    const bool plain = std::all_of(key.begin(), key.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    });
    if (key.size() < 16 || key.size() > 64 || !plain)
        throw Error(ErrorCode::invalid_argument, "request.key",
                    "could not file: the idempotency key is not 16–64 of A–Z a–z 0–9 - _");
    if (request.again.size() > 4 * Filing::again_characters_max)
        throw Error(ErrorCode::invalid_argument, "reason.invalid",
                    "could not file: the reason for filing again is too long");
}

void check_open(const catalogue::DossierState& dossier) {
    if (dossier.facts.state != records::DossierState::open)
        throw Error(ErrorCode::conflict, "dossier.closed", "could not file: the dossier is closed");
}

std::string statement_of(const catalogue::DocumentRow& row) {
    return Json{{"bytes", row.bytes},
                {"document", to_text(row.document)},
                {"impronta", to_hex(row.sha256)},
                {"time", to_rfc3339(row.filed)},
                {"what", "document.filed"}}
        .dump();
}

/// The keys of a dossier that is still open.
DossierKeys keys_of(const Batch& batch, const EntryId& entry) {
    auto row = batch.lookup().dossier(entry);
    if (!row) throw Error(ErrorCode::not_found, "not_found", "could not find the dossier");
    if (row->facts.at("state") != "open")
        throw Error(ErrorCode::conflict, "dossier.closed", "could not file: the dossier is closed");
    return std::move(row->keys);
}

/// One permit a dossier, and none for the one that the document is filed in.
void drop_repeated(const Filing::Permission& permit, std::vector<Filing::Permission>& also) {
    std::set<EntryId> seen = {permit.target().dossier->entry};
    std::erase_if(also, [&](const Filing::Permission& other) {
        return !seen.insert(other.target().dossier->entry).second;
    });
}

}  // namespace

DuplicateError::DuplicateError(const DocumentId& document)
    : Error(ErrorCode::conflict, "document.duplicate",
            "could not file: the dossier has these bytes already"),
      document_(document) {}

struct Filing::Flight {
    Flight(Filing& filing_in, const Bytes& name_in) : filing(filing_in), name(name_in) {
        const Lock lock(filing.mutex_);
        if (!filing.in_flight_.insert(name).second)
            throw Error(ErrorCode::conflict, "idempotency.in_flight",
                        "could not file: the same request is under way");
    }
    ~Flight() {
        const Lock lock(filing.mutex_);
        filing.in_flight_.erase(name);
    }
    Flight(const Flight&) = delete;
    Flight& operator=(const Flight&) = delete;

    Filing& filing;
    const Bytes name;
};

struct Filing::Upload::State {
    Filing& filing;
    std::unique_ptr<Flight> flight;
    Filing::Permission permit;
    std::vector<Filing::Permission> also;
    Filing::Request request;
    Bytes idempotency;
    DocumentId document;
    ObjectKeys keys;
    BlobId blob;
    crypto::ObjectSealer sealer;
    crypto::Sha256 plain_digest;
    crypto::Sha256 sealed_digest;
    std::uint64_t received = 0;
    const std::size_t frame;                 ///< A frame is appended once it has so many bytes.
    const std::size_t capacity;              ///< Of the memory below; never zeroed, only written.
    std::unique_ptr<std::uint8_t[]> memory;  ///< Container bytes of the frame at hand …
    std::size_t filled = 0;                  ///< … and how many they are.
    std::vector<store::Extent> extents;

    State(Filing& filing_in, std::unique_ptr<Flight> flight_in, const Filing::Permission& permit_in,
          std::vector<Filing::Permission> also_in, Filing::Request request_in)
        : filing(filing_in),
          flight(std::move(flight_in)),
          permit(permit_in),
          also(std::move(also_in)),
          request(std::move(request_in)),
          idempotency(flight->name),
          document(crypto::random_id<DocumentId>()),
          keys(ledger().rows().new_object(ledger().rows().object_of(document))),
          blob(crypto::random_id<BlobId>()),
          sealer(*keys.o, {ledger().rows().vault(), keys.object, 1, "original"}),
          frame(request.bytes > large_bytes ? frame_bytes_of_large : frame_bytes),
          capacity(crypto::ObjectSealer::room_for(static_cast<std::size_t>(
              std::min<std::uint64_t>(request.bytes, frame + Upload::piece_bytes)))),
          memory(std::make_unique_for_overwrite<std::uint8_t[]>(capacity)) {}

    catalogue::Ledger& ledger() const { return filing.ledger_; }

    std::span<std::uint8_t> room() const { return {memory.get() + filled, capacity - filled}; }

    void seal(BytesView bytes) {
        filled += sealer.update_into(room(), bytes);
        if (filled >= frame) flush();
    }

    void flush() {
        const BytesView bytes(memory.get(), filled);
        if (bytes.empty()) return;
        sealed_digest.update(bytes);
        extents.push_back(
            ledger().segments().append(blob, static_cast<std::uint32_t>(extents.size()), bytes));
        filled = 0;
    }

    catalogue::DocumentRow row(Millis now) const {
        catalogue::DocumentRow row;
        row.document = document;
        row.object = keys.object;
        row.blob = blob;
        row.metadata = records::to_json(request.metadata);
        row.sha256 = request.sha256;
        row.bytes = request.bytes;
        row.filed = now;
        row.filed_by = permit.principal().account();
        crypto::fill_random(row.salt);
        row.statement = statement_of(row);
        return row;
    }

    journal::Draft draft(journal::Action action, const Filing::Permission& with,
                         const Json& payload, Bytes wrap) const {
        journal::Draft draft;
        draft.action = action;
        draft.actor = with.principal().account();
        draft.subject_kind = journal::SubjectKind::dossier;
        draft.subject = with.target().dossier->entry.bytes;
        draft.payload_key = journal::PayloadKey::object;
        draft.key = keys.records;
        draft.payload = payload.dump();
        draft.wraps.push_back(std::move(wrap));
        return draft;
    }

    void refuse_twin(const Batch& batch, const DossierKeys& dossier) const {
        if (!request.again.empty()) return;
        if (const auto twin = batch.lookup().twin_in(dossier, request.sha256))
            filing.refuse_twin(permit.principal(), dossier.entry, *twin);
    }

    /// On the writer's thread: the last look for a twin, then the events.
    std::uint64_t record(Batch& batch, const catalogue::DocumentRow& row,
                         const proof::Hash& content) {
        const DossierKeys dossier = keys_of(batch, permit.target().dossier->entry);
        refuse_twin(batch, dossier);
        Json payload = {{"document", catalogue::to_json(row)},
                        {"idempotency", to_hex(idempotency)},
                        {"rule", permit.rule()}};
        if (!request.again.empty()) payload["again"] = request.again;
        journal::Draft filed = draft(journal::Action::document_filed, permit, payload,
                                     ledger().rows().wrap_object(dossier, keys));
        filed.statement = journal::Draft::Statement{row.salt, row.statement};
        filed.content = content;
        const std::uint64_t sequence = batch.append(filed, &extents);
        for (const Filing::Permission& other : also) link(batch, other);
        return sequence;
    }

    void link(Batch& batch, const Filing::Permission& other) {
        const DossierKeys dossier = keys_of(batch, other.target().dossier->entry);
        refuse_twin(batch, dossier);
        const Json payload = {{"document", to_text(document)},
                              {"sha256", to_hex(request.sha256)},
                              {"rule", other.rule()}};
        batch.append(draft(journal::Action::document_linked, other, payload,
                           ledger().rows().wrap_object(dossier, keys)));
    }
};

Filing::Upload::Upload(std::unique_ptr<State> state) : state_(std::move(state)) {}
Filing::Upload::~Upload() = default;

void Filing::Upload::write(BytesView bytes) {
    State& s = *state_;
    s.received += bytes.size();
    if (s.received > s.request.bytes)
        throw Error(ErrorCode::invalid_argument, "body.length_mismatch",
                    "could not file: more bytes came than were announced");
    s.plain_digest.update(bytes);
    while (!bytes.empty()) {  // in pieces that are sure to find room in the frame
        const BytesView piece = bytes.first(std::min(bytes.size(), piece_bytes));
        s.seal(piece);
        bytes = bytes.subspan(piece.size());
    }
}

Filing::Filed Filing::Upload::finish() {
    State& s = *state_;
    if (s.received != s.request.bytes)
        throw Error(ErrorCode::invalid_argument, "body.length_mismatch",
                    "could not file: fewer bytes came than were announced");
    if (s.plain_digest.finish() != s.request.sha256)
        throw Error(ErrorCode::invalid_argument, "body.digest_mismatch",
                    "could not file: the bytes are not those of the announced SHA-256");
    // A large original comes for longer than a permit lives: the right is asked for once more.
    s.filing.check_rights(s.permit);
    for (const Permission& other : s.also) s.filing.check_rights(other);
    s.filled += s.sealer.finish_into(s.room());
    s.flush();
    const proof::Hash content = s.sealed_digest.finish();
    s.ledger().segments().sync(s.blob);

    catalogue::DocumentRow row;
    std::uint64_t sequence = 0;
    s.ledger().commit([&](Batch& batch) {
        row = s.row(batch.now());
        sequence = s.record(batch, row, content);
    });
    Filed filed{s.document, s.permit.target().dossier->facts.id, row.sha256, row.bytes, {}, {},
                false};
    filed.receipt = s.ledger().journal().receipt(sequence, {row.salt, row.statement});
    filed.same_bytes_in =
        s.filing.same_bytes(s.permit.principal(), row.sha256, filed.dossier, s.keys.object);
    return filed;
}

void Filing::check_rights(const Permission& permit) {
    door_.ask<Action::document_file>(permit.principal(),
                                     OnDossier{permit.target().dossier->facts.id});
}

/// The first answer again, where the document still lies in this dossier: one that was moved away
/// is missing here on every surface, and is not filed a second time by a batch that runs again.
std::optional<Filing::Filed> Filing::earlier(const Permission& permit, const Request& request,
                                             BytesView idempotency) {
    const auto& dossier = *permit.target().dossier;
    const auto row =
        ledger_.read([&](const catalogue::Lookup& rows) -> std::optional<catalogue::DocumentRow> {
            const auto answer = rows.idempotency(idempotency);
            if (!answer || answer->at("time").get<std::int64_t>() + idempotency_millis <
                               ledger_.clock().now().value)
                return std::nullopt;
            if (answer->at("sha256").get<std::string>() != to_hex(request.sha256))
                throw Error(ErrorCode::conflict, "idempotency.conflict",
                            "could not file: the same key was used for other bytes");
            const auto object = parse_id<ObjectId>(answer->at("object").get<std::string>());
            const auto keys = object ? rows.object_keys(*object) : std::nullopt;
            if (!keys) return std::nullopt;  // Destroyed since: nothing is promised twice.
            const auto place = rows.place(*object);
            const bool here =
                std::any_of(place->links.begin(), place->links.end(),
                            [&](const auto& link) { return link.dossier == dossier.entry; });
            if (!here)
                throw Error(ErrorCode::not_found, "not_found", "could not find the document");
            return rows.document(*keys);
        });
    if (!row) return std::nullopt;
    Filed filed{row->document, dossier.facts.id, row->sha256, row->bytes, {}, {}, true};
    filed.receipt = ledger_.journal().receipt(row->event, {row->salt, row->statement});
    return filed;
}

/// That these very bytes lie there already is told to who brings them; which document it is, only
/// to who may list it.
void Filing::refuse_twin(const Principal& principal, const EntryId& dossier,
                         const DocumentId& twin) const {
    const auto state = ledger_.memory().dossier(dossier);
    const bool may_list = state && door_.would_permit(principal, Action::document_list, *state);
    throw DuplicateError(may_list ? twin : DocumentId{});
}

std::vector<std::string> Filing::same_bytes(const Principal& principal, const Sha256Digest& sha256,
                                            const DossierId& but, const ObjectId& own) {
    std::vector<std::string> codes;
    Json shown = Json::array();
    // A circular lies in thousands of dossiers: filing it once more must not look at each.
    auto objects = ledger_.memory().with_imprint(sha256, same_bytes_max);
    std::erase(objects, own);
    if (objects.empty()) return codes;
    const auto allowed = door_.permits(principal, Action::document_list);
    for (const ObjectId& object : objects) {
        const auto place =
            ledger_.read([&](const catalogue::Lookup& rows) { return rows.place(object); });
        for (const catalogue::LinkPlace& link :
             place ? place->links : std::vector<catalogue::LinkPlace>{}) {
            const auto dossier = ledger_.memory().dossier(link.dossier);
            if (!dossier || dossier->facts.id == but || !allowed(*dossier)) continue;
            codes.push_back(records::to_text(dossier->facts.code));
            shown.push_back(to_text(link.dossier));
        }
    }
    if (!codes.empty())
        door_.disclosed(principal, {}, "document.same_bytes", {{"dossiers", std::move(shown)}});
    std::sort(codes.begin(), codes.end());
    codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
    return codes;
}

std::variant<Filing::Filed, std::unique_ptr<Filing::Upload>> Filing::begin(
    const Permission& permit, std::vector<Permission> also, Request request) {
    permit.check_lease();
    check(request);
    drop_repeated(permit, also);
    check_open(*permit.target().dossier);
    for (const Permission& other : also) check_open(*other.target().dossier);
    const std::string route = "documents/" + to_text(permit.target().dossier->facts.id);
    const Bytes idempotency = ledger_.rows().idempotency_name(permit.principal().account(), route,
                                                              request.idempotency_key);
    // First under way, then the look for an earlier answer: between the two in the other order an
    // equal request could end, and the bytes would be filed twice.
    auto flight = std::make_unique<Flight>(*this, idempotency);
    if (auto filed = earlier(permit, request, idempotency)) return std::move(*filed);
    if (request.again.empty()) {
        const auto twin = ledger_.read([&](const catalogue::Lookup& rows) {
            const auto dossier = rows.dossier(permit.target().dossier->entry);
            return dossier ? rows.twin_in(dossier->keys, request.sha256) : std::nullopt;
        });
        if (twin) refuse_twin(permit.principal(), permit.target().dossier->entry, *twin);
    }
    if (!ledger_.has_room())
        throw Error(ErrorCode::full, "store.full", "could not file: the disk is nearly full");
    auto state = std::make_unique<Upload::State>(*this, std::move(flight), permit, std::move(also),
                                                 std::move(request));
    return std::unique_ptr<Upload>(new Upload(std::move(state)));
}

}  // namespace custode::acts
