#include "archive/proof/receipt.h"

#include "archive/base/codec.h"
#include "archive/base/encoding.h"
#include "archive/base/error.h"
#include "archive/crypto/digest.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace custode::proof {
namespace {

using Json = nlohmann::json;  // its objects are std::map: keys come out sorted

constexpr int receipt_version = 1;
constexpr int receipt_depth_max = 2;  // the object, and "leaf" or "proof" within it

/// The JSON without the white space between its tokens, so that a receipt may be pretty-printed.
std::string without_white_space(std::string_view json) {
    std::string out;
    out.reserve(json.size());
    bool in_string = false;
    bool escaped = false;
    for (const char c : json) {
        if (!in_string && (c == ' ' || c == '\n' || c == '\t' || c == '\r')) continue;
        if (c == '"' && !escaped) in_string = !in_string;
        escaped = in_string && c == '\\' && !escaped;
        out.push_back(c);
    }
    return out;
}

/// The parsed text, or a discarded value when it is no JSON or nests deeper than a receipt.
Json parse_shallow(std::string_view text) {
    const auto not_too_deep = [](int depth, Json::parse_event_t event, Json&) {
        const bool opens =
            event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start;
        return !opens || depth < receipt_depth_max;
    };
    return Json::parse(text, not_too_deep, false);
}

/// Reads the members of one object.  After the first missing or wrong one `ok` is false for ever.
struct Members {
    const Json& object;
    bool ok = true;

    const Json* member(const char* name) {
        const auto found = object.is_object() ? object.find(name) : object.end();
        if (!object.is_object() || found == object.end()) return fail();
        return &*found;
    }
    std::string text(const char* name) {
        const Json* value = member(name);
        if (value == nullptr || !value->is_string()) return fail(), std::string();
        return value->get<std::string>();
    }
    std::uint64_t number(const char* name) {
        const Json* value = member(name);
        if (value == nullptr || !value->is_number_unsigned()) return fail(), 0;
        return value->get<std::uint64_t>();
    }
    void bytes32(const std::string& hex, std::array<std::uint8_t, 32>& into) {
        const auto bytes = from_hex(hex);
        if (!bytes || bytes->size() != into.size()) return void(fail());
        std::copy(bytes->begin(), bytes->end(), into.begin());
    }
    const Json* fail() {
        ok = false;
        return nullptr;
    }
};

bool read_leaf(const Json* json, LeafEntry& leaf) {
    if (json == nullptr) return false;
    Members leaf_members{*json};
    leaf_members.bytes32(leaf_members.text("content"), leaf.content.bytes);
    leaf_members.bytes32(leaf_members.text("envelope"), leaf.envelope.bytes);
    leaf_members.bytes32(leaf_members.text("header"), leaf.header.bytes);
    leaf_members.bytes32(leaf_members.text("payload"), leaf.payload.bytes);
    return leaf_members.ok;
}

bool read_path(const Json* json, std::vector<Hash>& path) {
    if (json == nullptr || !json->is_array() || json->size() > receipt_path_max) return false;
    Members members{*json};
    for (const Json& item : *json) {
        if (!item.is_string()) return false;
        members.bytes32(item.get<std::string>(), path.emplace_back().bytes);
    }
    return members.ok;
}

}  // namespace

std::array<std::uint8_t, LeafEntry::bytes_count> LeafEntry::bytes() const {
    std::array<std::uint8_t, bytes_count> out{};
    auto place = out.begin();
    for (const Hash* hash : {&header, &payload, &envelope, &statement, &content})
        place = std::copy(hash->bytes.begin(), hash->bytes.end(), place);
    return out;
}

std::optional<LeafEntry> LeafEntry::parse(BytesView bytes160) {
    if (bytes160.size() != bytes_count) return std::nullopt;
    LeafEntry entry;
    Decoder decoder(bytes160);
    for (Hash* hash :
         {&entry.header, &entry.payload, &entry.envelope, &entry.statement, &entry.content})
        decoder.into(hash->bytes);
    return entry;
}

Hash statement_hash(BytesView salt32, std::string_view statement) {
    return crypto::sha256({salt32, view(statement)});
}

std::string Receipt::json() const {
    require(is_utf8(statement) && is_utf8(checkpoint) && is_utf8(key.name),
            "a receipt is written in UTF-8");
    Json proof = Json::array();
    for (const Hash& hash : path) proof.push_back(to_hex(hash));
    const Json leaf_json = {{"content", to_hex(leaf.content)},
                            {"envelope", to_hex(leaf.envelope)},
                            {"header", to_hex(leaf.header)},
                            {"payload", to_hex(leaf.payload)}};
    const Json receipt = {{"checkpoint", checkpoint}, {"index", index},
                          {"key", key.text()},        {"leaf", leaf_json},
                          {"proof", proof},           {"salt", to_hex(salt)},
                          {"statement", statement},   {"version", receipt_version}};
    return receipt.dump();
}

std::optional<Receipt> Receipt::parse(std::string_view json) {
    if (json.size() > receipt_bytes_max) return std::nullopt;
    const Json parsed = parse_shallow(json);
    if (!parsed.is_object()) return std::nullopt;

    Receipt receipt;
    Members members{parsed};
    receipt.statement = members.text("statement");
    members.bytes32(members.text("salt"), receipt.salt);
    receipt.index = members.number("index");
    receipt.checkpoint = members.text("checkpoint");
    const auto key = VerifierKey::parse(members.text("key"));
    if (!members.ok || !key || !read_leaf(members.member("leaf"), receipt.leaf) ||
        !read_path(members.member("proof"), receipt.path))
        return std::nullopt;
    receipt.key = *key;
    receipt.leaf.statement = statement_hash(receipt.salt, receipt.statement);
    // What remains (a version, order, double or unknown members, other spellings of a number or of
    // a string) is all refused by one comparison with what the writer produces.
    if (receipt.json() != without_white_space(json)) return std::nullopt;
    return receipt;
}

std::optional<std::string> check(const Receipt& receipt, const std::optional<VerifierKey>& pinned) {
    if (pinned && *pinned != receipt.key) return "the receipt names another log key than expected";
    const auto checkpoint = open_checkpoint(receipt.checkpoint, pinned.value_or(receipt.key));
    if (!checkpoint) return "the checkpoint is malformed or its signature does not hold";
    if (receipt.index >= checkpoint->size)
        return "the entry lies outside the tree that the checkpoint covers";
    LeafEntry entry = receipt.leaf;
    entry.statement = statement_hash(receipt.salt, receipt.statement);
    if (!verify_inclusion(receipt.index, checkpoint->size, entry.leaf(), receipt.path,
                          checkpoint->root))
        return "the statement is not the one that the journal holds at this place";
    return std::nullopt;
}

}  // namespace custode::proof
