// tools/bench/raw_events.h
#pragma once

#include <nlohmann/json.hpp>

#include <filesystem>

namespace custode::bench {

/// Journals `count` small events from `clients` threads at once, each waiting until its event is
/// durable and signed before it goes on: what the journal gives with no network in front of it.
nlohmann::json journal_events(const std::filesystem::path& folder, unsigned clients,
                              std::size_t count);

}  // namespace custode::bench
