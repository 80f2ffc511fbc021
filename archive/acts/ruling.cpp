#include "archive/acts/ruling.h"

#include "archive/acts/drafts.h"
#include "archive/base/encoding.h"
#include "archive/crypto/digest.h"

namespace custode::acts {
namespace {

namespace access = ::policies::access;
using Json = nlohmann::json;

std::string digest_of(std::string_view text) { return to_hex(crypto::sha256({view(text)})); }

}  // namespace

std::optional<Ruling::Refused> Ruling::load(std::string_view text) {
    if (text.empty()) text = access::shipped_rules_text();
    access::LoadedRules loaded = access::load_rules(text);
    if (loaded.rules) {
        enforce(std::move(*loaded.rules), text);
        return std::nullopt;
    }
    journal::Draft draft = about_system(journal::Action::rules_loaded, std::nullopt,
                                        {{"rules", "access"},
                                         {"sha256", digest_of(text)},
                                         {"line", loaded.line},
                                         {"reason", loaded.reason}});
    draft.outcome = journal::Outcome::refused;
    ledger_.commit([&](catalogue::Batch& batch) { batch.append(draft); });
    return Refused{loaded.line, std::move(loaded.reason)};
}

void Ruling::enforce(access::Rules rules, std::string_view text) {
    const std::string sha256 = digest_of(text);
    const Json payload = {{"rules", "access"}, {"sha256", sha256}, {"text", text}};
    ledger_.commit([&](catalogue::Batch& batch) {
        if (batch.lookup().rules_text() == text) return;
        batch.append(about_system(journal::Action::rules_loaded, std::nullopt, payload));
    });
    door_.use(std::move(rules));
    if (sha256_.empty()) sha256_ = sha256;
}

void Ruling::keep_last() {
    const auto last = ledger_.read([](const catalogue::Lookup& rows) { return rows.rules_text(); });
    // What an older program took may be more than this one takes: then it is the shipped rules.
    if (last)
        if (access::LoadedRules loaded = access::load_rules(*last); loaded.rules)
            return enforce(std::move(*loaded.rules), *last);
    static_cast<void>(load({}));
}

}  // namespace custode::acts
