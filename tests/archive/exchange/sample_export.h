// tests/archive/exchange/sample_export.h
#pragma once

#include "archive/base/encoding.h"
#include "archive/crypto/digest.h"
#include "archive/exchange/court_export.h"
#include "archive/exchange/file_names.h"
#include "archive/proof/receipt.h"
#include "tests/archive/exchange/temporary_folder.h"
#include "tests/archive/proof/signing.h"
#include "tests/archive/proof/trees.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace custode::exchange::testing {

/// An invented dossier with real receipts: a tree of its filings and a log key that signed it.
struct SampleExport {
    explicit SampleExport(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) add(static_cast<unsigned>(i + 1));
        seal();
    }

    /// Makes receipts and checkpoint anew, after documents or contents were changed.
    void seal() {
        tree.leaves.clear();
        for (const proof::Receipt& receipt : receipts) tree.leaves.push_back(receipt.leaf.leaf());
        head.checkpoint = log.checkpoint(tree.leaves.size(), tree.root(tree.leaves.size()));
        head.verifier_key = log.key.text();
        for (std::size_t i = 0; i < documents.size(); ++i) {
            receipts[i].index = i;
            receipts[i].path = tree.path(i, 0, tree.leaves.size());
            receipts[i].checkpoint = head.checkpoint;
            receipts[i].key = log.key;
            documents[i].receipt_json = receipts[i].json();
        }
    }

    static std::string content(unsigned number) {
        std::string bytes = "originale n. " + std::to_string(number) + "\n";
        for (unsigned i = 0; i < number * 997; ++i) {
            bytes += static_cast<char>((i * 31 + number) & 0xFFU);
        }
        return bytes;
    }

    static std::function<std::size_t(std::span<std::uint8_t>)> reader(std::string bytes) {
        auto rest = std::make_shared<std::string>(std::move(bytes));  // std::function must copy
        return [rest](std::span<std::uint8_t> into) {
            const std::size_t size = std::min(into.size(), rest->size());
            std::copy_n(rest->begin(), size, into.begin());
            rest->erase(0, size);
            return size;
        };
    }

    /// The zip's bytes.  Readers are made anew, so it may be called again.
    std::string zip() {
        std::string bytes;
        for (ExportDocument& document : documents) {
            document.read = reader(contents[document.number]);
        }
        CourtExport court(head, documents, [&bytes](BytesView more) { bytes += text(more); });
        result = court.write(PdfComposer());
        return bytes;
    }

    proof::testing::TestLog log{"custode.example/5d9c7b6a"};
    proof::testing::NaiveTree tree;
    ExportHead head = invented_head();
    std::vector<ExportDocument> documents;
    std::vector<proof::Receipt> receipts;
    std::map<unsigned, std::string> contents;
    CourtExport::Result result;

private:
    static ExportHead invented_head() {
        ExportHead head;
        head.body = "Comune di Valfinta – Servizi sociali";
        head.dossier_code = "2026/VII.11/000123";
        head.proceedings = "R.G.V.G. 567/2025 – Tribunale per i Minorenni";
        head.purpose = "Costituzione in giudizio nel procedimento R.G.V.G. 567/2025";
        head.recipient = "Avvocatura comunale, avv. Clemente Immaginari";
        head.requester = "Fiorella Inventati";
        head.created = *from_rfc3339("2026-11-23T08:15:00.000Z");
        return head;
    }

    void add(unsigned number) {
        static const std::vector<std::string> types{"decreto", "relazione", "verbale", "richiesta"};
        static const std::vector<std::string> names{"decreto.pdf", "relazione.docx",
                                                    "verbale.pdf.p7m", "messaggio.eml"};
        ExportDocument document;
        document.number = number;
        document.dated = Day{2025, number % 12 + 1, number % 28 + 1};
        document.protocol = "E " + std::to_string(1000 + number) + "/2025";
        document.authority = "Tribunale per i Minorenni";
        document.type = types[number % types.size()];
        document.subject = "Atto inventato numero " + std::to_string(number);
        document.pages = number % 9 + 1;
        document.original_name = names[number % names.size()];
        document.file_name = export_file_name(
            {number, document.dated, document.authority, document.type, document.original_name});
        contents[number] = content(number);
        document.bytes = contents[number].size();
        document.sha256 = crypto::sha256({view(contents[number])});
        document.read = reader(contents[number]);
        receipts.push_back(receipt_for(document));
        documents.push_back(std::move(document));
    }

    static proof::Receipt receipt_for(const ExportDocument& document) {
        proof::Receipt receipt;
        receipt.statement = "{\"bytes\":" + std::to_string(document.bytes) +
                            ",\"document\":\"00000000-0000-4000-8000-000000000001\",\"impronta\":"
                            "\"" +
                            to_hex(document.sha256) +
                            "\",\"time\":\"2026-11-23T08:15:00.000Z\","
                            "\"what\":\"document.filed\"}";
        receipt.salt.fill(static_cast<std::uint8_t>(document.number));
        receipt.leaf.header = crypto::sha256({view("header"), receipt.salt});
        receipt.leaf.payload = crypto::sha256({view("payload"), receipt.salt});
        receipt.leaf.envelope = crypto::sha256({view("envelope"), receipt.salt});
        receipt.leaf.content = crypto::sha256({view("content"), receipt.salt});
        receipt.leaf.statement = proof::statement_hash(receipt.salt, receipt.statement);
        return receipt;
    }
};

}  // namespace custode::exchange::testing
