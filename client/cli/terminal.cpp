#include "client/cli/terminal.h"

#include "archive/base/encoding.h"
#include "client/cli/problem.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <optional>

namespace custode::client {
namespace {

constexpr std::size_t secret_bytes_max = 4096;

struct CodePoint {
    char32_t value = 0;
    std::size_t size = 0;  // bytes taken; 0 when they are not UTF-8
};

CodePoint first_of(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    std::size_t size = 1;
    if (lead >= 0xF0)
        size = 4;
    else if (lead >= 0xE0)
        size = 3;
    else if (lead >= 0xC0)
        size = 2;
    if (size > text.size() || !is_utf8(text.substr(0, size))) return {};
    if (size == 1) return {lead, 1};
    char32_t value = lead & (0xFFu >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
        value = (value << 6) | (static_cast<unsigned char>(text[i]) & 0x3Fu);
    }
    return {value, size};
}

bool is_bidi_mark(char32_t c) {
    return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069);
}

bool is_shown_as_it_is(char32_t c) {
    if (c < 0x20 || (c >= 0x7F && c <= 0x9F)) return false;
    // Line and paragraph separators break the line, the byte order mark is invisible.
    return !is_bidi_mark(c) && c != 0x2028 && c != 0x2029 && c != 0xFEFF;
}

std::string escaped(char32_t c) {
    if (c == '\n') return "\\n";
    if (c == '\t') return "\\t";
    if (c == '\r') return "\\r";
    std::array<char, 16> buffer{};
    const char* form = c < 0x80 ? "\\x%02X" : "\\u{%04X}";
    std::snprintf(buffer.data(), buffer.size(), form, static_cast<unsigned>(c));
    return buffer.data();
}

std::string escaped_byte(char byte) {
    std::array<char, 8> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "\\x%02X", static_cast<unsigned char>(byte));
    return buffer.data();
}

// The terminal without echo, line editing or signals: Ctrl-C arrives as a byte, so that the old
// state is put back before the process ends.
class QuietTerminal {
public:
    QuietTerminal() : descriptor_(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {
        if (descriptor_ < 0 || ::tcgetattr(descriptor_, &before_) != 0) {
            if (descriptor_ >= 0) ::close(descriptor_);
            throw Problem("terminal.none");
        }
        termios quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL | ICANON | ISIG);
        quiet.c_cc[VMIN] = 1;
        quiet.c_cc[VTIME] = 0;
        ::tcsetattr(descriptor_, TCSAFLUSH, &quiet);
    }
    ~QuietTerminal() {
        ::tcsetattr(descriptor_, TCSAFLUSH, &before_);
        ::close(descriptor_);
    }
    QuietTerminal(const QuietTerminal&) = delete;
    QuietTerminal& operator=(const QuietTerminal&) = delete;

    void write(std::string_view text) const {
        if (::write(descriptor_, text.data(), text.size()) < 0) throw Problem("terminal.none");
    }
    std::optional<char> read() const {
        char byte = 0;
        return ::read(descriptor_, &byte, 1) == 1 ? std::optional(byte) : std::nullopt;
    }

private:
    int descriptor_;
    termios before_{};
};

}  // namespace

std::string visible(std::string_view text) {
    std::string shown;
    while (!text.empty()) {
        const CodePoint point = first_of(text);
        if (point.size == 0) {
            shown += escaped_byte(text.front());
            text.remove_prefix(1);
            continue;
        }
        if (point.value == '\\')
            shown += "\\\\";
        else if (is_shown_as_it_is(point.value))
            shown += text.substr(0, point.size);
        else
            shown += escaped(point.value);
        text.remove_prefix(point.size);
    }
    return shown;
}

bool is_printable(std::string_view text) {
    while (!text.empty()) {
        const CodePoint point = first_of(text);
        if (point.size == 0 || !is_shown_as_it_is(point.value)) return false;
        text.remove_prefix(point.size);
    }
    return true;
}

std::size_t columns(std::string_view text) {
    std::size_t count = 0;
    for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0u) != 0x80u ? 1 : 0;
    return count;
}

std::string fitted(std::string_view text, std::size_t width) {
    const std::size_t has = columns(text);
    if (has <= width) return std::string(text) + std::string(width - has, ' ');
    std::size_t kept = 0;
    std::size_t at = 0;
    while (at < text.size()) {
        const bool starts = (static_cast<unsigned char>(text[at]) & 0xC0u) != 0x80u;
        if (starts && ++kept == width) break;
        ++at;
    }
    return std::string(text.substr(0, at)) + "…";
}

namespace {

constexpr std::size_t indent_max = 40;  ///< A second column further right leaves too little room.
constexpr std::size_t width_min = 60;   ///< A narrower terminal is left to break as it likes.

/// Where the text of a line begins: past its name, when one stands before it.
std::size_t indent_of(std::string_view line) {
    const std::size_t begin = line.find_first_not_of(' ');
    if (begin == std::string_view::npos) return 0;
    const std::size_t gap = line.find("  ", begin);
    if (gap == std::string_view::npos) return begin == 0 ? 0 : begin + 2;
    const std::size_t column = columns(line.substr(0, line.find_first_not_of(' ', gap)));
    return column <= indent_max ? column : begin + 2;
}

std::string broken_line(std::string_view line, std::size_t width) {
    const std::size_t indent = indent_of(line);
    std::string out;
    std::size_t room = width;
    while (columns(line) > room) {
        std::size_t cut = std::string_view::npos;
        const std::size_t least = out.empty() ? indent : 0;
        for (std::size_t at = line.find(' '); at != std::string_view::npos;
             at = line.find(' ', at + 1)) {
            const std::size_t column = columns(line.substr(0, at));
            if (column > room) break;
            if (column > least) cut = at;
        }
        if (cut == std::string_view::npos) break;
        out += std::string(line.substr(0, cut)) + "\n" + std::string(indent, ' ');
        line.remove_prefix(cut + 1);
        room = width - indent;
    }
    return out + std::string(line);
}

}  // namespace

std::string broken(std::string_view text, std::size_t width, std::string_view kept) {
    if (width < width_min) return std::string(text);
    std::string out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        out +=
            !kept.empty() && line.starts_with(kept) ? std::string(line) : broken_line(line, width);
        if (end < text.size()) out += '\n';
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

std::size_t terminal_width(int descriptor) {
    winsize size{};
    return ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

bool is_terminal(int descriptor) { return ::isatty(descriptor) == 1; }

std::string ask_secret(std::string_view prompt) {
    const QuietTerminal terminal;
    terminal.write(prompt);
    std::string secret;
    for (;;) {
        const std::optional<char> byte = terminal.read();
        if (!byte || *byte == 0x03) {
            terminal.write("\n");
            throw Problem("terminal.interrupted");
        }
        if (*byte == '\n' || *byte == '\r' || *byte == 0x04) break;
        if (*byte == 0x15) {
            secret.clear();
        } else if (*byte == 0x7F || *byte == 0x08) {
            // One character goes, whatever number of bytes it took.
            while (!secret.empty() &&
                   (static_cast<unsigned char>(secret.back()) & 0xC0u) == 0x80u) {
                secret.pop_back();
            }
            if (!secret.empty()) secret.pop_back();
        } else {
            secret += *byte;
        }
        if (secret.size() > secret_bytes_max) throw Problem("secret.too_long");
    }
    terminal.write("\n");
    return secret;
}

}  // namespace custode::client
