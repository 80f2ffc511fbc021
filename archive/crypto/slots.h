// archive/crypto/slots.h
#pragma once

#include "archive/crypto/header.h"
#include "archive/crypto/keys.h"
#include "archive/crypto/shares.h"

namespace custode::crypto::detail {

/// Puts into the header the slots that were asked for, each giving R back; writes the keyfile.
/// @returns the custodians' shares, when there is such a slot
/// @throws Error(invalid_argument, "slot.none" | "share.threshold" | "passphrase.empty" | …)
std::vector<ShareText> make_slots(const SlotOptions& options, const std::string& ceremony,
                                  const RootSecret& root, Header& header);

/// The slots as a person knows them.
KeyService::Slots slots_of(const Header& header);

/// R from what was given, tried in the order keyfile, passphrase, shares.
/// @throws the names that keys.h lists
RootSecret open_root(const Header& header, const UnsealInput& input);

/// Judges one share against those before it.
/// @throws Error(unauthenticated, "share.wrong" | "share.duplicate" | "share.old_ceremony")
Share judge_share(const Header& header, const std::vector<Share>& before, std::string_view text);

}  // namespace custode::crypto::detail
