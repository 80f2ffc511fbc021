// archive/store/reserve.h
#pragma once

#include "archive/base/bytes.h"

#include <filesystem>
#include <memory>

namespace custode::store {

/// 256 MiB held back on the catalogue's file system, so that a full disk stops uploads while the
/// journal can still record disclosures (design §3 "Reserve").
///
/// The file stays in place with length 0 while the reserve is released.
///
/// Units     `full_ratio` is of what df calls size: used by anyone, the reserve included.
/// Errors    Error(storage, "store.io") when the file system cannot be asked; a reserve that
///           cannot be taken is a state, not an error.
/// Threads   Any; a private mutex.
class Reserve {
public:
    /// With less than this free and the reserve gone, not even one more event is sure to fit.
    static constexpr std::uint64_t spent_bytes = std::uint64_t{8} << 20U;

    enum class State {
        held,      ///< Normal service.
        released,  ///< Uploads are refused, disclosures go on.
        spent,     ///< Nothing is disclosed any more.
    };

    Reserve(const std::filesystem::path& file, std::uint64_t bytes = std::uint64_t{256} << 20U,
            double full_ratio = 0.95);

    /// Looks at the disk: releases at `full_ratio` or when told of ENOSPC, takes the space back
    /// when there is room for it twice over and the disk stays under `full_ratio` with it.
    State look(bool out_of_space = false);
    State state() const;  ///< As the last look() found it.

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace custode::store
