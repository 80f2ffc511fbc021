#include "archive/acts/filing.h"

#include "archive/crypto/object.h"
#include "tests/archive/vault_support.h"

#include <thread>

using namespace custode;
using namespace custode::testing;
using acts::Filing;

namespace {

using Upload = std::unique_ptr<Filing::Upload>;

auto invalid(const char* name) { return is_error(ErrorCode::invalid_argument, name); }

struct OneDossier : OpenWorld {
    DossierId dossier = open_dossier("archivista", "Prima");

    std::uint64_t segment_bytes() { return ledger().segments().usage().bytes; }
    Upload start(const Filing::Request& request) {
        auto begun = begin("archivista", dossier, request);
        BOOST_REQUIRE(std::holds_alternative<Upload>(begun));
        return std::move(std::get<Upload>(begun));
    }
    Filing::Filed replay(const char* who, const Filing::Request& request) {
        auto begun = begin(who, dossier, request);
        BOOST_REQUIRE(std::holds_alternative<Filing::Filed>(begun));
        return std::get<Filing::Filed>(begun);
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(filing_tests)

BOOST_FIXTURE_TEST_CASE(a_document_comes_back_bit_for_bit_with_a_receipt_that_holds, OneDossier) {
    for (const std::size_t size : {std::size_t{1}, std::size_t{100}, std::size_t{5} << 20U}) {
        const Bytes bytes = content_of(size, static_cast<unsigned>(size));
        const auto filed = file("archivista", dossier, bytes);
        BOOST_TEST((filed.sha256 == sha256_of(bytes)));
        BOOST_TEST(filed.bytes == size);
        BOOST_TEST(!filed.replayed);
        const auto fault = proof::check(filed.receipt, ledger().journal().verifier_key());
        BOOST_TEST(!fault.has_value(), fault.value_or(""));
        const auto statement = nlohmann::json::parse(filed.receipt.statement);
        BOOST_TEST(statement.at("document") == to_text(filed.document));
        BOOST_TEST(statement.at("bytes") == size);
        BOOST_TEST((read("archivista", filed.document) == bytes));
        reopen();
        BOOST_TEST((read("archivista", filed.document) == bytes));
    }
}

BOOST_FIXTURE_TEST_CASE(the_body_must_be_what_was_announced, OneDossier) {
    const Bytes bytes = content_of(1000);
    const std::uint64_t before = events();
    auto upload = start(request(bytes));
    upload->write(bytes);
    BOOST_CHECK_EXCEPTION(upload->write(Bytes(1)), Error, invalid("body.length_mismatch"));
    upload = start(request(bytes));
    upload->write(BytesView(bytes).first(999));
    BOOST_CHECK_EXCEPTION(upload->finish(), Error, invalid("body.length_mismatch"));
    auto wrong = request(bytes);
    wrong.sha256.bytes[0] ^= 1U;
    upload = start(wrong);
    upload->write(bytes);
    BOOST_CHECK_EXCEPTION(upload->finish(), Error, invalid("body.digest_mismatch"));
    upload.reset();
    BOOST_TEST(events() == before);
    BOOST_TEST(documents_in("archivista", dossier).empty());
    BOOST_CHECK_EXCEPTION(start(request({})), Error, invalid("body.empty"));
    auto large = request(bytes);
    large.bytes = Filing::bytes_max + 1;
    BOOST_CHECK_EXCEPTION(start(large), Error, invalid("body.too_large"));
}

BOOST_FIXTURE_TEST_CASE(an_idempotency_key_has_a_form, OneDossier) {
    const Bytes bytes = content_of(10);
    for (const std::string& key :
         {std::string(), std::string(15, 'k'), std::string(65, 'k'),
          std::string("with a space 123"), std::string("con-l'accento-è-1")}) {
        auto bad = request(bytes);
        bad.idempotency_key = key;
        BOOST_CHECK_EXCEPTION(start(bad), Error, invalid("request.key"));
    }
    for (const std::size_t size : {16U, 64U}) {
        auto good = request(bytes);
        good.idempotency_key = std::string(size, 'k');
        BOOST_CHECK_NO_THROW(start(good));
    }
}

BOOST_FIXTURE_TEST_CASE(the_same_bytes_are_filed_again_only_with_a_reason, OneDossier) {
    const Bytes bytes = content_of(1000);
    const auto first = file("archivista", dossier, bytes);
    const std::uint64_t before = segment_bytes();
    BOOST_CHECK_EXCEPTION(file("archivista", dossier, bytes), acts::DuplicateError,
                          [&](const auto& error) { return error.document() == first.document; });
    BOOST_TEST(segment_bytes() == before);  // refused before a byte was taken
    const auto again = file("archivista", dossier, bytes, "arrivato due volte");
    BOOST_TEST((again.document != first.document));
    const auto event = last_event();
    BOOST_TEST(nlohmann::json::parse(event.payload).at("again") == "arrivato due volte");
    BOOST_TEST(documents_in("archivista", dossier).size() == 2U);
}

BOOST_FIXTURE_TEST_CASE(of_two_uploads_of_the_same_bytes_the_second_is_refused, OneDossier) {
    const Bytes bytes = content_of(1000);
    auto one = start(request(bytes));
    auto other = start(request(bytes));
    one->write(bytes);
    other->write(bytes);
    const auto filed = one->finish();
    BOOST_CHECK_EXCEPTION(other->finish(), acts::DuplicateError,
                          [&](const auto& error) { return error.document() == filed.document; });
    BOOST_TEST(documents_in("archivista", dossier).size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_shared_document_is_one_blob_read_through_each_dossier, OneDossier) {
    const auto second = open_dossier("archivista", "Seconda");
    const auto third = open_dossier("archivista", "Terza");
    const Bytes bytes = content_of(300'000);
    const std::uint64_t before = segment_bytes();
    const auto filed = file("archivista", dossier, bytes, "", {second, third});
    BOOST_TEST(segment_bytes() - before < bytes.size() + 10'000);
    BOOST_TEST(count(journal::Action::document_filed) == 1U);
    BOOST_TEST(count(journal::Action::document_linked) == 2U);
    for (const DossierId& id : {dossier, second, third})
        BOOST_TEST(
            (documents_in("archivista", id) == std::vector<std::string>{to_text(filed.document)}));
    assign("archivista", third, "assistente");
    BOOST_TEST((read("assistente", filed.document) == bytes));
    // The same bytes are known in each of them.
    BOOST_CHECK_THROW(file("archivista", second, bytes), acts::DuplicateError);
    const auto fourth = open_dossier("archivista", "Quarta");
    BOOST_CHECK_THROW(file("archivista", fourth, bytes, "", {second}), acts::DuplicateError);
    BOOST_TEST(documents_in("archivista", fourth).empty());
}

BOOST_FIXTURE_TEST_CASE(a_dossier_named_twice_holds_the_document_once, OneDossier) {
    const auto second = open_dossier("archivista", "Seconda");
    const Bytes bytes = content_of(10);
    const auto filed = file("archivista", dossier, bytes, "", {dossier, second, second});
    for (const DossierId& id : {dossier, second})
        BOOST_TEST(
            (documents_in("archivista", id) == std::vector<std::string>{to_text(filed.document)}));
    BOOST_TEST(count(journal::Action::document_linked) == 1U);
}

// Rights may end while the bytes still come.
BOOST_FIXTURE_TEST_CASE(rights_lost_during_an_upload_end_it, OneDossier) {
    const Bytes bytes = content_of(1000);
    auto upload = start(request(bytes));
    upload->write(bytes);
    parts->administration.remove_role(door().ask<Action::account_revoke>(as("admin"), OnNothing{}),
                                      "archivista", "archivist");
    BOOST_CHECK_EXCEPTION(upload->finish(), Error, is_missing());
    BOOST_TEST(count(journal::Action::document_filed) == 0U);
}

BOOST_FIXTURE_TEST_CASE(other_dossiers_with_the_bytes_are_told_to_who_may_see_them, OneDossier) {
    const Bytes bytes = content_of(1000);
    file("archivista", dossier, bytes);
    const auto second = open_dossier("archivista", "Seconda");
    const auto filed = file("archivista", second, bytes);
    BOOST_TEST((filed.same_bytes_in == std::vector<std::string>{"2026/VII.11/000001"}));
    BOOST_TEST((last_event().header.action == journal::Action::disclosure_opened));
    const auto elsewhere = open_dossier("altra", "Altrove", "municipio-2");
    BOOST_TEST(file("altra", elsewhere, bytes).same_bytes_in.empty());
}

BOOST_FIXTURE_TEST_CASE(the_same_request_gets_the_same_answer, OneDossier) {
    const Bytes bytes = content_of(1000);
    const auto asked = request(bytes);
    auto upload = start(asked);
    upload->write(bytes);
    const auto first = upload->finish();
    upload.reset();
    const std::uint64_t before = events();
    const auto second = replay("archivista", asked);
    BOOST_TEST(second.replayed);
    BOOST_TEST((second.document == first.document));
    BOOST_TEST(second.receipt.index == first.receipt.index);
    BOOST_TEST(second.receipt.statement == first.receipt.statement);
    BOOST_TEST(!proof::check(second.receipt, ledger().journal().verifier_key()).has_value());
    BOOST_TEST(events() == before);
    auto other = request(content_of(1000, 2));
    other.idempotency_key = asked.idempotency_key;
    BOOST_CHECK_EXCEPTION(start(other), Error,
                          is_error(ErrorCode::conflict, "idempotency.conflict"));
    reopen();
    BOOST_TEST((replay("archivista", asked).document == first.document));
    // Of another person or for another dossier it is another request.
    const auto second_dossier = open_dossier("archivista", "Seconda");
    BOOST_TEST(std::holds_alternative<Upload>(begin("archivista", second_dossier, asked)));
}

BOOST_FIXTURE_TEST_CASE(an_answer_is_kept_for_thirty_days, OneDossier) {
    const Bytes bytes = content_of(1000);
    auto asked = request(bytes);
    auto upload = start(asked);
    upload->write(bytes);
    upload->finish();
    upload.reset();
    clock.pass(std::chrono::hours(24 * 30));
    principals.clear();
    BOOST_TEST(replay("archivista", asked).replayed);
    clock.pass(std::chrono::milliseconds(1));
    BOOST_CHECK_THROW(start(asked), acts::DuplicateError);  // a new request now
    asked.again = "arrivato due volte";
    upload = start(asked);
    upload->write(bytes);
    BOOST_CHECK_NO_THROW(upload->finish());
}

BOOST_FIXTURE_TEST_CASE(an_answer_is_given_again_only_to_who_may_still_file_there, OneDossier) {
    const Bytes bytes = content_of(1000);
    const auto asked = request(bytes);
    auto upload = start(asked);
    upload->write(bytes);
    const auto filed = upload->finish();
    upload.reset();
    const auto second = open_dossier("archivista", "Seconda");
    refile("archivista", filed.document, dossier, second);
    // It was the wrong dossier: a client that tries again must neither see nor repeat it.
    BOOST_CHECK_EXCEPTION(begin("archivista", dossier, asked), Error, is_missing());
    BOOST_TEST(documents_in("archivista", dossier).empty());
    const auto admin = as("admin");
    const auto principal = as("archivista");
    parts->administration.remove_role(door().ask<Action::account_revoke>(admin, OnNothing{}),
                                      "archivista", "archivist");
    BOOST_CHECK_EXCEPTION(door().ask<Action::document_file>(principal, OnDossier{dossier}), Error,
                          is_missing());
}

BOOST_FIXTURE_TEST_CASE(a_request_under_way_is_not_begun_twice, OneDossier) {
    const Bytes bytes = content_of(1000);
    const auto asked = request(bytes);
    auto upload = start(asked);
    BOOST_CHECK_EXCEPTION(start(asked), Error,
                          is_error(ErrorCode::conflict, "idempotency.in_flight"));
    upload.reset();
    BOOST_CHECK_NO_THROW(start(asked).reset());  // the key is free again
    upload = start(asked);
    upload->write(bytes);
    upload->finish();
    // Until the answer was sent the upload lives; the answer is there all the same afterwards.
    upload.reset();
    BOOST_TEST(replay("archivista", asked).replayed);
}

// Between "there is no earlier answer" and "this request is under way" the first one could end.
BOOST_FIXTURE_TEST_CASE(requests_that_race_file_once, OneDossier) {
    as("archivista");
    for (int round = 0; round < 20; ++round) {
        const Bytes bytes = content_of(500, static_cast<unsigned>(round));
        auto asked = request(bytes, "anche due volte");  // no look for a twin
        const std::size_t before = documents_in("archivista", dossier).size();
        const auto permit = door().ask<Action::document_file>(as("archivista"), OnDossier{dossier});
        std::vector<std::thread> clients;
        for (int i = 0; i < 4; ++i)
            clients.emplace_back([&] {
                for (int attempt = 0; attempt < 50; ++attempt) try {
                        auto begun = parts->filing.begin(permit, {}, asked);
                        if (!std::holds_alternative<Upload>(begun)) return;
                        auto& upload = std::get<Upload>(begun);
                        upload->write(bytes);
                        upload->finish();
                        return;
                    } catch (const Error&) {
                        std::this_thread::yield();  // under way elsewhere
                    }
            });
        for (std::thread& client : clients) client.join();
        BOOST_TEST(documents_in("archivista", dossier).size() == before + 1);
    }
}

BOOST_FIXTURE_TEST_CASE(an_upload_given_up_leaves_nothing, OneDossier) {
    const Bytes bytes = content_of(3U << 20U);
    const auto asked = request(bytes);
    const std::uint64_t before = events();
    {
        auto upload = start(asked);
        upload->write(BytesView(bytes).first(2U << 20U));
    }
    BOOST_TEST(events() == before);
    BOOST_TEST(documents_in("archivista", dossier).empty());
    BOOST_TEST(digests().findings.empty());
    auto upload = start(asked);
    upload->write(bytes);
    const auto filed = upload->finish();
    BOOST_TEST((read("archivista", filed.document) == bytes));
}

BOOST_AUTO_TEST_SUITE_END()
