#include "archive/records/json.h"

#include "archive/base/error.h"

#include <nlohmann/json.hpp>

#include <set>
#include <vector>

namespace custode::records {
namespace {

using nlohmann::json;

[[noreturn]] void refuse(const char* name, const char* why) {
    throw Error(ErrorCode::invalid_argument, name, std::string("could not read the JSON: ") + why);
}

/// Watches the parse: names per open object, and how deep it goes.
class Guard {
public:
    bool operator()(int depth, json::parse_event_t event, json& value) {
        if (depth > json_depth_max) refuse("json.too_deep", "it is nested too deeply");
        if (event == json::parse_event_t::object_start) names_.emplace_back();
        if (event == json::parse_event_t::object_end) names_.pop_back();
        if (event == json::parse_event_t::key &&
            !names_.back().insert(value.get_ref<const std::string&>()).second)
            refuse("json.duplicate", "an object names a member twice");
        return true;
    }

private:
    std::vector<std::set<std::string>> names_;
};

}  // namespace

json parse_json(std::string_view text) {
    if (text.size() > json_bytes_max) refuse("json.too_large", "it is longer than 1 MiB");
    Guard guard;
    try {
        return json::parse(text.begin(), text.end(),
                           [&guard](int depth, json::parse_event_t event, json& value) {
                               return guard(depth, event, value);
                           });
    } catch (const json::exception&) {
        refuse("json.invalid", "it is not well formed");
    }
}

std::string write_json(const json& value) { return value.dump(); }

}  // namespace custode::records
