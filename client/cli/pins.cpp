#include "client/cli/pins.h"

#include "client/cli/problem.h"

#include <nlohmann/json.hpp>

namespace custode::client {
namespace {

constexpr std::size_t entries_max = 1000;

proof::Checkpoint opened(std::string_view note, const proof::VerifierKey& key) {
    const auto checkpoint = proof::open_checkpoint(note, key);
    if (!checkpoint) throw Problem("checkpoint.bad", {key.text()});
    return *checkpoint;
}

}  // namespace

Pins Pins::parse(std::string_view json) {
    Pins pins;
    try {
        const auto read = nlohmann::json::parse(json);
        pins.servers_ = read.at("servers").get<std::map<std::string, std::string>>();
        pins.logs_ = read.at("logs").get<std::map<std::string, std::string>>();
    } catch (const nlohmann::json::exception&) {
        throw Problem("pins.damaged");
    }
    // A pin that no longer opens must not count as "never met".
    for (const auto& [key_text, note] : pins.logs_) {
        const auto key = proof::VerifierKey::parse(key_text);
        if (!key || !proof::open_checkpoint(note, *key)) throw Problem("pins.damaged");
    }
    for (const auto& [server, key_text] : pins.servers_) {
        if (!proof::VerifierKey::parse(key_text)) throw Problem("pins.damaged");
    }
    return pins;
}

std::string Pins::json() const {
    const nlohmann::json written = {{"version", 1}, {"servers", servers_}, {"logs", logs_}};
    return written.dump(2) + "\n";
}

std::optional<proof::VerifierKey> Pins::key_of(const std::string& server) const {
    const auto found = servers_.find(server);
    return found == servers_.end() ? std::nullopt : proof::VerifierKey::parse(found->second);
}

std::optional<proof::Checkpoint> Pins::last(const proof::VerifierKey& key) const {
    const auto found = logs_.find(key.text());
    return found == logs_.end() ? std::nullopt : proof::open_checkpoint(found->second, key);
}

void Pins::meet(const std::string& server, const proof::VerifierKey& shown,
                const std::optional<proof::VerifierKey>& expected) {
    if (expected && *expected != shown) {
        throw Problem("key.unexpected", {expected->text(), shown.text()});
    }
    const auto pinned = key_of(server);
    if (pinned && *pinned != shown && !expected) {
        throw Problem("key.changed", {pinned->text(), shown.text()});
    }
    if (servers_.size() >= entries_max && !pinned) throw Problem("pins.full");
    servers_[server] = shown.text();
}

void Pins::advance(const proof::VerifierKey& key, std::string_view note,
                   const std::vector<proof::Hash>& path) {
    const proof::Checkpoint shown = opened(note, key);
    if (const auto pinned = last(key)) {
        const std::vector<std::string> sizes{std::to_string(pinned->size),
                                             std::to_string(shown.size)};
        if (shown.size < pinned->size) throw Problem("history.shrunk", sizes);
        if (shown.size == pinned->size) {
            // The same size with another root is two histories; the same root needs no proof.
            if (shown.root != pinned->root) throw Problem("history.forked", sizes);
            return;
        }
        // Every history continues the empty one, and RFC 9162 has no proof for that.
        if (pinned->size > 0 &&
            !proof::verify_consistency(pinned->size, pinned->root, shown.size, shown.root, path)) {
            throw Problem("history.forked", sizes);
        }
    }
    logs_[key.text()] = std::string(note);
}

}  // namespace custode::client
