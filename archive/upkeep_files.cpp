#include "archive/upkeep_files.h"

#include "archive/base/codec.h"
#include "archive/store/segment_scan.h"

#include <fstream>
#include <sstream>

namespace custode {
namespace {

namespace fs = std::filesystem;

std::string whole(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

bool is_read_only(const fs::path& file) {
    constexpr auto writable =
        fs::perms::owner_write | fs::perms::group_write | fs::perms::others_write;
    return (fs::status(file).permissions() & writable) == fs::perms::none;
}

/// A frame's head is outside of every seal.  A damaged one is not in the way of a reading, which
/// knows where the content lies, but the frames behind it are lost to whoever rebuilds.
void check_segment(const fs::path& vault, std::uint32_t number, bool is_journaled,
                   std::vector<std::string>& findings) {
    const auto shape = store::scan_segment(vault / "segments", number, [](const auto&) {});
    const std::string where = "segment " + std::to_string(number);
    if (shape.whole_end != shape.frames_end)
        findings.push_back(where + ": the frame at " + std::to_string(shape.whole_end) +
                           " is not one");
    std::string name = std::to_string(number);
    name.insert(0, 6 - std::min<std::size_t>(6, name.size()), '0');
    if (shape.has_footer && !is_journaled && is_read_only(vault / "segments" / (name + ".seg")))
        findings.push_back(where + ": it is closed, and the journal does not know it");
}

void check_segments(const fs::path& vault, catalogue::Ledger& ledger,
                    std::vector<std::string>& findings) {
    const store::ReadTransaction transaction(ledger.environment());
    for (const std::uint32_t number : store::list_segments(vault / "segments")) try {
            const Bytes row = Encoder().u32(number).bytes();
            check_segment(vault, number,
                          transaction.find(catalogue::table::segments, row).has_value(), findings);
        } catch (const Error& error) {
            findings.push_back("segment " + std::to_string(number) + ": " + error.what());
        }
}

/// The status page's words: a holder that is used is good, or it says what it is instead.
void check_holders(catalogue::Ledger& ledger, std::vector<std::string>& findings) {
    for (const std::string& holder : ledger.keys().describe().holders)
        if (!holder.ends_with(": good") && !holder.ends_with(": not used, it takes two"))
            findings.push_back("holder of the epoch secret " + holder);
}

bool opens(const catalogue::Lookup& lookup, std::uint64_t sequence,
           const journal::StoredEvent& event) try {
    return catalogue::open_event(lookup, sequence, event).has_value();
} catch (const Error&) {
    return false;
}

}  // namespace

std::vector<std::string> damaged_events(const fs::path& vault, const crypto::KeyService& keys) {
    constexpr std::size_t findings_max = 100;
    store::Environment::Options options;
    options.tables = catalogue::table_names();
    options.allow_any_file_system = true;
    store::Environment environment(vault / "catalogue.mdb", options);
    const store::ReadTransaction read(environment);
    const auto head =
        journal::read_head(read, {catalogue::table::journal, catalogue::table::head}, keys);
    const catalogue::Rows rows(keys);
    const catalogue::Lookup lookup(
        rows, [&read](store::Table table, BytesView name) -> std::optional<Bytes> {
            const auto found = read.find(table, name);
            if (!found) return std::nullopt;
            return copy(*found);
        });
    std::vector<std::string> findings;
    for (std::uint64_t i = 0; i < head.size && findings.size() < findings_max; ++i) {
        const auto bytes = read.find(catalogue::table::journal, big_endian(i));
        const auto event = bytes ? journal::StoredEvent::decode(*bytes) : std::nullopt;
        const std::string where = "journal event " + std::to_string(i);
        if (!bytes)
            findings.push_back(where + " is missing");
        else if (!event)
            findings.push_back(where + " does not decode");
        else if (!opens(lookup, i, *event))
            findings.push_back(where + " does not open");
    }
    return findings;
}

std::vector<std::string> check_files(const fs::path& vault, catalogue::Ledger& ledger) {
    std::vector<std::string> findings;
    check_segments(vault, ledger, findings);
    const journal::Journal& journal = ledger.journal_view();
    if (whole(vault / "identity.pub") != journal.verifier_key().text() + "\n")
        findings.emplace_back("identity.pub is not the log's key");
    check_holders(ledger, findings);
    return findings;
}

}  // namespace custode
