#include "client/cli/manual.h"

#include "client/cli/terminal.h"

#include <algorithm>
#include <map>
#include <set>

namespace custode::client {
namespace {

constexpr std::size_t name_columns = 30;

std::string shown_name(const Option& option, Lang lang) {
    if (option.is_positional()) return place_text(option.names, lang);
    std::string name;
    for (const char c : option.names) name += c == ',' ? std::string(", ") : std::string(1, c);
    return option.value.empty() ? name : name + " " + place_text(option.value, lang);
}

/// The name that the example and the help speak of: the first long one.
std::string first_name(const Option& option) {
    const std::size_t at = option.names.find("--");
    return at == std::string::npos ? option.names
                                   : option.names.substr(at, option.names.find(',', at) - at);
}

std::string usage(const Command& command, Lang lang) {
    std::string line = "custode " + command.path;
    for (const Option& option : command.options) {
        const bool is_many = std::holds_alternative<std::vector<std::string>*>(option.into);
        std::string word =
            option.is_positional() ? place_text(option.names, lang) : first_name(option);
        if (!option.is_positional() && !option.value.empty())
            word += " " + place_text(option.value, lang);
        if (!option.required) word = "[" + word + "]";
        line += " " + word + (is_many ? "…" : "");
    }
    return line;
}

std::string option_lines(const std::vector<Option>& options, Lang lang) {
    std::string lines;
    for (const Option& option : options) {
        const std::string name = "  " + shown_name(option, lang);
        const bool fits = columns(name) + 2 <= name_columns;
        lines += fits ? fitted(name, name_columns) : name + "\n" + std::string(name_columns, ' ');
        lines += std::string(option.about.in(lang)) + "\n";
    }
    return lines;
}

std::vector<Exit> exits_of(const Command& command) {
    std::vector<Exit> exits{Exit::ok, Exit::failed, Exit::usage};
    exits.insert(exits.end(), command.exits.begin(), command.exits.end());
    std::sort(exits.begin(), exits.end());
    return exits;
}

std::string roff(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c == '\\')
            result += "\\e";
        else if (c == '-')
            result += "\\-";
        else
            result += c;
    }
    // A line that starts with a dot or a quote would be a request to roff.
    if (!result.empty() && (result.front() == '.' || result.front() == '\''))
        result.insert(0, "\\&");
    return result;
}

std::string roff_options(const std::vector<Option>& options) {
    std::string page;
    for (const Option& option : options) {
        page += ".TP\n\\fB" + roff(shown_name(option, Lang::it)) + "\\fR\n" +
                roff(option.about.it) + "\n.br\n\\fI" + roff(option.about.en) + "\\fR\n";
    }
    return page;
}

void add_words(std::string& words, const std::vector<Option>& options) {
    for (const Option& option : options) {
        if (option.is_positional()) continue;
        std::string name;
        for (const char c : option.names) name += c == ',' ? ' ' : c;
        words += " " + name;
    }
}

// What stands for a value, as the sources write it and in the other language.
constexpr Words places[] = {
    {"NOME", "NAME"},       {"RUOLO", "ROLE"},        {"UNITÀ", "UNIT"},
    {"ÉQUIPE", "TEAM"},     {"FASCICOLO", "DOSSIER"}, {"DATA", "DATE"},
    {"CODICE", "CODE"},     {"TESTO", "TEXT"},        {"MOTIVO", "REASON"},
    {"CHIAVE", "KEY"},      {"CARTELLA", "FOLDER"},   {"COGNOME", "SURNAME"},
    {"LUOGO", "PLACE"},     {"ANNO", "YEAR"},         {"SISTEMA:ID", "SYSTEM:ID"},
    {"FONTE", "SOURCE"},    {"TIPO", "TYPE"},         {"AUTORITÀ", "AUTHORITY"},
    {"NUMERO", "NUMBER"},   {"CANALE", "CHANNEL"},    {"STATO", "STATE"},
    {"RISPOSTA", "ANSWER"}, {"DOVE", "WHERE"},        {"DOCUMENTO", "DOCUMENT"},
    {"PERCORSO", "PATH"},   {"MOMENTO", "TIME"},      {"ESITO", "VERDICT"},
    {"RICERCA", "QUERY"},   {"ELENCO", "KIND"},
};

}  // namespace

std::string place_text(std::string_view word, Lang lang) {
    const auto found = std::find_if(std::begin(places), std::end(places), [&](const Words& place) {
        return word == place.it || word == place.en;
    });
    return std::string(found == std::end(places) ? word : found->in(lang));
}

std::string_view exit_meaning(Exit exit, Lang lang) {
    const auto words = [&]() -> Words {
        switch (exit) {
            case Exit::ok: return {"riuscito", "done"};
            case Exit::failed: return {"non riuscito", "failed"};
            case Exit::usage:
                return {"uso errato o dati rifiutati", "wrong usage or refused input"};
            case Exit::not_found:
                return {"non trovato o non consentito", "not found or not permitted"};
            case Exit::conflict: return {"conflitto o duplicato", "conflict or duplicate"};
            case Exit::sealed:
                return {"archivio sigillato, account bloccato o nessuna sessione",
                        "vault sealed, account locked or no session"};
            case Exit::partial:
                return {"non riuscita una parte del lotto", "part of a batch failed"};
            case Exit::integrity:
                return {"integrità violata: non ignorare", "integrity broken: do not ignore"};
            case Exit::interrupted: return {"interrotto (Ctrl-C)", "interrupted (Ctrl-C)"};
        }
        return {};
    }();
    return words.in(lang);
}

std::string help_text(const Command& command, const std::vector<Option>& globals, Lang lang) {
    const bool it = lang == Lang::it;
    std::string text = std::string(command.about.in(lang)) + "\n\n";
    text += (it ? "Uso:\n  " : "Usage:\n  ") + usage(command, lang) + "\n\n";
    if (!command.options.empty()) {
        text += (it ? "Argomenti e opzioni:\n" : "Arguments and options:\n") +
                option_lines(command.options, lang) + "\n";
    }
    text += (it ? "Opzioni comuni:\n" : "Common options:\n") + option_lines(globals, lang) + "\n";
    text += (it ? "Esempio:\n  custode " : "Example:\n  custode ") + command.example + "\n\n";
    text += it ? "Codici di uscita:\n" : "Exit codes:\n";
    for (const Exit exit : exits_of(command)) {
        text += "  " + fitted(std::to_string(static_cast<int>(exit)), 4) +
                std::string(exit_meaning(exit, lang)) + "\n";
    }
    return text;
}

std::string overview(const std::vector<Command>& commands, const std::string& group, Lang lang) {
    const bool it = lang == Lang::it;
    std::string text =
        group.empty()
            ? std::string(it ? "Custode: il fascicolo al sicuro, e la prova di averlo.\n\n"
                             : "Custode: the dossier kept safe, and the proof of it.\n\n")
            : std::string();
    text += it ? "Uso: custode COMANDO [ARGOMENTI]\n\nComandi:\n"
               : "Usage: custode VERB [ARGUMENTS]\n\nVerbs:\n";
    for (const Command& command : commands) {
        if (!group.empty() && command.path.rfind(group + " ", 0) != 0) continue;
        text += "  " + fitted(command.path, 20) + std::string(command.about.in(lang)) + "\n";
    }
    text += it ? "\n«custode COMANDO --help» mostra opzioni, un esempio e i codici di uscita.\n"
               : "\n\"custode VERB --help\" shows options, an example and the exit codes.\n";
    return text;
}

std::string manual_page(const std::vector<Command>& commands, const std::vector<Option>& globals) {
    std::string page = ".TH CUSTODE 1 \"\" \"custode " CUSTODE_VERSION "\" \"Custode\"\n";
    page += ".SH NAME\ncustode \\- archivio cifrato dei fascicoli, da riga di comando\n";
    page += ".SH SYNOPSIS\n.B custode\n[\\fIopzioni\\fR] \\fIcomando\\fR [\\fIargomenti\\fR]\n";
    page += ".SH \"OPZIONI COMUNI\"\n" + roff_options(globals) + ".SH COMANDI\n";
    for (const Command& command : commands) {
        page += ".SS \"" + roff(command.path) + "\"\n" + roff(command.about.it) + "\n.br\n\\fI" +
                roff(command.about.en) + "\\fR\n.PP\n\\fB" + roff(usage(command, Lang::it)) +
                "\\fR\n";
        page += roff_options(command.options);
        page += ".PP\nEsempio:\n.RS\ncustode " + roff(command.example) + "\n.RE\n";
        page += "Uscita:";
        for (const Exit exit : exits_of(command))
            page += " " + std::to_string(static_cast<int>(exit));
        page += "\n";
    }
    page += ".SH \"CODICI DI USCITA\"\n";
    for (const Exit exit : {Exit::ok, Exit::failed, Exit::usage, Exit::not_found, Exit::conflict,
                            Exit::sealed, Exit::partial, Exit::integrity, Exit::interrupted}) {
        page += ".TP\n.B " + std::to_string(static_cast<int>(exit)) + "\n" +
                roff(exit_meaning(exit, Lang::it)) + " (\\fI" + roff(exit_meaning(exit, Lang::en)) +
                "\\fR)\n";
    }
    return page +
           ".SH AMBIENTE\nCUSTODE_SERVER, CUSTODE_CA, CUSTODE_SESSION, "
           "CUSTODE_PASSWORD_FILE, CUSTODE_LANG, NO_COLOR\n";
}

std::string bash_completion(const std::vector<Command>& commands,
                            const std::vector<Option>& globals) {
    std::map<std::string, std::set<std::string>> below;  // "" → verbs, "account" → create, list …
    std::string common = " --help";
    add_words(common, globals);
    std::string cases;
    for (const Command& command : commands) {
        const std::size_t space = command.path.find(' ');
        below[""].insert(command.path.substr(0, space));
        if (space != std::string::npos) {
            below[command.path.substr(0, space)].insert(command.path.substr(space + 1));
        }
        std::string words = common;
        add_words(words, command.options);
        cases += "        '" + command.path + "') words='" + words.substr(1) + "' ;;\n";
    }
    for (const auto& [group, names] : below) {
        std::string words;
        for (const std::string& name : names) words += (words.empty() ? "" : " ") + name;
        cases += "        '" + group + "') words='" + words + common + "' ;;\n";
    }
    return "# bash completion for custode: eval \"$(custode --completion bash)\"\n"
           "_custode() {\n"
           "    local word path='' words='' i\n"
           "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
           "        word=${COMP_WORDS[i]}\n"
           "        [[ $word == -* ]] && break\n"
           "        case \"$path $word\" in\n" +
           [&] {
               std::string groups;
               for (const auto& [group, names] : below) {
                   for (const std::string& name : names) {
                       groups += "            '" + group + " " + name + "') path='" +
                                 (group.empty() ? name : group + " " + name) + "' ;;\n";
                   }
               }
               return groups;
           }() +
           "        esac\n"
           "    done\n"
           "    case \"$path\" in\n" +
           cases +
           "    esac\n"
           "    COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
           "}\n"
           "complete -o default -F _custode custode\n";
}

}  // namespace custode::client
