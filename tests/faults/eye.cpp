// What only somebody who holds the keyfile sees of a stopped vault, for the harnesses here.
//
//     eye VAULT KEYFILE events FROM   a JSON line per event from that sequence on
//     eye VAULT KEYFILE keys          every key that outlives a request, "what hex" a line
#include "archive/base/encoding.h"
#include "archive/catalogue/ledger.h"
#include "archive/crypto/holders.h"
#include "archive/crypto/key_state.h"
#include "archive/crypto/keys.h"
#include "archive/crypto/slots.h"
#include "archive/process.h"

#include <fstream>
#include <iostream>
#include <iterator>

namespace custode {
namespace {

struct Opened {
    crypto::UnsealInput input;
    SystemClock clock;
    std::unique_ptr<crypto::KeyService> keys;
    std::unique_ptr<catalogue::Ledger> ledger;

    Opened(const std::filesystem::path& vault, const std::filesystem::path& keyfile) {
        prepare_process();
        std::ifstream in(keyfile, std::ios::binary);
        input.keyfile = Bytes(std::istreambuf_iterator<char>(in), {});
        keys = crypto::KeyService::unseal(vault, input);
        catalogue::Ledger::Options options;
        options.vault = vault;
        options.allow_any_file_system = true;
        ledger = std::make_unique<catalogue::Ledger>(*keys, clock, options);
    }
};

void print_events(Opened& vault, std::uint64_t from) {
    const std::uint64_t size = vault.ledger->journal().size();
    vault.ledger->visit_events(from, size, [](const journal::Header& header, const auto& open) {
        std::cout << nlohmann::json{{"sequence", header.sequence},
                                    {"action", journal::name_of(header.action)},
                                    {"purpose", header.purpose},
                                    {"payload",
                                     nlohmann::json::parse(open().payload, nullptr, false)}}
                         .dump()
                  << "\n";
    });
}

void print_key(std::string_view what, BytesView key) {
    std::cout << what << " " << to_hex(key) << "\n";
}

void print_root_keys(const std::filesystem::path& folder, const crypto::UnsealInput& input) {
    using namespace crypto::detail;
    const auto read = read_header(folder / "vault.toml");
    const auto root = open_root(read.header, input);
    print_key("root", root.view());
    const auto secret = read_epoch_secret(folder, root, read.header);
    print_key("epoch-secret", secret.view());
    const auto keys = EpochKeys::make(root, secret, read.header.vault, read.header.epoch);
    print_key("keyring-wrap", keys.wrap.view());
    print_key("keyring-file", keys.file.view());
    print_key("keyring-log", keys.log.view());
    print_key("header-mac", keys.header.view());
}

void print_dossier_keys(Opened& vault, const catalogue::DossierState& dossier) {
    vault.ledger->read([&](const catalogue::Lookup& rows) {
        const auto row = rows.dossier(dossier.entry);
        if (!row) return;
        print_key("facts-of-a-dossier", row->keys.m->view());
        for (std::uint32_t i = 0; i < row->next; ++i)
            if (const auto keys = rows.object_keys(catalogue::LinkPlace{dossier.entry, i}))
                print_key("object", keys->o->view());
    });
}

void print_keys(Opened& vault, const std::filesystem::path& folder) {
    print_root_keys(folder, vault.input);
    for (const auto& entry : vault.keys->entries())
        if (const auto key = vault.keys->key(entry.id))
            print_key("entry-" + std::to_string(static_cast<int>(entry.kind)), key->view());
    for (std::string after;;) {
        const auto next =
            vault.ledger->memory().dossiers(after, 1, [](const auto&) { return true; });
        if (next.empty()) return;
        after = records::to_text(next.front()->facts.code);
        print_dossier_keys(vault, *next.front());
    }
}

int look(const std::vector<std::string>& words) {
    if (words.size() < 3) {
        std::cerr << "usage: eye VAULT KEYFILE events FROM | keys\n";
        return 2;
    }
    Opened vault(words[0], words[1]);
    if (words[2] == "events" && words.size() == 4) {
        print_events(vault, std::stoull(words[3]));
        return 0;
    }
    if (words[2] != "keys") return 2;
    print_keys(vault, words[0]);
    return 0;
}

}  // namespace
}  // namespace custode

int main(int count, char** arguments) try {
    return custode::look({arguments + 1, arguments + count});
} catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
}
