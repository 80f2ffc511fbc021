#include "tests/archive/vault_support.h"

#include "archive/crypto/digest.h"
#include "archive/process.h"
#include "archive/vault.h"

#include <stdlib.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace custode::testing {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t reserve_bytes = 1U << 20U;

fs::path temporary_folder() {
    std::string name = (fs::temp_directory_path() / "custode-vault-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    return name;
}

void remove_folder(const fs::path& folder) {
    std::error_code ignored;
    fs::remove_all(folder, ignored);
}

catalogue::Ledger::Options ledger_options(const fs::path& vault, std::uint64_t segment_bytes_max) {
    catalogue::Ledger::Options options;
    options.vault = vault;
    options.allow_any_file_system = true;
    options.segment_bytes_max = segment_bytes_max;
    options.reserve_bytes = reserve_bytes;
    return options;
}

crypto::UnsealInput key_in(const fs::path& folder) {
    crypto::UnsealInput input;
    input.keyfile = read_file(folder / "keyfile");
    return input;
}

/// The vault that every test copies.
struct Original {
    fs::path folder = temporary_folder();

    Original() {
        const FakeClock clock;
        Vault::CreateOptions create;
        create.slots.keyfile = folder / "keyfile";
        create.administrator_password = password;
        create.allow_any_file_system = true;
        Vault::create(folder / "vault", create, clock);
        OpenWorld::Parts parts(crypto::KeyService::unseal(folder / "vault", key_in(folder)), clock,
                               ledger_options(folder / "vault", 1U << 20U));
        const auto login = parts.sessions.login("admin", password);
        const auto admin = parts.sessions.principal(login.token);
        const auto add = [&](const char* name, const char* role, const char* unit) {
            parts.administration.create(parts.door.ask<Action::account_create>(admin, OnNothing{}),
                                        {name, {role, unit, std::nullopt, std::nullopt}, password});
        };
        add("archivista", "archivist", "municipio-1");
        add("altra", "archivist", "municipio-2");
        add("assistente", "social-worker", "municipio-1");
        add("legale", "legal-office", "");
        fs::remove(folder / "vault" / "reserve");  // of a real vault's size
    }
    ~Original() { remove_folder(folder); }
};

}  // namespace

std::mt19937_64 printed_random() {
    const char* given = std::getenv("CUSTODE_SEED");
    const std::uint64_t seed =
        given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
    std::fprintf(stderr, "CUSTODE_SEED=%llu\n", static_cast<unsigned long long>(seed));
    return std::mt19937_64(seed);
}

Bytes read_file(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void write_file(const fs::path& file, BytesView bytes) {
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out.write(text(bytes).data(), static_cast<std::streamsize>(bytes.size()));
}

void flip(const fs::path& file, std::uint64_t at) {
    fs::permissions(file, fs::perms::owner_write, fs::perm_options::add);
    std::fstream io(file, std::ios::binary | std::ios::in | std::ios::out);
    io.seekg(static_cast<std::streamoff>(at));
    const int byte = io.get();
    BOOST_REQUIRE(byte != std::fstream::traits_type::eof());
    io.seekp(static_cast<std::streamoff>(at));
    io.put(static_cast<char>(byte ^ 1));
}

TemporaryVault::TemporaryVault() : folder(temporary_folder()), vault(folder / "vault") {
    static const Original original;
    fs::copy(original.folder, folder, fs::copy_options::recursive);
}

TemporaryVault::~TemporaryVault() { remove_folder(folder); }

crypto::UnsealInput TemporaryVault::key() const { return key_in(folder); }

Bytes content_of(std::size_t size, unsigned seed) {
    std::mt19937_64 random(seed);
    Bytes bytes(size);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
    return bytes;
}

Sha256Digest sha256_of(BytesView bytes) { return crypto::sha256({bytes}); }

records::Person person(const std::string& surname, const std::string& name) {
    records::Person person;
    records::Designation designation;
    designation.surname = surname;
    designation.name = name;
    person.designations.push_back(designation);
    return person;
}

OpenWorld::Parts::Parts(std::unique_ptr<crypto::KeyService> keys_in, const Clock& clock,
                        const catalogue::Ledger::Options& options)
    : keys(std::move(keys_in)),
      ledger(*keys, clock, options),
      door(ledger, policies::access::shipped_rules()),
      sessions(ledger),
      proposals(ledger, door),
      administration(ledger, door, sessions, proposals),
      dossiers(ledger, door),
      disclosures(ledger, door),
      emergency(ledger, door),
      filing(ledger, door),
      reading(ledger, door),
      refiling(ledger),
      searching(ledger, door),
      exporting(ledger, door, reading, {"Comune di Valfinta"}) {}

OpenWorld::OpenWorld(std::uint64_t segment_bytes_max_in) : segment_bytes_max(segment_bytes_max_in) {
    open();
}

OpenWorld::~OpenWorld() { close(); }

void OpenWorld::open() {
    prepare_process();
    parts = std::make_unique<Parts>(crypto::KeyService::unseal(vault, key()), clock,
                                    ledger_options(vault, segment_bytes_max));
}

void OpenWorld::close() {
    principals.clear();
    parts.reset();
}

const Principal& OpenWorld::as(const std::string& name) {
    auto found = principals.find(name);
    if (found == principals.end()) {
        const auto login = parts->sessions.login(name, password);
        found = principals.emplace(name, parts->sessions.principal(login.token)).first;
    }
    return found->second;
}

DossierId OpenWorld::open_dossier(const std::string& who, const std::string& surname,
                                  const std::string& unit) {
    const auto permit = door().ask<Action::dossier_open>(as(who), OnUnit{unit});
    return parts->dossiers.open(permit, person(surname), unit, "").id;
}

acts::Filing::Request OpenWorld::request(BytesView bytes, const std::string& again) {
    acts::Filing::Request request;
    request.metadata = records::document_from_json(
        {{"file_name", "decreto.pdf"}, {"type", "decreto"}, {"subject", "decreto di prova"}},
        roman_day(clock.now()));
    request.again = again;
    request.idempotency_key = "richiesta-" + std::to_string(1'000'000 + ++requests);
    request.bytes = bytes.size();
    request.sha256 = sha256_of(bytes);
    return request;
}

std::variant<acts::Filing::Filed, std::unique_ptr<acts::Filing::Upload>> OpenWorld::begin(
    const std::string& who, const DossierId& dossier, acts::Filing::Request request,
    const std::vector<DossierId>& also) {
    std::vector<acts::Filing::Permission> others;
    for (const DossierId& id : also)
        others.push_back(door().ask<Action::document_file>(as(who), OnDossier{id}));
    return parts->filing.begin(door().ask<Action::document_file>(as(who), OnDossier{dossier}),
                               std::move(others), std::move(request));
}

acts::Filing::Filed OpenWorld::file(const std::string& who, const DossierId& dossier,
                                    BytesView bytes, const std::string& again,
                                    const std::vector<DossierId>& also) {
    auto begun = begin(who, dossier, request(bytes, again), also);
    auto& upload = std::get<std::unique_ptr<acts::Filing::Upload>>(begun);
    upload->write(bytes);
    return upload->finish();
}

acts::Reading::Content OpenWorld::content(const std::string& who, const DocumentId& document) {
    return parts->reading.content(door().ask_to_see<Action::document_read>(
        as(who), OnDocument{document}, {"istruttoria", ""}, "document.content"));
}

Bytes OpenWorld::read(const std::string& who, const DocumentId& document) {
    const auto content = this->content(who, document);
    Bytes bytes;
    content.stream(0, content.size(), [&](BytesView piece) { append(bytes, piece); });
    return bytes;
}

nlohmann::json OpenWorld::refile(const std::string& who, const DocumentId& document,
                                 const DossierId& from, const DossierId& to) {
    return parts->refiling.refile(
        door().ask<Action::document_refile>(as(who), OnDocumentIn{document, from}),
        door().ask<Action::document_file>(as(who), OnDossier{to}), "fascicolo sbagliato");
}

void OpenWorld::assign(const std::string& who, const DossierId& dossier,
                       const std::string& account) {
    parts->dossiers.assign(door().ask<Action::dossier_assign>(as(who), OnDossier{dossier}),
                           account);
}

void OpenWorld::grant(const std::string& who, const DossierId& dossier,
                      const std::string& account) {
    parts->dossiers.grant(door().ask<Action::dossier_assign>(as(who), OnDossier{dossier}), account,
                          {roman_day(clock.now()).year + 1, 6, 30}, "difesa in giudizio");
}

std::vector<std::string> OpenWorld::documents_in(const std::string& who, const DossierId& dossier) {
    const auto permit = door().ask<Action::document_list>(as(who), OnDossier{dossier});
    std::vector<std::string> ids;
    for (const auto& item : parts->reading.list(permit, "", 200, false).items)
        ids.push_back(item.at("id").get<std::string>());
    return ids;
}

journal::OpenedEvent OpenWorld::event(std::uint64_t sequence) {
    std::optional<journal::OpenedEvent> event;
    ledger().visit_events(sequence, sequence + 1,
                          [&](const journal::Header&, const auto& open) { event = open(); });
    return std::move(*event);
}

std::size_t OpenWorld::count(journal::Action action, std::uint64_t first) {
    std::size_t count = 0;
    ledger().visit_events(first, events(), [&](const journal::Header& header, const auto&) {
        if (header.action == action) ++count;
    });
    return count;
}

catalogue::TablesDigest OpenWorld::digests() {
    const store::ReadTransaction read(ledger().environment());
    return catalogue::digest_tables(read, ledger().rows());
}

NoWrites::NoWrites() {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit now{.rlim_cur = 4096, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &now);
}

NoWrites::~NoWrites() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
}

struct Tamperer::State final : store::GroupHooks {
    explicit State(const fs::path& vault) : environment(vault / "catalogue.mdb", options()) {}

    static store::Environment::Options options() {
        store::Environment::Options options;
        options.tables = catalogue::table_names();
        options.allow_any_file_system = true;
        return options;
    }
    Blake2Digest row_digest(store::Table, BytesView, BytesView) override { return {}; }
    void before_commit(store::Changes&, const std::vector<store::TableSum>&) override {}
    void after_commit() override {}
    void rolled_back() override {}
    void verify_after_failure() override {}

    store::Environment environment;
};

Tamperer::Tamperer(const fs::path& vault) : state_(std::make_unique<State>(vault)) {}
Tamperer::~Tamperer() = default;

Tamperer::Rows Tamperer::rows(store::Table table) const {
    Rows rows;
    const store::ReadTransaction read(state_->environment);
    read.scan(table, {}, [&](BytesView name, BytesView value) {
        rows[copy(name)] = copy(value);
        return true;
    });
    return rows;
}

void Tamperer::put(store::Table table, BytesView name, const Bytes& value) {
    store::Writer(state_->environment, *state_, {}).run([&](store::Changes& changes) {
        changes.put(table, name, value);
    });
}

void Tamperer::erase(store::Table table, BytesView name) {
    store::Writer(state_->environment, *state_, {}).run([&](store::Changes& changes) {
        changes.erase(table, name);
    });
}

}  // namespace custode::testing
