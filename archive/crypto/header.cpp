#include "archive/crypto/header.h"

#include "archive/base/encoding.h"
#include "archive/base/error.h"
#include "archive/base/json_text.h"
#include "archive/crypto/digest.h"
#include "archive/crypto/file.h"
#include "archive/crypto/library.h"
#include "archive/crypto/record.h"
#include "archive/crypto/shamir.h"

#include <toml++/toml.h>

namespace custode::crypto::detail {
namespace {

// ---- writing ------------------------------------------------------------------------------------

/// One `name = value` line; the only shapes there are.
class Lines {
public:
    void table(const char* name) { text_ += std::string("\n") + name + "\n"; }
    void number(const char* name, std::int64_t value) { line(name, std::to_string(value)); }
    void words(const char* name, const std::string& value) { line(name, json_quoted(value)); }
    void hex(const char* name, BytesView value) { line(name, '"' + to_hex(value) + '"'); }
    std::string text() && { return std::move(text_); }

private:
    void line(const char* name, const std::string& value) {
        text_ += std::string(name) + " = " + value + "\n";
    }
    std::string text_ =
        "# Custode vault header: clear text, no secret, authenticated at unseal.  Do not edit.\n";
};

void write_slots(Lines& lines, const Header& header) {
    if (header.keyfile) {
        lines.table("[keyfile]");
        lines.hex("wrapped", header.keyfile->wrapped);
    }
    if (header.passphrase) {
        lines.table("[passphrase]");
        lines.hex("salt", header.passphrase->salt);
        lines.number("memory_kib", header.passphrase->memory_kib);
        lines.number("passes", header.passphrase->passes);
        lines.hex("wrapped", header.passphrase->wrapped);
    }
    if (!header.shares) return;
    lines.table("[shares]");
    lines.words("ceremony", header.shares->ceremony);
    lines.hex("id", header.shares->id);
    lines.number("threshold", header.shares->threshold);
    lines.hex("root", header.shares->root);
    for (const Blake2Digest& share : header.shares->shares) {
        lines.table("[[shares.share]]");
        lines.hex("commitment", share);
    }
}

/// Everything that the MAC covers.
std::string write_body(const Header& header) {
    Lines lines;
    lines.number("format", Header::format);
    lines.number("suite", suite_id);
    lines.words("vault", to_text(header.vault));
    lines.number("created", header.created.value);
    lines.table("[epoch]");
    lines.number("number", header.epoch);
    lines.hex("secret", header.epoch_secret);
    for (const HolderPlace& holder : header.holders) {
        lines.table("[[epoch.holder]]");
        lines.words("path", holder.path);
        lines.hex("share", holder.share);
    }
    for (const std::string& path : header.former) {
        lines.table("[[epoch.former]]");
        lines.words("path", path);
    }
    write_slots(lines, header);
    lines.table("[authentication]");
    return std::move(lines).text();
}

std::string with_mac(const std::string& body, const Blake2Digest& mac) {
    return body + "mac = \"" + to_hex(mac) + "\"\n";
}

// ---- reading ------------------------------------------------------------------------------------

[[noreturn]] void damaged() {
    throw Error(ErrorCode::corrupt, "header.damaged",
                "could not use vault.toml: it is not as it was written");
}

std::int64_t number(const toml::table& table, std::string_view name, std::int64_t min,
                    std::int64_t max) {
    const auto value = table[name].value<std::int64_t>();
    if (!value || *value < min || *value > max) damaged();
    return *value;
}

std::string words(const toml::table& table, std::string_view name, std::size_t bytes_max) {
    const auto value = table[name].value<std::string>();
    if (!value || value->empty() || value->size() > bytes_max || !is_utf8(*value)) damaged();
    return *value;
}

Bytes hex(const toml::table& table, std::string_view name, std::size_t size) {
    const auto value = from_hex(words(table, name, 2 * size));
    if (!value || value->size() != size) damaged();
    return *value;
}

template <class Array>
Array hex_array(const toml::table& table, std::string_view name) {
    Array array{};
    const Bytes bytes = hex(table, name, array.size());
    std::copy(bytes.begin(), bytes.end(), array.begin());
    return array;
}

Blake2Digest digest(const toml::table& table, std::string_view name) {
    return {hex_array<std::array<std::uint8_t, 32>>(table, name)};
}

const toml::table& table_in(const toml::table& table, std::string_view name) {
    const toml::table* const found = table[name].as_table();
    if (found == nullptr) damaged();
    return *found;
}

/// Calls `each` with every table of an array; none at all when the array is absent.
template <class Each>
void for_each_table(const toml::table& table, std::string_view name, std::size_t max, Each each) {
    const toml::array* const array = table[name].as_array();
    if (array == nullptr) return;
    if (array->size() > max) damaged();
    for (const toml::node& node : *array) {
        if (!node.is_table()) damaged();
        each(*node.as_table());
    }
}

constexpr std::size_t wrapped_bytes = 104;

PassphraseSlot read_passphrase(const toml::table& table) {
    PassphraseSlot slot;
    slot.salt = hex_array<std::array<std::uint8_t, 16>>(table, "salt");
    // Bounded here because nothing is authenticated yet: 4 GiB and 64 passes at most.
    slot.memory_kib = static_cast<std::uint32_t>(number(table, "memory_kib", 64, 4 << 20));
    slot.passes = static_cast<std::uint32_t>(number(table, "passes", 1, 64));
    slot.wrapped = hex(table, "wrapped", wrapped_bytes);
    return slot;
}

SharesSlot read_shares(const toml::table& table) {
    SharesSlot slot;
    slot.ceremony = words(table, "ceremony", 64);
    slot.id = hex_array<std::array<std::uint8_t, 4>>(table, "id");
    slot.root = digest(table, "root");
    for_each_table(table, "share", points_max, [&](const toml::table& share) {
        slot.shares.push_back(digest(share, "commitment"));
    });
    slot.threshold = static_cast<int>(
        number(table, "threshold", 2, static_cast<std::int64_t>(slot.shares.size())));
    return slot;
}

void read_epoch(const toml::table& table, Header& header) {
    header.epoch = static_cast<std::uint32_t>(number(table, "number", 1, 0xFFFFFFFE));
    header.epoch_secret = digest(table, "secret");
    for_each_table(table, "holder", Header::holders_max, [&](const toml::table& holder) {
        header.holders.push_back(
            {words(holder, "path", Header::path_bytes_max), digest(holder, "share")});
    });
    for_each_table(table, "former", Header::holders_max, [&](const toml::table& place) {
        header.former.push_back(words(place, "path", Header::path_bytes_max));
    });
}

ReadHeader read_tables(const toml::table& table) {
    if (number(table, "format", 1, INT64_MAX) > Header::format)
        throw Error(ErrorCode::unsupported, "vault.newer_format",
                    "could not open the vault: a newer version of the program made it");
    if (number(table, "suite", 1, 0xFFFF) != suite_id)
        throw Error(ErrorCode::unsupported, "vault.newer_format",
                    "could not open the vault: it uses a suite that this program does not know");
    ReadHeader read;
    const auto vault = parse_id<VaultId>(words(table, "vault", 36));
    if (!vault) damaged();
    read.header.vault = *vault;
    read.header.created.value = number(table, "created", 0, INT64_MAX);
    read_epoch(table_in(table, "epoch"), read.header);
    if (table.contains("keyfile"))
        read.header.keyfile =
            KeyfileSlot{hex(table_in(table, "keyfile"), "wrapped", wrapped_bytes)};
    if (table.contains("passphrase"))
        read.header.passphrase = read_passphrase(table_in(table, "passphrase"));
    if (table.contains("shares")) read.header.shares = read_shares(table_in(table, "shares"));
    read.mac = digest(table_in(table, "authentication"), "mac");
    return read;
}

Blake2Digest mac_of(const Header& header, const SealingKey& key) {
    return keyed_digest(key, {view("vault header"), view(write_body(header))});
}

}  // namespace

std::string write_header(const Header& header, const SealingKey& mac_key) {
    return with_mac(write_body(header), mac_of(header, mac_key));
}

ReadHeader parse_header(std::string_view text) {
    if (text.size() > Header::file_bytes_max || !is_utf8(text)) damaged();
    ReadHeader read;
    try {
        read = read_tables(toml::parse(text));
    } catch (const toml::parse_error&) {
        damaged();
    }
    if (with_mac(write_body(read.header), read.mac) != text) damaged();
    return read;
}

ReadHeader read_header(const std::filesystem::path& path) {
    const auto bytes = read_whole(path, Header::file_bytes_max);
    if (!bytes)
        throw Error(ErrorCode::not_found, "vault.missing", "could not find a vault in the folder");
    return parse_header(text(*bytes));
}

void authenticate(const ReadHeader& read, const SealingKey& mac_key) {
    if (!equal(mac_of(read.header, mac_key), read.mac)) damaged();
}

}  // namespace custode::crypto::detail
