// Whatever the notes and keys of the parsers accept, the writers write again byte for byte.
#include "archive/proof/checkpoint.h"

#include "archive/base/error.h"
#include "archive/proof/note.h"

using namespace custode;
using namespace custode::proof;

namespace {

void fuzz_note(std::string_view input) {
    const auto note = Note::parse(input);
    if (!note) {
        require(!parse_checkpoint_body(input), "a checkpoint is a note");
        return;
    }
    std::string rewritten = std::string(note->text) + "\n";
    for (const NoteSignature& line : note->signatures)
        rewritten += signature_line(line.name, line.key_id, line.signature);
    require(rewritten == input, "a note has one spelling");

    const auto claimed = parse_checkpoint_body(input);
    require(!claimed || checkpoint_body(*claimed) == note->text, "a checkpoint has one spelling");
    for (const NoteSignature& line : note->signatures) {
        const VerifierKey key{std::string(line.name), {}};
        require(!open_checkpoint(input, key), "the all-zero key has signed nothing");
    }
}

void fuzz_key(std::string_view input) {
    const auto key = VerifierKey::parse(input);
    require(!key || key->text() == input, "a key has one spelling");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = text({data, size});
    fuzz_note(input);
    fuzz_key(input);
    return 0;
}
