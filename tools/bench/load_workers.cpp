#include "tools/bench/load_workers.h"

#include "archive/base/encoding.h"
#include "archive/crypto/digest.h"
#include "tools/bench/load_wire.h"

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

namespace custode::bench {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

constexpr std::size_t kept_bytes_max = 64 * 1024;

Outcome ask(Wire& wire, const PlannedRequest& request) {
    Outcome outcome;
    const BytesView body = request.body();
    std::optional<crypto::Sha256> check;  // for the runs that are not timed
    if (!request.sha256.empty()) check.emplace();
    const auto start = Clock::now();
    wire.write(view(request.head), body);
    const Wire::Answer answer =
        wire.read([&] { outcome.first_byte = seconds_since(start); },
                  [&](BytesView piece) {
                      if (check) check->update(piece);
                      if (outcome.body.size() + piece.size() <= kept_bytes_max)
                          outcome.body += text(piece);
                  });
    outcome.whole = seconds_since(start);
    outcome.status = answer.status;
    outcome.sent = body.size();
    outcome.received = answer.bytes;
    if (answer.status != request.status)
        outcome.failure = "status " + std::to_string(answer.status);
    else if (check && to_hex(check->finish()) != request.sha256)
        outcome.failure = "the answer's bytes are other ones";
    if (!request.keep && outcome.failure.empty()) outcome.body.clear();
    return outcome;
}

}  // namespace

Run carry_out(const std::vector<PlannedRequest>& plan, const std::string& address,
              const std::string& ca_file, unsigned connections) {
    Run run;
    run.outcomes.resize(plan.size());
    std::vector<std::unique_ptr<Wire>> wires;
    for (unsigned i = 0; i < connections; ++i)
        wires.push_back(std::make_unique<Wire>(address, ca_file));
    run.suite = wires.front()->suite();
    std::atomic<std::size_t> next = 0;
    const auto start = Clock::now();
    {
        std::vector<std::jthread> threads;
        for (auto& wire : wires)
            threads.emplace_back([&] {
                for (std::size_t i = next++; i < plan.size(); i = next++) try {
                        run.outcomes[i] = ask(*wire, plan[i]);
                    } catch (const std::exception& error) {
                        run.outcomes[i].failure = error.what();
                        return;
                    }
            });
    }
    run.seconds = seconds_since(start);
    for (std::size_t i = 0; i < plan.size(); ++i)
        if (run.outcomes[i].status == 0 && run.outcomes[i].failure.empty())
            run.outcomes[i].failure = "never asked: every connection was lost";
    return run;
}

}  // namespace custode::bench
