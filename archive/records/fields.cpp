#include "archive/records/fields.h"

namespace custode::records {
namespace {

void check_text(const std::string& text, const std::string& path, TextRule rule) {
    switch (examine_text(text, rule)) {
        case TextProblem::none: return;
        case TextProblem::not_utf8: refuse_field(path, "is not UTF-8");
        case TextProblem::too_long: refuse_field(path, "is too long");
        case TextProblem::forbidden_character: refuse_field(path, "holds a control character");
    }
}

}  // namespace

void refuse_field(const std::string& path, const char* why) {
    throw Error(ErrorCode::invalid_argument, "field.invalid", "field '" + path + "' " + why);
}

Fields::Fields(const Json& object, std::string path) : object_(object), path_(std::move(path)) {
    const std::string name = path_.empty() ? "(the whole)" : path_;
    if (!object_.is_object()) refuse_field(name, "is not an object");
    if (object_.size() > members_max) refuse_field(name, "has too many members");
}

std::string Fields::path_of(std::string_view name) const {
    return path_.empty() ? std::string(name) : path_ + "." + std::string(name);
}

void Fields::invalid(std::string_view name, const char* why) const {
    refuse_field(path_of(name), why);
}

void Fields::missing(std::string_view name) const {
    throw Error(ErrorCode::invalid_argument, "field.missing",
                "field '" + path_of(name) + "' is missing");
}

const Json* Fields::maybe(const char* name) {
    asked_.insert(name);
    const auto found = object_.find(name);
    return found == object_.end() ? nullptr : &*found;
}

std::optional<std::string> Fields::maybe_text(const char* name, TextRule rule) {
    const Json* value = maybe(name);
    if (value == nullptr) return std::nullopt;
    return text_item(*value, path_of(name), rule);
}

std::string Fields::text(const char* name, TextRule rule) {
    auto text = maybe_text(name, rule);
    if (!text) missing(name);
    if (text->empty()) invalid(name, "is empty");
    return *std::move(text);
}

std::string Fields::text_or_empty(const char* name, TextRule rule) {
    return maybe_text(name, rule).value_or(std::string());
}

std::optional<std::string> Fields::maybe_code(const char* name) {
    auto text = maybe_text(name, {.characters_max = 64});
    if (text && !is_code(*text)) invalid(name, "is not a code");
    return text;
}

std::string Fields::code(const char* name) {
    auto code = maybe_code(name);
    if (!code) missing(name);
    return *std::move(code);
}

std::optional<Day> Fields::maybe_day(const char* name) {
    const auto text = maybe_text(name, {.characters_max = 40});
    if (!text) return std::nullopt;
    const auto day = parse_day(*text);
    if (!day) invalid(name, "is not a day that exists, written YYYY-MM-DD");
    return day;
}

Day Fields::day(const char* name) {
    const auto day = maybe_day(name);
    if (!day) missing(name);
    return *day;
}

std::optional<bool> Fields::maybe_flag(const char* name) {
    const Json* value = maybe(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_boolean()) invalid(name, "is not true or false");
    return value->get<bool>();
}

std::optional<std::uint64_t> Fields::maybe_number(const char* name, std::uint64_t least,
                                                  std::uint64_t most) {
    const Json* value = maybe(name);
    if (value == nullptr) return std::nullopt;
    // A value built in the program may be a signed integer; from text only negatives are.
    const bool whole = value->is_number_unsigned() ||
                       (value->is_number_integer() && value->get<std::int64_t>() >= 0);
    if (!whole) invalid(name, "is not a whole number");
    const auto number = value->get<std::uint64_t>();
    if (number < least || number > most) invalid(name, "is out of range");
    return number;
}

std::uint64_t Fields::number(const char* name, std::uint64_t least, std::uint64_t most) {
    const auto number = maybe_number(name, least, most);
    if (!number) missing(name);
    return *number;
}

void Fields::finish() const {
    for (const auto& member : object_.items()) {
        if (asked_.contains(member.key())) continue;
        // A hostile member name is data too: only a plain code is worth repeating.
        const std::string shown = is_code(member.key()) ? path_of(member.key()) : path_of("?");
        throw Error(ErrorCode::invalid_argument, "field.unknown",
                    "field '" + shown + "' is not one of this form");
    }
}

std::string text_item(const Json& item, const std::string& path, TextRule rule) {
    if (!item.is_string()) refuse_field(path, "is not a text");
    const auto& text = item.get_ref<const std::string&>();
    check_text(text, path, rule);
    return text;
}

void put(Json& object, const char* name, const std::string& text) {
    if (!text.empty()) object[name] = text;
}

void put(Json& object, const char* name, const std::optional<std::string>& text) {
    if (text) object[name] = *text;
}

void put(Json& object, const char* name, const std::optional<Day>& day) {
    if (day) object[name] = to_text(*day);
}

void put(Json& object, const char* name, const std::optional<std::uint64_t>& number) {
    if (number) object[name] = *number;
}

void put(Json& object, const char* name, const std::optional<bool>& flag) {
    if (flag) object[name] = *flag;
}

}  // namespace custode::records
