// archive/exchange/court_export.cpp
#include "archive/exchange/court_export.h"

#include "archive/base/error.h"
#include "archive/exchange/bag_writer.h"
#include "archive/exchange/court_receipts.h"
#include "archive/exchange/court_texts.h"
#include "archive/exchange/file_names.h"
#include "archive/exchange/index_page.h"

namespace custode::exchange {
namespace {

[[noreturn]] void refuse(const char* name, const ExportDocument& document,
                         const std::string& reason) {
    throw Error(ErrorCode::invalid_argument, name,
                "could not export document n. " + std::to_string(document.number) + ": " + reason);
}

void check_document(const ExportDocument& document, unsigned number_before) {
    if (document.number <= number_before) refuse("export.document", document, "numbers must rise");
    if (!is_export_file_name(document.file_name) ||
        !document.file_name.starts_with(number_text(document.number) + '_')) {
        refuse("export.document", document, "its file name is not one that we make");
    }
    if (!document.read) refuse("export.document", document, "it has no reader");
}

/// A receipt that the recipient's check would refuse must not leave the house.
void check_receipt(const ExportDocument& document, const ExportHead& head) {
    const auto key = proof::VerifierKey::parse(head.verifier_key);
    if (!key) refuse("export.receipt", document, "the head carries no verifier key");
    const ReceiptExpectation expected{document.sha256, document.bytes, head.checkpoint, key};
    if (const auto problem = receipt_problem(document.receipt_json, expected)) {
        refuse("export.receipt", document, *problem);
    }
}

void write_original(BagWriter& bag, const ExportDocument& document) {
    const Sha256Digest written =
        bag.payload("originali/" + document.file_name, document.bytes, document.read);
    if (written != document.sha256) {
        throw Error(ErrorCode::corrupt, "export.original_changed",
                    "could not export document n. " + std::to_string(document.number) +
                        ": its bytes are not those of its impronta");
    }
}

}  // namespace

CourtExport::CourtExport(ExportHead head, std::vector<ExportDocument> documents, Sink sink)
    : head_(std::move(head)), documents_(std::move(documents)), sink_(std::move(sink)) {
    if (documents_.empty() || documents_.size() > documents_max) {
        throw Error(ErrorCode::invalid_argument, "export.too_many",
                    "could not export " + std::to_string(documents_.size()) +
                        " documents: from 1 to " + std::to_string(documents_max) + " at once");
    }
    unsigned number_before = 0;
    for (const ExportDocument& document : documents_) {
        check_document(document, number_before);
        check_receipt(document, head_);
        number_before = document.number;
    }
}

CourtExport::Result CourtExport::write(const PdfComposer& composer) {
    // Composed first: when it fails, nothing was sent yet.
    const Bytes index = composer.compose(index_page(head_, documents_), head_.created);

    BagWriter bag(std::exchange(sink_, nullptr), head_.created,
                  export_folder_name(head_.dossier_code, roman_day(head_.created)));
    bag.payload("LEGGIMI.txt", view(read_me(head_, documents_.size())));
    bag.payload("indice.pdf", index);
    bag.payload("indice.csv", view(index_csv(documents_)));
    for (const ExportDocument& document : documents_) write_original(bag, document);
    for (const ExportDocument& document : documents_) {
        bag.payload("prove/" + number_text(document.number) + ".json", view(document.receipt_json));
    }
    bag.payload("prove/checkpoint", view(head_.checkpoint));
    bag.payload("prove/chiave-pubblica.txt", view(head_.verifier_key + "\n"));

    Result result;
    result.manifest = bag.close(bag_info(head_));
    result.documents = documents_.size();
    result.payload_bytes = bag.payload_bytes();
    result.zip_bytes = bag.bytes_written();
    return result;
}

}  // namespace custode::exchange
