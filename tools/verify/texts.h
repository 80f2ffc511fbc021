// tools/verify/texts.h
#pragma once

#include "tools/verify/report.h"

#include <string>

namespace custode::verify {

enum class Language { italian, english };

/// As the client chooses: Italian under an Italian locale or CUSTODE_LANG=it, English otherwise.
Language language_from_environment();

/// The sentence of a finding or a note, its arguments filled in; the code itself when it is new.
std::string sentence(const Finding& finding, Language language);
/// The name of a figure, of a kind of thing, and the fixed sentences of the output.
std::string word(const std::string& code, Language language);

}  // namespace custode::verify
