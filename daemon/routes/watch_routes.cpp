#include "daemon/service.h"

namespace custode::daemon {
namespace {

using Json = nlohmann::json;
using Call = Service::Call;

OnDossier dossier_of(const Exchange& e) {
    return OnDossier{needed_id<DossierId>(e.parameter("id"))};
}

void history(const Call& call, Exchange& e) {
    const bool for_subject = e.query("for_subject") == "1";
    const auto permit = call.open->door().ask_to_see<Action::dossier_history>(
        call.principal, dossier_of(e), purpose_of(e),
        for_subject ? "dossier.history.subject" : "dossier.history");
    auto page = call.open->disclosures().history(permit, for_subject, cursor_of(e), limit_of(e));
    reply_json(e, 200, page_json(std::move(page.items), page.next));
}

void readers(const Call& call, Exchange& e) {
    const auto permit = call.open->door().ask_to_see<Action::dossier_history>(
        call.principal, dossier_of(e), purpose_of(e), "dossier.readers");
    const auto text = e.query("at");
    const auto at = text ? from_rfc3339(*text) : std::optional(call.open->now());
    if (!at)
        throw Error(ErrorCode::invalid_argument, "field.invalid",
                    "could not look: at is a time like 2026-11-23T08:15:00.000Z");
    reply_json(e, 200, call.open->disclosures().readers(permit, *at));
}

void break_glass(const Call& call, Exchange& e) {
    const Json json = read_json(e);
    only_members(json, {"code", "reason"});
    const auto permit = call.open->door().ask<Action::dossier_break_glass>(
        call.principal, dossier_of(e), {needed_text(json, "code"), text_or_empty(json, "reason")});
    reply_json(e, 201, call.open->emergency().break_glass(permit));
}

void show_sheet(const Call& call, Exchange& e) {
    const auto permit = call.open->door().ask_to_see<Action::dossier_emergency>(
        call.principal, dossier_of(e), purpose_of(e), "emergency.sheet");
    reply_json(e, 200, call.open->sheets().show(permit));
}

void write_sheet(const Call& call, Exchange& e) {
    const auto permit =
        call.open->door().ask<Action::dossier_emergency_write>(call.principal, dossier_of(e));
    reply_json(e, 200,
               call.open->sheets().write(permit, records::written_sheet_from_json(read_json(e))));
}

void reviews(const Call& call, Exchange& e) {
    static_cast<void>(call.open->door().ask<Action::dossier_notices>(call.principal, OnNothing{}));
    reply_json(e, 200, page_json(call.open->emergency().list(call.principal), {}));
}

void review(const Call& call, Exchange& e) {
    const auto id = needed_id<BreakId>(e.parameter("id"));
    const auto permit = call.open->door().ask<Action::dossier_review>(
        call.principal, OnDossier{call.open->emergency().dossier_of(id)});
    const Json json = read_json(e);
    only_members(json, {"verdict", "reason"});
    reply_json(e, 200,
               call.open->emergency().review(permit, id, needed_text(json, "verdict"),
                                             text_or_empty(json, "reason")));
}

}  // namespace

std::vector<Route> watch_routes(Service& service) {
    const auto with = [&service](auto handler) {
        return [&service, handler](Exchange& e) { handler(service.call(e), e); };
    };
    const std::string one = "/api/v1/dossiers/{id}";
    return {
        {"GET", one + "/history", with(history)},
        {"GET", one + "/readers", with(readers)},
        {"POST", one + "/break-glass", with(break_glass)},
        {"GET", one + "/emergency-sheet", with(show_sheet)},
        {"PUT", one + "/emergency-sheet", with(write_sheet)},
        {"GET", "/api/v1/reviews", with(reviews)},
        {"POST", "/api/v1/reviews/{id}", with(review)},
    };
}

}  // namespace custode::daemon
