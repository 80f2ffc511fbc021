#include "daemon/http/counters.h"

namespace custode::daemon {

const char* name_of(Cut why) {
    switch (why) {  // no default: the compiler names a missing case
        case Cut::total_cap: return "total_cap";
        case Cut::address_cap: return "address_cap";
        case Cut::descriptors: return "descriptors";
        case Cut::handshake: return "handshake";
        case Cut::head_slow: return "head_slow";
        case Cut::head_refused: return "head_refused";
        case Cut::body_slow: return "body_slow";
        case Cut::reader_slow: return "reader_slow";
        case Cut::idle: return "idle";
        case Cut::evicted: return "evicted";
        case Cut::overload: return "overload";
        case Cut::count: break;
    }
    return "unknown";
}

CountersSnapshot Counters::snapshot() const {
    CountersSnapshot now;
    now.connections_parked = parked.load();
    now.connections_accepted = accepted.load();
    now.threads = threads.load();
    now.threads_busy = busy.load();
    for (std::size_t i = 0; i < cuts.size(); ++i) now.cuts[i] = cuts[i].load();
    for (std::size_t i = 0; i < answers.size(); ++i) now.answers_by_class[i] = answers[i].load();
    now.body_bytes_in = bytes_in.load();
    now.body_bytes_out = bytes_out.load();
    return now;
}

}  // namespace custode::daemon
