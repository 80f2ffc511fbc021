// custode-journal VAULT KEYFILE: one JSON line an event of a stopped vault, headers only.
#include "archive/base/encoding.h"
#include "archive/catalogue/ledger.h"
#include "archive/crypto/keys.h"
#include "archive/process.h"

#include <nlohmann/json.hpp>

#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>

using namespace custode;

namespace {

using Json = nlohmann::json;
using Pseudonym = std::array<std::uint8_t, 16>;

Json shown(const Pseudonym& pseudonym) {
    return pseudonym == Pseudonym{} ? Json(nullptr) : Json(to_hex(pseudonym));
}

Json line_of(const journal::Header& header) {
    constexpr const char* outcomes[] = {"", "permitted", "refused", "system"};
    constexpr const char* subjects[] = {"none", "dossier", "object"};
    return {{"sequence", header.sequence},
            {"year", roman_day(header.time).year},
            {"action", journal::name_of(header.action)},
            {"actor", shown(header.actor)},
            {"outcome", outcomes[static_cast<std::size_t>(header.outcome)]},
            {"purpose", header.purpose},
            {"subject_kind", subjects[static_cast<std::size_t>(header.subject_kind)]},
            {"subject", shown(header.subject)}};
}

void print_all(const char* folder, const char* keyfile) {
    prepare_process();
    std::ifstream file(keyfile, std::ios::binary);
    crypto::UnsealInput input;
    input.keyfile = Bytes(std::istreambuf_iterator<char>(file), {});
    const auto keys = crypto::KeyService::unseal(folder, input);
    catalogue::Ledger::Options options;
    options.vault = folder;
    options.allow_any_file_system = true;
    const SystemClock clock;
    catalogue::Ledger ledger(*keys, clock, options);
    ledger.visit_events(0, ledger.journal().size(), [](const journal::Header& header, const auto&) {
        std::cout << line_of(header).dump() << "\n";
    });
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 3) return std::cerr << "usage: custode-journal VAULT KEYFILE\n", 2;
    try {
        print_all(arguments[1], arguments[2]);
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "custode-journal: " << error.what() << "\n";
        return 1;
    }
}
