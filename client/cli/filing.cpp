#include "client/cli/filing.h"

#include "archive/base/encoding.h"
#include "archive/base/id.h"
#include "client/cli/signals.h"
#include "client/cli/state.h"
#include "client/cli/terminal.h"
#include "client/cli/trust.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <thread>

namespace custode::client {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t files_max = 1'000'000;

FilingItem failed_item(const fs::path& path, Problem problem) {
    FilingItem item;
    item.path = path.string();
    item.problem = std::move(problem);
    return item;
}

void add_file(std::vector<FilingItem>& items, const fs::path& path, const std::string& relative) {
    if (items.size() >= files_max) throw Problem("batch.too_long");
    FilingItem item;
    item.path = path.string();
    item.relative = relative;
    const std::string name = path.filename().string();
    item.metadata = {{"file_name", name}};
    std::error_code error;
    item.bytes = fs::file_size(path, error);
    if (const auto fault = file_name_fault(name); !fault.empty()) {
        item.problem = Problem(fault, {name});
        item.metadata = Json::object();  // JSON cannot hold what is not UTF-8
    }
    items.push_back(std::move(item));
}

void walk_folder(std::vector<FilingItem>& items, const fs::path& folder, const fs::path& root) {
    std::error_code error;
    std::vector<fs::directory_entry> entries;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        entries.push_back(*at);
    }
    if (error) {
        items.push_back(
            failed_item(folder, Problem("file.unreadable", {folder.string(), error.message()})));
        return;
    }
    std::sort(entries.begin(), entries.end(),
              [](const auto& a, const auto& b) { return a.path().native() < b.path().native(); });
    for (const fs::directory_entry& entry : entries) {
        const fs::file_status status = entry.symlink_status(error);
        if (fs::is_directory(status))
            walk_folder(items, entry.path(), root);
        else if (fs::is_regular_file(status))
            add_file(items, entry.path(), entry.path().lexically_relative(root).string());
        else
            items.push_back(
                failed_item(entry.path(), Problem("file.not_regular", {entry.path().string()})));
    }
}

bool concerns_all(const Problem& problem) {
    return problem.status() == 401 || problem.code() == "vault.sealed" ||
           problem.code() == "interrupted" || problem.code() == "server.unreachable" ||
           problem.code() == "tls.untrusted" || problem.exit() == Exit::integrity;
}

}  // namespace

std::vector<FilingItem> walk(const std::vector<std::string>& paths) {
    std::vector<FilingItem> items;
    for (const std::string& given : paths) {
        fs::path path(given);
        std::error_code error;
        const fs::file_status status = fs::status(path, error);
        if (fs::is_directory(status)) {
            // "scans" and "scans/" are one folder; its name is part of what its files are.
            if (path.filename().empty()) path = path.parent_path();
            walk_folder(items, path, path.parent_path());
        } else if (fs::is_regular_file(status)) {
            add_file(items, path, path.filename().string());
        } else {
            const char* code = fs::exists(status) ? "file.not_regular" : "file.missing";
            items.push_back(failed_item(path, Problem(code, {given})));
        }
    }
    return items;
}

FilingBatch::FilingBatch(Console& console, FilingWishes wishes)
    : console_(console),
      wishes_(std::move(wishes)),
      progress_(!console.is_quiet() && !console.is_json()) {
    if (wishes_.is_dry) return;
    token_ = console_.session().token;
    key_ = parse_key(console_.session().key);
}

void FilingBatch::run(std::vector<FilingItem>& items) {
    stop_on_signals();
    Moment moment;
    moment.bytes_total = 0;
    for (const FilingItem& item : items) {
        if (item.problem) {
            report(item);
            continue;
        }
        ++moment.files_total;
        *moment.bytes_total += item.bytes;
    }
    {
        const Lock lock(mutex_);
        moment_ = moment;
    }
    const std::size_t wanted = std::min<std::size_t>(
        {wishes_.connections, connections_max, std::max<std::uint64_t>(moment.files_total, 1)});
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < std::max<std::size_t>(wanted, 1); ++i) {
        threads.emplace_back([&] { work(items); });
    }
    for (std::thread& thread : threads) thread.join();
    const Lock lock(mutex_);
    progress_.clear();
}

std::optional<std::size_t> FilingBatch::take(std::size_t count) {
    const Lock lock(mutex_);
    if (is_stopped_ || stop_asked() || next_ >= count) return std::nullopt;
    return next_++;
}

void FilingBatch::work(std::vector<FilingItem>& items) {
    const Endpoint endpoint = wishes_.is_dry ? Endpoint{} : console_.endpoint();
    Api api(endpoint, token_, console_.lang());
    bool is_warm = false;
    while (const auto index = take(items.size())) {
        FilingItem& item = items[*index];
        if (item.problem) continue;
        try {
            file(api, item, is_warm);
        } catch (const Problem& problem) {
            item.problem = problem;
        } catch (const Json::exception&) {
            item.problem = Problem("answer.malformed", {"JSON"});
        } catch (const std::exception& error) {
            // An exception must not leave its thread: it would end the process mid-batch.
            item.problem = Problem("failed", {error.what()});
        }
        if (item.problem && concerns_all(*item.problem)) {
            const Lock lock(mutex_);
            is_stopped_ = true;
        }
        report(item);
    }
}

void FilingBatch::file(Api& api, FilingItem& item, bool& is_warm) {
    SourceFile source(item.path);
    const std::string sha256 = to_hex(source.hash());
    item.bytes = source.size();
    if (wishes_.is_dry) {
        item.result = {{"sha256", sha256}, {"bytes", source.size()}};
        show_progress(static_cast<std::int64_t>(source.size()), 1);
        return;
    }
    // An answer must have been read on a connection before an early refusal can be told from the
    // session tickets of its handshake (http.cpp).
    if (!is_warm) api.get("/me");
    is_warm = true;

    const std::string key =
        wishes_.request_id.empty()
            ? idempotency_key(item.dossier, item.relative, sha256, wishes_.again)
            : wishes_.request_id;
    UnfinishedMark mark(console_.paths().unfinished, key);
    // A repetition after a crash, of a batch, or with a key that the user chose is meant; the one
    // file named again after its success was told is the same bytes again.
    const bool may_answer_from_before =
        !wishes_.is_alone || mark.was_there() || !wishes_.request_id.empty();
    Json answer;
    try {
        answer = send(api, item, source, key);
    } catch (const Problem& problem) {
        if (problem.status() != 0 && !problem.is_passing()) mark.remove();  // the server decided
        throw;
    }
    check_filing_receipt(answer, sha256, source.size(), key_);
    mark.remove();
    if (item.was_there && !item.was_cut && !may_answer_from_before) {
        Problem duplicate("document.duplicate", {item.path});
        duplicate.add("document", answer.at("id").get<std::string>());
        throw duplicate;
    }
    item.result = std::move(answer);
    keep_receipt(item);
}

Json FilingBatch::send(Api& api, FilingItem& item, SourceFile& source, const std::string& key) {
    Request request = api.request("POST", "/dossiers/" + item.dossier + "/documents");
    request.headers.emplace_back("Content-Type", "application/octet-stream");
    request.headers.emplace_back("Content-Digest", "sha-256=:" + to_base64(source.hash()) + ":");
    request.headers.emplace_back("Idempotency-Key", key);
    const std::string metadata = item.metadata.dump();
    request.headers.emplace_back("Custode-Metadata", to_base64url(view(metadata)));
    for (unsigned attempt = 0;; ++attempt) {
        std::int64_t shown = 0;
        std::optional<Problem> failed;
        try {
            source.rewind();
            const Response response = api.connection().upload(request, source.size(), [&]() {
                const BytesView piece = source.next();
                shown += static_cast<std::int64_t>(piece.size());
                show_progress(static_cast<std::int64_t>(piece.size()), 0);
                return piece;
            });
            if (response.status < 300) {
                item.was_there = response.status == 200;
                show_progress(static_cast<std::int64_t>(source.size()) - shown, 1);
                return parse_answer(response.body);
            }
            failed = problem_of(response);
        } catch (const Problem& problem) {
            failed = problem;
        }
        show_progress(-shown, 0);
        if (!failed->is_passing() || attempt + 1 >= attempts_max) throw *failed;
        item.was_cut = true;
        wait_millis(backoff_millis(attempt, failed->retry_after_seconds()));
    }
}

void FilingBatch::keep_receipt(const FilingItem& item) const {
    if (wishes_.receipts.empty()) return;
    std::error_code error;
    fs::create_directories(wishes_.receipts, error);
    const std::string id = item.result.at("id").get<std::string>();
    // The id is the server's: only a UUID may become part of a path.
    if (!parse_id<DocumentId>(id)) throw Problem("answer.malformed", {"id"});
    write_private_file((fs::path(wishes_.receipts) / (id + ".json")).string(),
                       item.result.at("receipt").dump() + "\n");
}

void FilingBatch::report(const FilingItem& item) {
    // The one file's problem is the verb's problem, and is told once, at the end.
    if (console_.is_json() || (wishes_.is_alone && item.problem)) return;
    const Lock lock(mutex_);
    progress_.clear();
    const Lang lang = console_.lang();
    if (item.problem) {
        std::cerr << visible(item.path) << ": " << problem_text(*item.problem, lang) << std::flush;
        return;
    }
    const char* code = wishes_.is_dry   ? "file.would"
                       : item.was_there ? "file.was_there"
                                        : "file.done";
    std::cout << say(lang, code,
                     {item.path,
                      wishes_.is_dry ? cell(item.result, "sha256") : cell(item.result, "id"),
                      size_text(item.bytes, lang), item.shown})
              << std::endl;
}

void FilingBatch::show_progress(std::int64_t more_bytes, unsigned more_files) {
    const Lock lock(mutex_);
    moment_.bytes_done = static_cast<std::uint64_t>(
        std::max<std::int64_t>(0, static_cast<std::int64_t>(moment_.bytes_done) + more_bytes));
    moment_.files_done += more_files;
    moment_.elapsed_millis = progress_.elapsed_millis();
    progress_.show(moment_, console_.lang());
}

Exit exit_of(const std::vector<FilingItem>& items) {
    if (stop_asked()) return Exit::interrupted;
    std::optional<Exit> common;
    bool is_mixed = false;
    for (const FilingItem& item : items) {
        if (!item.problem) {
            // Neither done nor failed: not reached, because something stopped the batch whose
            // reason stands on another item.
            is_mixed = is_mixed || item.is_done();
            continue;
        }
        // Broken integrity outweighs everything else in the batch.
        if (item.problem->exit() == Exit::integrity) return Exit::integrity;
        if (common && *common != item.problem->exit()) is_mixed = true;
        common = item.problem->exit();
    }
    if (!common) return Exit::ok;
    return is_mixed ? Exit::partial : *common;
}

}  // namespace custode::client
