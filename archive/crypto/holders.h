// archive/crypto/holders.h
#pragma once

#include "archive/crypto/header.h"

namespace custode::crypto::detail {

/// Files on other devices that keep E_e in shares, so that overwriting a few small files ends an
/// epoch, whatever backups still hold (design §4).
///
/// A holder has two cells, for even and odd epochs: the next epoch's share is written beside the
/// present one and the old one is overwritten **in place**, because replacing a file leaves its
/// old bytes on the device (tried: 200 of 200).
enum class HolderState { good, missing, wrong, old_share, newer_share, leftover };

const char* to_text(HolderState state);

/// Writes the shares of `secret` for header.epoch into the header's holders, reads each back, and
/// puts their commitments into the header.
/// @throws Error(conflict, "holder.in_use"), Error(storage | full, …); the header is then useless
void write_holders(Header& header, const EpochSecret& secret);

/// E_e from enough holders, checked against the header's commitment.
/// @throws Error(sealed, "holder.missing" | "holder.old"), Error(corrupt, "keyring.old_epoch")
EpochSecret read_holders(const Header& header);

/// What one holder of the header holds now.  `good` means this epoch's share and nothing else.
HolderState look_at_holder(const Header& header, std::size_t index);

/// Overwrites whatever of this vault the file holds for any epoch but `keep` (0: for all).  The
/// file stays, zeroed: one that is gone could as well be on a disk that is merely unplugged.
/// False when it could not be reached or read back.
bool erase_other_shares(const VaultId& vault, const std::string& path, std::uint32_t keep) noexcept;

}  // namespace custode::crypto::detail
