// The tag files of an export that comes back from anywhere: manifests, declarations, totals.
#include "archive/base/encoding.h"
#include "archive/exchange/bag_files.h"
#include "tests/fuzz/fuzz.h"

using namespace custode;
using namespace custode::exchange;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const BytesView bytes(data, size);
    const std::string_view input = text(bytes);
    if (const auto declaration = parse_declaration(input))
        require(!declaration->version.empty() && !declaration->encoding.empty(), "both are said");
    for (const char* encoding : {"UTF-8", "UTF-16"})
        if (const auto decoded = decode_tag_file(bytes, encoding))
            require(is_utf8(*decoded), "a tag file comes out as UTF-8");
    for (const std::size_t digits : {std::size_t{32}, std::size_t{64}, std::size_t{128}}) {
        const Manifest manifest = parse_manifest(input, digits);
        for (const auto& [path, digest] : manifest.digests)
            require(!path.empty() && digest.size() == digits && from_hex(digest),
                    "a line is a path and a digest");
        require(manifest.digests.size() + manifest.bad_lines.size() <= size + 1, "bounded");
    }
    if (const auto name = parse_manifest_name(input))
        require(!name->algorithm.empty(), "a manifest is of an algorithm");
    if (const auto value = info_value(input, "Payload-Oxum")) (void)parse_oxum(*value);
    (void)parse_oxum(input);
    return 0;
}
