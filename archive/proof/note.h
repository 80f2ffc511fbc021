// archive/proof/note.h
#pragma once

#include "archive/base/bytes.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace custode::proof {

inline constexpr std::size_t note_bytes_max = 64 * 1024;
inline constexpr std::size_t note_signatures_max =
    16;  ///< As many as the standard obliges to take.
inline constexpr std::size_t key_name_bytes_max = 255;

/// One line "— name base64(id ‖ signature)" under a note.
struct NoteSignature {
    std::string_view name;
    std::uint32_t key_id = 0;
    Bytes signature;  ///< Without the key id; its form is the key type's affair.
};

/// A C2SP signed note, taken apart but not believed: text that some keys may have signed.
///
/// Lifetime  Views borrow from the note.
/// Source    C2SP signed-note v1: valid UTF-8, no control character but newline, text and
///           signatures parted by the last empty line.
struct Note {
    std::string_view text;  ///< What is signed, its last newline included.
    std::vector<NoteSignature> signatures;

    /// Nothing when the note is not exactly of the standard's form or passes one of the limits.
    static std::optional<Note> parse(std::string_view note);
};

/// Whether a key (or a log's origin) may be called so: 1–255 bytes of UTF-8 without Unicode
/// spaces, control characters or '+', which parts the fields of a verifier key.
bool is_key_name(std::string_view name);

/// The line for a signature, its newline included.
std::string signature_line(std::string_view name, std::uint32_t key_id, BytesView signature);

}  // namespace custode::proof
