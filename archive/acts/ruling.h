#pragma once

#include "archive/door.h"

#include <optional>
#include <string>
#include <string_view>

namespace custode::acts {

/// Which rules are in force: those of a file, or the shipped ones.
///
/// The text of what is in force is in the journal with its digest, so that it can be asked later
/// who could see what then, and so that a bad file leaves the old rules in force across a restart.
///
/// Threads  Any.
/// Source   design §9.
class Ruling {
public:
    Ruling(catalogue::Ledger& ledger, Door& door) : ledger_(ledger), door_(door) {}

    /// Why a text was refused; the rules that were in force still are.
    struct Refused {
        std::size_t line = 0;
        std::string reason;
    };
    /// Puts the rules of a text in force once the journal says so; a text that is in force already
    /// is no event.  Empty: the shipped rules.  A refusal is journaled too.
    std::optional<Refused> load(std::string_view text);

    /// When a text was refused at unseal: puts in force what was so last.
    void keep_last();

    std::string sha256() const { return sha256_; }  ///< Of what this unsealing put in force first.

private:
    void enforce(::policies::access::Rules rules, std::string_view text);

    catalogue::Ledger& ledger_;
    Door& door_;
    std::string sha256_;
};

}  // namespace custode::acts
