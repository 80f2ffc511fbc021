#include "client/cli/trust.h"

#include "archive/base/encoding.h"
#include "client/cli/state.h"

namespace custode::client {
namespace {

constexpr std::size_t path_hashes_max = 130;  // 2 · 64 levels and a margin

std::vector<proof::Hash> path_of(const Json& array) {
    std::vector<proof::Hash> path;
    if (!array.is_array() || array.size() > path_hashes_max) {
        throw Problem("history.unproven", {"path"});
    }
    for (const Json& item : array) {
        const auto bytes = from_hex(item.get<std::string>());
        if (!bytes || bytes->size() != proof::Hash::bytes_count) {
            throw Problem("history.unproven", {"path"});
        }
        proof::Hash& hash = path.emplace_back();
        std::copy(bytes->begin(), bytes->end(), hash.bytes.begin());
    }
    return path;
}

// What the server says against giving a proof is no excuse, unless it may pass.
Json ask_for_proof(Api& api, std::uint64_t from) {
    try {
        return api.get("/checkpoint/consistency?from=" + std::to_string(from));
    } catch (const Problem& problem) {
        if (problem.is_passing() || problem.status() == 0) throw;
        throw Problem("history.unproven", {problem.code()});
    }
}

Pins load_pins(const std::string& path) {
    const auto content = read_small_file(path, Pins::bytes_max);
    return content ? Pins::parse(*content) : Pins();
}

}  // namespace

proof::VerifierKey parse_key(const std::string& text) {
    const auto key = proof::VerifierKey::parse(text);
    if (!key) throw Problem("key.malformed", {text});
    return *key;
}

TrustOutcome demand_consistency(Api& api, const std::string& pins_path,
                                const proof::VerifierKey& shown, const std::string& note,
                                const std::optional<proof::VerifierKey>& expected) {
    TrustOutcome outcome;
    while_locked(pins_path, [&] {
        Pins pins = load_pins(pins_path);
        const std::string server = api.endpoint().url();
        outcome.is_first_meeting = !pins.key_of(server).has_value();
        pins.meet(server, shown, expected);

        const auto pinned = pins.last(shown);
        std::string newest = note;
        auto offered = proof::open_checkpoint(newest, shown);
        if (!offered) throw Problem("checkpoint.bad", {shown.text()});
        if (pinned) outcome.from = pinned->size;
        if (pinned && offered->size < pinned->size) {
            // Another process of ours may have moved the pin since this note was made: only a
            // note asked for now can be called too old.
            newest = api.get("/checkpoint").at("checkpoint").get<std::string>();
            offered = proof::open_checkpoint(newest, shown);
            if (!offered) throw Problem("checkpoint.bad", {shown.text()});
        }
        if (pinned && pinned->size > 0 && offered->size > pinned->size) {
            const Json proof = ask_for_proof(api, pinned->size);
            pins.advance(shown, proof.at("checkpoint").get<std::string>(),
                         path_of(proof.at("path")));
        } else {
            pins.advance(shown, newest, {});  // says so when it is older or another
        }
        outcome.to = pins.last(shown)->size;
        write_private_file(pins_path, pins.json());
    });
    return outcome;
}

proof::Receipt receipt_of(const Json& value) {
    // The writer of our JSON library and the receipt's agree: sorted members, no white space.
    auto receipt = proof::Receipt::parse(value.is_object() ? value.dump() : std::string());
    if (!receipt) throw Problem("receipt.malformed");
    return *std::move(receipt);
}

void check_filing_receipt(const Json& answer, const std::string& sha256, std::uint64_t bytes,
                          const proof::VerifierKey& key) {
    const proof::Receipt receipt = receipt_of(answer.value("receipt", Json()));
    if (const auto why = proof::check(receipt, key)) throw Problem("receipt.wrong", {*why});
    const Json statement = parse_answer(receipt.statement);
    const bool is_ours = statement.value("what", "") == "document.filed" &&
                         statement.value("impronta", "") == sha256 &&
                         statement.value("bytes", std::uint64_t{0}) == bytes &&
                         statement.value("document", "") == answer.value("id", "?") &&
                         answer.value("sha256", "") == sha256;
    if (!is_ours) throw Problem("receipt.wrong", {"statement"});
}

}  // namespace custode::client
