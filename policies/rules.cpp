#include "policies/rules.h"

#include <toml++/toml.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>

namespace policies::access {

extern const std::string_view access_rules_toml;  // made from rules/access.toml at build

namespace {

/// Stops the reading; caught in load_rules and nowhere else.
struct Fault {
    std::size_t line;
    std::string reason;
};

std::size_t line_of(const toml::node& node) { return node.source().begin.line; }

[[noreturn]] void refuse(const toml::node& node, std::string reason) {
    throw Fault{line_of(node), std::move(reason)};
}

template <class Value>
struct Named {
    std::string_view name;
    Value value;
};

constexpr std::array effects{Named<Effect>{"permit", Effect::permit},
                             Named<Effect>{"refuse", Effect::refuse}};
constexpr std::array scopes{Named<Scope>{"self", Scope::self},
                            Named<Scope>{"own-assignment", Scope::own_assignment},
                            Named<Scope>{"grant", Scope::grant},
                            Named<Scope>{"unit", Scope::unit},
                            Named<Scope>{"own-conflict", Scope::own_conflict},
                            Named<Scope>{"all", Scope::all}};
constexpr std::array conditions{Named<Condition>{"unit-open", Condition::unit_open},
                                Named<Condition>{"dossier-open", Condition::dossier_open}};
constexpr std::array obligations{Named<Obligation>{"purpose", Obligation::purpose},
                                 Named<Obligation>{"reason", Obligation::reason}};

/// Only what looks like one of our ids is repeated in a message: a log is no place for a file.
std::string shown(std::string_view text) {
    const bool plain = text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
                           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                                  c == '.' || c == '_';
                       });
    return plain ? " '" + std::string(text) + "'" : std::string();
}

std::string text_of(const toml::node& node, const char* field) {
    const auto text = node.value_exact<std::string>();
    if (!text) refuse(node, std::string(field) + " is not a text");
    if (text->empty() || text->size() > 400)
        refuse(node, std::string(field) + " is empty or too long");
    return *text;
}

template <class Value, std::size_t count>
Value word_of(const toml::node& node, const char* field,
              const std::array<Named<Value>, count>& words) {
    const std::string text = text_of(node, field);
    for (const auto& word : words)
        if (word.name == text) return word.value;
    refuse(node, std::string("unknown ") + field + shown(text));
}

template <class Read>
auto list_of(const toml::node& node, const char* field, Read read) {
    std::vector<decltype(read(node))> items;
    const toml::array* array = node.as_array();
    if (array == nullptr) refuse(node, std::string(field) + " is not a list");
    if (array->size() > 64) refuse(node, std::string(field) + " has too many items");
    for (const toml::node& item : *array) {
        auto value = read(item);
        if (std::find(items.begin(), items.end(), value) != items.end())
            refuse(item, std::string(field) + " names the same twice");
        items.push_back(std::move(value));
    }
    return items;
}

Action action_of(const toml::node& node) {
    const std::string text = text_of(node, "action");
    const auto action = action_named(text);
    if (!action) refuse(node, "unknown action" + shown(text));
    return *action;
}

std::string role_of(const toml::node& node) {
    std::string role = text_of(node, "role");
    if (role != "any" && !is_role(role)) refuse(node, "unknown role" + shown(role));
    return role;
}

/// area.name[.name…], lower case: what the journal and the tests refer to for ever.
std::string id_of(const toml::node& node) {
    std::string id = text_of(node, "id");
    const bool well_formed = !shown(id).empty() && id.find('.') != std::string::npos &&
                             id.find("..") == std::string::npos && id.front() != '.' &&
                             id.back() != '.';
    if (!well_formed) refuse(node, "id is not of the form area.name");
    return id;
}

void read_field(Rule& rule, std::string_view key, const toml::node& node) {
    if (key == "id") {
        rule.id = id_of(node);
    } else if (key == "effect") {
        rule.effect = word_of(node, "effect", effects);
    } else if (key == "role") {
        rule.role = role_of(node);
    } else if (key == "actions") {
        rule.actions = list_of(node, "actions", action_of);
    } else if (key == "scope") {
        rule.scope = word_of(node, "scope", scopes);
    } else if (key == "when") {
        rule.conditions = list_of(node, "when", [](const toml::node& item) {
            return word_of(item, "condition", conditions);
        });
    } else if (key == "obligations") {
        rule.obligations = list_of(node, "obligations", [](const toml::node& item) {
            return word_of(item, "obligation", obligations);
        });
    } else if (key == "source") {
        rule.source = text_of(node, "source");
    } else {
        refuse(node, "unknown field" + shown(key));
    }
}

void check(const Rule& rule, const toml::table& table) {
    for (const char* field : {"id", "role", "actions", "scope", "source"})
        if (!table.contains(field)) refuse(table, std::string("rule without ") + field);
    if (rule.actions.empty()) refuse(table, "rule without actions");
    if (rule.effect == Effect::refuse) {
        if (!rule.obligations.empty()) refuse(table, "a refusal has no obligations");
        return;
    }
    if (rule.scope == Scope::own_conflict)
        refuse(table, "a conflict of interest permits nothing (effect refuse)");
    if (rule.role == "any" && rule.scope != Scope::self)
        refuse(table, "a permit for any role reaches only oneself (scope self)");
    // Whoever operates the machine reads nothing: not even a rule file may change that.
    const bool near_dossiers =
        std::any_of(rule.actions.begin(), rule.actions.end(), touches_dossiers);
    if ((rule.role == "administrator" || rule.role == "operator") && near_dossiers)
        refuse(table, "no permit may bring an administrator or operator near a dossier");
}

Rule read_rule(const toml::node& node) {
    const toml::table* table = node.as_table();
    if (table == nullptr) refuse(node, "rule is not a table");
    Rule rule;
    for (const auto& [key, value] : *table) read_field(rule, key.str(), value);
    check(rule, *table);
    return rule;
}

std::vector<Rule> read_file(const toml::table& file) {
    for (const auto& [key, value] : file)
        if (key.str() != "format" && key.str() != "rule")
            refuse(value, "unknown field" + shown(key.str()));
    const toml::node* format = file.get("format");
    if (format == nullptr || format->value_exact<std::int64_t>() != 1)
        throw Fault{format == nullptr ? 0 : line_of(*format), "format is not 1"};
    const toml::node* list = file.get("rule");
    const toml::array* array = list == nullptr ? nullptr : list->as_array();
    if (array == nullptr || array->empty()) throw Fault{0, "no rules"};
    if (array->size() > rules_max) throw Fault{0, "more than 1000 rules"};
    std::vector<Rule> rules;
    std::set<std::string> ids;
    for (const toml::node& node : *array) {
        rules.push_back(read_rule(node));
        if (!ids.insert(rules.back().id).second)
            refuse(node, "id" + shown(rules.back().id) + " twice");
    }
    return rules;
}

}  // namespace

Rules::Rules(std::vector<Rule> rules) : rules_(std::move(rules)) {
    std::sort(rules_.begin(), rules_.end(),
              [](const Rule& a, const Rule& b) { return a.id < b.id; });
    for (std::size_t index = 0; index < rules_.size(); ++index)
        for (const Action action : rules_[index].actions)
            by_action_[static_cast<std::size_t>(action)].push_back(index);
}

LoadedRules load_rules(std::string_view toml_text) {
    if (toml_text.size() > rule_file_bytes_max) return {std::nullopt, 0, "longer than 256 KiB"};
    try {
        return {Rules(read_file(toml::parse(toml_text))), 0, {}};
    } catch (const toml::parse_error& error) {
        return {std::nullopt, error.source().begin.line, "not TOML"};
    } catch (const Fault& fault) {
        return {std::nullopt, fault.line, fault.reason};
    }
}

std::string_view shipped_rules_text() { return access_rules_toml; }

const Rules& shipped_rules() {
    static const Rules rules = [] {
        LoadedRules loaded = load_rules(access_rules_toml);
        if (!loaded.rules) {
            // A bug of ours, shown by the first test: without rules nothing may be decided.
            std::fprintf(stderr, "policies: rules/access.toml:%zu: %s\n", loaded.line,
                         loaded.reason.c_str());
            std::abort();
        }
        return *std::move(loaded.rules);
    }();
    return rules;
}

}  // namespace policies::access
