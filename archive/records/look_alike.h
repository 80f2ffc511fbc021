#pragma once

#include <string>
#include <string_view>

namespace custode::records {

/// What a canonical account name looks like: names that people cannot tell apart give one text
/// ("gıulia" and "giulia", "annal" and "anna1", "rnario" and "mario").  Never shown.
///
/// Source  Unicode 15, UTS #39 §4 (skeleton), through ICU 72.
std::string look_of(std::string_view canonical_name);

}  // namespace custode::records
