// tests/archive/vault_support.h
#pragma once

#include "archive/acts/administering.h"
#include "archive/acts/disclosures.h"
#include "archive/acts/dossiers.h"
#include "archive/acts/emergency.h"
#include "archive/acts/exporting.h"
#include "archive/acts/filing.h"
#include "archive/acts/reading.h"
#include "archive/acts/refiling.h"
#include "archive/acts/searching.h"
#include "archive/acts/sessions.h"
#include "archive/catalogue/tables_digest.h"
#include "tests/support/fake_clock.h"

#include <sys/resource.h>

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <map>
#include <random>
#include <string>

namespace custode::testing {

inline constexpr const char* password = "una frase lunga abbastanza";

/// A generator whose seed is printed, and taken from CUSTODE_SEED to run the same again.
std::mt19937_64 printed_random();

Bytes read_file(const std::filesystem::path& file);
void write_file(const std::filesystem::path& file, BytesView bytes);
void flip(const std::filesystem::path& file, std::uint64_t at);

inline auto is_error(ErrorCode code, std::string name) {
    return [code, name = std::move(name)](const Error& error) {
        BOOST_TEST(error.name() == name);
        return error.code() == code && error.name() == name;
    };
}
inline auto is_missing() { return is_error(ErrorCode::not_found, "not_found"); }

/// A sealed vault in a folder of its own, with a keyfile beside it and five accounts, all with
/// `password`: admin; archivista and altra, archivists of municipio-1 and municipio-2; assistente,
/// a social worker; legale, of the legal office.  Made once a process, since passwords are slow,
/// and copied for each test.
struct TemporaryVault {
    TemporaryVault();
    ~TemporaryVault();
    TemporaryVault(const TemporaryVault&) = delete;
    TemporaryVault& operator=(const TemporaryVault&) = delete;

    crypto::UnsealInput key() const;

    std::filesystem::path folder;
    std::filesystem::path vault;
    FakeClock clock;
};

/// Bytes that are different for each seed.
Bytes content_of(std::size_t size, unsigned seed = 1);
Sha256Digest sha256_of(BytesView bytes);
records::Person person(const std::string& surname, const std::string& name = "Anna");

/// The same vault, unsealed, with everything that OpenVault has, in reach.
struct OpenWorld : TemporaryVault {
    explicit OpenWorld(std::uint64_t segment_bytes_max = std::uint64_t{64} << 20U);
    ~OpenWorld();

    void open();
    void close();
    void reopen() { close(), open(); }

    struct Parts {
        Parts(std::unique_ptr<crypto::KeyService> keys, const Clock& clock,
              const catalogue::Ledger::Options& options);
        std::unique_ptr<crypto::KeyService> keys;
        catalogue::Ledger ledger;
        Door door;
        acts::Sessions sessions;
        acts::Proposals proposals;
        acts::Administration administration;
        acts::Dossiers dossiers;
        acts::Disclosures disclosures;
        acts::Emergency emergency;
        acts::Filing filing;
        acts::Reading reading;
        acts::Refiling refiling;
        acts::Searching searching;
        acts::Exporting exporting;
    };
    std::unique_ptr<Parts> parts;
    std::uint64_t segment_bytes_max;

    catalogue::Ledger& ledger() { return parts->ledger; }
    Door& door() { return parts->door; }
    /// Signed in once for each name while the vault is open.
    const Principal& as(const std::string& name);

    DossierId open_dossier(const std::string& who, const std::string& surname,
                           const std::string& unit = "municipio-1");
    acts::Filing::Request request(BytesView bytes, const std::string& again = {});
    std::variant<acts::Filing::Filed, std::unique_ptr<acts::Filing::Upload>> begin(
        const std::string& who, const DossierId& dossier, acts::Filing::Request request,
        const std::vector<DossierId>& also = {});
    acts::Filing::Filed file(const std::string& who, const DossierId& dossier, BytesView bytes,
                             const std::string& again = {},
                             const std::vector<DossierId>& also = {});
    acts::Reading::Content content(const std::string& who, const DocumentId& document);
    Bytes read(const std::string& who, const DocumentId& document);
    nlohmann::json refile(const std::string& who, const DocumentId& document, const DossierId& from,
                          const DossierId& to);
    void assign(const std::string& who, const DossierId& dossier, const std::string& account);
    void grant(const std::string& who, const DossierId& dossier, const std::string& account);
    std::vector<std::string> documents_in(const std::string& who, const DossierId& dossier);

    std::uint64_t events() { return ledger().journal().size(); }
    journal::OpenedEvent event(std::uint64_t sequence);
    journal::OpenedEvent last_event() { return event(events() - 1); }
    /// How many events of that kind there are from `first` on.
    std::size_t count(journal::Action action, std::uint64_t first = 0);
    catalogue::TablesDigest digests();

    std::map<std::string, Principal> principals;
    unsigned requests = 0;
};

/// While it lives the system refuses every write of this process past 4 KiB of a file, so that no
/// commit succeeds.
class NoWrites {
public:
    NoWrites();
    ~NoWrites();
    NoWrites(const NoWrites&) = delete;
    NoWrites& operator=(const NoWrites&) = delete;

private:
    rlimit before_{};
    void (*handler_)(int) = nullptr;
};

/// Changes rows of a closed catalogue without keeping its head: what somebody with the file can do.
class Tamperer {
public:
    explicit Tamperer(const std::filesystem::path& vault);
    ~Tamperer();

    using Rows = std::map<Bytes, Bytes>;
    Rows rows(store::Table table) const;
    void put(store::Table table, BytesView name, const Bytes& value);
    void erase(store::Table table, BytesView name);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace custode::testing
