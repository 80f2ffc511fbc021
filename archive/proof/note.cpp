#include "archive/proof/note.h"

#include "archive/base/codec.h"
#include "archive/base/encoding.h"

#include <algorithm>
#include <array>
#include <string>

namespace custode::proof {
namespace {

constexpr std::string_view signature_mark = "\u2014 ";

/// White_Space of Unicode above ASCII (PropList.txt); ASCII's are refused as control characters.
constexpr std::array<std::string_view, 20> wide_spaces = {
    " ",      "\u0085", "\u00A0", "\u1680", "\u2000", "\u2001", "\u2002",
    "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009",
    "\u200A", "\u2028", "\u2029", "\u202F", "\u205F", "\u3000"};

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20; }

std::optional<NoteSignature> parse_line(std::string_view line) {
    if (!line.starts_with(signature_mark)) return std::nullopt;
    line.remove_prefix(signature_mark.size());
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos || !is_key_name(line.substr(0, space))) return std::nullopt;
    const auto bytes = from_base64(line.substr(space + 1));
    if (!bytes || bytes->size() <= 4) return std::nullopt;
    Decoder decoder(*bytes);
    const std::uint32_t id = decoder.u32();
    return NoteSignature{line.substr(0, space), id, copy(decoder.raw(decoder.left()))};
}

}  // namespace

bool is_key_name(std::string_view name) {
    if (name.empty() || name.size() > key_name_bytes_max || !is_utf8(name)) return false;
    if (name.find('+') != std::string_view::npos) return false;
    if (std::any_of(name.begin(), name.end(), is_control)) return false;
    return std::none_of(wide_spaces.begin(), wide_spaces.end(), [&](std::string_view space) {
        return name.find(space) != std::string_view::npos;
    });
}

std::string signature_line(std::string_view name, std::uint32_t key_id, BytesView signature) {
    const Bytes bytes = Encoder().u32(key_id).raw(signature).bytes();
    return std::string(signature_mark) + std::string(name) + " " + to_base64(bytes) + "\n";
}

std::optional<Note> Note::parse(std::string_view note) {
    if (note.size() > note_bytes_max || !note.ends_with('\n') || !is_utf8(note))
        return std::nullopt;
    if (std::any_of(note.begin(), note.end(), [](char c) { return is_control(c) && c != '\n'; }))
        return std::nullopt;
    const std::size_t gap = note.rfind("\n\n");
    if (gap == std::string_view::npos) return std::nullopt;

    Note parsed{note.substr(0, gap + 1), {}};
    for (std::string_view rest = note.substr(gap + 2); !rest.empty();) {
        if (parsed.signatures.size() == note_signatures_max) return std::nullopt;
        const std::size_t end = rest.find('\n');
        auto signature = parse_line(rest.substr(0, end));
        if (!signature) return std::nullopt;
        parsed.signatures.push_back(std::move(*signature));
        rest.remove_prefix(end + 1);
    }
    if (parsed.signatures.empty()) return std::nullopt;
    return parsed;
}

}  // namespace custode::proof
