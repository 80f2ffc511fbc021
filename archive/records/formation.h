#pragma once

#include <string_view>

namespace custode::records {

/// How a document came to be (AgID Allegato 5, ModalitaDiFormazione).
enum class Formation { unknown, created, acquired, stored, generated };

/// The whole sentence that the schema wants in place of the code; empty for `unknown`.
///
/// Source  Allegato 5 as adopted (determinazione AgID 407/2020, 371/2021), enumeration of
///         ModalitaDiFormazione.
std::string_view full_sentence(Formation formation);

}  // namespace custode::records
