#include "archive/records/code_list.h"

#include "archive/records/fields.h"
#include "archive/records/json.h"

#include <algorithm>
#include <set>

namespace custode::records {

// Made from data/*.json at build.
extern const std::string_view authorities_json;
extern const std::string_view units_json;
extern const std::string_view document_types_json;

namespace {

CodeEntry read_entry(const Json& json, const std::string& path) {
    Fields fields(json, path);
    CodeEntry entry;
    entry.id = fields.code("id");
    entry.aliases = fields.list("aliases", 8, [](const Json& item, const std::string& at) {
        return text_item(item, at, {.characters_max = 64});
    });
    entry.label = fields.text("label", {.characters_max = 200});
    entry.valid_from = fields.maybe_day("valid_from");
    entry.valid_until = fields.maybe_day("valid_until");
    entry.successors = fields.list("successors", 8, [](const Json& item, const std::string& at) {
        return text_item(item, at, {.characters_max = 64});
    });
    entry.judicial = fields.maybe_flag("judicial").value_or(false);
    entry.source = fields.text("source", {.characters_max = 200});
    fields.finish();
    if (entry.valid_from && entry.valid_until && *entry.valid_until < *entry.valid_from)
        fields.invalid("valid_until", "lies before valid_from");
    return entry;
}

}  // namespace

bool CodeEntry::valid_on(const Day& day) const {
    return (!valid_from || *valid_from <= day) && (!valid_until || day <= *valid_until);
}

CodeList CodeList::read(std::string_view json_text) {
    const Json json = parse_json(json_text);
    Fields fields(json);
    CodeList list;
    list.entries_ = fields.list("entries", entries_max, read_entry);
    fields.finish();
    std::set<std::string_view> ids;
    for (const CodeEntry& entry : list.entries_)
        if (!ids.insert(entry.id).second) fields.invalid("entries", "name an id twice");
    std::set<std::string_view> words = ids;
    for (const CodeEntry& entry : list.entries_)
        for (const std::string& alias : entry.aliases)
            if (!words.insert(alias).second) fields.invalid("entries", "name a word twice");
    for (const CodeEntry& entry : list.entries_)
        for (const std::string& successor : entry.successors)
            if (!ids.contains(successor)) fields.invalid("entries", "name an unknown successor");
    return list;
}

const CodeEntry* CodeList::find(std::string_view id) const {
    const auto found = std::find_if(entries_.begin(), entries_.end(),
                                    [id](const CodeEntry& entry) { return entry.id == id; });
    if (found != entries_.end()) return &*found;
    const auto by_alias =
        std::find_if(entries_.begin(), entries_.end(), [id](const CodeEntry& entry) {
            return std::find(entry.aliases.begin(), entry.aliases.end(), id) != entry.aliases.end();
        });
    return by_alias == entries_.end() ? nullptr : &*by_alias;
}

const CodeList& authorities() {
    static const CodeList list = CodeList::read(authorities_json);
    return list;
}

const CodeList& units() {
    static const CodeList list = CodeList::read(units_json);
    return list;
}

const CodeList& document_types() {
    static const CodeList list = CodeList::read(document_types_json);
    return list;
}

}  // namespace custode::records
