// daemon/spoken.h
#pragma once

#include "daemon/problems.h"

namespace custode::daemon {

/// The language of whoever runs `custoded`: CUSTODE_LANG, LC_ALL, LC_MESSAGES, LANG, the first that
/// says anything; English when it is not Italian.  The client reads the same variables.
Language spoken_language();

/// One text in the language of whoever runs `custoded`.
const char* told(const char* italian, const char* english);

}  // namespace custode::daemon
