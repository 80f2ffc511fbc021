// Events, their headers and payloads, and the head row: what decodes encodes to the same bytes.
#include "archive/journal/event.h"

#include "archive/journal/journal.h"
#include "tests/fuzz/fuzz.h"

using namespace custode;
using namespace custode::journal;
using custode::fuzz::Input;

namespace {

void fuzz_stored(BytesView bytes) {
    const auto event = StoredEvent::decode(bytes);
    if (!event) return;
    require(std::ranges::equal(event->encode(), bytes), "an event has one encoding");
    Bytes envelope;
    for (const BytesView wrap : event->wraps()) append(envelope, wrap);
    require(envelope == event->envelope, "an envelope is its wraps");
    const auto leaf = event->leaf_entry();
    require(proof::LeafEntry::parse(leaf.bytes()) == leaf, "a leaf entry has one encoding");
}

void fuzz_header(BytesView bytes) {
    const auto header = decode_header(bytes);
    if (!header) return;
    require(std::ranges::equal(encode_header(*header), bytes), "a header has one encoding");
    require(!name_of(header->action).empty(), "every action has a name");
}

void fuzz_payload(BytesView bytes) {
    const auto payload = unpad_payload(bytes);
    if (!payload) return;
    require(std::ranges::equal(pad_payload(*payload), bytes), "a payload has one padding");
}

void fuzz_head(BytesView bytes) {
    const auto head = Head::decode(bytes);
    if (!head) return;
    require(std::ranges::equal(head->encode(), bytes), "a head row has one encoding");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const BytesView bytes(data, size);
    fuzz_stored(bytes);
    fuzz_payload(bytes);
    fuzz_head(bytes);
    // A header is padded to its length: so is the input.
    Bytes header(bytes.begin(),
                 bytes.begin() + static_cast<std::ptrdiff_t>(std::min(size, header_plain_bytes)));
    header.resize(header_plain_bytes);
    fuzz_header(header);
    fuzz_header(bytes);
    return 0;
}
