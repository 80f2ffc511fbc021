// proposal …: what awaits a second person

#include "archive/base/encoding.h"
#include "archive/proof/receipt.h"
#include "client/cli/console.h"
#include "client/cli/terminal.h"

#include <memory>

namespace custode::client {
namespace {

constexpr std::size_t prefix_characters_min = 8;

struct ProposalOptions {
    std::string id;
    std::string statement;
    std::string reason;
    bool all = false;
};

std::string path_of(const ProposalOptions& options) { return "/proposals/" + encoded(options.id); }

/// The statement's hash, computed here: what is shown is what is approved.
std::string hash_of(const Json& proposal) {
    const Json& statement = proposal.at("statement");
    const auto salt = from_hex(statement.at("salt").get<std::string>());
    const std::string hash =
        salt ? to_hex(proof::statement_hash(*salt, statement.at("text").get<std::string>()))
             : std::string();
    if (hash.empty() || hash != statement.at("sha256")) throw Problem("proposal.altered");
    return hash;
}

void print_proposal(std::ostream& out, const Json& proposal, Lang lang) {
    const auto line = [&](const char* code, const std::string& text) {
        if (!text.empty()) out << fitted(say(lang, code), 18) << "  " << visible(text) << '\n';
    };
    out << visible(cell(proposal, "id")) << '\n';
    line("column.kind", cell(proposal, "kind"));
    line("column.state", cell(proposal, "state"));
    line("column.account", cell(proposal, "account"));
    if (proposal.contains("role")) line("column.role", cell(proposal.at("role"), "role"));
    line("column.proposer", cell(proposal, "proposer"));
    line("column.time", cell(proposal, "made"));
    line("column.expires", cell(proposal, "expires"));
    line("column.decider", cell(proposal, "decider"));
    line("column.reason", cell(proposal, "reason"));
    line("column.statement", proposal.at("statement").at("text").get<std::string>());
    line("column.sha256", hash_of(proposal));
}

Exit show_proposal(const Json& proposal, Console& console) {
    hash_of(proposal);  // Under --json too: a statement that does not hash so is not shown.
    console.result(proposal,
                   [&](std::ostream& out) { print_proposal(out, proposal, console.lang()); });
    return Exit::ok;
}

Exit list(const ProposalOptions& options, Console& console) {
    const Json proposals = console.api().list(options.all ? "/proposals?all=1" : "/proposals");
    console.result(proposals, [&](std::ostream& out) {
        std::vector<std::vector<std::string>> rows;
        for (const Json& one : proposals.at("items"))
            rows.push_back({cell(one, "id"), cell(one, "kind"), cell(one, "account"),
                            cell(one, "state"), cell(one, "proposer"), cell(one, "expires")});
        const Lang lang = console.lang();
        print_table(
            out,
            {"id", say(lang, "column.kind"), say(lang, "column.account"), say(lang, "column.state"),
             say(lang, "column.proposer"), say(lang, "column.expires")},
            rows);
    });
    return Exit::ok;
}

Exit show(const ProposalOptions& options, Console& console) {
    return show_proposal(console.api().get(path_of(options)), console);
}

Exit approve(const ProposalOptions& options, Console& console) {
    Api api = console.api();
    const std::string hash = hash_of(api.get(path_of(options)));
    if (options.statement.size() < prefix_characters_min || !hash.starts_with(options.statement))
        throw Problem("proposal.other_statement", {options.id});
    const Json answer = api.post(path_of(options) + "/approve", {{"statement", hash}});
    console.result(answer, [&](std::ostream& out) {
        out << say(console.lang(), "proposal.approved",
                   {options.id, cell(answer.at("proposal"), "proposer"),
                    cell(answer.at("proposal"), "decider")})
            << '\n';
    });
    return Exit::ok;
}

Exit end(const ProposalOptions& options, const char* deed, const Json& body, Console& console) {
    const Json proposal = console.api().post(path_of(options) + deed, body);
    console.result(proposal, [&](std::ostream& out) {
        out << say(console.lang(), "proposal.ended", {options.id, cell(proposal, "state")}) << '\n';
    });
    return Exit::ok;
}

}  // namespace

std::vector<Command> proposal_commands() {
    const auto options = std::make_shared<ProposalOptions>();
    const Option id{"PROPOSAL", &options->id, {"Proposta, come id", "Proposal, as id"}, "", true};
    const std::vector<Exit> exits{Exit::not_found, Exit::conflict, Exit::sealed};
    const std::string one = " 0b9f6f2e-6f0c-4c55-9d0e-3f1f4ad0a111";
    return {
        {"proposal list",
         {"Elenca ciò che attende una seconda persona", "Lists what awaits a second person"},
         "proposal list",
         {{"--all",
           &options->all,
           {"Anche quelle già decise o scadute", "Also those decided or expired"}}},
         exits,
         [options](Console& console) { return list(*options, console); }},
        {"proposal show",
         {"Mostra una proposta con la sua dichiarazione per intero e l'impronta",
          "Shows a proposal with its statement in full and the digest"},
         "proposal show" + one,
         {id},
         exits,
         [options](Console& console) { return show(*options, console); }},
        {"proposal approve",
         {"Approva ed esegue ciò che un'altra persona ha proposto",
          "Approves and does what somebody else proposed"},
         "proposal approve" + one + " --statement 3f9ac41d",
         {id,
          {"--statement",
           &options->statement,
           {"Impronta della dichiarazione letta con «proposal show»: almeno le prime 8 cifre",
            "Digest of the statement read with \"proposal show\": at least its first 8 digits"},
           "SHA256",
           true}},
         {Exit::not_found, Exit::conflict, Exit::sealed, Exit::integrity},
         [options](Console& console) { return approve(*options, console); }},
        {"proposal refuse",
         {"Respinge la proposta di un'altra persona", "Refuses what somebody else proposed"},
         "proposal refuse" + one + " --reason \"non concordato\"",
         {id, {"--reason", &options->reason, {"Motivo", "Reason"}, "MOTIVO", true}},
         exits,
         [options](Console& console) {
             return end(*options, "/refuse", {{"reason", options->reason}}, console);
         }},
        {"proposal cancel",
         {"Ritira una propria proposta", "Takes back a proposal of one's own"},
         "proposal cancel" + one,
         {id},
         exits,
         [options](Console& console) { return end(*options, "/cancel", Json::object(), console); }},
    };
}

}  // namespace custode::client
