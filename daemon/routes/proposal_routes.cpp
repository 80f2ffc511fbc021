#include "daemon/service.h"

namespace custode::daemon {
namespace {

using Json = nlohmann::json;
using Call = Service::Call;

ProposalId id_of(const Exchange& e) { return needed_id<ProposalId>(e.parameter("id")); }

Permit<Action::proposal_show> may_show(const Call& call) {
    return call.open->door().ask_to_see<Action::proposal_show>(call.principal, OnNothing{}, {},
                                                               "proposal.show");
}

Permit<Action::proposal_decide> may_decide(const Call& call) {
    return call.open->door().ask<Action::proposal_decide>(call.principal, OnNothing{});
}

void list(const Call& call, Exchange& e) {
    const auto permit = may_show(call);
    reply_json(e, 200, page_json(call.open->proposals().list(permit, e.query("all") == "1"), {}));
}

void show(const Call& call, Exchange& e) {
    const auto permit = may_show(call);
    reply_json(e, 200, call.open->proposals().show(permit, id_of(e)));
}

void approve(const Call& call, Exchange& e) {
    const auto permit = may_decide(call);
    const Json json = read_json(e);
    only_members(json, {"statement"});
    reply_json(e, 200,
               call.open->proposals().approve(permit, id_of(e), needed_text(json, "statement")));
}

void refuse(const Call& call, Exchange& e) {
    const auto permit = may_decide(call);
    const Json json = read_json(e);
    only_members(json, {"reason"});
    reply_json(e, 200,
               call.open->proposals().refuse(permit, id_of(e), text_or_empty(json, "reason")));
}

void cancel(const Call& call, Exchange& e) {
    reply_json(e, 200, call.open->proposals().cancel(may_decide(call), id_of(e)));
}

}  // namespace

std::vector<Route> proposal_routes(Service& service) {
    const auto with = [&service](auto handler) {
        return [&service, handler](Exchange& e) { handler(service.call(e), e); };
    };
    const std::string one = "/api/v1/proposals/{id}";
    return {
        {"GET", "/api/v1/proposals", with(list)},  {"GET", one, with(show)},
        {"POST", one + "/approve", with(approve)}, {"POST", one + "/refuse", with(refuse)},
        {"POST", one + "/cancel", with(cancel)},
    };
}

}  // namespace custode::daemon
