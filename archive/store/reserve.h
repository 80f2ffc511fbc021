// archive/store/reserve.h
#pragma once

#include <filesystem>
#include <memory>

#include "archive/base/bytes.h"

namespace custode::store {

/// 256 MiB held back on the catalogue's file system, so that a full disk stops uploads while the
/// journal can still record disclosures (design §3 "Reserve").
///
/// Threads   Any; a private mutex.
class Reserve {
public:
    enum class State {
        held,      ///< Normal service.
        released,  ///< Uploads are refused, disclosures go on.
        spent,     ///< Nothing is disclosed any more.
    };

    Reserve(const std::filesystem::path& file, std::uint64_t bytes = std::uint64_t{256} << 20U,
            double full_ratio = 0.95);

    /// Looks at the disk: releases at `full_ratio` or when told of ENOSPC, takes the space back
    /// when there is room for it twice over.
    State look(bool out_of_space = false);
    State state() const;

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace custode::store
