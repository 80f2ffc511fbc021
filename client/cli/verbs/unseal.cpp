// unseal, seal

#include "archive/base/encoding.h"
#include "client/cli/console.h"
#include "client/cli/terminal.h"

#include <unistd.h>

#include <memory>

namespace custode::client {
namespace {

constexpr std::size_t share_bytes_max = 16 * 1024;
constexpr std::size_t keyfile_bytes_max = 1024 * 1024;

struct UnsealOptions {
    std::vector<std::string> share_files;
    std::string passphrase_file;
    std::string keyfile;
};

std::string trimmed(std::string text) {
    const auto is_space = [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
    while (!text.empty() && is_space(text.back())) text.pop_back();
    std::size_t start = 0;
    while (start < text.size() && is_space(text[start])) ++start;
    return text.substr(start);
}

std::string required_file(const std::string& path, std::size_t bytes_max) {
    auto content = read_small_file(path, bytes_max);
    if (!content) throw Problem("file.missing", {path});
    if (content->empty()) throw Problem("secret.empty", {path});
    return *std::move(content);
}

// What is asked for when nothing was named: the first kind of slot that the vault has.
Json asked_on_terminal(Api& api, Lang lang) {
    const Json status = api.get("/status");
    if (cell(status, "state") != "sealed") return Json::object();
    const std::string slots =
        status.contains("unseal") ? cell(status.at("unseal"), "slots") : std::string();
    if (slots.find("shares") == std::string::npos &&
        slots.find("passphrase") != std::string::npos) {
        return {{"passphrase", ask_secret(say(lang, "ask.passphrase"))}};
    }
    return {{"share", trimmed(ask_secret(say(lang, "ask.share")))}};
}

Exit unseal(const UnsealOptions& options, Console& console) {
    Api api = console.guest();
    std::vector<Json> given;
    for (const std::string& file : options.share_files) {
        given.push_back({{"share", trimmed(required_file(file, share_bytes_max))}});
    }
    if (!options.passphrase_file.empty()) {
        given.push_back({{"passphrase",
                          secret_from(options.passphrase_file, "ask.passphrase", console.lang())}});
    }
    if (!options.keyfile.empty()) {
        const std::string bytes = required_file(options.keyfile, keyfile_bytes_max);
        given.push_back({{"keyfile", to_base64(view(bytes))}});
    }
    if (given.empty()) given.push_back(asked_on_terminal(api, console.lang()));

    Json answer;
    for (const Json& one : given) {
        answer = one.empty() ? Json{{"state", "unsealed"}} : api.post("/unseal", one);
        if (cell(answer, "state") != "sealed") break;
    }
    console.result(answer, [&](std::ostream& out) {
        const bool is_open = cell(answer, "state") != "sealed";
        out << (is_open ? say(console.lang(), "unseal.done")
                        : say(console.lang(), "unseal.more",
                              {cell(answer, "given"), cell(answer, "needed")}))
            << '\n';
    });
    return Exit::ok;
}

Exit seal(Console& console) {
    const Json answer = console.api().post("/seal", Json::object());
    console.result(answer,
                   [&](std::ostream& out) { out << say(console.lang(), "seal.done") << '\n'; });
    return Exit::ok;
}

}  // namespace

std::vector<Command> unseal_commands() {
    const auto options = std::make_shared<UnsealOptions>();
    return {
        {"unseal",
         {"Apre l'archivio con una quota, la passphrase o il file chiave",
          "Opens the vault with a share, the passphrase or the key file"},
         "unseal --share-file /media/chiavetta/quota-2.txt",
         {{"--share-file",
           &options->share_files,
           {"File con una quota; si può ripetere", "File with a share; may be repeated"},
           "FILE"},
          {"--passphrase-file",
           &options->passphrase_file,
           {"File con la passphrase", "File with the passphrase"},
           "FILE"},
          {"--keyfile", &options->keyfile, {"File chiave", "Key file"}, "FILE"}},
         {Exit::conflict, Exit::sealed, Exit::integrity},
         [options](Console& console) { return unseal(*options, console); }},
        {"seal",
         {"Sigilla l'archivio: le chiavi lasciano la memoria del server",
          "Seals the vault: the keys leave the server's memory"},
         "seal",
         {},
         {Exit::not_found, Exit::sealed},
         seal},
    };
}

}  // namespace custode::client
