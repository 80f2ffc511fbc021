"""The far end of the wire: bytes as they are, sent over TLS 1.3 and counted as they come back."""
import json
import pathlib
import socket
import ssl

import faults  # noqa: F401  (finds harness)
import harness

EYE = harness.BIN.parent / "tests" / "custode-eye"


def context(vault):
    made = ssl.create_default_context(cafile=vault.made["ca"])
    made.minimum_version = ssl.TLSVersion.TLSv1_3
    return made


def address(vault):
    host, port = vault.address.rsplit(":", 1)
    return host, int(port)


def dial(vault, timeout=harness.PATIENCE, made=None):
    """A TLS connection; the caller closes it."""
    plain = socket.create_connection(address(vault), timeout=timeout)
    try:
        return (made or context(vault)).wrap_socket(plain, server_hostname=address(vault)[0])
    except BaseException:
        plain.close()
        raise


def drain(wire):
    """Everything that comes until the peer closes or cuts."""
    came = b""
    try:
        while more := wire.recv(1 << 16):
            came += more
    except (ConnectionError, ssl.SSLError):
        pass
    return came


def request(vault, method, path, user=None, headers=None, body=None, token=None):
    """A whole request that asks for the connection to be closed after it."""
    lines = [f"{method} /api/v1{path} HTTP/1.1", f"Host: {vault.address}", "Connection: close"]
    if user or token:
        lines.append("Authorization: Bearer " + (token or vault.token(user)))
    if isinstance(body, dict):
        body = json.dumps(body).encode()
        lines.append("Content-Type: application/json")
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b"")


def exchange(vault, sent):
    """(status, head, body): all the bytes that one request brings, until the server closes."""
    with dial(vault) as wire:
        wire.sendall(sent)
        came = drain(wire)
    head, _, body = came.partition(b"\r\n\r\n")
    return int(head[9:12]) if head.startswith(b"HTTP/1.1 ") else 0, head, body


def eye(vault, *question):
    """What the journal or the keyring of the stopped vault holds; see eye.cpp."""
    return harness.run([EYE, vault.vault, vault.keyfile, *question],
                       environment=vault.environment(CUSTODE_WITHOUT="")).out.decode().splitlines()


def events(vault, since=0):
    """Every event of the stopped vault from that sequence on."""
    return [json.loads(line) for line in eye(vault, "events", since)]


def talk(vault, sent, made):
    """Everything that comes for these bytes, sent at once and followed by the end of the stream;
    None when the server neither answered nor closed in good time."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = made.wrap_bio(incoming, outgoing, server_hostname=address(vault)[0])
    with socket.create_connection(address(vault), timeout=15) as plain:
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                plain.sendall(outgoing.read())
                incoming.write(plain.recv(1 << 16))
        tls.write(sent)
        came = b""
        try:
            plain.sendall(outgoing.read())
            plain.shutdown(socket.SHUT_WR)
            while more := plain.recv(1 << 16):
                incoming.write(more)
        except TimeoutError:
            return None
        except OSError:
            pass  # reset, or closed before the end of the stream was sent: what came, came
        try:
            while more := tls.read(1 << 16):
                came += more
        except ssl.SSLError:
            pass
        return came


def answers(came, methods=()):
    """The answers that these bytes are: (status, code, body) each; ValueError when they are not.
    `methods` are those asked with: an answer to HEAD has no body."""
    found = []
    while came:
        head, end, rest = came.partition(b"\r\n\r\n")
        first, *lines = head.decode("ascii").split("\r\n")
        if not end or not first.startswith("HTTP/1.1 "):
            raise ValueError(f"no answer begins like that: {came[:80]}")
        status = int(first[9:12])
        fields = {name.lower(): value.strip() for name, _, value in
                  (line.partition(":") for line in lines)}
        method = methods[len(found)] if len(found) < len(methods) else ""
        length = 0 if method == "HEAD" else int(fields.get("content-length", "0"))
        if len(rest) < length:
            raise ValueError(f"an answer of {status} was cut")
        body, came = rest[:length], rest[length:]
        if status == 100:
            continue
        problem = fields.get("content-type") == "application/problem+json" and body
        found.append((status, json.loads(body)["code"] if problem else "", body))
    return found


def threads(process, name):
    """The ids of a process's threads of that name."""
    return [int(task.name) for task in pathlib.Path(f"/proc/{process.pid}/task").iterdir()
            if (task / "comm").read_text().strip() == name]
