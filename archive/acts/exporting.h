// archive/acts/exporting.h
#pragma once

#include "archive/acts/reading.h"
#include "archive/door.h"

#include <functional>
#include <memory>
#include <string>

namespace custode::acts {

/// The bundle for the Avvocatura and the court: everything that a dossier holds, numbered, indexed,
/// with proofs.
///
/// The event export.created, with recipient, purpose and every document, is durable before the
/// first byte; export.completed says what left.  An export without the latter counts as whole.
///
/// Errors   (invalid_argument, "recipient.missing" | "export.empty" | "export.too_many"); those of
///          exchange::CourtExport; whatever the sink throws.
/// Threads  Any.
class Exporting {
public:
    static constexpr std::size_t recipient_bytes_max = 1'000;

    struct Options {
        std::string body;  ///< Who exports: "Comune di Valfinta – Servizi sociali".
    };
    Exporting(catalogue::Ledger& ledger, Door& door, Reading& reading, Options options)
        : ledger_(ledger), door_(door), reading_(reading), options_(std::move(options)) {}

    using Sink = std::function<void(BytesView)>;

    /// A journaled export, ready to be written once.
    class Court {
    public:
        const std::string& id() const;
        std::string file_name() const;  ///< No person's name in it.
        void write(const Sink& sink);

    private:
        friend class Exporting;
        struct State;
        std::shared_ptr<State> state_;
    };
    Court court(const Permit<Action::export_court>& permit, const std::string& recipient);

private:
    catalogue::Ledger& ledger_;
    Door& door_;
    Reading& reading_;
    Options options_;
};

}  // namespace custode::acts
