#include "archive/base/codec.h"
#include "archive/upkeep.h"
#include "tests/archive/vault_support.h"

using namespace custode;
using namespace custode::testing;
namespace table = custode::catalogue::table;

namespace {

void no_progress(const char*, std::uint64_t, std::uint64_t) {}

UpkeepReport rebuild(OpenWorld& world, bool replace = false) {
    world.close();
    return rebuild_vault(world.vault, world.key(), world.clock, replace, no_progress);
}

void check_equal(const UpkeepReport& report) {
    for (const std::string& finding : report.findings) BOOST_TEST_ERROR(finding);
    BOOST_REQUIRE(report.tables.size() == catalogue::table_names().size() - 1);
    for (const auto& one : report.tables)
        BOOST_TEST(one.digest == one.rebuilt, one.name << ": " << one.rows << " rows");
}

/// Does what people do, at random, and remembers where everything lies.
class History {
public:
    History(OpenWorld& world, std::mt19937_64& random) : world_(world), random_(random) {
        for (int i = 0; i < 3; ++i) open();
    }

    void step() {
        switch (below(12)) {
            case 0: return open();
            case 1:
            case 2:
            case 3: return file(below(4) == 0);
            case 4: return again();
            case 5: return refile();
            case 6: return correct();
            case 7: return world_.assign("archivista", any(dossiers_), "assistente");
            case 8: return world_.grant("archivista", any(dossiers_), "legale");
            case 9: return account();
            case 10: return fail_login();
            default: return world_.clock.pass(std::chrono::hours(20 * below(60)));
        }
    }

private:
    struct Filed {
        DocumentId id;
        Bytes bytes;
        std::vector<DossierId> in;
    };
    std::uint64_t below(std::uint64_t end) { return random_() % end; }
    template <class T>
    T& any(std::vector<T>& of) {
        return of[below(of.size())];
    }
    void open() {
        dossiers_.push_back(
            world_.open_dossier("archivista", "Cognome" + std::to_string(random_())));
    }
    void file(bool shared) {
        Filed filed{{}, content_of(1 + below(200'000), static_cast<unsigned>(random_())), {}};
        filed.in.push_back(any(dossiers_));
        std::vector<DossierId> also;
        if (shared)
            for (const DossierId& id : dossiers_)
                if (id != filed.in[0] && also.size() < 3) also.push_back(id);
        filed.id = world_.file("archivista", filed.in[0], filed.bytes, "", also).document;
        filed.in.insert(filed.in.end(), also.begin(), also.end());
        documents_.push_back(std::move(filed));
    }
    void again() {
        if (documents_.empty()) return;
        Filed copy = any(documents_);
        copy.in = {copy.in[0]};
        copy.id = world_.file("archivista", copy.in[0], copy.bytes, "arrivato due volte").document;
        documents_.push_back(std::move(copy));
    }
    void refile() {
        if (documents_.empty()) return;
        Filed& document = any(documents_);
        const DossierId to = any(dossiers_);
        const std::size_t from = below(document.in.size());
        try {
            world_.refile("archivista", document.id, document.in[from], to);
        } catch (const Error& error) {  // it lies there already, or bytes like it do
            BOOST_TEST((error.code() == ErrorCode::conflict ||
                        error.code() == ErrorCode::invalid_argument));
            return;
        }
        document.in[from] = to;
    }
    void correct() {
        if (documents_.empty()) return;
        const auto permit = world_.door().ask<Action::document_correct>(
            world_.as("archivista"), OnDocument{any(documents_).id});
        world_.parts->refiling.correct(
            permit, {{"subject", "oggetto " + std::to_string(random_())}}, "refuso");
    }
    void account() {
        if (accounts_ == 2) return;  // Hashing is slow on purpose.
        world_.parts->administration.create(
            world_.door().ask<Action::account_create>(world_.as("admin"), OnNothing{}),
            {"nuova" + std::to_string(++accounts_),
             {"social-worker", "affidi", std::nullopt, std::nullopt},
             password});
    }
    void fail_login() {
        if (failures_++ == 3) return;
        BOOST_CHECK_THROW(world_.parts->sessions.login("legale", "sbagliata di sicuro"), Error);
    }

    OpenWorld& world_;
    std::mt19937_64& random_;
    std::vector<DossierId> dossiers_;
    std::vector<Filed> documents_;
    int accounts_ = 0, failures_ = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(rebuild_tests)

BOOST_AUTO_TEST_CASE(the_journal_gives_back_every_table_after_any_history) {
    auto random = printed_random();
    OpenWorld world(std::uint64_t{1} << 20U);  // segments close now and then
    {
        History history(world, random);
        for (int i = 0; i < 150; ++i) {
            history.step();
            if (i % 50 == 49) world.ledger().segments().close_full();
        }
    }
    const auto before = world.digests();
    for (const std::string& finding : before.findings) BOOST_TEST_ERROR(finding);
    const std::uint64_t events = world.events();
    const auto report = rebuild(world, true);
    check_equal(report);
    BOOST_TEST(report.events == events);
    BOOST_TEST(report.replaced);
    world.open();  // what was rebuilt is a catalogue like any other
    BOOST_TEST((world.digests().tables == before.tables));
    BOOST_TEST(world.events() == events);
    const auto verified = [&] {
        world.close();
        return verify_vault(world.vault, world.key(), world.clock, no_progress);
    }();
    for (const std::string& finding : verified.findings) BOOST_TEST_ERROR(finding);
}

// The bytes were filed twice, the first copy was moved away: the second was no longer known as a
// duplicate, and its imprint row was missing.
BOOST_FIXTURE_TEST_CASE(a_second_copy_takes_the_place_of_one_that_was_moved, OpenWorld) {
    const auto first = open_dossier("archivista", "Prima");
    const auto second = open_dossier("archivista", "Seconda");
    const Bytes bytes = content_of(1000);
    const auto original = file("archivista", first, bytes);
    const auto copy = file("archivista", first, bytes, "arrivato due volte");
    refile("archivista", original.document, first, second);
    BOOST_TEST(digests().findings.empty());
    BOOST_CHECK_EXCEPTION(file("archivista", first, bytes), acts::DuplicateError,
                          [&](const auto& error) { return error.document() == copy.document; });
    refile("archivista", copy.document, first, open_dossier("archivista", "Terza"));
    file("archivista", first, bytes);  // none is left there
    check_equal(rebuild(*this));
}

// Many large events did not fit into one task of the rebuilding.
BOOST_FIXTURE_TEST_CASE(large_events_are_replayed_piece_by_piece, OpenWorld) {
    const nlohmann::json details = {{"objects", std::string(1U << 20U, 'x')}};
    for (int i = 0; i < 12; ++i) door().disclosed(as("admin"), {}, "document.list", details);
    check_equal(rebuild(*this));
}

BOOST_FIXTURE_TEST_CASE(a_row_removed_altered_or_put_back_is_found, OpenWorld) {
    const auto dossier = open_dossier("archivista", "Prima");
    file("archivista", dossier, content_of(1000));
    close();
    const auto yesterday = Tamperer(vault).rows(table::objects);
    open();
    const auto filed = documents_in("archivista", dossier);
    parts->refiling.correct(door().ask<Action::document_correct>(
                                as("archivista"), OnDocument{*parse_id<DocumentId>(filed.at(0))}),
                            {{"subject", "oggetto corretto"}}, "refuso");
    const auto has = [](const UpkeepReport& report, const std::string& what) {
        return std::any_of(report.findings.begin(), report.findings.end(),
                           [&](const auto& one) { return one.find(what) != std::string::npos; });
    };
    // Put back to yesterday's: it opens, but the journal says otherwise.
    close();
    const auto today = Tamperer(vault).rows(table::objects);
    for (const auto& [name, value] : yesterday) Tamperer(vault).put(table::objects, name, value);
    BOOST_TEST(has(rebuild(*this), "table objects is not what the journal gives"));
    for (const auto& [name, value] : today) Tamperer(vault).put(table::objects, name, value);
    check_equal(rebuild(*this));
    // Removed, altered: in each table that no unsealing reads in full.
    for (const store::Table one :
         {table::links, table::objects, table::places, table::locations, table::imprints}) {
        const std::string name = catalogue::table_names()[one.index];
        const auto rows = Tamperer(vault).rows(one);
        BOOST_REQUIRE(!rows.empty());
        const auto& [key, value] = *rows.begin();
        Tamperer(vault).erase(one, key);
        BOOST_TEST(has(verify_vault(vault, this->key(), clock, no_progress), name), name);
        Bytes altered = value;
        altered.back() ^= 1U;
        Tamperer(vault).put(one, key, altered);
        BOOST_TEST(has(verify_vault(vault, this->key(), clock, no_progress), name), name);
        Tamperer(vault).put(one, key, value);
    }
    const auto whole = verify_vault(vault, key(), clock, no_progress);
    for (const std::string& finding : whole.findings) BOOST_TEST_ERROR(finding);
}

BOOST_AUTO_TEST_SUITE_END()
