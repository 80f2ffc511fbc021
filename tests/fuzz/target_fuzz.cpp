// A request target: what is accepted is canonical, bounded, and means the same when it is written
// again; the same for the one Range that may be asked.
#include "daemon/http/target.h"

#include "archive/base/encoding.h"
#include "daemon/http/range.h"
#include "tests/fuzz/fuzz.h"

#include <charconv>

using namespace custode;
using namespace custode::daemon;

namespace {

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

std::string encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (is_unreserved(c)) {
            out += c;
            continue;
        }
        const auto byte = static_cast<std::uint8_t>(c);
        out += '%';
        out += "0123456789ABCDEF"[byte >> 4U];
        out += "0123456789ABCDEF"[byte & 15U];
    }
    return out;
}

std::string written(const Target& target) {
    std::string out;
    for (const std::string& segment : target.segments) out += "/" + encoded(segment);
    if (out.empty()) out = "/";
    char joint = '?';
    for (const auto& [name, value] : target.query) {
        out += joint + name + "=" + encoded(value);
        joint = '&';
    }
    return out;
}

bool is_clean(std::string_view text) {
    return is_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
               const auto byte = static_cast<unsigned char>(c);
               return byte < 0x20 || byte == 0x7f;
           });
}

void fuzz_target(std::string_view input) {
    const auto parsed = parse_target(input);
    if (const auto* refused = std::get_if<Refusal>(&parsed)) {
        require(refused->status == 400 || refused->status == 414, "a target is refused as one");
        require(fuzz::is_stable_name(refused->code), "by a stable name");
        return;
    }
    const auto& target = std::get<Target>(parsed);
    require(target.segments.size() <= segments_max && target.query.size() <= query_pairs_max,
            "bounded");
    for (const std::string& segment : target.segments)
        require(!segment.empty() && segment != "." && segment != ".." && is_clean(segment) &&
                    segment.find_first_of("/\\") == std::string::npos,
                "segments are plain");
    for (const auto& [name, value] : target.query)
        require(!name.empty() && name.size() <= query_name_bytes_max && is_clean(value) &&
                    value.size() <= query_value_bytes_max,
                "the query is plain");
    const std::string again = written(target);
    if (again.size() > target_bytes_max) return;  // everything encoded takes more room
    const auto reread = parse_target(again);
    const auto* same = std::get_if<Target>(&reread);
    require(same != nullptr && same->path == target.path && same->segments == target.segments &&
                same->query == target.query,
            "a target survives its own writing");
}

/// RFC 9110 §14.1.2, read a second time with other means.
std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || text.size() > 18)
        return std::nullopt;
    return value;
}

void fuzz_range(std::string_view header, std::uint64_t size) {
    const auto parsed = parse_range(header, size);
    const std::size_t dash = header.find('-');
    const bool shaped = header.starts_with("bytes=") && dash != std::string_view::npos;
    const auto from = shaped ? number(header.substr(6, dash - 6)) : std::nullopt;
    const auto to = shaped ? number(header.substr(dash + 1)) : std::nullopt;
    const bool whole = shaped && from && to && *from <= *to;
    const bool open = shaped && from && dash + 1 == header.size();
    const bool suffix = shaped && dash == 6 && to;
    require(parsed.has_value() == (whole || open || suffix), "one form of a range is known");
    if (!parsed) return;
    const bool outside = suffix ? *to == 0 || size == 0 : *from >= size;
    require(std::holds_alternative<Unsatisfiable>(*parsed) == outside, "outside is outside");
    if (outside) return;
    const auto& range = std::get<ByteRange>(*parsed);
    require(range.first <= range.last && range.last < size, "a range lies within");
    if (suffix)
        require(range.length() == std::min(*to, size) && range.last == size - 1, "the last bytes");
    else
        require(range.first == *from && range.last == (whole ? std::min(*to, size - 1) : size - 1),
                "the bytes asked for");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = text({data, size});
    fuzz_target(input);
    for (const std::uint64_t length : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1000},
                                       std::uint64_t{size}, std::uint64_t{1} << 48U})
        fuzz_range(input, length);
    return 0;
}
