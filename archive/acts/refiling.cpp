#include "archive/acts/refiling.h"

#include "archive/acts/drafts.h"
#include "archive/acts/filing.h"
#include "archive/acts/reading.h"
#include "archive/base/codec.h"
#include "archive/base/encoding.h"

namespace custode::acts {
namespace {

using catalogue::Batch;
using catalogue::ObjectKeys;
using Json = nlohmann::json;

constexpr std::size_t reason_bytes_max = 4'000;

void check_reason(const std::string& reason) {
    if (reason.empty() || reason.size() > reason_bytes_max)
        throw Error(ErrorCode::invalid_argument, "reason.missing", "could not go on: say why");
}

[[noreturn]] void missing() {
    throw Error(ErrorCode::not_found, "not_found", "could not find the document");
}

}  // namespace

Json Refiling::refile(const Permit<Action::document_refile>& from,
                      const Permit<Action::document_file>& to, const std::string& reason) {
    check_reason(reason);
    const EntryId wrong = from.target().dossier->entry;
    const EntryId right = to.target().dossier->entry;
    if (wrong == right)
        throw Error(ErrorCode::invalid_argument, "refile.same", "could not refile: one dossier");
    const ObjectId object = from.target().object;
    std::uint64_t filed = 0;
    ledger_.commit([&](Batch& batch) {
        const auto keys = batch.lookup().object_keys(from.target().link);
        const auto row = keys ? batch.lookup().document(*keys) : std::nullopt;
        const auto dossier = batch.lookup().dossier(right);
        const auto place = batch.lookup().place(object);
        if (!row || !dossier || !place || keys->object != object) missing();
        filed = row->event;
        if (dossier->facts.at("state") != "open")
            throw Error(ErrorCode::conflict, "dossier.closed", "could not refile: it is closed");
        for (const catalogue::LinkPlace& link : place->links)
            if (link.dossier == right)
                throw Error(ErrorCode::conflict, "document.in_dossier",
                            "could not refile: the document lies in that dossier already");
        if (const auto twin = batch.lookup().twin_in(dossier->keys, row->sha256))
            throw DuplicateError(*twin);
        journal::Draft linked =
            about_object(journal::Action::document_linked, to.principal().account(), *keys,
                         {{"document", to_text(row->document)},
                          {"sha256", to_hex(row->sha256)},
                          {"reason", reason},
                          {"rule", to.rule()}});
        linked.subject_kind = journal::SubjectKind::dossier;
        linked.subject = right.bytes;
        linked.wraps.push_back(ledger_.rows().wrap_object(dossier->keys, *keys));
        batch.append(linked);
        batch.append(
            about_object(journal::Action::document_unlinked, from.principal().account(), *keys,
                         {{"dossier", to_text(wrong)}, {"reason", reason}, {"rule", from.rule()}}));
    });
    return {{"id", to_text(from.target().document)},
            {"from", to_text(from.target().dossier->facts.id)},
            {"to", to_text(to.target().dossier->facts.id)},
            {"readers", readers(object, wrong, filed)}};
}

/// Walks the journal's headers from the filing on, which cost microseconds each; only events about
/// this object are opened further.
Json Refiling::readers(const ObjectId& object, const EntryId& dossier, std::uint64_t since) const {
    Json readers = Json::array();
    constexpr std::uint64_t batch_events = 1'000;  // A read transaction is short.
    const std::uint64_t end = ledger_.journal().size();
    for (std::uint64_t start = since; start < end; start += batch_events) {
        ledger_.visit_events(
            start, std::min(end, start + batch_events),
            [&](const journal::Header& header, const std::function<journal::OpenedEvent()>& open) {
                if (header.action != journal::Action::disclosure_opened ||
                    header.subject_kind != journal::SubjectKind::object ||
                    header.subject != object.bytes)
                    return;
                const Json payload = Json::parse(open().payload, nullptr, false);
                if (payload.is_discarded() || payload.value("dossier", "") != to_text(dossier))
                    return;
                const auto id = parse_id<AccountId>(payload.value("account", ""));
                const auto account = id ? ledger_.memory().account(*id) : std::nullopt;
                readers.push_back({{"account", account ? account->account.name : ""},
                                   {"time", to_rfc3339(header.time)},
                                   {"what", payload.value("what", "")},
                                   {"purpose", header.purpose}});
            });
    }
    return readers;
}

Json Refiling::correct(const Permit<Action::document_correct>& permit, const Json& changes,
                       const std::string& reason) {
    check_reason(reason);
    catalogue::DocumentRow after;
    ledger_.commit([&](Batch& batch) {
        const auto keys = batch.lookup().object_keys(permit.target().link);
        auto row = keys ? batch.lookup().document(*keys) : std::nullopt;
        if (!row) missing();
        const Day today = roman_day(batch.now());
        const auto metadata =
            records::corrected(records::document_from_json(row->metadata, today), changes, today);
        const Json payload = {
            {"metadata", records::to_json(metadata)}, {"reason", reason}, {"rule", permit.rule()}};
        batch.append(about_object(journal::Action::document_corrected, permit.principal().account(),
                                  *keys, payload));
        row->metadata = payload.at("metadata");
        after = std::move(*row);
    });
    return document_json(ledger_, after, permit.target().dossier->facts.id);
}

}  // namespace custode::acts
