#include "daemon/config.h"

#include "archive/base/error.h"

#include <toml++/toml.h>

#include <algorithm>
#include <fstream>

namespace custode::daemon {
namespace {

[[noreturn]] void invalid(const std::filesystem::path& file, std::size_t line,
                          const std::string& why) {
    throw Error(ErrorCode::invalid_argument, "config.invalid",
                file.string() + ":" + std::to_string(line) + ": " + why);
}

std::size_t line_of(const toml::node& node) { return node.source().begin.line; }

/// Reads members one by one; what nobody asked for is refused with its line.
class Members {
public:
    Members(const std::filesystem::path& file, const toml::table& table)
        : file_(file), table_(table) {}

    template <class Value>
    void read(std::string_view name, Value& into) {
        asked_.push_back(name);
        const toml::node* node = table_.get(name);
        if (node == nullptr) return;
        if constexpr (std::is_same_v<Value, std::string> || std::is_same_v<Value, bool>) {
            const auto value = node->template value_exact<Value>();
            if (!value) invalid(file_, line_of(*node), std::string(name) + " has the wrong type");
            into = *value;
        } else {
            const auto value = node->template value_exact<std::int64_t>();
            if (!value || *value < 1)
                invalid(file_, line_of(*node), std::string(name) + " is a number from 1 on");
            into = static_cast<Value>(*value);
        }
    }

    void read(std::string_view name, std::vector<std::string>& into) {
        asked_.push_back(name);
        const toml::node* node = table_.get(name);
        if (node == nullptr) return;
        if (!node->is_array())
            invalid(file_, line_of(*node), std::string(name) + " is a list of texts");
        for (const toml::node& item : *node->as_array()) {
            const auto value = item.value_exact<std::string>();
            if (!value) invalid(file_, line_of(item), std::string(name) + " is a list of texts");
            into.push_back(*value);
        }
    }

    const toml::table* table(std::string_view name) {
        asked_.push_back(name);
        const toml::node* node = table_.get(name);
        if (node == nullptr) return nullptr;
        if (!node->is_table()) invalid(file_, line_of(*node), std::string(name) + " is a table");
        return node->as_table();
    }

    void finish() const {
        for (const auto& [name, node] : table_)
            if (std::find(asked_.begin(), asked_.end(), name.str()) == asked_.end())
                invalid(file_, line_of(node), "unknown member " + std::string(name.str()));
    }

private:
    const std::filesystem::path& file_;
    const toml::table& table_;
    std::vector<std::string_view> asked_;
};

}  // namespace

Config read_config(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::string text(config_bytes_max + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!stream.is_open() || stream.bad()) invalid(file, 0, "could not be read");
    text.resize(static_cast<std::size_t>(stream.gcount()));
    return parse_config(text, file);
}

Config parse_config(std::string_view text, const std::filesystem::path& file) {
    if (text.size() > config_bytes_max) invalid(file, 0, "is longer than 64 KiB");
    toml::table root;
    try {
        root = toml::parse(text, file.string());
    } catch (const toml::parse_error& error) {
        invalid(file, error.source().begin.line, std::string(error.description()));
    }
    Config config;
    Members members(file, root);
    members.read("listen", config.listen);
    members.read("monitor", config.monitor);
    members.read("body", config.body);
    members.read("hosts", config.hosts);
    members.read("rules", config.rules);
    members.read("second_factor", config.second_factor);
    members.read("allow_any_file_system", config.allow_any_file_system);
    members.read("segment_bytes_max", config.segment_bytes_max);
    members.read("reserve_bytes", config.reserve_bytes);
    members.read("catalogue_bytes_max", config.catalogue_bytes_max);
    members.read("upkeep_seconds", config.upkeep_seconds);
    if (const toml::table* limits = members.table("limits")) {
        Members inner(file, *limits);
        inner.read("connections", config.connections);
        inner.read("connections_per_address", config.connections_per_address);
        inner.read("threads", config.threads);
        inner.finish();
    }
    members.finish();
    return config;
}

}  // namespace custode::daemon
