// archive/upkeep.h
#pragma once

#include "archive/base/time.h"
#include "archive/crypto/keys.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace custode {

/// What was looked at and what was found wrong; nothing found is the good end.
struct UpkeepReport {
    std::uint64_t events = 0;
    std::uint64_t documents = 0;
    std::uint64_t bytes = 0;  ///< Of originals, opened and hashed.
    std::uint64_t segments = 0;
    struct Table {
        std::string name;
        std::uint64_t rows = 0;
        std::string digest;   ///< Of the rows as they are.
        std::string rebuilt;  ///< Of the rows that the journal gives; empty: not computed.
    };
    std::vector<Table> tables;
    std::vector<std::string> findings;
    bool replaced = false;
};

using UpkeepProgress = std::function<void(const char* what, std::uint64_t done, std::uint64_t all)>;

/// Opens and checks everything: the catalogue's pages, head row, every event and the tree over
/// them, the sums of every table, every row, every byte of every original, every segment, the log's
/// key as outsiders read it, and the holders of the epoch secret.
///
/// The vault must not be served meanwhile (it is locked).  Findings are values; only what makes
/// looking impossible is thrown: wrong keys, another process, a head row that does not open.
/// Source   design §3, §5.
UpkeepReport verify_vault(const std::filesystem::path& folder, const crypto::UnsealInput& input,
                          const Clock& clock, const UpkeepProgress& progress);

/// Projects the journal and the segments' indexes into a new catalogue and compares it table by
/// table with the present one.  With `replace` the new one takes its place and the old is kept
/// beside it as catalogue.mdb.old.
UpkeepReport rebuild_vault(const std::filesystem::path& folder, const crypto::UnsealInput& input,
                           const Clock& clock, bool replace, const UpkeepProgress& progress);

/// Why a rule file is not fit to be in force, with its line; nothing when it is.
struct RuleFault {
    std::size_t line = 0;
    std::string reason;
};
std::optional<RuleFault> check_rules(std::string_view toml_text);

/// What each role may do under rules that are fit, in words.
struct RulesExplained {
    struct Line {
        std::string text, rule;
    };
    struct Role {
        std::string id, name;
        std::vector<Line> lines;
    };
    std::string sha256;  ///< As the journal names them.
    std::vector<Role> roles;
};
RulesExplained explain_rules(std::string_view toml_text, bool italian);
std::string_view shipped_rules();  ///< Their text.

}  // namespace custode
