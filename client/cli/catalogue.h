// client/cli/catalogue.h
#pragma once

#include "client/cli/messages.h"

#include <span>

namespace custode::client {

/// Every sentence that the client says, in Italian and English, in one place: what happened, and
/// for problems what to do and the exit code.  The help texts of the verbs stand beside their
/// options (verbs/), everything else is here.
std::span<const Message> catalogue();

}  // namespace custode::client
