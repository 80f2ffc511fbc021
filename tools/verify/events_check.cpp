#include "tools/verify/events_check.h"

#include "archive/base/codec.h"
#include "archive/base/encoding.h"
#include "archive/base/error.h"
#include "archive/catalogue/tables.h"
#include "archive/journal/event.h"
#include "archive/store/catalogue_copy.h"
#include "tools/verify/child.h"

#include <nlohmann/json.hpp>

namespace custode::verify {
namespace {

using Json = nlohmann::json;

/// Which parts of a stored event are not those of its entry, as a person reads them.
std::string differing_parts(const proof::LeafEntry& stored, const proof::LeafEntry& entry) {
    std::string parts;
    const auto look = [&](const char* name, const proof::Hash& a, const proof::Hash& b) {
        if (a != b) parts += (parts.empty() ? "" : ", ") + std::string(name);
    };
    look("header", stored.header, entry.header);
    look("payload", stored.payload, entry.payload);
    look("envelope", stored.envelope, entry.envelope);
    look("statement", stored.statement, entry.statement);
    look("content", stored.content, entry.content);
    return parts;
}

std::string event_name(std::uint64_t index) { return "event " + std::to_string(index); }

/// The child's side: walks the rows, tells findings and the events beyond the tiles as JSON lines.
class EventWalk {
public:
    using Tell = std::function<void(const std::string&)>;

    EventWalk(const std::filesystem::path& vault, const Tree& tree, const Tell& tell)
        : vault_(vault),
          tree_(tree),
          tell_(tell),
          entries_(vault / "tiles", tree.frontier.size()),
          frontier_(tree.frontier) {}

    void run() {
        try {
            const store::CatalogueCopy catalogue(vault_ / "catalogue.mdb");
            const std::string& table = catalogue::table_names()[catalogue::table::journal.index];
            catalogue.scan(table, [&](BytesView key, BytesView value) { return row(key, value); });
        } catch (const Error& error) {
            find("catalogue.unreadable", "catalogue.mdb", {error.what()});
        }
        for (; next_ < entries_.size(); ++next_) find("event.missing", event_name(next_));
        tell_(Json{{"events", next_}, {"later", frontier_.size() - entries_.size()}}.dump());
    }

private:
    void find(const char* code, const std::string& where,
              const std::vector<std::string>& arguments = {}) {
        if (++told_ <= Report::findings_max + 1)
            tell_(Json{{"find", code}, {"where", where}, {"arguments", arguments}}.dump(
                -1, ' ', true, Json::error_handler_t::replace));
    }

    /// @returns whether to go on: rows out of order are a tree that runs in a circle
    bool row(BytesView key, BytesView value) {
        const auto index = from_big_endian(key);
        if (!index || *index < next_) {
            find("event.order", event_name(next_));
            return false;
        }
        for (; next_ < *index && told_ <= Report::findings_max; ++next_)
            find("event.missing", event_name(next_));
        next_ = *index + 1;
        const auto event = journal::StoredEvent::decode(value);
        if (!event) {
            find("event.unreadable", event_name(*index));
            return true;
        }
        const proof::LeafEntry stored = event->leaf_entry();
        if (*index >= entries_.size())
            later(*index, stored);
        else if (const auto entry = entries_.entry(*index); entry && *entry != stored)
            find("event.changed", event_name(*index), {differing_parts(stored, *entry)});
        return true;
    }

    /// An event that the published tiles do not cover yet.
    void later(std::uint64_t index, const proof::LeafEntry& stored) {
        if (stored.content != proof::Hash())
            tell_(Json{{"content", to_hex(stored.content)}, {"event", index}}.dump());
        if (frontier_.size() != index) return;  // a gap, already found
        frontier_.append(stored.leaf());
        const auto& kept = tree_.kept_later;
        if (!kept || frontier_.size() != kept->size) return;
        if (frontier_.root() == kept->root)
            tell_(Json{{"kept", true}}.dump());
        else
            find("history.forked", "catalogue.mdb", {std::to_string(kept->size)});
    }

    const std::filesystem::path& vault_;
    const Tree& tree_;
    const Tell& tell_;
    Entries entries_;
    proof::Frontier frontier_;
    std::uint64_t next_ = 0;
    std::size_t told_ = 0;
};

/// The parent's side: what the child told.  Its lines are not believed further than their form.
class Told {
public:
    Told(Tree& tree, Report& report) : tree_(tree), report_(report) {}

    void line(const std::string& text) {
        const Json told = Json::parse(text, nullptr, false);
        if (!told.is_object()) return;
        if (told.contains("find")) {
            report_.find(told.value("find", ""), told.value("where", ""),
                         told.value("arguments", std::vector<std::string>()));
        } else if (told.contains("content")) {
            const auto digest = from_hex(told.value("content", ""));
            if (!digest || digest->size() != proof::Hash::bytes_count) return;
            proof::Hash content;
            std::copy(digest->begin(), digest->end(), content.bytes.begin());
            tree_.contents.try_emplace(content, Content{told.value("event", std::uint64_t{0})});
        } else if (told.contains("kept")) {
            report_.kept_checked = true;
        } else if (told.contains("events")) {
            is_ended = true;
            later = told.value("later", std::uint64_t{0});
            events = told.value("events", std::uint64_t{0});
        }
    }

    bool is_ended = false;
    std::uint64_t later = 0;
    std::uint64_t events = 0;

private:
    Tree& tree_;
    Report& report_;
};

}  // namespace

bool check_events(const std::filesystem::path& vault, Tree& tree, Report& report) {
    const std::size_t findings_before = report.findings.size();
    Told told(tree, report);
    const bool survived = in_child([&](const auto& tell) { EventWalk(vault, tree, tell).run(); },
                                   [&](const std::string& line) { told.line(line); });
    if (!survived || !told.is_ended) report.find("catalogue.crashed", "catalogue.mdb");
    report.figure("events_stored", told.events);
    if (told.later > 0) report.note("events.later", {}, {std::to_string(told.later)});
    // A client saw a longer history than this copy has: it is older, or cut.
    if (tree.kept_later && !report.kept_checked && tree.kept_later->size > told.events)
        report.find("history.shrunk", "catalogue.mdb",
                    {std::to_string(tree.kept_later->size), std::to_string(told.events)});
    return survived && told.is_ended && report.findings.size() == findings_before;
}

}  // namespace custode::verify
