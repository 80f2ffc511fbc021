// tools/verify/report.h
#pragma once

#include "archive/proof/checkpoint.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace custode::verify {

/// Something that a check wants to say, by a code of texts.cpp; "{0}" … there stand for arguments.
struct Finding {
    std::string code;
    std::string where;  ///< A file, an event: what a person would look at.
    std::vector<std::string> arguments;
};

/// What was looked at and what was found.  Findings mean "broken"; notes say what a check could
/// not know, and never turn a broken thing into a whole one.
struct Report {
    static constexpr std::size_t findings_max = 1000;

    std::string kind;  ///< "receipt" "export" "tiles" "vault"
    std::vector<Finding> findings;
    std::vector<Finding> notes;
    std::uint64_t findings_left_out = 0;
    std::vector<std::pair<std::string, std::uint64_t>> figures;  ///< In the order of telling.
    std::optional<proof::Checkpoint> checkpoint;
    std::optional<proof::VerifierKey> key;
    bool key_trusted = false;   ///< The reader gave it; otherwise it came with what was checked.
    bool kept_checked = false;  ///< A checkpoint kept elsewhere was compared and agrees.

    bool intact() const { return findings.empty(); }
    void find(std::string code, std::string where, std::vector<std::string> arguments = {}) {
        if (findings.size() < findings_max)
            findings.push_back({std::move(code), std::move(where), std::move(arguments)});
        else
            ++findings_left_out;
    }
    void note(std::string code, std::string where = {}, std::vector<std::string> arguments = {}) {
        if (notes.size() < findings_max)
            notes.push_back({std::move(code), std::move(where), std::move(arguments)});
    }
    void figure(std::string name, std::uint64_t value) {
        figures.emplace_back(std::move(name), value);
    }
};

/// What the reader brings along.
struct Given {
    std::optional<proof::VerifierKey> key;  ///< --key
    std::vector<std::string> kept;          ///< Notes of --checkpoint, not yet believed.
};

/// The kept checkpoint that `key` signed, the largest of them; finds "kept.other" when there are
/// kept ones and none is of this log.
std::optional<proof::Checkpoint> kept_of(const Given& given, const proof::VerifierKey& key,
                                         Report& report);

}  // namespace custode::verify
