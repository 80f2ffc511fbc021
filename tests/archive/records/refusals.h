#pragma once

#include "archive/base/error.h"

#include <boost/test/unit_test.hpp>

#include <string>

namespace custode::tests {

/// The stable name and the message of the refusal that `act` must end in, as "name: message".
template <class Act>
std::string refusal(Act act) {
    try {
        act();
    } catch (const Error& error) {
        BOOST_TEST((error.code() == ErrorCode::invalid_argument));
        return error.name() + ": " + error.what();
    }
    return "accepted";
}

inline bool begins(const std::string& text, const std::string& start) {
    return text.compare(0, start.size(), start) == 0;
}

}  // namespace custode::tests
