"""An independent opinion on requests: h11, and where we are stricter, rule by rule.

h11 is the reference for what the bytes mean.  It takes more than we do, as RFC 9112 lets it; each
such difference is one of the rules below, written from daemon/http/head.h and target.h and not from
their code.  A rule is no exemption: where it holds the daemon must refuse, and where none holds and
h11 accepts it must not.
"""
import re
import sys

try:
    import h11
except ImportError:  # another Python than Debian's
    sys.path.append("/usr/lib/python3/dist-packages")
    import h11

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
WITH_BODY = ("POST", "PUT", "PATCH")
LISTS = ("accept", "accept-encoding", "accept-language", "cache-control", "connection", "forwarded",
         "pragma", "via", "x-forwarded-for")
CONNECTION = ("close", "keep-alive", "te", "upgrade", "http2-settings")
HEAD_MAX, TARGET_MAX, FIELDS_MAX, LENGTH_MAX = 32 * 1024, 8 * 1024, 64, 1 << 50
SEGMENTS_MAX = 32

# Name, why we are stricter; the tests are the functions below of the same name.
STRICTER = {
    "line_ends": "h11 takes a bare LF for a line's end; a proxy in front may not",
    "folds": "h11 unfolds lines; whoever does not sees another field",
    "octets": "h11 takes controls and bytes above 0x7e in values; logs and terminals obey them",
    "edges": "h11 skips blank lines before a request; a smuggled rest begins like that",
    "version": "HTTP/1.0 has another idea of when a connection ends",
    "method": "only the seven methods exist here",
    "two_framings": "one way to say how long a body is, so that no two readers choose differently",
    "length": "the shortest decimal, once: 05, '5, 5' and 2^60 are how lengths come to differ",
    "length_missing": "a method that carries a body says how long, even if it is 0",
    "needless_body": "a body that no handler reads is the place for a second request",
    "repeated": "of two Authorizations each reader takes another one",
    "host": "a name with an optional port; it goes into decisions and messages",
    "connection": "Connection can name fields for removal; we know five options, and read "
                  "Proxy-Connection, which old clients send, as strictly as a list of words",
    "expectation": "only 100-continue",
    "target": "each path in its one spelling: what a filter refuses must not come in disguise",
    "size": "32 KiB of head, 8 KiB of target, 64 fields",
}


class Request:
    """The head of one request as h11 divided it, and its bytes as they came."""

    def __init__(self, event, raw):
        self.raw = raw  # up to and including the blank line
        self.method = event.method.decode()
        self.target = event.target.decode("latin-1")
        self.version = event.http_version.decode()
        self.fields = [(name.decode(), value.decode("latin-1")) for name, value in event.headers]
        self.body = b""

    def all(self, name):
        return [value for known, value in self.fields if known == name]

    def one(self, name, default=""):
        return (self.all(name) or [default])[0]


def line_ends(r):
    return re.search(rb"(?<!\r)\n|\r(?!\n)", r.raw)


def folds(r):
    return re.search(rb"\n[ \t]", r.raw)


def octets(r):
    return re.search(rb"[^\t\r\n\x20-\x7e]", r.raw)


def edges(r):
    return not re.match(rb"[A-Z]", r.raw)


def version(r):
    return r.version != "1.1"


def method(r):
    return r.method not in METHODS


def two_framings(r):
    return r.all("transfer-encoding")


def length(r):
    return any(not re.fullmatch("0|[1-9][0-9]{0,15}", text) or int(text) > LENGTH_MAX
               for text in raw_lengths(r))


def raw_lengths(r):
    """h11 joins equal lengths to one; here every line counts."""
    found = re.findall(rb"(?im)^content-length:[ \t]*([^\r\n]*?)[ \t]*\r?$", r.raw)
    return ["two"] if len(found) > 1 else [text.decode("latin-1") for text in found]


def length_missing(r):
    return r.method in WITH_BODY and not raw_lengths(r)


def needless_body(r):
    return r.method in ("GET", "HEAD", "OPTIONS") and r.one("content-length", "0") != "0"


def repeated(r):
    names = [name for name, _ in r.fields if name not in LISTS]
    return len(names) != len(set(names))


def host(r):
    return not re.fullmatch(r"([a-z0-9._-]{1,255}|\[[0-9a-f:.]+\])(:[0-9]{1,5})?",
                            r.one("host").lower())


def options(r):
    return [option.strip(" \t") for option in ",".join(r.all("connection")).lower().split(",")]


def connection(r):
    token = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
    if any(not re.fullmatch(rf"[ \t,]*({token}([ \t,]+|$))*", text)
           for text in r.all("proxy-connection")):
        return True
    return r.all("connection") and any(option not in CONNECTION for option in options(r))


def expectation(r):
    return any(value.lower() != "100-continue" for value in r.all("expect"))


def target(r):
    path, mark, query = r.target.partition("?")
    if path != "/" and (not path.startswith("/") or len(path.split("/")) - 1 > SEGMENTS_MAX
                        or any(crooked(segment) for segment in path[1:].split("/"))):
        return True
    names = [pair.partition("=")[0] for pair in query.split("&")] if query else []
    return (len(names) != len(set(names)) or len(names) > 32
            or any(not re.fullmatch("[A-Za-z0-9_.-]{1,64}", name) for name in names)
            or any(crooked_value(pair.partition("=")[2]) for pair in query.split("&")))


def crooked(segment):
    """Not the one spelling of a path segment: only what must be encoded is, in capitals."""
    plain = r"[A-Za-z0-9._~!$&'()*+,;=:@-]"
    if segment in ("", ".", "..") or not re.fullmatch(rf"({plain}|%[0-9A-F]{{2}})+", segment):
        return True
    return any(re.fullmatch(r"[A-Za-z0-9._~/\\-]", chr(int(code, 16)))
               for code in re.findall("%(..)", segment)) or unclean(segment)


def crooked_value(value):
    return len(value) > 2048 or not re.fullmatch(r"([A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*",
                            value) or unclean(value)


def unclean(text):
    data = re.sub(rb"%(..)", lambda code: bytes([int(code[1], 16)]), text.encode())
    try:
        return re.search("[\x00-\x1f\x7f-\x9f]", data.decode())
    except UnicodeDecodeError:
        return True


def size(r):
    return len(r.raw) > HEAD_MAX or len(r.target) > TARGET_MAX or len(r.fields) > FIELDS_MAX


def stricter(request):
    """The rules by which the daemon must refuse what h11 takes."""
    return [name for name in STRICTER if globals()[name](request)]


def split(data, most=4):
    """(requests, end) of a connection's bytes; `end` is how h11 got to it: "clean", "incomplete",
    "malformed", "closed" (a request asked for it), "refused" (by a rule of ours)."""
    requests = []
    while len(requests) < most:
        if not data:
            return requests, "clean"
        reader = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 20)
        try:
            reader.receive_data(data)
            reader.receive_data(b"")
            event = reader.next_event()
            if not isinstance(event, h11.Request):
                return requests, "incomplete"
            end = re.search(rb"\n\r?\n", data.lstrip(b"\r\n")).end() + (
                len(data) - len(data.lstrip(b"\r\n")))
            request = Request(event, data[:end])
            requests.append(request)
            if stricter(request):
                return requests, "refused"
            while isinstance(event := reader.next_event(), h11.Data):
                request.body += bytes(event.data)
        except h11.RemoteProtocolError:
            # Cut off in a body is not the same as wrong from the first byte on.
            cut = requests and requests[-1].raw == data[:len(requests[-1].raw)]
            return requests, "incomplete" if cut or b"\n\r\n" not in data else "malformed"
        if not isinstance(event, h11.EndOfMessage):
            return requests, "incomplete"
        if "close" in options(request):
            return requests, "closed"
        data = reader.trailing_data[0]
    return requests, "clean"
