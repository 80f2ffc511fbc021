#include "tools/verify/checks.h"

#include "archive/base/error.h"
#include "archive/base/id.h"
#include "archive/crypto/keys.h"
#include "archive/exchange/bag_check.h"
#include "archive/proof/receipt.h"
#include "archive/store/catalogue_copy.h"
#include "tools/verify/events_check.h"
#include "tools/verify/files.h"
#include "tools/verify/segments_check.h"
#include "tools/verify/tree_check.h"

#include <nlohmann/json.hpp>

namespace custode::verify {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t key_bytes_max = 1024;

bool is_there(const fs::path& path) {
    std::error_code failed;
    return fs::exists(path, failed);
}

/// A checkpoint that came with a receipt or an export, against the kept one: offline only equal
/// sizes can be compared.
void compare_with_kept(const proof::Checkpoint& shown, const proof::VerifierKey& key,
                       const Given& given, Report& report) {
    const auto kept = kept_of(given, key, report);
    if (!kept) return;
    if (kept->size != shown.size)
        return report.note("kept.other_size", {},
                           {std::to_string(kept->size), std::to_string(shown.size)});
    if (kept->root == shown.root)
        report.kept_checked = true;
    else
        report.find("history.forked", "checkpoint", {std::to_string(kept->size)});
}

void note_own_key(const Given& given, Report& report) {
    report.key_trusted = given.key.has_value();
    if (!report.key_trusted && report.key) report.note("key.own");
}

/// The key beside the vault, or the reader's; finds what does not fit between them.
std::optional<proof::VerifierKey> vault_key(const fs::path& vault, const Given& given,
                                            Report& report) {
    const auto line = read_line(vault / "identity.pub", key_bytes_max);
    const auto own = line ? proof::VerifierKey::parse(*line) : std::nullopt;
    if (!own) report.find(line ? "key.unreadable" : "key.missing", "identity.pub");
    if (own && given.key && *own != *given.key)
        report.find("key.other", "identity.pub", {own->text(), given.key->text()});
    return given.key ? given.key : own;
}

/// The header's id must be the one that the log's key is named after.
void check_header(const fs::path& vault, const proof::VerifierKey& key, Report& report) try {
    const std::string id = to_text(crypto::KeyService::vault_id(vault));
    if (key.name != "custode/" + id) report.find("key.other_vault", "vault.toml", {id, key.name});
} catch (const Error& error) {
    report.find("vault.header", "vault.toml", {error.what()});
}

bool is_vault(const fs::path& folder) {
    return is_there(folder / "vault.toml") || is_there(folder / "catalogue.mdb");
}

bool is_tiles(const fs::path& folder) {
    return is_there(folder / "checkpoint") || is_there(folder / "tile");
}

}  // namespace

std::optional<proof::Checkpoint> kept_of(const Given& given, const proof::VerifierKey& key,
                                         Report& report) {
    std::optional<proof::Checkpoint> best;
    for (const std::string& note : given.kept) {
        const auto checkpoint = proof::open_checkpoint(note, key);
        if (checkpoint && (!best || checkpoint->size > best->size)) best = checkpoint;
    }
    if (!given.kept.empty() && !best) report.find("kept.other", "--checkpoint", {key.name});
    return best;
}

std::vector<std::string> kept_notes(const std::string& text) {
    if (proof::parse_checkpoint_body(text)) return {text};
    if (const auto receipt = proof::Receipt::parse(text)) return {receipt->checkpoint};
    const auto pins = nlohmann::json::parse(text, nullptr, false);
    std::vector<std::string> notes;
    if (pins.is_object() && pins.contains("logs") && pins["logs"].is_object())
        for (const auto& [key, note] : pins["logs"].items())
            if (note.is_string() && proof::parse_checkpoint_body(note.get<std::string>()))
                notes.push_back(note.get<std::string>());
    return notes;
}

Report check_receipt(const fs::path& file, const Given& given) {
    Report report;
    report.kind = "receipt";
    const auto text = read_whole(file, proof::receipt_bytes_max);
    const auto receipt = text ? proof::Receipt::parse(*text) : std::nullopt;
    if (!receipt) {
        report.find("receipt.malformed", file.filename().string());
        return report;
    }
    report.key = receipt->key;
    report.figure("event", receipt->index);
    if (const auto why = proof::check(*receipt, given.key)) {
        report.find("receipt.bad", file.filename().string(), {*why});
        return report;
    }
    const auto& key = given.key.value_or(receipt->key);
    report.checkpoint = proof::open_checkpoint(receipt->checkpoint, key);
    compare_with_kept(*report.checkpoint, key, given, report);
    report.note("receipt.states", {}, {receipt->statement});
    note_own_key(given, report);
    return report;
}

Report check_export(const fs::path& zip_or_folder, const Given& given) {
    Report report;
    report.kind = "export";
    const exchange::BagReport bag = exchange::check_bag(zip_or_folder, {given.key});
    for (const exchange::BagFinding& finding : bag.findings)
        report.find(finding.code, finding.path, {finding.message});
    report.figure("files", bag.files);
    report.figure("bytes", bag.bytes);
    report.key = bag.key;
    report.checkpoint = bag.checkpoint;
    if (bag.is_court_export)
        report.figure("receipts", bag.receipts);
    else
        report.note("bag.plain");
    if (bag.checkpoint && bag.key) compare_with_kept(*bag.checkpoint, *bag.key, given, report);
    note_own_key(given, report);
    return report;
}

Report check_tiles(const fs::path& folder, const Given& given) {
    Report report;
    report.kind = "tiles";
    std::optional<proof::VerifierKey> key = given.key;
    // A tiles folder that still lies in its vault has the key beside it.
    const fs::path clean = fs::absolute(folder).lexically_normal();
    const fs::path parent = (clean.has_filename() ? clean : clean.parent_path()).parent_path();
    if (!key && is_there(parent / "identity.pub")) key = vault_key(parent, given, report);
    if (!key)
        throw Error(ErrorCode::invalid_argument, "key.needed",
                    "could not check tiles without the log's key");
    check_tree(folder, *key, given, report);
    note_own_key(given, report);
    return report;
}

Report check_vault(const fs::path& folder, const Given& given) {
    if (store::is_in_use(folder))
        throw Error(ErrorCode::conflict, "store.in_use",
                    "could not check " + folder.string() + ": a daemon is serving it");
    Report report;
    report.kind = "vault";
    for (const char* part : {"vault.toml", "catalogue.mdb", "tiles", "segments"})
        if (!is_there(folder / part)) report.find("vault.incomplete", part);
    const auto key = vault_key(folder, given, report);
    Tree tree;
    bool complete = false;
    if (key) {
        check_header(folder, *key, report);
        tree = check_tree(folder / "tiles", *key, given, report);
        if (is_there(folder / "catalogue.mdb"))
            complete = check_events(folder, tree, report) && tree.is_whole;
    }
    if (is_there(folder / "segments"))
        check_segments(folder / "segments", tree.contents, complete, report);
    note_own_key(given, report);
    return report;
}

Report check_path(const fs::path& path, const Given& given) {
    std::error_code failed;
    const auto status = fs::status(path, failed);
    if (!fs::exists(status))
        throw Error(ErrorCode::not_found, "path.missing", "could not find " + path.string());
    if (fs::is_regular_file(status)) {
        const auto head = read_whole(path, proof::receipt_bytes_max);
        const bool is_json = head && head->find_first_not_of(" \t\r\n") != std::string::npos &&
                             (*head)[head->find_first_not_of(" \t\r\n")] == '{';
        return is_json || path.extension() == ".json" ? check_receipt(path, given)
                                                      : check_export(path, given);
    }
    if (is_vault(path)) return check_vault(path, given);
    if (is_there(path / "bagit.txt") || is_there(path / "manifest-sha256.txt"))
        return check_export(path, given);
    if (is_tiles(path)) return check_tiles(path, given);
    throw Error(ErrorCode::invalid_argument, "path.unknown",
                "could not tell what " + path.string() + " is");
}

}  // namespace custode::verify
