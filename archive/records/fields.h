#pragma once

#include "archive/base/error.h"
#include "archive/base/time.h"
#include "archive/records/text.h"

#include <nlohmann/json.hpp>

#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace custode::records {

using Json = nlohmann::json;

/// One word of a closed list of ours and the value it stands for.
template <class Enum>
struct Word {
    Enum value;
    std::string_view text;
};

template <class Enum, std::size_t count>
std::string word_for(const std::array<Word<Enum>, count>& words, Enum value) {
    for (const Word<Enum>& word : words)
        if (word.value == value) return std::string(word.text);
    require(false, "every value of a closed list has its word");
    return {};
}

/// Reads a JSON object strictly: each field is asked for by name, and finish() refuses the rest.
///
/// The typos that this catches ("date_of_atc") would otherwise be stored as "unknown" for ever.
/// A field that is absent is unknown; null is refused, so that unknown has one spelling.
///
/// Errors    Error(invalid_argument, "field.missing" | "field.invalid" | "field.unknown"); the
///           message names the path of the field ("birth.day"), never its value.  The name of an
///           unknown field is repeated only when it is a plain code.
/// Lifetime  Borrows the JSON value.
class Fields {
public:
    static constexpr std::size_t members_max = 64;

    explicit Fields(const Json& object, std::string path = {});

    std::string text(const char* name, TextRule rule);  ///< Must be there and not empty.
    std::optional<std::string> maybe_text(const char* name, TextRule rule);
    std::string text_or_empty(const char* name, TextRule rule);
    std::optional<std::string> maybe_code(const char* name);  ///< See is_code().
    std::string code(const char* name);
    Day day(const char* name);
    std::optional<Day> maybe_day(const char* name);
    std::optional<bool> maybe_flag(const char* name);
    std::optional<std::uint64_t> maybe_number(const char* name, std::uint64_t least,
                                              std::uint64_t most);
    std::uint64_t number(const char* name, std::uint64_t least, std::uint64_t most);
    const Json* maybe(const char* name);  ///< Whatever is there, for a reader of its own.

    template <class Enum, std::size_t count>
    Enum word(const char* name, const std::array<Word<Enum>, count>& words, Enum when_absent) {
        const auto text = maybe_text(name, {.characters_max = 40});
        if (!text) return when_absent;
        for (const Word<Enum>& word : words)
            if (word.text == *text) return word.value;
        invalid(name, "is not a word of its list");
    }

    /// Each item of the array read by `read(item, path)`; an absent array is empty.
    template <class Read>
    auto list(const char* name, std::size_t items_max, Read read) {
        std::vector<decltype(read(std::declval<const Json&>(), std::string()))> items;
        const Json* array = maybe(name);
        if (array == nullptr) return items;
        if (!array->is_array()) invalid(name, "is not a list");
        if (array->size() > items_max) invalid(name, "has too many items");
        for (std::size_t i = 0; i < array->size(); ++i)
            items.push_back(read((*array)[i], path_of(name) + "[" + std::to_string(i) + "]"));
        return items;
    }

    void finish() const;
    std::string path_of(std::string_view name) const;
    [[noreturn]] void invalid(std::string_view name, const char* why) const;
    [[noreturn]] void missing(std::string_view name) const;

private:
    const Json& object_;
    std::string path_;
    std::set<std::string, std::less<>> asked_;
};

/// A text item of a list, checked like a field.
std::string text_item(const Json& item, const std::string& path, TextRule rule);

[[noreturn]] void refuse_field(const std::string& path, const char* why);

/// Sets the member only when there is something to say: what is unknown is absent.
void put(Json& object, const char* name, const std::string& text);
void put(Json& object, const char* name, const std::optional<std::string>& text);
void put(Json& object, const char* name, const std::optional<Day>& day);
void put(Json& object, const char* name, const std::optional<std::uint64_t>& number);
void put(Json& object, const char* name, const std::optional<bool>& flag);

template <class Item, class Write>
void put_list(Json& object, const char* name, const std::vector<Item>& items, Write write) {
    if (items.empty()) return;
    Json array = Json::array();
    for (const Item& item : items) array.push_back(write(item));
    object[name] = std::move(array);
}

}  // namespace custode::records
