// Heads from a hostile network: the same bytes must give the same verdict however they arrive, and
// what is accepted must keep every promise of daemon/http/head.h.
#include "archive/base/error.h"
#include "daemon/http/head.h"
#include "daemon/http/range.h"

#include <cstddef>
#include <cstdint>
#include <set>

namespace {

using namespace custode;
using namespace custode::daemon;

void check_accepted(const Head& head, BytesView bytes) {
    require(head.bytes_count <= bytes.size() && head.bytes_count <= head_bytes_max, "bounded");
    require(!head.field("transfer-encoding"), "one framing only");
    require(head.field("host").has_value(), "a host");
    require(head.fields.size() <= fields_max, "bounded fields");
    std::set<std::string> names;
    for (const Field& field : head.fields) require(names.insert(field.name).second, "names once");
    require(head.target.path.front() == '/', "origin form");
    require(head.target.segments.size() <= segments_max, "bounded segments");
    for (const std::string& segment : head.target.segments) {
        require(!segment.empty() && segment != "." && segment != "..", "canonical");
        require(segment.find_first_of(std::string_view("/\\\0", 3)) == std::string::npos, "clean");
    }
    if (const auto range = head.field("range")) (void)parse_range(*range, head.content_length);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const BytesView bytes(data, size);
    const HeadScan whole = scan_head(bytes);
    HeadScan dripped;
    for (std::size_t seen = 0; seen < size && dripped.state == HeadScan::State::incomplete;
         ++seen) {
        dripped = scan_head(bytes.first(seen + 1), seen);
    }
    require(dripped.state == whole.state && dripped.end == whole.end, "arrival changes nothing");
    const auto parsed = parse_head(bytes);
    if (const auto* head = std::get_if<Head>(&parsed)) {
        require(whole.state == HeadScan::State::complete && head->bytes_count == whole.end,
                "one end");
        check_accepted(*head, bytes);
    } else {
        require(std::get<Refusal>(parsed).status >= 400, "a refusal is an answer");
    }
    return 0;
}
