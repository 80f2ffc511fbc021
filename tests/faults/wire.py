"""The far end of the wire: bytes as they are, sent over TLS 1.3 and counted as they come back."""
import json
import pathlib
import socket
import ssl

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


def threads(process, name):
    """The ids of a process's threads of that name."""
    return [int(task.name) for task in pathlib.Path(f"/proc/{process.pid}/task").iterdir()
            if (task / "comm").read_text().strip() == name]
