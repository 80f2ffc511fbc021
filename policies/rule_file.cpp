#include "policies/rules.h"

#include <toml++/toml.h>

#include <algorithm>
#include <map>
#include <set>

namespace policies::access {
namespace {

constexpr std::size_t word_bytes_max = 64;
constexpr std::size_t text_bytes_max = 400;
constexpr std::size_t purpose_bytes_max = 31;  // As long as the journal keeps.

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
                            Named<Scope>{"team", Scope::team},
                            Named<Scope>{"grant", Scope::grant},
                            Named<Scope>{"unit", Scope::unit},
                            Named<Scope>{"broken-glass", Scope::broken_glass},
                            Named<Scope>{"own-conflict", Scope::own_conflict},
                            Named<Scope>{"all", Scope::all}};
constexpr std::array conditions{Named<Condition>{"unit-open", Condition::unit_open},
                                Named<Condition>{"dossier-open", Condition::dossier_open},
                                Named<Condition>{"sealed-area", Condition::sealed_area},
                                Named<Condition>{"secret-address", Condition::secret_address},
                                Named<Condition>{"penal-secrecy", Condition::penal_secrecy},
                                Named<Condition>{"destroyed", Condition::destroyed},
                                Named<Condition>{"limited", Condition::limited}};
constexpr std::array obligations{Named<Obligation>{"purpose", Obligation::purpose},
                                 Named<Obligation>{"reason", Obligation::reason},
                                 Named<Obligation>{"watermark", Obligation::watermark},
                                 Named<Obligation>{"second-person", Obligation::second_person},
                                 Named<Obligation>{"notification", Obligation::notification}};

template <class Value, std::size_t count>
std::string_view name_in(const std::array<Named<Value>, count>& words, Value value) {
    for (const auto& word : words)
        if (word.value == value) return word.name;
    return {};
}

/// Only what looks like one of our ids is repeated in a message: a log is no place for a file.
std::string shown(std::string_view text) {
    const bool plain =
        text.size() <= word_bytes_max && std::all_of(text.begin(), text.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                   c == '_';
        });
    return plain ? " '" + std::string(text) + "'" : std::string();
}

std::string text_of(const toml::node& node, const char* field) {
    const auto text = node.value_exact<std::string>();
    if (!text) refuse(node, std::string(field) + " is not a text");
    if (text->empty() || text->size() > text_bytes_max)
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

/// An action, or all of an area: "dossier.*".
std::vector<Action> actions_of(const toml::node& node) {
    const std::string text = text_of(node, "action");
    if (text.ends_with(".*")) {
        std::vector<Action> area;
        for (const Action action : all_actions())
            if (name(action).starts_with(std::string_view(text).substr(0, text.size() - 1)))
                area.push_back(action);
        if (area.empty()) refuse(node, "unknown area of actions");
        return area;
    }
    const auto action = action_named(text);
    if (!action) refuse(node, "unknown action" + shown(text));
    return {*action};
}

std::vector<Action> action_list(const toml::node& node) {
    std::vector<Action> actions;
    for (const auto& some : list_of(node, "actions", actions_of))
        for (const Action action : some) {
            if (std::find(actions.begin(), actions.end(), action) != actions.end())
                refuse(node, "actions names the same twice");
            actions.push_back(action);
        }
    return actions;
}

std::string id_of(const toml::node& node, bool dotted) {
    std::string id = text_of(node, "id");
    if (id.size() > word_bytes_max) refuse(node, "id is longer than 64 characters");
    const bool well_formed = !shown(id).empty() && id.find("..") == std::string::npos &&
                             id.front() != '.' && id.back() != '.' &&
                             (id.find('.') != std::string::npos) == dotted;
    if (!well_formed)
        refuse(node, dotted ? "id is not of the form area.name" : "id is not a plain word");
    return id;
}

std::string purpose_of(const toml::node& node) {
    std::string purpose = text_of(node, "purpose");
    if (shown(purpose).empty() || purpose.size() > purpose_bytes_max)
        refuse(node, "purpose is not a code of up to 31 plain characters");
    return purpose;
}

/// Groups of roles, by id: "staff" instead of a dozen names.  A group may hold groups.
class Groups {
public:
    explicit Groups(const toml::node* list) {
        if (list == nullptr) return;
        const toml::array* array = list->as_array();
        if (array == nullptr) refuse(*list, "group is not a list of tables");
        if (array->size() > groups_max) refuse(*list, "more than 100 groups");
        for (const toml::node& node : *array) add(node);
        for (const auto& [id, group] : groups_) {
            Walk walk;
            collect(id, *group.at, walk);
        }
    }

    /// A role, or those of a group.
    void expand(const toml::node& node, std::vector<std::string>& into) const {
        Walk walk;
        collect(text_of(node, "role"), node, walk);
        for (const std::string& role : walk.roles) {
            if (std::find(into.begin(), into.end(), role) != into.end())
                refuse(node, "roles names the same twice" + shown(role));
            into.push_back(role);
        }
    }

private:
    struct Group {
        const toml::node* at;
        std::vector<std::string> members;
    };

    void add(const toml::node& node) {
        const toml::table* table = node.as_table();
        if (table == nullptr) refuse(node, "group is not a table");
        Group group{&node, {}};
        std::string id;
        for (const auto& [key, value] : *table) {
            if (key.str() == "id")
                id = id_of(value, false);
            else if (key.str() == "roles")
                group.members = list_of(
                    value, "roles", [](const toml::node& item) { return text_of(item, "role"); });
            else
                refuse(value, "unknown field" + shown(key.str()));
        }
        if (id.empty()) refuse(node, "group without id");
        if (group.members.empty()) refuse(node, "group without roles");
        if (is_role(id) || id == "any") refuse(node, "group" + shown(id) + " is named as a role");
        if (!groups_.emplace(id, std::move(group)).second)
            refuse(node, "group" + shown(id) + " twice");
    }

    /// Down into groups of groups, into each of them once.
    struct Walk {
        std::set<std::string> roles;
        std::set<std::string> done;
        std::vector<std::string> open;
    };

    void collect(const std::string& name, const toml::node& node, Walk& walk) const {
        if (is_role(name) || name == "any") {
            walk.roles.insert(name);
            return;
        }
        const auto found = groups_.find(name);
        if (found == groups_.end()) refuse(node, "unknown role" + shown(name));
        if (std::find(walk.open.begin(), walk.open.end(), name) != walk.open.end())
            refuse(*found->second.at, "group" + shown(name) + " holds itself");
        if (!walk.done.insert(name).second) return;
        walk.open.push_back(name);
        for (const std::string& member : found->second.members)
            collect(member, *found->second.at, walk);
        walk.open.pop_back();
    }

    std::map<std::string, Group> groups_;
};

std::vector<std::string> roles_of(const toml::node& node, const Groups& groups) {
    std::vector<std::string> roles;
    if (const toml::array* list = node.as_array()) {
        if (list->empty()) refuse(node, "rule without role");
        if (list->size() > role_ids.size()) refuse(node, "roles has too many items");
        for (const toml::node& item : *list) groups.expand(item, roles);
    } else {
        groups.expand(node, roles);
    }
    if (roles.size() > 1 && std::find(roles.begin(), roles.end(), "any") != roles.end())
        refuse(node, "'any' stands alone");
    return roles;
}

void read_field(Rule& rule, std::string_view key, const toml::node& node, const Groups& groups) {
    if (key == "id") {
        rule.id = id_of(node, true);
    } else if (key == "effect") {
        rule.effect = word_of(node, "effect", effects);
    } else if (key == "role") {
        rule.roles = roles_of(node, groups);
    } else if (key == "actions") {
        rule.actions = action_list(node);
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
    } else if (key == "purpose") {
        rule.purpose = purpose_of(node);
    } else if (key == "source") {
        rule.source = text_of(node, "source");
    } else {
        refuse(node, "unknown field" + shown(key));
    }
}

bool names(const Rule& rule, std::string_view role) {
    return std::find(rule.roles.begin(), rule.roles.end(), role) != rule.roles.end();
}

/// A refusal must not end because somebody loses a role, an assignment or a grant: it is about the
/// thing, or about whom it concerns.
void check_refusal(const Rule& rule, const toml::table& table) {
    if (!rule.obligations.empty() || !rule.purpose.empty())
        refuse(table, "a refusal has no obligations");
    if (!names(rule, "any")) refuse(table, "a refusal is for any role");
    if (rule.scope != Scope::own_conflict && rule.scope != Scope::all)
        refuse(table, "a refusal has the scope own-conflict or all");
    if (!std::all_of(rule.conditions.begin(), rule.conditions.end(), is_barrier))
        refuse(table, "a refusal that ends when a unit or dossier closes");
}

void check_permit(const Rule& rule, const toml::table& table) {
    if (rule.scope == Scope::own_conflict)
        refuse(table, "a conflict of interest permits nothing (effect refuse)");
    if (std::any_of(rule.conditions.begin(), rule.conditions.end(), is_barrier))
        refuse(table, "a seal or a limitation permits nothing (effect refuse)");
    if (names(rule, "any") && rule.scope != Scope::self)
        refuse(table, "a permit for any role reaches only oneself (scope self)");
    const bool asks_purpose = std::find(rule.obligations.begin(), rule.obligations.end(),
                                        Obligation::purpose) != rule.obligations.end();
    if (!rule.purpose.empty() && !asks_purpose)
        refuse(table, "a purpose where none is asked (obligations)");
    // Whoever operates the machine reads nothing: not even a rule file may change that.
    const bool near_dossiers =
        std::any_of(rule.actions.begin(), rule.actions.end(), touches_dossiers);
    if ((names(rule, "administrator") || names(rule, "operator")) && near_dossiers)
        refuse(table, "no permit may bring an administrator or operator near a dossier");
}

bool names_areas(const toml::table& table) {
    const toml::array& actions = *table.get("actions")->as_array();
    return std::any_of(actions.begin(), actions.end(), [](const toml::node& item) {
        return item.value_or(std::string_view()).ends_with('*');
    });
}

void check(const Rule& rule, const toml::table& table) {
    for (const char* field : {"id", "role", "actions", "scope", "source"})
        if (!table.contains(field)) refuse(table, std::string("rule without ") + field);
    if (rule.actions.empty()) refuse(table, "rule without actions");
    // What is added to the product later is refused by the refusals, and permitted by nothing.
    if (rule.effect == Effect::permit && names_areas(table))
        refuse(table, "a permit names its actions one by one");
    rule.effect == Effect::refuse ? check_refusal(rule, table) : check_permit(rule, table);
}

Rule read_rule(const toml::node& node, const Groups& groups) {
    const toml::table* table = node.as_table();
    if (table == nullptr) refuse(node, "rule is not a table");
    Rule rule;
    for (const auto& [key, value] : *table) read_field(rule, key.str(), value, groups);
    check(rule, *table);
    return rule;
}

std::vector<Rule> read_file(const toml::table& file) {
    for (const auto& [key, value] : file)
        if (key.str() != "format" && key.str() != "rule" && key.str() != "group")
            refuse(value, "unknown field" + shown(key.str()));
    const toml::node* format = file.get("format");
    if (format == nullptr || format->value_exact<std::int64_t>() != 1)
        throw Fault{format == nullptr ? 0 : line_of(*format), "format is not 1"};
    const toml::node* list = file.get("rule");
    const toml::array* array = list == nullptr ? nullptr : list->as_array();
    if (array == nullptr || array->empty()) throw Fault{0, "no rules"};
    if (array->size() > rules_max) throw Fault{0, "more than 1000 rules"};
    const Groups groups(file.get("group"));
    std::vector<Rule> rules;
    std::set<std::string> ids;
    for (const toml::node& node : *array) {
        rules.push_back(read_rule(node, groups));
        if (!ids.insert(rules.back().id).second)
            refuse(node, "id" + shown(rules.back().id) + " twice");
    }
    return rules;
}

}  // namespace

std::string_view word(Scope scope) { return name_in(scopes, scope); }
std::string_view word(Condition condition) { return name_in(conditions, condition); }
std::string_view word(Obligation obligation) { return name_in(obligations, obligation); }

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

}  // namespace policies::access
