// archive/exchange/court_export.h
#pragma once

#include "archive/base/bytes.h"
#include "archive/base/time.h"
#include "archive/exchange/pdf_composer.h"
#include "archive/exchange/zip_writer.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace custode::exchange {

/// One original of an export.  An empty text, day or page count is unknown and shown as "non noto",
/// save `protocol` and `notes`, which are empty when there is none.
struct ExportDocument {
    unsigned number = 0;       ///< In the index: from 1, rising.
    std::string file_name;     ///< As export_file_name() makes it.
    std::optional<Day> dated;  ///< Of the act.
    std::string protocol;      ///< "E 1234/2026"
    std::string authority;     ///< Or author.
    std::string type;          ///< Its label: "decreto".
    std::string subject;
    std::optional<unsigned> pages;
    std::uint64_t bytes = 0;
    Sha256Digest sha256;        ///< Impronta; checked against what `read` gives.
    std::string original_name;  ///< Under which it arrived; goes into the index, not into names.
    std::string notes;          ///< "copia", "originale cartaceo", "sostituito dal n. 9"
    std::string receipt_json;   ///< A proof::Receipt under the head's checkpoint.

    /// Fills the buffer with the next bytes of the original; 0 at its end.  May throw.
    std::function<std::size_t(std::span<std::uint8_t>)> read;
};

/// What the first page says, and what anchors the proofs.
struct ExportHead {
    std::string body;  ///< "Comune di Valfinta – Servizi sociali"
    std::string dossier_code;
    std::string proceedings;  ///< "R.G.V.G. 567/2025 – Tribunale per i Minorenni"; may be empty
    std::string purpose;      ///< In words.
    std::string recipient;
    std::string requester;  ///< As shown, not an account's id.
    Millis created;
    std::string classification = "riservato";
    std::vector<std::string> omissions;  ///< What was left out and why; empty: nothing was.
    std::string checkpoint;              ///< C2SP signed note under which every receipt is.
    std::string verifier_key;            ///< Text of the log's key.
};

/// The bundle for the municipality's lawyers and the court: a zip that is a BagIt bag.
///
///   fascicolo_<code>_<date>/data/LEGGIMI.txt            how to check all this, in Italian
///                          /data/indice.pdf, .csv       one line a document
///                          /data/originali/NNN_…        bit for bit
///                          /data/prove/NNN.json         receipts; checkpoint, chiave-pubblica.txt
///                          /bagit.txt bag-info.txt manifest-sha256.txt tagmanifest-sha256.txt
///
/// Memory is a few buffers and the index, whatever the originals' sizes.  The same head and
/// documents give the same bytes.  File names hold nothing but number, date, authority and type.
///
/// Errors    The constructor: Error(invalid_argument, "export.document" | "export.receipt" |
///           "export.too_many").  write(): (corrupt, "export.original_changed") when an original's
///           bytes are not those of its impronta; those of PdfComposer and of ZipWriter; whatever
///           `read` and the sink throw.  After a throw what the sink got is no zip.
/// Threads   One at a time.
/// Source    RFC 8493; design §10; the journal's receipts: archive/proof/receipt.h.
class CourtExport {
public:
    static constexpr std::size_t documents_max = 5'000;  // an index of so many takes two minutes

    struct Result {
        Sha256Digest manifest;  ///< Of manifest-sha256.txt: what the journal keeps of this export.
        std::size_t documents = 0;
        std::uint64_t payload_bytes = 0;
        std::uint64_t zip_bytes = 0;
    };

    CourtExport(ExportHead head, std::vector<ExportDocument> documents, Sink sink);

    /// Writes the whole zip, once.
    Result write(const PdfComposer& composer);

private:
    ExportHead head_;
    std::vector<ExportDocument> documents_;
    Sink sink_;
};

}  // namespace custode::exchange
