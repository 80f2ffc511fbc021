#include "client/cli/problem.h"

namespace custode::client {

Problem::Problem(std::string_view code, std::vector<std::string> arguments)
    : code_(code),
      exit_(static_cast<Exit>(message_of(code).exit)),
      arguments_(std::move(arguments)) {}

Problem::Problem(Answer answer)
    : code_(answer.code),
      exit_(exit_for(answer.status, answer.code)),
      answer_(std::move(answer)),
      members_(answer_->members) {}

std::string Problem::message(Lang lang) const {
    return answer_ ? answer_->title : filled(message_of(code_).text.in(lang), arguments_);
}

std::string Problem::hint(Lang lang) const {
    return answer_ ? answer_->hint : filled(message_of(code_).hint.in(lang), arguments_);
}

bool Problem::is_passing() const {
    if (!answer_)
        return code_ == "connection.cut" || code_ == "server.unreachable" || code_ == "server.busy";
    return answer_->status == 429 || answer_->status == 503 || code_ == "idempotency.in_flight";
}

std::optional<unsigned> Problem::retry_after_seconds() const {
    return answer_ ? answer_->retry_after_seconds : std::nullopt;
}

Exit exit_for(int status, std::string_view code) {
    switch (status) {
        case 400: return Exit::usage;
        // A wrong name or password is a failed attempt; everything else lacks a session or a key.
        case 401: return code == "login.failed" ? Exit::failed : Exit::sealed;
        case 404: return Exit::not_found;
        case 409: return Exit::conflict;
        case 411:
        case 413:
        case 414:
        case 416:
        case 431: return Exit::usage;
        case 423: return Exit::sealed;
        case 429:
        case 503: return Exit::failed;
        case 500: return Exit::integrity;
        default: return Exit::failed;
    }
}

}  // namespace custode::client
