#include "archive/records/proposal.h"

#include "archive/base/encoding.h"
#include "archive/records/fields.h"
#include "archive/records/folding.h"

namespace custode::records {
namespace {

constexpr std::array<Word<ProposalKind>, 5> kinds{
    {{ProposalKind::role_grant, "role.grant"},
     {ProposalKind::role_revoke, "role.revoke"},
     {ProposalKind::account_disable, "account.disable"},
     {ProposalKind::account_enable, "account.enable"},
     {ProposalKind::password_reset, "password.reset"}}};
constexpr std::array<Word<ProposalState>, 5> states{{{ProposalState::open, "open"},
                                                     {ProposalState::executed, "executed"},
                                                     {ProposalState::refused, "refused"},
                                                     {ProposalState::cancelled, "cancelled"},
                                                     {ProposalState::expired, "expired"}}};
constexpr std::size_t id_characters = 36;
constexpr std::size_t name_characters_max = 4 * account_name_characters_max;

template <class IdType>
IdType id_of(Fields& fields, const char* name) {
    const auto id = parse_id<IdType>(fields.text(name, {.characters_max = id_characters}));
    if (!id) fields.invalid(name, "is not an id");
    return *id;
}

Millis time_of(Fields& fields, const char* name) {
    const auto time = from_rfc3339(fields.text(name, {.characters_max = 40}));
    if (!time) fields.invalid(name, "is not a time in UTC");
    return *time;
}

RightsChange rights_from(const Json& json, const std::string& path, ProposalKind kind) {
    Fields fields(json, path);
    RightsChange change;
    change.account = fields.text("account", {.characters_max = name_characters_max});
    change.id = id_of<AccountId>(fields, "id");
    if (const Json* role = fields.maybe("role"))
        change.role = role_from_json(*role, fields.path_of("role"));
    if (const Json* password = fields.maybe("password")) change.password = *password;
    fields.finish();
    const bool about_role = kind == ProposalKind::role_grant || kind == ProposalKind::role_revoke;
    if (about_role != change.role.has_value()) fields.invalid("role", "does not fit the kind");
    if ((kind == ProposalKind::password_reset) != change.password.is_object())
        fields.invalid("password", "does not fit the kind");
    return change;
}

Json write_rights(const RightsChange& change) {
    Json json{{"account", change.account}, {"id", to_text(change.id)}};
    if (change.role) json["role"] = to_json(*change.role);
    if (change.password.is_object()) json["password"] = change.password;
    return json;
}

void read_decision(Fields& fields, Proposal& proposal) {
    if (fields.maybe("decider") != nullptr) proposal.decider = id_of<AccountId>(fields, "decider");
    proposal.decider_name =
        fields.text_or_empty("decider_name", {.characters_max = name_characters_max});
    if (fields.maybe("decided") != nullptr) proposal.decided = time_of(fields, "decided");
    proposal.reason = fields.text_or_empty(
        "reason", {.characters_max = proposal_reason_characters_max, .lines = true});
    const bool is_open = proposal.state == ProposalState::open;
    if (is_open == proposal.decided.has_value())
        fields.invalid("decided", "does not fit the state");
    if ((is_open || proposal.state == ProposalState::expired) == proposal.decider.has_value())
        fields.invalid("decider", "does not fit the state");
}

}  // namespace

std::string word_of(ProposalKind kind) { return word_for(kinds, kind); }
std::string word_of(ProposalState state) { return word_for(states, state); }

Proposal proposal_from_json(const Json& json) {
    Fields fields(json);
    Proposal proposal;
    proposal.id = id_of<ProposalId>(fields, "id");
    if (fields.maybe("kind") == nullptr) fields.missing("kind");
    proposal.kind = fields.word("kind", kinds, ProposalKind::role_grant);
    const Json* content = fields.maybe("content");
    if (content == nullptr) fields.missing("content");
    proposal.content = rights_from(*content, fields.path_of("content"), proposal.kind);
    proposal.proposer = id_of<AccountId>(fields, "proposer");
    proposal.proposer_name = fields.text("proposer_name", {.characters_max = name_characters_max});
    proposal.made = time_of(fields, "made");
    proposal.expires = time_of(fields, "expires");
    const auto salt = from_hex(fields.text("salt", {.characters_max = 64}));
    if (!salt || salt->size() != proposal.salt.size()) fields.invalid("salt", "is not 32 bytes");
    std::copy(salt->begin(), salt->end(), proposal.salt.begin());
    proposal.statement = fields.text("statement", {.characters_max = statement_characters_max});
    proposal.state = fields.word("state", states, ProposalState::open);
    read_decision(fields, proposal);
    fields.finish();
    return proposal;
}

Json to_json(const Proposal& proposal) {
    Json json{{"id", to_text(proposal.id)},
              {"kind", word_of(proposal.kind)},
              {"content", write_rights(std::get<RightsChange>(proposal.content))},
              {"proposer", to_text(proposal.proposer)},
              {"proposer_name", proposal.proposer_name},
              {"made", to_rfc3339(proposal.made)},
              {"expires", to_rfc3339(proposal.expires)},
              {"salt", to_hex(proposal.salt)},
              {"statement", proposal.statement},
              {"state", word_of(proposal.state)}};
    if (proposal.decider) json["decider"] = to_text(*proposal.decider);
    put(json, "decider_name", proposal.decider_name);
    if (proposal.decided) json["decided"] = to_rfc3339(*proposal.decided);
    put(json, "reason", proposal.reason);
    return json;
}

}  // namespace custode::records
