#include "archive/vault.h"

#include "archive/upkeep.h"
#include "tests/archive/vault_support.h"

#include <future>
#include <thread>

using namespace custode;
using namespace custode::testing;

namespace {

struct SealedVault : TemporaryVault {
    Vault vault_object{vault, clock, options()};

    static Vault::Options options() {
        Vault::Options options;
        options.allow_any_file_system = true;
        options.reserve_bytes = 1U << 20U;
        return options;
    }
    Principal sign_in(OpenVault& open, const char* name) {
        return open.sessions().principal(open.sessions().login(name, password).token);
    }
    DossierId open_dossier(OpenVault& open, const Principal& who) {
        return open.dossiers()
            .open(open.door().ask<Action::dossier_open>(who, OnUnit{"municipio-1"}),
                  person("Prima"), "municipio-1", "")
            .id;
    }
    acts::Filing::Request request(const Bytes& bytes) const {
        acts::Filing::Request request;
        request.metadata = records::document_from_json(
            {{"file_name", "decreto.pdf"}, {"type", "decreto"}}, roman_day(clock.now()));
        request.idempotency_key = "richiesta-0000001";
        request.bytes = bytes.size();
        request.sha256 = sha256_of(bytes);
        return request;
    }
};

using Upload = std::unique_ptr<acts::Filing::Upload>;

}  // namespace

BOOST_AUTO_TEST_SUITE(vault_tests)

BOOST_FIXTURE_TEST_CASE(nobody_is_born_after_today_in_rome, SealedVault) {
    vault_object.unseal(key());
    clock.set_wall(from_rfc3339("2027-12-31T23:30:00.000Z").value());  // in Rome it is 2028 already
    auto open = vault_object.open();
    const Principal who = sign_in(*open, "archivista");
    const auto born = [&](const records::Birth& birth) {
        records::Person child = person("Nata " + birth.shown());
        child.birth = birth;
        return open->dossiers()
            .open(open->door().ask<Action::dossier_open>(who, OnUnit{"municipio-1"}), child,
                  "municipio-1", "")
            .id;
    };
    using records::Birth;
    const auto is_refused = is_error(ErrorCode::invalid_argument, "birth.future");
    BOOST_CHECK_EXCEPTION(born(Birth::on({2028, 1, 2})), Error, is_refused);
    BOOST_CHECK_EXCEPTION(born(Birth::in(2029)), Error, is_refused);
    BOOST_CHECK_EXCEPTION(born(Birth::about(2029, 2030)), Error, is_refused);
    BOOST_CHECK_NO_THROW(born(Birth::about(2027, 2030)));
    BOOST_CHECK_NO_THROW(born(Birth::in(2028)));
    BOOST_CHECK_NO_THROW(born(Birth::on({2028, 1, 1})));
}

BOOST_FIXTURE_TEST_CASE(a_sealed_vault_opens_with_its_key_and_no_other, SealedVault) {
    BOOST_CHECK_EXCEPTION(vault_object.open(), Error, is_error(ErrorCode::sealed, "vault.sealed"));
    crypto::UnsealInput wrong;
    wrong.keyfile = Bytes(32, 1);
    BOOST_CHECK_EXCEPTION(vault_object.unseal(wrong), Error,
                          is_error(ErrorCode::unauthenticated, "unseal.wrong_key"));
    BOOST_TEST(!vault_object.progress().unsealed);
    BOOST_TEST(vault_object.unseal(key()).unsealed);
    BOOST_TEST(vault_object.unseal(key()).unsealed);  // once is enough
    BOOST_TEST(vault_object.open()->figures().events > 0U);
    vault_object.seal(std::nullopt);
    BOOST_CHECK_EXCEPTION(vault_object.open(), Error, is_error(ErrorCode::sealed, "vault.sealed"));
}

BOOST_FIXTURE_TEST_CASE(sealing_ends_every_session_and_is_journaled, SealedVault) {
    vault_object.unseal(key());
    std::string token;
    std::uint64_t before = 0;
    {
        const auto open = vault_object.open();
        token = open->sessions().login("archivista", password).token;
        before = open->figures().events;
    }
    vault_object.seal(std::nullopt);
    vault_object.unseal(key());
    const auto open = vault_object.open();
    BOOST_TEST(open->figures().events == before + 2);  // sealed, unsealed
    BOOST_CHECK_EXCEPTION(open->sessions().session(token), Error,
                          is_error(ErrorCode::unauthenticated, "session.expired"));
}

BOOST_FIXTURE_TEST_CASE(sealing_waits_for_an_upload_that_gives_up, SealedVault) {
    vault_object.unseal(key());
    const Bytes bytes = content_of(3U << 20U);
    std::promise<void> under_way;
    std::atomic<bool> upload_ended = false;
    std::thread client([&] {
        const auto open = vault_object.open();
        const Principal who = sign_in(*open, "archivista");
        const auto dossier = open_dossier(*open, who);
        auto begun = open->filing().begin(
            open->door().ask<Action::document_file>(who, OnDossier{dossier}), {}, request(bytes));
        std::get<Upload>(begun)->write(BytesView(bytes).first(2U << 20U));
        under_way.set_value();
        while (!open->closing()) std::this_thread::yield();
        upload_ended = true;
    });
    under_way.get_future().wait();
    vault_object.seal(std::nullopt);
    BOOST_TEST(upload_ended);
    client.join();
    BOOST_TEST(!vault_object.progress().unsealed);
    const auto report =
        verify_vault(vault, key(), clock, [](const char*, std::uint64_t, std::uint64_t) {});
    for (const std::string& finding : report.findings) BOOST_TEST_ERROR(finding);
    BOOST_TEST(report.documents == 0U);
}

BOOST_FIXTURE_TEST_CASE(an_upload_that_ends_in_time_is_kept_by_the_sealing, SealedVault) {
    vault_object.unseal(key());
    const Bytes bytes = content_of(3U << 20U);
    std::promise<void> under_way;
    std::thread client([&] {
        const auto open = vault_object.open();
        const Principal who = sign_in(*open, "archivista");
        auto begun = open->filing().begin(
            open->door().ask<Action::document_file>(who, OnDossier{open_dossier(*open, who)}), {},
            request(bytes));
        under_way.set_value();
        while (!open->closing()) std::this_thread::yield();
        std::get<Upload>(begun)->write(bytes);
        std::get<Upload>(begun)->finish();
    });
    under_way.get_future().wait();
    vault_object.seal(std::nullopt);
    client.join();
    const auto report =
        verify_vault(vault, key(), clock, [](const char*, std::uint64_t, std::uint64_t) {});
    for (const std::string& finding : report.findings) BOOST_TEST_ERROR(finding);
    BOOST_TEST(report.documents == 1U);
    BOOST_TEST(report.bytes == bytes.size());
}

BOOST_FIXTURE_TEST_CASE(a_vault_is_made_once, SealedVault) {
    Vault::CreateOptions create;
    create.slots.keyfile = folder / "another";
    create.administrator_password = password;
    create.allow_any_file_system = true;
    BOOST_CHECK_EXCEPTION(Vault::create(vault, create, clock), Error,
                          is_error(ErrorCode::conflict, "vault.exists"));
    BOOST_TEST(vault_object.unseal(key()).unsealed);
}

BOOST_FIXTURE_TEST_CASE(two_do_not_serve_one_vault, SealedVault) {
    vault_object.unseal(key());
    Vault second(vault, clock, options());
    BOOST_CHECK_EXCEPTION(second.unseal(key()), Error,
                          is_error(ErrorCode::conflict, "store.in_use"));
    vault_object.seal(std::nullopt);
    BOOST_TEST(second.unseal(key()).unsealed);
}

BOOST_AUTO_TEST_CASE(shares_are_collected_one_by_one_and_forgotten_in_time) {
    TemporaryVault place;
    Vault::CreateOptions create;
    create.slots.shares = 3;
    create.slots.threshold = 2;
    create.administrator_password = password;
    create.allow_any_file_system = true;
    const auto folder = place.folder / "shared";
    const auto made = Vault::create(folder, create, place.clock);
    Vault vault(folder, place.clock, SealedVault::options());
    const auto give = [&](std::size_t share) {
        crypto::UnsealInput input;
        input.shares = {made.shares.at(share)};
        return vault.unseal(input);
    };
    BOOST_TEST(give(0).given == 1);
    BOOST_TEST(vault.progress().needed == 2);
    BOOST_CHECK_EXCEPTION(give(0), Error, is_error(ErrorCode::unauthenticated, "share.duplicate"));
    BOOST_TEST(vault.progress().given == 1);  // a bad share discards no good one
    place.clock.pass(std::chrono::minutes(10));
    BOOST_TEST(give(1).given == 1);  // the first was forgotten
    BOOST_TEST(give(2).unsealed);
}

BOOST_AUTO_TEST_CASE(a_first_password_is_long_and_never_the_same) {
    std::vector<std::string> passwords;
    for (int i = 0; i < 100; ++i) passwords.push_back(Vault::fresh_password());
    std::sort(passwords.begin(), passwords.end());
    BOOST_TEST((std::unique(passwords.begin(), passwords.end()) == passwords.end()));
    for (const std::string& one : passwords) BOOST_TEST(one.size() == 23U);
}

BOOST_AUTO_TEST_SUITE_END()
