// custode-bench-load: carries a plan of requests out over kept-alive TLS 1.3 connections.

#include "tools/bench/load_workers.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>

namespace custode::bench {
namespace {

using Json = nlohmann::json;

constexpr unsigned connections_max = 4096;
constexpr std::size_t failures_shown_max = 10;

Json percentiles(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const auto at = [&](double share) {
        const auto index = static_cast<std::size_t>(share * static_cast<double>(values.size()));
        return values.empty() ? 0.0 : values[std::min(index, values.size() - 1)];
    };
    return {{"p50", at(0.5)}, {"p95", at(0.95)}, {"p99", at(0.99)}, {"max", at(1)}};
}

Json report(const Run& run) {
    std::vector<double> first, whole;
    std::uint64_t sent = 0, received = 0;
    Json failures = Json::array();
    Json kept = Json::object();
    std::size_t failed = 0;
    for (std::size_t i = 0; i < run.outcomes.size(); ++i) {
        const Outcome& one = run.outcomes[i];
        first.push_back(one.first_byte);
        whole.push_back(one.whole);
        sent += one.sent;
        received += one.received;
        if (!one.failure.empty() && ++failed <= failures_shown_max)
            failures.push_back(std::to_string(i) + ": " + one.failure + " " + one.body);
        else if (!one.body.empty())
            kept[std::to_string(i)] = one.body;
    }
    return {{"seconds", run.seconds},
            {"requests", run.outcomes.size()},
            {"failed", failed},
            {"failures", failures},
            {"bytes_sent", sent},
            {"bytes_received", received},
            {"first_byte", percentiles(first)},
            {"whole", percentiles(whole)},
            {"suite", run.suite},
            {"kept", kept}};
}

int usage() {
    std::cerr << "usage: custode-bench-load ADDRESS:PORT CA-FILE CONNECTIONS PLAN\n"
                 "carries out a plan of requests (tools/bench/load_plan.h) and prints how it went\n"
                 "exit: 0 all as planned, 1 not, 2 usage\n";
    return 2;
}

int run(const std::vector<std::string>& arguments) {
    if (arguments.size() != 4) return usage();
    const int connections = std::atoi(arguments[2].c_str());
    if (connections < 1 || connections > static_cast<int>(connections_max)) return usage();
    const Json json = report(carry_out(read_plan(arguments[3], arguments[0]), arguments[0],
                                       arguments[1], static_cast<unsigned>(connections)));
    std::cout << json.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
    return json.at("failed") == 0 ? 0 : 1;
}

}  // namespace
}  // namespace custode::bench

int main(int argc, char** argv) try {
    return custode::bench::run({argv + 1, argv + argc});
} catch (const std::exception& error) {
    std::cerr << "custode-bench-load: " << error.what() << "\n";
    return 1;
}
