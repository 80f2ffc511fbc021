// receipt verify

#include "archive/proof/receipt.h"

#include "client/cli/console.h"
#include "client/cli/pins.h"
#include "client/cli/terminal.h"
#include "client/cli/trust.h"

#include <memory>

namespace custode::client {
namespace {

constexpr std::size_t receipt_bytes_max = 1024 * 1024;

struct ReceiptOptions {
    std::string file;
    std::string key;
    bool pinned = false;
};

// The pinned key of the same text as the receipt's own, or the one of the session's server.
proof::VerifierKey pinned_key(const proof::Receipt& receipt, Console& console) {
    const auto content = read_small_file(console.paths().pins, Pins::bytes_max);
    const Pins pins = content ? Pins::parse(*content) : Pins();
    if (pins.last(receipt.key)) return receipt.key;
    if (const auto session = console.saved()) {
        if (const auto key = pins.key_of(session->server)) return *key;
    }
    throw Problem("receipt.no_pin", {receipt.key.text()});
}

// The same log at the same size has one root, and one at a smaller size is contradicted by none
// here: without the server only equal sizes can be compared.
void compare_with_pin(const proof::Receipt& receipt, Console& console) {
    const auto content = read_small_file(console.paths().pins, Pins::bytes_max);
    if (!content) return;
    const auto pinned = Pins::parse(*content).last(receipt.key);
    const auto own = proof::open_checkpoint(receipt.checkpoint, receipt.key);
    if (pinned && own && pinned->size == own->size && pinned->root != own->root) {
        throw Problem("history.forked", {std::to_string(pinned->size), std::to_string(own->size)});
    }
}

Exit verify(const ReceiptOptions& options, Console& console) {
    const auto content = read_small_file(options.file, receipt_bytes_max);
    if (!content) throw Problem("file.missing", {options.file});
    const auto receipt = proof::Receipt::parse(*content);
    if (!receipt) throw Problem("receipt.malformed");

    std::optional<proof::VerifierKey> key;
    if (!options.key.empty())
        key = parse_key(options.key);
    else if (options.pinned)
        key = pinned_key(*receipt, console);
    if (const auto why = proof::check(*receipt, key)) throw Problem("receipt.wrong", {*why});
    if (options.pinned) compare_with_pin(*receipt, console);

    const Json statement = parse_answer(receipt->statement);
    const Json result = {{"valid", true},
                         {"index", receipt->index},
                         {"key", receipt->key.text()},
                         {"key_trusted", key.has_value()},
                         {"statement", statement}};
    console.result(result, [&](std::ostream& out) {
        const Lang lang = console.lang();
        out << say(lang, "receipt.holds",
                   {cell(statement, "what"), cell(statement, "document"), cell(statement, "time"),
                    std::to_string(receipt->index)})
            << '\n';
        if (!cell(statement, "impronta").empty()) {
            out << "  SHA-256 " << visible(cell(statement, "impronta")) << '\n';
        }
        out << "  "
            << say(lang, key ? "receipt.key_known" : "receipt.key_own", {receipt->key.text()})
            << '\n';
    });
    return Exit::ok;
}

}  // namespace

std::vector<Command> receipt_commands() {
    const auto options = std::make_shared<ReceiptOptions>();
    return {
        {"receipt verify",
         {"Verifica una ricevuta senza server: bastano SHA-256 e la firma del registro",
          "Verifies a receipt without any server: SHA-256 and the log's signature suffice"},
         "receipt verify ricevuta.json --pinned",
         {{"FILE", &options->file, {"Ricevuta in JSON", "Receipt in JSON"}, "", true},
          {"--key",
           &options->key,
           {"Chiave del registro di cui ci si fida", "Key of the log that is trusted"},
           "CHIAVE"},
          {"--pinned",
           &options->pinned,
           {"Usa la chiave fissata al primo accesso", "Uses the key pinned at the first login"}}},
         {Exit::not_found, Exit::integrity},
         [options](Console& console) { return verify(*options, console); }},
    };
}

}  // namespace custode::client
