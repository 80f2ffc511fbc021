"""Requests that are wrong in one way each, and good requests changed at random."""
import re

HOST = "Host: a\r\n"
SHARE = '{"share":"non-vale"}'
GOOD = [
    f"GET /api/v1/status HTTP/1.1\r\n{HOST}\r\n",
    f"GET /api/v1/status?a=b&c=d%20e HTTP/1.1\r\n{HOST}Accept: text/html\r\nX-A: 1\r\n\r\n",
    f"HEAD /api/v1/status HTTP/1.1\r\n{HOST}Connection: keep-alive\r\nCookie: a=b\r\n\r\n",
    f"OPTIONS /api/v1/status HTTP/1.1\r\n{HOST}Accept-Language: it, en\r\n\r\n",
    f"POST /api/v1/unseal HTTP/1.1\r\n{HOST}Content-Length: {len(SHARE)}\r\n\r\n{SHARE}",
    f"POST /api/v1/unseal HTTP/1.1\r\n{HOST}Content-Type: application/json\r\nContent-Length: "
    f"{len(SHARE)}\r\nAuthorization: Bearer x\r\n\r\n{SHARE}",
    f"POST /api/v1/unseal HTTP/1.1\r\nHost: a:8443\r\nExpect: 100-continue\r\nContent-Length: "
    f"{len(SHARE)}\r\n\r\n{SHARE}",
    f"GET /api/v1/nothing/here HTTP/1.1\r\n{HOST}User-Agent: m\r\nX-Forwarded-For: b\r\n\r\n",
    f"POST /api/v1/nothing HTTP/1.1\r\n{HOST}Content-Length: 0\r\n\r\n",
    f"DELETE /api/v1/status HTTP/1.1\r\n{HOST}Content-Length: 0\r\n\r\n",
]
LINES = [
    "Transfer-Encoding: chunked", "Transfer-Encoding: identity", "transfer-encoding:chunked",
    "Transfer-Encoding : chunked", "Content-Length: 0", "Content-Length: 5", "Content-Length: 20",
    "Content-Length: +20", "Content-Length: 020", "Content-Length: 20, 20", "Content-Length: -1",
    "Content-Length: 99999999999999999999", "Content-Length: 0x14", "Content-Length:", "Host: b",
    "Host: b@c", "Host:", "Connection: close", "Connection: host", "Connection: keep-alive, te",
    "Expect: 100-continue", "Expect: 200-ok", "Cookie: c=d", "Authorization: Bearer y", "X: y",
    "X:", ": y", "X y: z", "X\x00: y", " X: y", "\tX: y", "Accept: a", "Accept: b", "Via: c",
    "X: \x7f", "X: \x01y", "X: \xe0", "X: =?utf-8?B?DQo=?=", "Upgrade: h2c", "Trailer: x",
    "Proxy-Connection: keep-alive"]
TARGETS = [
    "/", "//", "/api/v1/status/", "/api/v1/./status", "/api/v1/../v1/status", "/api/v1/%73tatus",
    "/api/v1/st%41tus", "/api%2fv1/status", "/api/v1/a%20b", "/api/v1/a%2520b", "/api/v1/%e0",
    "/api/v1/%C3%A0", "/api/v1/%c3%a0", "/api/v1/a%00", "/api/v1/status?", "/api/v1/status?a&a",
    "/api/v1/status?a=%zz", "/api/v1/status?=b", "/api/v1/status?a=b#c", "http://a/api/v1/status",
    "a:443", "*", "/api/v1/status;x=y", "/api/v1/sta tus", "/api/v1/status?a=" + "b" * 3000,
    "/" + "a" * 9000, "/a" * 40, "/api/v1/\\status", "/api/v1/status?a=b&", "/%2e%2e/x"]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get",
           "BREW", "G", "GE T", "GET\t", "PRI"]
VERSIONS = ["HTTP/1.0", "HTTP/2.0", "HTTP/1.1 ", "HTTP/1.10", "http/1.1", "HTTP/1,1", "HTTP/11", "",
            "HTTP/1.2", "HTTP/0.9"]
BYTES = b"\x00\x01\x08\t\n\x0b\x0c\r\x1b !\"#%(),./0:;<=>?@A[\\]^{|}~\x7f\x80\xa0\xc3\xff"


def _line(dice, text):
    """A place between two lines of the head."""
    places = [match.end() for match in re.finditer("\r\n", text.partition("\r\n\r\n")[0] + "\r\n")]
    return dice.choice(places) if places else 0


def _insert_line(dice, text):
    at = _line(dice, text)
    return text[:at] + dice.choice(LINES) + "\r\n" + text[at:]


def _double_line(dice, text):
    at = _line(dice, text)
    line = text[at:].partition("\r\n")[0]
    return text[:at] + line + "\r\n" + text[at:] if line else text


def _byte(dice, text):
    at, byte = dice.randrange(len(text)), chr(dice.choice(BYTES))
    return text[:at] + byte + text[at + dice.randrange(2):]


def _drop(dice, text):
    at = dice.randrange(len(text))
    return text[:at] + text[at + dice.choice((1, 1, 2, 5)):]


def _line_end(dice, text):
    ends = [match.start() for match in re.finditer("\r\n", text)]
    if not ends:
        return text
    at = dice.choice(ends)
    return text[:at] + dice.choice(("\n", "\r", "\r\r\n", "\n\r", "\r\n ", "\r\n\t", "")) + text[at + 2:]


def _word(words, number):
    def change(dice, text):
        first, end, rest = text.partition("\r\n")
        parts = first.split(" ")
        if len(parts) > number:
            parts[number] = dice.choice(words)
        return " ".join(parts) + end + rest
    return change


def _digit(dice, text):
    digits = [match.start() for match in re.finditer("[0-9]", text)]
    at = dice.choice(digits) if digits else 0
    return text[:at] + dice.choice("0123456789") + text[at + 1:]


def _case(dice, text):
    at, width = dice.randrange(len(text)), dice.randrange(1, 12)
    return text[:at] + text[at:at + width].swapcase() + text[at + width:]


def _space(dice, text):
    places = [match.end() for match in re.finditer("[:, ]", text)]
    at = dice.choice(places) if places else 0
    return text[:at] + dice.choice((" ", "\t", "  ")) + text[at:]


def _cut(dice, text):
    return text[:dice.randrange(1, len(text) + 1)]


def _lead(dice, text):
    return dice.choice(("\r\n", "\n", " ", "\r\n\r\n", "\0", "x")) + text


def _again(dice, text):
    return text + dice.choice(GOOD)


def _swell(dice, text):
    at = _line(dice, text)
    fields = dice.choice((50, 62, 63, 64, 80))
    many = "".join(f"Y{i}: z\r\n" for i in range(fields))
    return text[:at] + dice.choice((many, "Y: " + "z" * 40_000 + "\r\n")) + text[at:]


CHANGES = ([_insert_line] * 5 + [_double_line] * 2 + [_byte] * 4 + [_drop] * 2 + [_line_end] * 3
           + [_word(METHODS, 0), _word(TARGETS, 1), _word(TARGETS, 1), _word(VERSIONS, 2)]
           + [_digit] * 2 + [_case, _space, _space, _cut, _lead, _again, _swell])


def mutant(dice):
    """A good request after one to three changes."""
    text = dice.choice(GOOD)
    for _ in range(dice.choice((1, 1, 2, 3))):
        text = dice.choice(CHANGES)(dice, text) or "GE"
    return text.encode("latin-1")


def _get(fields="", target="/api/v1/status", method="GET", version="HTTP/1.1", host=HOST):
    return f"{method} {target} {version}\r\n{host}{fields}\r\n"


def _post(fields):
    return _get(fields, "/api/v1/unseal", "POST")


def malformed():
    """(what, bytes, the one status that answers it): each head is wrong in that one way."""
    for text, data, status in _malformed():
        yield text, data.encode("latin-1"), status


def _malformed():
    for number in (*range(0x00, 0x09), *range(0x0a, 0x20), *range(0x7f, 0x100)):
        yield f"octet {number:#x} in a value", _get(f"X: a{chr(number)}b\r\n"), 400
    for number in (*range(0x00, 0x21), 0x22, *b"(),/;<=>?@[\\]{}", 0x7f, 0x80, 0xff):
        yield f"octet {number:#x} in a name", _get(f"X{chr(number)}Y: a\r\n"), 400
    for number in (*range(0x00, 0x20), *b"\"#<>\\^`{|}", 0x7f, 0xc3):
        yield f"octet {number:#x} in a target", _get(target=f"/api/v1/a{chr(number)}b"), 400
    for value in ("chunked", "Chunked", "identity", "x", "gzip, chunked", "chunked, identity", "",
                  "\tchunked", "chunked;q=1", "\"chunked\"", " chunked ", "chunked\r\n X: y"):
        for length in ("", "Content-Length: 4\r\n"):
            yield (f"Transfer-Encoding: {value!r}, {length!r}",
                   _post(f"{length}Transfer-Encoding: {value}\r\n") + "0\r\n\r\n", 400)
    for value in ("-5", "+5", "05", "0x5", "5.0", "5 6", "5,5", "5, 5", "", "five", "5;", "1e1",
                  "18446744073709551621", "1125899906842625", "99999999999999999", "\u00b2", "5_0"):
        yield f"Content-Length: {value!r}", _post(f"Content-Length: {value}\r\n"), 400
    for two in (("5", "5"), ("5", "6"), ("0", "5"), ("5", "0")):
        yield (f"two lengths {two}", _post("".join(f"Content-Length: {one}\r\n" for one in two)),
               400)
    yield "no length on POST", _post(""), 411
    for method in ("GET", "HEAD", "OPTIONS"):
        yield f"a body on {method}", _get("Content-Length: 4\r\n", method=method), 400
    for where in ("X : y", "X\t: y", " X: y", "\tX: y", "X", ": y", "X y: z", "X: y\r\n z",
                  "X: y\nZ: z", "X: y\rZ: z", "X: y\r\r", "Transfer-Encoding : chunked"):
        yield f"line {where!r}", _get(where + "\r\n"), 400
    for name in ("Authorization", "Cookie", "Range", "Content-Type", "Idempotency-Key", "Expect"):
        yield f"two of {name}", _get(f"{name}: 100-continue\r\n{name}: 100-continue\r\n"), 400
    for host in ("", "Host:\r\n", "Host: a\r\nHost: a\r\n", "Host: a\r\nHost: b\r\n",
                 "Host: a b\r\n", "Host: a@b\r\n", "Host: a/b\r\n", "Host: a,b\r\n", "Host: a:x\r\n",
                 "Host: [::1\r\n", "Host: a:123456\r\n", "Host: " + "a" * 300 + "\r\n"):
        yield f"host {host[:30]!r}", _get(host=host), 400
    for option in ("host", "x", "authorization", "close, host", "content-length", ","):
        yield f"Connection: {option!r}", _get(f"Connection: {option}\r\n"), 400
    for version in ("HTTP/1.0", "HTTP/1.2", "HTTP/2.0", "HTTP/0.9", "HTTP/11", "http/1.1"):
        yield f"version {version!r}", _get(version=version), 505
    for method in ("TRACE", "CONNECT", "BREW", "GETGET"):
        yield f"method {method!r}", _get(method=method), 501
    for target in TARGETS:
        if target in ("/", "/api/v1/a%20b", "/api/v1/a%2520b", "/api/v1/%C3%A0", "/api/v1/status?",
                      "/api/v1/status;x=y"):
            continue
        status = 414 if len(target) > 8192 else 505 if " " in target else 400
        yield f"target {target[:40]!r}", _get(target=target), status
    yield "another expectation", _get("Expect: 200-ok\r\n"), 417
    yield "a head of 40 KB", _get("X: " + "x" * 40_000 + "\r\n"), 431
    yield "65 fields", _get("".join(f"X{i}: y\r\n" for i in range(65))), 431
