// What people type into the search box is read as something, within bounds, whatever it is; and a
// dossier is found again by its own words.
#include "archive/base/encoding.h"
#include "archive/search/query.h"
#include "tests/fuzz/fuzz.h"

using namespace custode;
using namespace custode::search;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = text({data, size});
    const Query query = read_query(input, 2026);
    require(query.words.size() <= query_words_max, "words are bounded");
    require(query.tax_codes.size() + query.codes.size() <= 2 * query_words_max, "so is the rest");
    for (const std::string& word : query.words) {
        require(!word.empty() && is_utf8(word), "a word is text");
        const Query again = read_query(word, 2026);
        require(again.words.size() <= query_words_max, "a folded word can be asked for again");
    }
    if (query.birth)
        require(query.birth->year >= 1800 && query.birth->year <= 2999 && query.birth->month <= 12,
                "a birth is a day or a year");
    for (const std::string& word : words_of(input))
        require(!word.empty(), "a name's words are words");
    (void)squeezed(input);
    return 0;
}
