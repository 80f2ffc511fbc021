#include "archive/acts/exporting.h"

#include "archive/acts/drafts.h"
#include "archive/base/encoding.h"
#include "archive/crypto/digest.h"
#include "archive/exchange/court_export.h"
#include "archive/exchange/file_names.h"
#include "archive/records/code_list.h"
#include "archive/records/document.h"

namespace custode::acts {
namespace {

using catalogue::Batch;
using catalogue::LinkPlace;
using Json = nlohmann::json;

struct Chosen {
    LinkPlace link;
    catalogue::DocumentRow row;
    records::DocumentMetadata metadata;
};

std::string label_of(const records::CodeList& list, const std::string& id) {
    const records::CodeEntry* entry = list.find(id);
    return entry != nullptr ? entry->label : id;
}

std::string protocol_of(const records::DocumentMetadata& metadata) {
    const records::Registration& registration = metadata.registration;
    if (registration.number.empty()) return {};
    const std::string flow = registration.flow == records::Flow::in    ? "E "
                             : registration.flow == records::Flow::out ? "U "
                                                                       : "";
    const std::string year = registration.date ? "/" + std::to_string(registration.date->year) : "";
    return flow + registration.number + year;
}

std::string notes_of(const records::DocumentMetadata& metadata) {
    if (metadata.paper_original == records::PaperOriginal::present) return "originale cartaceo";
    return metadata.note;
}

/// Every living document of the dossier, by date of act, the undated last, then as filed.
std::vector<Chosen> choose(catalogue::Ledger& ledger, const catalogue::DossierState& dossier) {
    std::vector<Chosen> chosen;
    ledger.read([&](const catalogue::Lookup& rows) {
        const auto row = rows.dossier(dossier.entry);
        for (std::uint32_t i = 0; row && i < row->next; ++i) {
            const LinkPlace link{dossier.entry, i};
            const auto keys = rows.object_keys(link);
            auto document = keys ? rows.document(*keys) : std::nullopt;
            if (!document) continue;
            auto metadata =
                records::document_from_json(document->metadata, roman_day(document->filed));
            chosen.push_back({link, std::move(*document), std::move(metadata)});
        }
    });
    std::stable_sort(chosen.begin(), chosen.end(), [](const Chosen& a, const Chosen& b) {
        if (a.metadata.date_of_act.has_value() != b.metadata.date_of_act.has_value())
            return a.metadata.date_of_act.has_value();
        return a.metadata.date_of_act < b.metadata.date_of_act;
    });
    return chosen;
}

std::string proceedings_of(const std::vector<Chosen>& chosen) {
    std::vector<std::string> all;
    for (const Chosen& one : chosen)
        for (const auto& reference : one.metadata.proceedings)
            if (std::find(all.begin(), all.end(), reference.raw) == all.end())
                all.push_back(reference.raw);
    std::string text;
    for (const std::string& one : all) text += (text.empty() ? "" : ", ") + one;
    return text;
}

journal::Draft about_export(journal::Action action, const Permit<Action::export_court>& permit,
                            const catalogue::DossierKeys& keys, const Json& payload) {
    journal::Draft draft = about_dossier(action, permit.principal().account(), keys, payload);
    draft.purpose = permit.purpose().code;
    return draft;
}

}  // namespace

struct Exporting::Court::State {
    catalogue::Ledger& ledger;
    Reading& reading;
    Permit<Action::export_court> permit;
    std::string id;
    exchange::ExportHead head;
    std::vector<Chosen> chosen;

    /// Reads an original piece by piece; the zip asks for as much as it likes.
    std::function<std::size_t(std::span<std::uint8_t>)> reader(const LinkPlace& link) const {
        struct Position {
            std::optional<Reading::Content> content;
            std::uint64_t at = 0;
        };
        auto position = std::make_shared<Position>();
        return [this, link, position](std::span<std::uint8_t> into) -> std::size_t {
            if (!position->content) position->content = reading.content(permit, link);
            const std::uint64_t end =
                std::min(position->content->size(), position->at + into.size());
            std::size_t filled = 0;
            position->content->stream(position->at, end, [&](BytesView bytes) {
                std::copy(bytes.begin(), bytes.end(), into.begin() + static_cast<long>(filled));
                filled += bytes.size();
            });
            position->at = end;
            return filled;
        };
    }

    exchange::ExportDocument document(const Chosen& one, unsigned number) const {
        const std::string type = label_of(records::document_types(), one.metadata.type);
        exchange::ExportDocument document;
        document.number = number;
        document.file_name =
            exchange::export_file_name({number, one.metadata.date_of_act, one.metadata.authority,
                                        one.metadata.type, one.metadata.file_name});
        document.dated = one.metadata.date_of_act;
        document.protocol = protocol_of(one.metadata);
        document.authority = label_of(records::authorities(), one.metadata.authority);
        document.type = type;
        document.subject = one.metadata.subject;
        if (one.metadata.pages) document.pages = static_cast<unsigned>(*one.metadata.pages);
        document.bytes = one.row.bytes;
        document.sha256 = one.row.sha256;
        document.original_name = one.metadata.file_name;
        document.notes = notes_of(one.metadata);
        document.receipt_json =
            ledger.journal()
                .receipt(one.row.event, {one.row.salt, one.row.statement}, head.checkpoint)
                .json();
        document.read = reader(one.link);
        return document;
    }
};

Exporting::Court Exporting::court(const Permit<Action::export_court>& permit,
                                  const std::string& recipient) {
    permit.check_lease();
    if (recipient.empty() || recipient.size() > recipient_bytes_max || !is_utf8(recipient))
        throw Error(ErrorCode::invalid_argument, "recipient.missing",
                    "could not export: say for whom");
    const auto& dossier = *permit.target().dossier;
    auto state = std::make_shared<Court::State>(
        Court::State{ledger_,
                     reading_,
                     permit,
                     to_text(crypto::random_id<Id<struct ExportTag>>()),
                     {},
                     choose(ledger_, dossier)});
    if (state->chosen.empty())
        throw Error(ErrorCode::conflict, "export.empty", "could not export: there is no document");
    if (state->chosen.size() > exchange::CourtExport::documents_max)
        throw Error(ErrorCode::invalid_argument, "export.too_many", "could not export: too many");

    Json objects = Json::array();
    for (const Chosen& one : state->chosen) objects.push_back(to_text(one.row.object));
    const Json payload = {{"export", state->id},
                          {"kind", "court"},
                          {"recipient", recipient},
                          {"reason", permit.purpose().reason},
                          {"account", to_text(permit.principal().account())},
                          {"offices", door_.offices(permit.principal())},
                          {"objects", std::move(objects)},
                          {"rule", permit.rule()}};
    door_.before_showing([state, permit, payload, entry = dossier.entry](Batch& batch) {
        const auto row = batch.lookup().dossier(entry);
        if (!row) throw Error(ErrorCode::not_found, "not_found", "could not find the dossier");
        state->head.created = batch.now();
        batch.append(about_export(journal::Action::export_created, permit, row->keys, payload));
    });

    const auto account = ledger_.memory().account(permit.principal().account());
    state->head.body = options_.body;
    state->head.dossier_code = records::to_text(dossier.facts.code);
    state->head.proceedings = proceedings_of(state->chosen);
    state->head.purpose =
        permit.purpose().reason.empty() ? permit.purpose().code : permit.purpose().reason;
    state->head.recipient = recipient;
    state->head.requester = account ? account->account.name : "";
    state->head.checkpoint = ledger_.journal().checkpoint();
    state->head.verifier_key = ledger_.journal().verifier_key().text();
    Court court;
    court.state_ = std::move(state);
    return court;
}

const std::string& Exporting::Court::id() const { return state_->id; }

std::string Exporting::Court::file_name() const {
    return exchange::export_folder_name(state_->head.dossier_code,
                                        roman_day(state_->head.created)) +
           ".zip";
}

void Exporting::Court::write(const Sink& sink) {
    std::vector<exchange::ExportDocument> documents;
    unsigned number = 0;
    for (const Chosen& one : state_->chosen) documents.push_back(state_->document(one, ++number));
    exchange::CourtExport bundle(state_->head, std::move(documents), sink);
    const auto result = bundle.write(exchange::PdfComposer());
    const auto& permit = state_->permit;
    state_->ledger.commit([&](Batch& batch) {
        const auto row = batch.lookup().dossier(permit.target().dossier->entry);
        if (!row) return;
        const Json payload = {{"export", state_->id},
                              {"manifest", to_hex(result.manifest)},
                              {"documents", result.documents},
                              {"bytes", result.zip_bytes}};
        batch.append(about_export(journal::Action::export_completed, permit, row->keys, payload));
    });
}

}  // namespace custode::acts
