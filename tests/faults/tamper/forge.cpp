#include "archive/base/codec.h"
#include "archive/catalogue/tables.h"
#include "archive/journal/journal.h"
#include "archive/proof/tiles.h"
#include "tests/faults/tamper/raw_catalogue.h"
#include "tests/faults/tamper/verbs.h"

#include <iostream>

namespace custode::tamper {
namespace {

namespace fs = std::filesystem;
namespace table = catalogue::table;

/// What somebody does to the events who can write every file and has stolen the log's signing key,
/// but no other: he cannot seal, only move and change.
std::vector<Bytes> edited(std::vector<Bytes> events, const std::string& edit, std::size_t at,
                          std::size_t other) {
    const auto place = events.begin() + static_cast<std::ptrdiff_t>(at);
    auto event = journal::StoredEvent::decode(events.at(at)).value();
    if (edit == "header") event.header.at(other % event.header.size()) ^= 1U;
    if (edit == "payload") event.payload.at(other % event.payload.size()) ^= 1U;
    if (edit == "statement") event.statement.bytes.at(other % 32) ^= 1U;
    if (edit == "content") event.content.bytes.at(other % 32) ^= 1U;
    events.at(at) = event.encode();
    if (edit == "swap") std::swap(events.at(at), events.at(other));
    if (edit == "remove") events.erase(place);
    if (edit == "repeat") events.insert(place, events.at(at));
    if (edit == "cut") events.erase(place, events.end());
    return events;
}

/// Tiles and checkpoint over those events, as if they had always been: nothing in them is amiss.
void publish_anew(const fs::path& vault, const std::vector<Bytes>& events,
                  const crypto::KeyService& keys) {
    fs::remove_all(vault / "tiles");
    proof::TileStore tiles(vault / "tiles", 0, proof::empty_root(), [&](std::uint64_t index) {
        return journal::StoredEvent::decode(events.at(index)).value().leaf_entry();
    });
    for (const Bytes& event : events)
        tiles.append(journal::StoredEvent::decode(event).value().leaf_entry());
    const proof::VerifierKey verifier{"custode/" + to_text(keys.vault()), keys.verifying_key()};
    tiles.publish(proof::sign_checkpoint({verifier.name, tiles.size(), tiles.root()}, verifier,
                                         [&](BytesView message) { return keys.sign(message); }));
}

}  // namespace

void forge(const Arguments& arguments) {
    const fs::path root = arguments.at(0);
    const auto keys =
        crypto::KeyService::unseal(root / "vault", input_of(root / "device" / "keyfile"));
    RawCatalogue catalogue(root / "vault");
    std::vector<Bytes> events;
    for (const auto& [key, value] : catalogue.rows(table::journal)) events.push_back(value);
    const std::vector<Bytes> now =
        edited(events, arguments.at(1), std::stoul(arguments.at(2)), std::stoul(arguments.at(3)));
    for (std::size_t i = 0; i < std::max(events.size(), now.size()); ++i)
        if (i >= now.size())
            catalogue.erase(table::journal, big_endian(i));
        else if (i >= events.size() || events[i] != now[i])
            catalogue.put(table::journal, big_endian(i), now[i]);
    publish_anew(root / "vault", now, *keys);
    std::cout << Json{{"events", now.size()}}.dump() << std::endl;
}

}  // namespace custode::tamper
