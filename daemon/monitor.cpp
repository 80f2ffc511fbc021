#include "daemon/monitor.h"

#include "daemon/service.h"

#include <sstream>

namespace custode::daemon {
namespace {

void reply_text(Exchange& exchange, int status, const std::string& text) {
    exchange.reply(status, "text/plain; version=0.0.4; charset=utf-8", view(text));
}

void ready(Service& service, Exchange& exchange) {
    const auto open = service.vault().open_if_unsealed();
    if (!open) return reply_text(exchange, 503, "sealed\n");
    const auto figures = open->figures();
    if (figures.read_only) return reply_text(exchange, 503, "read-only\n");
    if (!figures.has_room) return reply_text(exchange, 503, "disk nearly full\n");
    reply_text(exchange, 200, "ready\n");
}

/// Prometheus text exposition format, version 0.0.4.
class Exposition {
public:
    void gauge(const char* name, const char* help, double value) {
        head(name, help, "gauge");
        out_ << name << " " << value << "\n";
    }
    void counter(const char* name, const char* help, std::uint64_t value) {
        head(name, help, "counter");
        out_ << name << " " << value << "\n";
    }
    void head(const char* name, const char* help, const char* type) {
        out_ << "# HELP " << name << " " << help << "\n# TYPE " << name << " " << type << "\n";
    }
    void labelled(const char* name, const char* label, const std::string& value,
                  std::uint64_t number) {
        out_ << name << "{" << label << "=\"" << value << "\"} " << number << "\n";
    }
    std::string text() const { return out_.str(); }

private:
    std::ostringstream out_;
};

std::string metrics(Service& service, const Server& watched) {
    Exposition out;
    const auto open = service.vault().open_if_unsealed();
    out.gauge("custode_unsealed", "1 while the vault holds its keys.", open ? 1 : 0);
    if (open) {
        const auto figures = open->figures();
        out.gauge("custode_read_only", "1 after a disk error, until verified.", figures.read_only);
        out.gauge("custode_clock_set_back", "1 when the wall clock went back.",
                  figures.clock_set_back);
        out.gauge("custode_has_room", "0 while the disk or the catalogue is nearly full.",
                  figures.has_room);
        out.counter("custode_journal_events_total", "Durable events.", figures.events);
        out.gauge("custode_segment_bytes", "Bytes in segments.",
                  static_cast<double>(figures.segment_bytes));
        out.gauge("custode_free_bytes", "Free bytes on the vault's disk.",
                  static_cast<double>(figures.free_bytes));
    }
    const CountersSnapshot counters = watched.counters();
    out.gauge("custode_http_connections", "Open connections.",
              static_cast<double>(counters.connections_open));
    out.gauge("custode_http_threads_busy", "Threads with a request.",
              static_cast<double>(counters.threads_busy));
    out.counter("custode_http_body_bytes_in_total", "Body bytes read.", counters.body_bytes_in);
    out.counter("custode_http_body_bytes_out_total", "Body bytes sent.", counters.body_bytes_out);
    out.head("custode_http_answers_total", "Answers by class.", "counter");
    for (std::size_t i = 1; i < counters.answers_by_class.size(); ++i)
        out.labelled("custode_http_answers_total", "class", std::to_string(i) + "xx",
                     counters.answers_by_class[i]);
    out.head("custode_http_cuts_total", "Connections ended by a guard.", "counter");
    for (std::size_t i = 0; i < cuts_count; ++i)
        out.labelled("custode_http_cuts_total", "why", name_of(static_cast<Cut>(i)),
                     counters.cuts[i]);
    return out.text();
}

}  // namespace

Monitor::Monitor(Service& service, const Server& watched, const std::string& address) {
    if (address.empty()) return;
    ServerOptions options;
    options.address = address;
    options.limits.threads_max = 4;
    options.limits.connections_max = 32;
    std::vector<Route> routes = {
        {"GET", "/healthz", [](Exchange& e) { reply_text(e, 200, "ok\n"); }},
        {"GET", "/readyz", [&service](Exchange& e) { ready(service, e); }},
        {"GET", "/metrics",
         [&service, &watched](Exchange& e) { reply_text(e, 200, metrics(service, watched)); }},
    };
    server_ = std::make_unique<Server>(std::move(options), std::move(routes), answer_error);
}

std::string Monitor::address() const { return server_ ? server_->address() : std::string(); }

}  // namespace custode::daemon
