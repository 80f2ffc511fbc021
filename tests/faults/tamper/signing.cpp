#include "archive/base/codec.h"
#include "archive/journal/journal.h"
#include "tests/faults/tamper/raw_catalogue.h"
#include "tests/faults/tamper/verbs.h"

namespace custode::tamper {
namespace {

namespace fs = std::filesystem;
namespace table = catalogue::table;

journal::Draft draft() {
    journal::Draft draft;
    draft.action = journal::Action::logout;
    draft.outcome = journal::Outcome::system;
    draft.payload = R"({"name":"prova"})";
    draft.statement = {{}, R"({"what":"prova"})"};
    draft.content.bytes.fill(7);
    return draft;
}

}  // namespace

/// One try on the vault as it lies there; the harness puts it back.
void sign_flipped(const Arguments& arguments) {
    const fs::path root = arguments.at(0);
    each_line([&](const Json& asked) -> Json {
        const auto keys =
            crypto::KeyService::unseal(root / "vault", input_of(root / "device" / "keyfile"));
        store::Environment environment(root / "vault" / "catalogue.mdb", environment_options());
        const SystemClock clock;
        const journal::Tables tables{table::journal, table::head};
        const auto head = journal::read_head(store::ReadTransaction(environment), tables, *keys);
        journal::Journal journal(environment, *keys, clock, head,
                                 {tables, root / "vault" / "tiles", {}});
        const std::string before = journal.checkpoint();
        store::Writer::Options options;
        options.head = table::head;
        options.sums = head.sums;
        store::Writer writer(environment, journal, options);
        Json answer;
        try {
            const auto task = [&](store::Changes& changes) {
                const Bytes key = big_endian(journal.append(changes, draft()).header.sequence);
                // The leaf was computed.  In the memory of the writer, on the bus, in the page
                // cache, before the row is on disk:
                Bytes row = changes.find(table::journal, key).value();
                answer["row_bytes"] = row.size();
                row[asked.at("at").get<std::size_t>() % row.size()] ^=
                    static_cast<std::uint8_t>(1U << asked.at("bit").get<unsigned>());
                changes.put(table::journal, key, row);
            };
            journal.submit(writer, task).get();
        } catch (const Error& error) {
            answer["refused"] = error.name();
        }
        answer["signed"] = journal.checkpoint() != before;
        return answer;
    });
}

}  // namespace custode::tamper
