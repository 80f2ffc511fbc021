// The only file that names CLI11 (slow to compile): it turns the table of verbs into its parser.

#include "archive/base/error.h"
#include "client/cli/command.h"
#include "client/cli/console.h"
#include "client/cli/manual.h"
#include "client/cli/signals.h"
#include "client/cli/terminal.h"

#include <unistd.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <map>

namespace custode::client {
namespace {

constexpr std::size_t arguments_max = 100'000;
constexpr std::size_t named_columns_max = 200;  // of arguments nobody awaited

void add_option(CLI::App& app, const Option& option) {
    CLI::Option* added = nullptr;
    if (const auto* flag = std::get_if<bool*>(&option.into)) {
        added = app.add_flag(option.names, **flag);
    } else if (const auto* text = std::get_if<std::string*>(&option.into)) {
        added = app.add_option(option.names, **text);
    } else if (const auto* number = std::get_if<unsigned*>(&option.into)) {
        added = app.add_option(option.names, **number);
    } else {
        auto& many = *std::get<std::vector<std::string>*>(option.into);
        added = app.add_option(option.names, many);
        // "--also A --also B", but never "--also A B": B may be the next positional.
        if (!option.is_positional()) added->expected(1)->take_all();
    }
    if (option.required) added->required();
}

class Tree {
public:
    explicit Tree(std::vector<Command> commands) : commands_(std::move(commands)) {
        app_.set_help_flag("-h,--help");
        app_.require_subcommand(0, 1);
        for (const Option& option : globals_.described()) add_option(app_, option);
        app_.add_option("--completion", completion_);
        app_.add_flag("--man", man_);
        for (const Command& command : commands_) add(command);
    }

    int run(int count, const char* const* arguments) {
        // A mistake before "--json" is still to be told in JSON.
        for (int i = 1; i < count; ++i) {
            globals_.json = globals_.json || std::string_view(arguments[i]) == "--json";
        }
        try {
            app_.parse(count, arguments);
            return parsed();
        } catch (const CLI::CallForHelp&) {
            return help();
        } catch (const CLI::ParseError& error) {
            return misused(error);
        } catch (const Problem& problem) {
            return failed(problem);
        } catch (const Json::exception&) {
            return failed(Problem("answer.malformed", {"JSON"}));
        } catch (const std::exception& error) {
            return failed(Problem("failed", {error.what()}));
        }
    }

private:
    void add(const Command& command) {
        CLI::App* at = &app_;
        std::string path;
        for (std::size_t start = 0; start <= command.path.size();) {
            const std::size_t end = std::min(command.path.find(' ', start), command.path.size());
            path += (path.empty() ? "" : " ") + command.path.substr(start, end - start);
            CLI::App*& node = nodes_[path];
            if (node == nullptr) {
                node = at->add_subcommand(command.path.substr(start, end - start));
                node->set_help_flag("-h,--help");
                node->fallthrough();  // the global options are accepted after the verb too
                if (end < command.path.size()) node->require_subcommand(0, 1);
            }
            at = node;
            start = end + 1;
        }
        for (const Option& option : command.options) add_option(*at, option);
        verbs_[at] = &command;
    }

    const CLI::App* deepest() const {
        const CLI::App* at = &app_;
        while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
        return at;
    }

    std::string group() const {
        const auto found = std::find_if(nodes_.begin(), nodes_.end(),
                                        [&](const auto& node) { return node.second == deepest(); });
        return found == nodes_.end() ? std::string() : found->first;
    }

    int parsed() {
        if (man_) return print(manual_page(commands_, globals_.described()));
        if (!completion_.empty()) {
            if (completion_ != "bash") throw Problem("usage.shell", {completion_});
            return print(bash_completion(commands_, globals_.described()));
        }
        const auto found = verbs_.find(deepest());
        if (found == verbs_.end()) {
            std::cerr << overview(commands_, group(), language_of(globals_.lang));
            return static_cast<int>(Exit::usage);
        }
        Console console(globals_);
        return static_cast<int>(found->second->run(console));
    }

    int help() {
        const Lang lang = language_of(globals_.lang);
        const auto found = verbs_.find(deepest());
        const std::size_t width = terminal_width(STDOUT_FILENO);
        if (found == verbs_.end())
            return print(broken(overview(commands_, group(), lang), width, {}));
        const Command& verb = *found->second;
        return print(broken(help_text(verb, globals_.described(), lang), width,
                            "  custode " + std::string(verb.example)));
    }

    /// What CLI11 names in its sentence, without the sentence: that is ours to say.
    std::string named(const CLI::ParseError& error) const {
        constexpr std::string_view required = " is required";
        constexpr std::string_view unexpected = "expected: ";
        std::string text = error.what();
        if (text.ends_with(required)) {
            text.resize(text.size() - required.size());
            text = place_text(text, language_of(globals_.lang));
        }
        if (const std::size_t at = text.find(unexpected); at != std::string::npos)
            text.erase(0, at + unexpected.size());
        return columns(text) > named_columns_max ? fitted(text, named_columns_max) : text;
    }

    int misused(const CLI::ParseError& error) {
        const auto kind = static_cast<CLI::ExitCodes>(error.get_exit_code());
        const char* code = kind == CLI::ExitCodes::RequiredError     ? "usage.missing"
                           : kind == CLI::ExitCodes::ExtrasError     ? "usage.unexpected"
                           : kind == CLI::ExitCodes::ConversionError ? "usage.value"
                                                                     : "usage.wrong";
        return failed(Problem(
            code, {named(error), "custode " + group() + (group().empty() ? "--help" : " --help")}));
    }

    int failed(const Problem& problem) const {
        const Lang lang = language_of(globals_.lang);
        if (globals_.json)
            std::cerr << problem_json(problem, lang).dump(2) << '\n';
        else
            std::cerr << problem_text(problem, lang);
        return static_cast<int>(problem.exit());
    }

    static int print(const std::string& text) {
        std::cout << text << std::flush;
        return std::cout ? 0 : static_cast<int>(Exit::failed);
    }

    GlobalOptions globals_;
    std::string completion_;
    bool man_ = false;
    std::vector<Command> commands_;
    CLI::App app_{"custode", "custode"};
    std::map<std::string, CLI::App*> nodes_;
    std::map<const CLI::App*, const Command*> verbs_;
};

}  // namespace

std::vector<Option> GlobalOptions::described() {
    return {
        {"--server",
         &server,
         {"Indirizzo del server (anche CUSTODE_SERVER; altrimenti quello della sessione)",
          "Address of the server (also CUSTODE_SERVER; otherwise the session's)"},
         "URL"},
        {"--ca",
         &ca,
         {"Certificato dell'autorità con cui riconoscere il server (anche CUSTODE_CA)",
          "Certificate of the authority that vouches for the server (also CUSTODE_CA)"},
         "FILE"},
        {"--json",
         &json,
         {"Risponde con un solo oggetto JSON; gli errori sono un oggetto JSON su stderr",
          "Answers with one JSON object; errors are one JSON object on stderr"}},
        {"--quiet", &quiet, {"Solo il risultato, senza commenti", "The result only, no remarks"}},
        {"--lang",
         &lang,
         {"Lingua dei messaggi (anche CUSTODE_LANG; altrimenti quella del sistema)",
          "Language of the messages (also CUSTODE_LANG; otherwise the system's)"},
         "it|en"},
    };
}

std::vector<Command> all_commands() {
    std::vector<Command> all;
    for (auto family :
         {session_commands, second_factor_commands, unseal_commands, account_commands,
          proposal_commands, dossier_commands, watch_commands, emergency_commands, filing_commands,
          reading_commands, receipt_commands, export_commands, reference_commands}) {
        for (Command& command : family()) all.push_back(std::move(command));
    }
    return all;
}

int run(int count, const char* const* arguments) {
    ignore_broken_pipes();
    require(count >= 0 && static_cast<std::size_t>(count) < arguments_max, "arguments are bounded");
    return Tree(all_commands()).run(count, arguments);
}

}  // namespace custode::client
