#include "archive/base/encoding.h"
#include "archive/base/guard.h"
#include "archive/records/json.h"
#include "daemon/http/range.h"
#include "daemon/log.h"
#include "daemon/request_values.h"
#include "daemon/service.h"

namespace custode::daemon {
namespace {

using Json = nlohmann::json;
using Call = Service::Call;

constexpr std::size_t also_max = 32;

Json filed_json(const acts::Filing::Filed& filed) {
    Json json = {{"id", to_text(filed.document)},
                 {"dossier", to_text(filed.dossier)},
                 {"sha256", to_hex(filed.sha256)},
                 {"bytes", filed.bytes},
                 {"receipt", Json::parse(filed.receipt.json())}};
    if (!filed.same_bytes_in.empty()) json["same_bytes_in"] = filed.same_bytes_in;
    if (filed.replayed) json["replayed"] = true;
    return json;
}

std::vector<DossierId> also_of(Json& metadata) {
    std::vector<DossierId> also;
    if (!metadata.contains("also")) return also;
    const Json list = metadata.at("also");
    metadata.erase("also");
    if (!list.is_array() || list.size() > also_max)
        throw Error(ErrorCode::invalid_argument, "field.invalid", "could not read also");
    for (const Json& one : list)
        also.push_back(needed_id<DossierId>(one.is_string() ? one.get<std::string>() : ""));
    return also;
}

/// Feeds the body to the upload in pieces of the size that it likes best.
void receive(const Call& call, Exchange& e, acts::Filing::Upload& upload) {
    if (!stands(Guard::small_pieces)) return upload.write(e.read_all(e.content_length()));
    constexpr std::size_t size = acts::Filing::Upload::piece_bytes;
    const auto memory = std::make_unique_for_overwrite<std::uint8_t[]>(size);
    const std::span piece(memory.get(), size);
    std::size_t filled = 0;
    while (const std::size_t got = e.read(piece.subspan(filled))) {
        if (call.open->closing())
            throw Error(ErrorCode::sealed, "vault.sealed", "could not go on: the vault is sealing");
        filled += got;
        if (filled < size) continue;
        upload.write(piece);
        filled = 0;
    }
    upload.write(piece.first(filled));
}

void file(const Service& service, const Call& call, Exchange& e) {
    Json metadata = read_metadata(e.header("Custode-Metadata").value_or(""));
    const std::vector<DossierId> also = also_of(metadata);
    acts::Filing::Request request;
    request.again = text_or_empty(metadata, "again");
    metadata.erase("again");
    const auto dossier = needed_id<DossierId>(e.parameter("id"));
    const auto permit =
        call.open->door().ask<Action::document_file>(call.principal, OnDossier{dossier});
    std::vector<acts::Filing::Permission> permits;
    for (const DossierId& other : also)
        if (other != dossier)
            permits.push_back(
                call.open->door().ask<Action::document_file>(call.principal, OnDossier{other}));
    request.metadata = records::document_from_json(metadata, roman_day(service.clock().now()));
    request.idempotency_key = e.header("Idempotency-Key").value_or("");
    request.bytes = e.content_length();
    request.sha256 = read_content_digest(e.header("Content-Digest").value_or(""));

    auto begun = call.open->filing().begin(permit, std::move(permits), std::move(request));
    if (const auto* filed = std::get_if<acts::Filing::Filed>(&begun))
        return reply_json(e, 200, filed_json(*filed));
    auto& upload = *std::get<std::unique_ptr<acts::Filing::Upload>>(begun);
    receive(call, e, upload);
    reply_json(e, 201, filed_json(upload.finish()));
}

void list(const Call& call, Exchange& e) {
    const auto permit = call.open->door().ask<Action::document_list>(
        call.principal, OnDossier{needed_id<DossierId>(e.parameter("id"))});
    const auto page =
        call.open->reading().list(permit, cursor_of(e), limit_of(e), e.query("incomplete") == "1");
    reply_json(e, 200, page_json(page.items, page.next));
}

void list_all(const Call& call, Exchange& e) {
    const auto permit = call.open->door().ask<Action::document_list>(call.principal, OnNothing{});
    const auto page = call.open->reading().list_all(permit, cursor_of(e), limit_of(e),
                                                    e.query("incomplete") == "1");
    reply_json(e, 200, page_json(page.items, page.next));
}

OnDocument document_of(const Exchange& e) { return {needed_id<DocumentId>(e.parameter("id"))}; }

void show(const Call& call, Exchange& e) {
    const auto permit = call.open->door().ask_to_see<Action::document_list>(
        call.principal, document_of(e), purpose_of(e), "document.show");
    reply_json(e, 200, call.open->reading().show(permit));
}

/// A name for Content-Disposition (RFC 6266, RFC 8187): percent-encoded UTF-8, nothing else.
std::string disposition(const std::string& name) {
    std::string encoded;
    for (const char c : name) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
        if (plain) {
            encoded.push_back(c);
        } else {
            const std::uint8_t byte[] = {static_cast<std::uint8_t>(c)};
            std::string hex = to_hex(byte);
            std::transform(hex.begin(), hex.end(), hex.begin(),
                           [](char h) { return h >= 'a' ? static_cast<char>(h - 32) : h; });
            encoded += "%" + hex;
        }
    }
    return "attachment; filename*=UTF-8''" + encoded;
}

void content(const Call& call, Exchange& e) {
    const Purpose purpose = purpose_of(e);
    const auto permit = call.open->door().ask_to_see<Action::document_read>(
        call.principal, document_of(e), purpose, "document.content");
    const auto content = call.open->reading().content(permit);
    std::uint64_t from = 0;
    std::uint64_t to = content.size();
    Headers headers = {{"Repr-Digest", "sha-256=:" + to_base64(content.sha256()) + ":"},
                       {"ETag", "\"" + to_hex(content.sha256()) + "\""},
                       {"Accept-Ranges", "bytes"},
                       {"Content-Disposition", disposition(content.file_name())}};
    int status = 200;
    if (const auto header = e.header("Range")) {
        const auto range = parse_range(*header, content.size());
        if (range && std::holds_alternative<Unsatisfiable>(*range))
            throw RangeError(content.size());
        if (range) {
            const auto& bytes = std::get<ByteRange>(*range);
            from = bytes.first;
            to = bytes.last + 1;
            status = 206;
            headers.emplace_back("Content-Range", "bytes " + std::to_string(bytes.first) + "-" +
                                                      std::to_string(bytes.last) + "/" +
                                                      std::to_string(content.size()));
        }
    }
    if (e.method() == "HEAD") {  // Nothing of it will be sent: nothing of it is opened.
        e.begin(status, "application/octet-stream", to - from, headers);
        call.open->reading().close(permit, content, from, from);
        return log_request(e, status, "");
    }
    // The first chunk is opened before the head is sent: damage there is still a clean problem.
    bool begun = false;
    content.stream(from, to, [&](BytesView bytes) {
        if (call.open->closing())
            throw Error(ErrorCode::sealed, "vault.sealed", "could not go on: the vault is sealing");
        if (!begun) e.begin(status, "application/octet-stream", to - from, headers);
        begun = true;
        e.send(bytes);
    });
    call.open->reading().close(permit, content, from, to);
    log_request(e, status, "");
}

void correct(const Call& call, Exchange& e) {
    const auto permit =
        call.open->door().ask<Action::document_correct>(call.principal, document_of(e));
    const Json json = read_json(e);
    only_members(json, {"reason", "metadata"});
    if (!json.contains("metadata") || !json.at("metadata").is_object())
        throw Error(ErrorCode::invalid_argument, "field.missing", "could not correct: metadata");
    reply_json(
        e, 200,
        call.open->refiling().correct(permit, json.at("metadata"), text_or_empty(json, "reason")));
}

void refile(const Call& call, Exchange& e) {
    const Json json = read_json(e);
    only_members(json, {"from", "to", "reason"});
    const auto wrong = needed_id<DossierId>(needed_text(json, "from"));
    const auto right = needed_id<DossierId>(needed_text(json, "to"));
    auto& door = call.open->door();
    const auto from =
        door.ask<Action::document_refile>(call.principal, OnDocumentIn{document_of(e).id, wrong});
    const auto to = door.ask<Action::document_file>(call.principal, OnDossier{right});
    reply_json(e, 200, call.open->refiling().refile(from, to, text_or_empty(json, "reason")));
}

void proof(const Call& call, Exchange& e) {
    const auto permit = call.open->door().ask_to_see<Action::document_proof>(
        call.principal, document_of(e), purpose_of(e), "document.proof");
    reply_json(e, 200, Json::parse(call.open->reading().proof(permit).json()));
}

}  // namespace

std::vector<Route> document_routes(Service& service) {
    const auto with = [&service](auto handler) {
        return [&service, handler](Exchange& e) { handler(service.call(e), e); };
    };
    const std::string one = "/api/v1/documents/{id}";
    Route filing{"POST", "/api/v1/dossiers/{id}/documents",
                 [&service](Exchange& e) { file(service, service.call(e), e); },
                 acts::Filing::bytes_max};
    return {
        std::move(filing),
        {"GET", "/api/v1/dossiers/{id}/documents", with(list)},
        {"GET", "/api/v1/documents", with(list_all)},
        {"GET", one, with(show)},
        {"GET", one + "/content", with(content)},
        {"POST", one + "/corrections", with(correct)},
        {"POST", one + "/refile", with(refile)},
        {"GET", one + "/proof", with(proof)},
    };
}

}  // namespace custode::daemon
