// tests/archive/edges/world.h
#pragma once

#include "archive/crypto/digest.h"
#include "archive/vault.h"

#include <stdlib.h>

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace custode::testing {

/// A clock that stands until it is moved.
class StandingClock final : public Clock {
public:
    Millis now() const override { return {wall.load()}; }
    std::int64_t boot_millis() const override { return boot.load(); }
    void pass(std::chrono::milliseconds span) {
        wall += span.count();
        boot += span.count();
    }

    std::atomic<std::int64_t> wall = 1'790'000'000'000;  // 21 September 2026, noon
    std::atomic<std::int64_t> boot = 1'000'000;
};

/// A vault with an administrator, the archivist of one unit and that of another.
struct World {
    World() {
        std::string name =
            (std::filesystem::temp_directory_path() / "custode-edges-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
        folder = name;
        Vault::CreateOptions create;
        create.slots.keyfile = folder / "key";
        create.administrator_password = password;
        create.allow_any_file_system = true;
        Vault::create(folder / "vault", create, clock);
        start();
        admin = sign_in("admin");
        add_account("archivista", "archivist", "municipio-1");
        add_account("altra", "archivist", "municipio-2");
        archivist = sign_in("archivista");
        other = sign_in("altra");
    }
    ~World() {
        vault.reset();
        std::error_code ignored;
        std::filesystem::remove_all(folder, ignored);
    }
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    crypto::UnsealInput input() const {
        std::ifstream in(folder / "key", std::ios::binary);
        crypto::UnsealInput given;
        given.keyfile = Bytes(std::istreambuf_iterator<char>(in), {});
        return given;
    }
    void start() {
        Vault::Options options;
        options.allow_any_file_system = true;
        options.reserve_bytes = 1U << 20U;
        options.sealing_wait = sealing_wait;
        vault = std::make_unique<Vault>(folder / "vault", clock, options);
        vault->unseal(input());
    }
    /// Everything that lives in memory only is gone; tokens too.
    void start_again() {
        vault.reset();
        start();
        archivist = sign_in("archivista");
        other = sign_in("altra");
        admin = sign_in("admin");
    }
    std::string sign_in(const std::string& name) {
        return vault->open()->sessions().login(name, password).token;
    }
    Principal principal(const std::string& token) {
        return vault->open()->sessions().principal(token);
    }
    void add_account(const std::string& name, const std::string& role, const std::string& unit) {
        const auto open = vault->open();
        open->administration().create(
            open->door().ask<Action::account_create>(principal(admin), OnNothing{}),
            {name, {role, unit, std::nullopt, std::nullopt}, password});
    }
    DossierId open_dossier(const std::string& token, const std::string& unit,
                           const std::string& surname) {
        const auto open = vault->open();
        records::Person person;
        person.designations.push_back({.surname = surname, .name = "Prova"});
        return open->dossiers()
            .open(open->door().ask<Action::dossier_open>(principal(token), OnUnit{unit}), person,
                  unit, "altro minore")
            .id;
    }
    Permit<Action::document_file> may_file(const std::string& token, const DossierId& dossier) {
        return vault->open()->door().ask<Action::document_file>(principal(token),
                                                                OnDossier{dossier});
    }
    struct Paper {
        std::string bytes;
        std::string key = "0123456789abcdef";
        std::string again{};
        std::string proceeding{};
    };
    acts::Filing::Request request(const Paper& paper) const {
        acts::Filing::Request request;
        nlohmann::json metadata = {{"file_name", "atto.pdf"}, {"type", "decreto"}};
        if (!paper.proceeding.empty()) metadata["proceedings"] = {paper.proceeding};
        request.metadata = records::document_from_json(metadata, roman_day(clock.now()));
        request.again = paper.again;
        request.idempotency_key = paper.key;
        request.bytes = paper.bytes.size();
        request.sha256 = crypto::sha256({view(paper.bytes)});
        return request;
    }
    acts::Filing::Filed file(const std::string& token, const DossierId& dossier, const Paper& paper,
                             const std::vector<DossierId>& also = {}) {
        std::vector<acts::Filing::Permission> others;
        for (const DossierId& one : also) others.push_back(may_file(token, one));
        const auto open = vault->open();
        auto begun =
            open->filing().begin(may_file(token, dossier), std::move(others), request(paper));
        if (auto* filed = std::get_if<acts::Filing::Filed>(&begun)) return std::move(*filed);
        auto& upload = *std::get<std::unique_ptr<acts::Filing::Upload>>(begun);
        upload.write(view(paper.bytes));
        return upload.finish();
    }
    nlohmann::json refile(const std::string& token, const DocumentId& document,
                          const DossierId& from, const DossierId& to) {
        const auto open = vault->open();
        return open->refiling().refile(open->door().ask<Action::document_refile>(
                                           principal(token), OnDocumentIn{document, from}),
                                       may_file(token, to), "fascicolo sbagliato");
    }
    std::size_t listed(const std::string& token, const DossierId& dossier) {
        const auto open = vault->open();
        return open->reading()
            .list(open->door().ask<Action::document_list>(principal(token), OnDossier{dossier}), "",
                  200, false)
            .items.size();
    }
    nlohmann::json search(const std::string& token, const std::string& query) {
        const auto open = vault->open();
        return open->searching().dossiers(
            open->door().ask<Action::search_dossiers>(principal(token), OnNothing{}), query);
    }

    static constexpr const char* password = "una parola lunga";
    std::chrono::milliseconds sealing_wait = std::chrono::seconds(30);
    StandingClock clock;
    std::filesystem::path folder;
    std::unique_ptr<Vault> vault;
    std::string admin, archivist, other;
};

/// Whether the error is the one of that name.
inline auto named(const char* name) {
    return [name](const Error& error) {
        BOOST_TEST_MESSAGE("got " << error.name());
        return error.name() == name;
    };
}

}  // namespace custode::testing
