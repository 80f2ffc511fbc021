#include "client/cli/index.h"

#include "client/cli/person.h"
#include "client/cli/state.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>

namespace custode::client {
namespace {

namespace fs = std::filesystem;

std::vector<ElencoRow> read_rows(const IndexWishes& wishes) {
    const auto text = read_small_file(wishes.file, elenco_bytes_max);
    if (!text) throw Problem("file.missing", {wishes.file});
    return parse_elenco(*text);
}

fs::path folder_of(const IndexWishes& wishes) { return fs::path(wishes.file).parent_path(); }

std::string canonical_path(const fs::path& path) {
    std::error_code error;
    const fs::path found = fs::weakly_canonical(fs::absolute(path), error);
    return error ? path.lexically_normal().string() : found.string();
}

std::string lower(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

std::vector<std::string> parted(const std::string& text, char separator) {
    std::vector<std::string> parts;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find(separator, at), text.size());
        std::string part = text.substr(at, end - at);
        const std::size_t first = part.find_first_not_of(' ');
        if (first != std::string::npos) {
            parts.push_back(part.substr(first, part.find_last_not_of(' ') - first + 1));
        }
        at = end + 1;
    }
    return parts;
}

void describe(FilingItem& item, const ElencoRow& row) {
    const auto put = [&](const char* field, const std::string& value) {
        if (!value.empty()) item.metadata[field] = value;
    };
    put("type", row.type);
    put("authority", row.authority);
    put("date_of_act", row.date);
    put("sender", row.sender);
    put("subject", row.subject);
    if (!row.proceeding.empty()) item.metadata["proceedings"] = parted(row.proceeding, '|');
}

std::string birth_text(const Json& dossier) {
    const auto found = dossier.find("birth");
    if (found == dossier.end()) return {};
    if (found->is_object()) return cell(*found, "day") + cell(*found, "year");
    return cell(dossier, "birth");
}

std::string person_text(const ElencoRow& row) {
    std::string text = row.surname;
    if (!row.name.empty()) text += (text.empty() ? "" : " ") + row.name;
    return text;
}

// Finds each dossier once, however many rows name it.
class DossierFinder {
public:
    DossierFinder(const IndexWishes& wishes, Console& console)
        : wishes_(wishes), console_(console), api_(console.api()) {}

    std::string named(const std::string& dossier) {
        return remembered("code " + dossier, [&] { return api_.dossier_id(dossier); });
    }
    std::string of_person(const ElencoRow& row) {
        return remembered("person " + lower(person_text(row)) + " " + row.birth,
                          [&] { return by_person(row); });
    }

private:
    template <class Find>
    std::string remembered(const std::string& key, Find find) {
        const auto found = known_.find(key);
        return found != known_.end() ? found->second : known_[key] = find();
    }

    std::string by_person(const ElencoRow& row) {
        const Json answer = api_.search({{"query", person_text(row)}, {"in", "dossiers"}});
        const std::vector<std::string> ids = fitting(answer.at("items"), row);
        const std::string who = person_text(row) + " " + row.birth;
        if (ids.size() == 1) return ids.front();
        if (ids.size() > 1) throw Problem("index.ambiguous", {std::to_string(row.line), who});
        if (!wishes_.open_missing)
            throw Problem("index.no_dossier", {std::to_string(row.line), who});
        return open(row);
    }

    std::string open(const ElencoRow& row) {
        PersonOptions person;
        person.surname = row.surname;
        person.name = row.name;
        person.born = row.birth;
        const Json answer =
            api_.post("/dossiers", {{"person", person_json(person)}, {"unit", wishes_.unit}});
        console_.note("index.opened", {cell(answer, "code"), person_text(row)});
        return answer.at("id").get<std::string>();
    }

    const IndexWishes& wishes_;
    Console& console_;
    Api api_;
    std::map<std::string, std::string> known_;
};

void place(FilingItem& item, const ElencoRow& row, DossierFinder* finder) {
    const bool has_person = !row.surname.empty() || !row.name.empty();
    if (row.dossier.empty() && !has_person) return;
    item.shown = row.dossier.empty() ? person_text(row) : row.dossier;
    if (finder == nullptr) {
        item.dossier = item.shown;
        return;
    }
    try {
        // Siblings: one act, filed in the first child's dossier and linked to the others'.
        const std::vector<std::string> names = parted(row.dossier, '|');
        item.dossier = names.empty() ? finder->of_person(row) : finder->named(names.front());
        for (std::size_t i = 1; i < names.size(); ++i)
            item.metadata["also"].push_back(finder->named(names[i]));
    } catch (const Problem& problem) {
        if (problem.status() == 401 || problem.status() == 423) throw;
        item.problem = problem;
    }
}

}  // namespace

std::vector<std::string> fitting(const Json& found, const ElencoRow& row) {
    std::vector<std::string> ids;
    for (const Json& dossier : found) {
        if (lower(cell(dossier, "designation")) != lower(person_text(row))) continue;
        const std::string birth = birth_text(dossier);
        // A year alone fits every day of it; an unknown birth fits none that is known.
        const bool fits = row.birth.empty() || birth == row.birth ||
                          (row.birth.size() == 4 && birth.rfind(row.birth, 0) == 0);
        if (fits) ids.push_back(cell(dossier, "id"));
    }
    return ids;
}

std::vector<FilingItem> files_of_index(const IndexWishes& wishes) {
    std::vector<FilingItem> items;
    for (const ElencoRow& row : read_rows(wishes)) {
        for (FilingItem& item : walk({(folder_of(wishes) / row.file).string()})) {
            item.relative = row.file;
            items.push_back(std::move(item));
        }
    }
    return items;
}

void apply_index(std::vector<FilingItem>& items, const IndexWishes& wishes, Console& console,
                 bool is_dry) {
    if (wishes.open_missing && wishes.unit.empty()) throw Problem("usage.open_missing");
    std::map<std::string, ElencoRow> rows;
    for (ElencoRow& row : read_rows(wishes)) {
        rows.emplace(canonical_path(folder_of(wishes) / row.file), std::move(row));
    }
    const std::string itself = canonical_path(wishes.file);
    std::erase_if(items,
                  [&](const FilingItem& item) { return canonical_path(item.path) == itself; });

    std::optional<DossierFinder> finder;
    if (!is_dry) finder.emplace(wishes, console);
    for (FilingItem& item : items) {
        const auto found = rows.find(canonical_path(item.path));
        if (found == rows.end() || item.problem) continue;
        describe(item, found->second);
        place(item, found->second, finder ? &*finder : nullptr);
        rows.erase(found);
    }
    // A file that was listed and is not there must be said, not passed over.
    for (const auto& [path, row] : rows) {
        FilingItem& item = items.emplace_back();
        item.path = (folder_of(wishes) / row.file).string();
        item.problem = Problem("index.no_file", {std::to_string(row.line), row.file});
    }
}

}  // namespace custode::client
