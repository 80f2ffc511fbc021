// archive/exchange/pdf_composer.cpp
#include "archive/exchange/pdf_composer.h"

#include "archive/base/error.h"
#include "archive/exchange/process.h"

#include <string>
#include <vector>

namespace custode::exchange {
namespace {

const char* explained(ProcessResult::End end) {
    switch (end) {
        case ProcessResult::End::exited: return "it ended with an error";
        case ProcessResult::End::signalled: return "it was stopped by a signal or a limit";
        case ProcessResult::End::out_of_time: return "it ran out of time";
        case ProcessResult::End::output_too_large: return "its output passed the limit";
    }
    return "unknown";
}

void append(std::vector<std::string>& to, std::vector<std::string> more) {
    to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

void PdfComposer::require_programs() const {
    for (const auto& program : {options_.bubblewrap, options_.limiter, options_.weasyprint}) {
        std::error_code ignored;
        if (std::filesystem::exists(program, ignored)) continue;
        throw Error(ErrorCode::unsupported, "pdf.composer_missing",
                    "could not compose a PDF: " + program.string() +
                        " is not installed (tools/setup installs it)");
    }
}

std::vector<std::string> PdfComposer::sandboxed(Millis time,
                                                std::vector<std::string> program) const {
    const std::string fonts = "/usr/share/fonts/truetype/dejavu";
    std::vector<std::string> all{options_.bubblewrap.string()};
    append(all, {"--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"});
    append(all, {"--clearenv", "--setenv", "PATH", "/usr/bin", "--setenv", "HOME", "/home"});
    append(all, {"--setenv", "LANG", "C.UTF-8", "--setenv", "TZ", "UTC"});
    append(all, {"--setenv", "SOURCE_DATE_EPOCH", std::to_string(time.value / 1000)});
    append(all, {"--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin"});
    append(all, {"--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64"});
    append(all, {"--ro-bind", "/etc/fonts", "/etc/fonts"});
    append(all, {"--tmpfs", "/usr/share/fonts", "--ro-bind", fonts, fonts});
    append(all, {"--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/home", "--chdir", "/home", "--"});
    append(all, {options_.limiter.string(), "--core=0", "--nofile=256", "--fsize=67108864"});
    append(all, {"--cpu=" + std::to_string(options_.cpu_max.count()),
                 "--as=" + std::to_string(options_.memory_bytes_max), "--"});
    append(all, std::move(program));
    return all;
}

Bytes PdfComposer::compose(std::string_view html, Millis time) const {
    if (html.size() > options_.page_bytes_max) {
        throw Error(
            ErrorCode::invalid_argument, "pdf.page_too_large",
            "could not compose a PDF: the page has " + std::to_string(html.size()) + " bytes");
    }
    require_programs();
    const auto run = [&](std::vector<std::string> program, std::string_view input) {
        return run_process(
            {sandboxed(time, std::move(program)), options_.pdf_bytes_max, options_.wall_max},
            view(input));
    };
    ProcessResult result = run({options_.weasyprint.string(), "--quiet", "--encoding", "utf-8",
                                "--pdf-variant", "pdf/a-2b", "-", "-"},
                               html);
    if (result.succeeded() && text(result.output).starts_with("%PDF-")) {
        return std::move(result.output);
    }
    // Whose fault it is decides what an operator can do about it.
    if (!run({"/usr/bin/true"}, "").succeeded()) {
        throw Error(ErrorCode::unsupported, "pdf.sandbox_refused",
                    "could not compose a PDF: bubblewrap may not make its sandbox here (are user "
                    "namespaces allowed for this service?)");
    }
    throw Error(ErrorCode::storage, "pdf.composer_failed",
                std::string("could not compose a PDF: ") + explained(result.end) + " (" +
                    std::to_string(result.status) + ")");
}

}  // namespace custode::exchange
