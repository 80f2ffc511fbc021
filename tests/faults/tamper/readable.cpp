#include "tests/faults/tamper/readable.h"

#include "archive/base/encoding.h"
#include "archive/catalogue/ledger.h"
#include "archive/crypto/digest.h"
#include "archive/crypto/object.h"
#include "archive/process.h"
#include "archive/upkeep.h"
#include "archive/vault.h"
#include "tests/faults/tamper/raw_catalogue.h"
#include "tools/verify/checks.h"

#include <fstream>

namespace custode::tamper {
namespace {

namespace fs = std::filesystem;
using catalogue::LinkPlace;
using catalogue::Lookup;

std::string digest_of(std::string_view bytes) {
    return to_hex(BytesView(crypto::sha256({view(bytes)})).first(8));
}

/// Opened with nobody in it, as `custoded serve` opens it.
class Reader {
public:
    Reader(const fs::path& vault, const fs::path& keyfile)
        : keys_(crypto::KeyService::unseal(vault, input_of(keyfile))),
          ledger_(*keys_, clock_, options(vault)) {}

    Json run() {
        accounts();
        dossiers();
        events();
        proofs();
        return std::move(items_);
    }

private:
    static catalogue::Ledger::Options options(const fs::path& vault) {
        catalogue::Ledger::Options options;
        options.vault = vault;
        options.allow_any_file_system = true;
        options.reserve_bytes = 0;
        return options;
    }

    template <class Read>
    void item(const std::string& name, const Read& read) {
        try {
            items_[name] = digest_of(read());
        } catch (const Error& error) {
            items_[name] = "!" + error.name();
        } catch (const std::exception& error) {
            items_[name] = std::string("!!") + error.what();  // not an answer of ours
        }
    }

    void accounts() {
        for (const auto& account : ledger_.memory().accounts())
            item("account " + account.account.name, [&] { return account.row.dump(); });
    }

    void dossiers() {
        std::string codes;
        for (std::string after;;) {
            const auto next = ledger_.memory().dossiers(after, 1, [](const auto&) { return true; });
            if (next.empty()) break;
            after = records::to_text(next.front()->facts.code);
            codes += after + "\n";
            dossier(*next.front(), after);
        }
        item("codes of dossiers", [&] { return codes; });
    }

    void dossier(const catalogue::DossierState& state, const std::string& code) {
        std::uint32_t ordinals = 0;
        item("dossier " + code, [&] {
            return ledger_.read([&](const Lookup& rows) {
                const auto row = rows.dossier(state.entry);
                ordinals = row->next;
                return row->facts.dump() + std::to_string(row->next) + "/" +
                       std::to_string(row->documents);
            });
        });
        for (std::uint32_t i = 0; i < ordinals; ++i) {
            const std::string name = code + " n. " + std::to_string(i + 1);
            const LinkPlace link{state.entry, i};
            item("document " + name, [&] { return document(link); });
            item("found by id and by content " + name, [&] { return found(link); });
            item("content " + name, [&] { return content(link); });
            item("receipt " + name, [&] { return receipt(link); });
        }
    }

    std::string document(const LinkPlace& link) {
        return ledger_.read([&](const Lookup& rows) -> std::string {
            const auto keys = rows.object_keys(link);
            const auto row = keys ? rows.document(*keys) : std::nullopt;
            if (!row) return "moved away";
            return catalogue::to_json(*row).dump();
        });
    }

    /// The other ways to it.  A row that is not there is a document that is not found: nothing else
    /// can be said of an id that nobody knows.
    std::string found(const LinkPlace& link) {
        return ledger_.read([&](const Lookup& rows) -> std::string {
            const auto keys = rows.object_keys(link);
            const auto row = keys ? rows.document(*keys) : std::nullopt;
            if (!row) return "moved away";
            const auto dossier = rows.dossier(link.dossier);
            if (!rows.object_keys(row->object) || !rows.twin_in(dossier->keys, row->sha256))
                throw Error(ErrorCode::not_found, "not_found", "could not find the document");
            return to_text(*rows.twin_in(dossier->keys, row->sha256));
        });
    }

    std::string content(const LinkPlace& link) {
        return ledger_.read([&](const Lookup& rows) -> std::string {
            const auto keys = rows.object_keys(link);
            const auto row = keys ? rows.document(*keys) : std::nullopt;
            if (!row) return "moved away";
            const auto extents = rows.extents(row->blob);
            if (!extents) throw Error(ErrorCode::corrupt, "object.damaged", "it has no location");
            Bytes container;
            for (const store::Extent& extent : *extents) {
                Bytes piece(extent.length);
                ledger_.segments().read(extent, 0, piece);
                append(container, piece);
            }
            const auto head = BytesView(container).first(
                std::min<std::size_t>(container.size(), crypto::object_head_bytes));
            const crypto::ObjectOpener opener(
                *keys->o, {rows.rows().vault(), keys->object, 1, "original"}, head, row->bytes);
            crypto::Sha256 digest;
            for (std::uint64_t i = 0; i < opener.chunk_count(); ++i) {
                const std::uint64_t at = opener.chunk_offset(i);
                const std::size_t size = opener.chunk_sealed_size(i);
                if (at + size > container.size())
                    throw Error(ErrorCode::corrupt, "object.damaged", "its container is short");
                digest.update(opener.open_chunk(i, BytesView(container).subspan(at, size)));
            }
            return to_hex(digest.finish());
        });
    }

    std::string receipt(const LinkPlace& link) {
        const auto row = ledger_.read([&](const Lookup& rows) {
            const auto keys = rows.object_keys(link);
            return keys ? rows.document(*keys) : std::nullopt;
        });
        if (!row) return "moved away";
        const auto receipt = ledger_.journal().receipt(row->event, {row->salt, row->statement});
        const auto fault = proof::check(receipt, ledger_.journal().verifier_key());
        return fault.value_or("holds") + receipt.statement;
    }

    void events() {
        const std::uint64_t size = ledger_.journal().size();
        item("events", [&] { return std::to_string(size); });
        for (std::uint64_t i = 0; i < size; ++i)
            item("event " + std::to_string(i), [&] {
                std::string shown;
                ledger_.visit_events(
                    i, i + 1, [&](const journal::Header& header, const auto& open) {
                        const journal::OpenedEvent event = open();
                        shown = std::string(text(journal::encode_header(header))) + event.payload;
                    });
                return shown;
            });
    }

    void proofs() {
        const std::uint64_t size = ledger_.journal().size();
        item("checkpoint", [&] { return ledger_.journal().checkpoint(); });
        item("consistency", [&] {
            std::string path;
            for (const proof::Hash& hash : ledger_.journal().consistency(size / 2 + 1, size))
                path += to_hex(hash);
            return path;
        });
    }

    std::unique_ptr<crypto::KeyService> keys_;
    SystemClock clock_;
    catalogue::Ledger ledger_;
    Json items_ = Json::object();
};

Json refusal(const Error& error) { return {{"refused", error.name()}, {"message", error.what()}}; }

}  // namespace

Json read_everything(const fs::path& vault, const fs::path& keyfile) try {
    prepare_process();
    const SystemClock clock;
    Json items = Reader(vault, keyfile).run();
    const std::string key = Vault(vault, clock, {}).describe().key;
    items["key shown while sealed"] = key.empty() ? "!not shown" : key;
    return items;
} catch (const Error& error) {
    return refusal(error);
}

Json verify_with_keys(const fs::path& vault, const fs::path& keyfile) try {
    const auto report = verify_vault(vault, input_of(keyfile), SystemClock(),
                                     [](const char*, std::uint64_t, std::uint64_t) {});
    return {{"findings", report.findings}, {"documents", report.documents}};
} catch (const Error& error) {
    return refusal(error);
}

Json verify_without_keys(const fs::path& vault, const std::optional<fs::path>& pins) try {
    verify::Given given;
    if (pins) {
        std::ifstream in(*pins);
        given.kept = verify::kept_notes({std::istreambuf_iterator<char>(in), {}});
    }
    const auto report = verify::check_vault(vault, given);
    Json findings = Json::array();
    for (const auto& finding : report.findings)
        findings.push_back(finding.code + " " + finding.where);
    return {{"findings", std::move(findings)}};
} catch (const Error& error) {
    return refusal(error);
}

}  // namespace custode::tamper
