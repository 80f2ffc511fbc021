#pragma once

#include "archive/records/fields.h"
#include "archive/records/people.h"

namespace custode::records {

/// The words of lists that more than one record uses.
constexpr std::array<Word<Answer>, 3> answers{
    {{Answer::unknown, "unknown"}, {Answer::yes, "yes"}, {Answer::no, "no"}}};

}  // namespace custode::records
