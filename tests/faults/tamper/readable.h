// tests/faults/tamper/readable.h
#pragma once

#include "tests/faults/tamper/verbs.h"

#include <filesystem>
#include <optional>

namespace custode::tamper {

/// Everything that can be read of a vault, item by item: {"dossier VII.2026.1 n. 2": digest, …},
/// "!name" for an item that was refused under that name.  The paths are those of serving: rows
/// through Lookup, originals chunk by chunk, events, proofs, accounts, what a sealed vault says.
/// {"refused": name, "message": …} when the vault does not open.
Json read_everything(const std::filesystem::path& vault, const std::filesystem::path& keyfile);

/// What `custoded verify` finds: {"findings": […]}, or {"refused": name, "message": …}.
Json verify_with_keys(const std::filesystem::path& vault, const std::filesystem::path& keyfile);

/// What custode-verify finds without any key, and with what a client kept: {"findings": ["code
/// where", …]}.
Json verify_without_keys(const std::filesystem::path& vault,
                         const std::optional<std::filesystem::path>& pins);

}  // namespace custode::tamper
