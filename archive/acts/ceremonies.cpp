#include "archive/acts/ceremonies.h"

#include "archive/base/encoding.h"

namespace custode::acts {
namespace {

using PreparedEpoch = crypto::KeyService::PreparedEpoch;

crypto::JournalPlace place_of(const journal::Journal& journal) {
    const auto checkpoint = proof::parse_checkpoint_body(journal.checkpoint());
    require(checkpoint.has_value(), "our own checkpoint parses");
    return {checkpoint->size, {checkpoint->root.bytes}};
}

journal::Draft draft_of(const PreparedEpoch& prepared) {
    journal::Draft draft;
    draft.action = journal::Action::epoch_switched;
    draft.outcome = journal::Outcome::system;
    draft.payload =
        nlohmann::json{{"epoch", prepared.epoch}, {"keyring", to_hex(prepared.keyring)}}.dump();
    return draft;
}

}  // namespace

/// Goes by what the catalogue says: finishes the epoch that an event names, discards one that none
/// does.
void Ceremonies::settle() {
    const auto epoch = ledger_.read([](const catalogue::Lookup& rows) { return rows.epoch(); });
    ledger_.keys().settle(epoch.number, epoch.keyring);
}

std::uint32_t Ceremonies::switch_epoch(const crypto::UnsealInput& root_again,
                                       const std::vector<std::filesystem::path>& holders) {
    const Lock lock(mutex_);
    if (ledger_.read_only())
        throw Error(ErrorCode::storage, "store.read_only",
                    "could not switch the epoch until the catalogue is verified");
    settle();  // of an earlier ceremony whose event was in doubt
    crypto::KeyService::EpochPlan plan;
    plan.place = place_of(ledger_.journal());
    plan.holders = holders;
    const PreparedEpoch prepared = ledger_.keys().prepare_epoch(plan, root_again);
    try {
        ledger_.commit([&](catalogue::Batch& batch) { batch.append(draft_of(prepared)); });
    } catch (...) {
        // Perhaps the event is on disk all the same.  Until the writer knows, what was prepared
        // stays: the next ceremony or unsealing settles it.
        if (!ledger_.read_only()) settle();
        if (ledger_.keys().epoch() != prepared.epoch) throw;
        return prepared.epoch;
    }
    ledger_.keys().finish_epoch();
    return prepared.epoch;
}

}  // namespace custode::acts
