#!/usr/bin/env python3
"""What the network may try: old TLS, heads that are not HTTP, the monitor's port, a stop in between."""
import re
import signal
import socket
import ssl
import subprocess

from harness import (PATIENCE, bytes_of, demand, run, run_scenarios, same, scenario,
                     sha256, staffed_vault)

vault = staffed_vault()
dossier = vault.open_dossier("anna", "Limiti")
canary = "Zanzibarrino"
secret = vault.open_dossier("anna", canary)


def handshake(*options):
    return subprocess.run(["openssl", "s_client", "-connect", vault.address, "-CAfile",
                           vault.made["ca"], "-verify_return_error", "-verify_ip", "127.0.0.1",
                           *options], input=b"", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=PATIENCE)


def raw(data):
    """Sends bytes over TLS; everything that comes back until the server closes."""
    host, port = vault.address.rsplit(":", 1)
    context = ssl.create_default_context(cafile=vault.made["ca"])
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as plain:
        with context.wrap_socket(plain, server_hostname=host) as wire:
            wire.sendall(data)
            answer = b""
            try:
                while more := wire.recv(65536):
                    answer += more
            except (ConnectionResetError, ssl.SSLError):
                pass
            return answer


@scenario
def tls_1_3_is_spoken_and_nothing_older():
    for version in ("-tls1", "-tls1_1", "-tls1_2"):
        refused = handshake(version)
        demand(refused.returncode != 0 and b"Cipher is (NONE)" in refused.stdout, refused.stdout)
    spoken = handshake("-tls1_3")
    same(spoken.returncode, 0, spoken.stdout)
    demand(b"TLSv1.3" in spoken.stdout and b"Verify return code: 0" in spoken.stdout, spoken.stdout)


@scenario
def a_server_that_is_not_the_one_meant_is_not_spoken_to():
    other = vault.folder / "other-ca.pem"
    run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-subj", "/CN=altra", "-keyout", "/dev/null", "-out", other, "-days", "2"])
    same(vault.custode("guest", "--ca", other, "status", exit=1).code, "tls.untrusted")


@scenario
def a_head_that_is_not_strict_is_refused_and_the_connection_closed():
    host = vault.address.encode()
    good = b"GET /api/v1/status HTTP/1.1\r\nHost: " + host + b"\r\n"
    demand(raw(good + b"Connection: close\r\n\r\n").startswith(b"HTTP/1.1 200 "), "its good neighbour")
    for head, why in (
            (b"nonsense\r\n\r\n", "no request line"),
            (b"GET /api/v1/status HTTP/1.1\r\n\r\n", "no Host"),
            (good + b"Host: altro\r\n\r\n", "two Hosts"),
            (good + b"X : 1\r\n\r\n", "a space before the colon"),
            (good + b"senza due punti\r\n\r\n", "a line without a colon"),
            (good + b" piega\r\n\r\n", "a folded line"),
            (good + b"X: a\0b\r\n\r\n", "NUL"),
            (good.replace(b"\r\n", b"\n") + b"\n", "bare line feeds"),
            (good + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "chunks"),
            (good + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx", "two lengths"),
            (good + b"Content-Length: -5\r\n\r\n", "a negative length"),
            (good + b"Content-Length: +5\r\n\r\nxxxxx", "a signed length"),
            (good + b"Content-Length: 99999999999999999999\r\n\r\n", "a length beyond 64 bits"),
            (b"GET /api/v1/status HTTP/3.0\r\nHost: " + host + b"\r\n\r\n", "a version"),
            (b"GET /../etc/passwd HTTP/1.1\r\nHost: " + host + b"\r\n\r\n", "dots"),
            (b"GET /api/v1/%00 HTTP/1.1\r\nHost: " + host + b"\r\n\r\n", "NUL in the path"),
            (good + b"X: " + b"a" * 200_000 + b"\r\n\r\n", "a head without end")):
        answer = raw(head + good + b"\r\n")  # a second request that must never be answered
        status = answer[:12].decode("latin-1")
        demand(re.match(r"HTTP/1\.1 (400|404|411|413|414|431|505)", status), f"{why}: {answer[:200]}")
        if status[9:] not in ("404",):
            same(len(re.findall(rb"HTTP/1\.1 \d{3} ", answer)), 1, f"{why}: answers on the connection")
    same(vault.custode("anna", "whoami").json["account"]["name"], "anna", "it goes on")


@scenario
def a_body_is_bounded_before_it_is_read():
    big = vault.call("POST", "/searches", "anna", b'{"query":"' + b"a" * (2 << 20) + b'"}')
    same((big.status, big.code), (413, "body.too_large"), "a JSON of 2 MiB")
    answer = vault.call("POST", "/searches", "anna", b"[" * 100_000)
    demand(answer.status == 400, answer.body[:200])
    for limit in ("0", "201", "-1", "x", "99999999999999999999"):
        same(vault.call("GET", f"/dossiers?limit={limit}", "anna").code, "request.limit")
    demand(vault.call("GET", "/dossiers?cursor=%ff", "anna").status == 400, "a cursor of another make")


@scenario
def the_monitor_port_knows_nobody_and_is_the_only_one_to_answer():
    same(vault.probe("/healthz").status, 200, "/healthz")
    same(vault.probe("/readyz").status, 200, "/readyz")
    metrics = vault.probe("/metrics")
    same(metrics.status, 200, "/metrics")
    for word in (b"anna", b"admin", canary.encode(), dossier.encode(), vault.token("anna").encode()):
        demand(word not in metrics.body, f"{word} in the metrics")
    for path in ("/api/v1/status", "/", "/dossiers", "/metrics/../api/v1/status"):
        demand(vault.probe(path).status in (400, 404), f"{path} on the monitor port")
    for path in (b"/healthz", b"/readyz", b"/metrics"):
        answer = raw(b"GET " + path + b" HTTP/1.1\r\nHost: " + vault.address.encode()
                     + b"\r\nConnection: close\r\n\r\n")
        demand(answer.startswith(b"HTTP/1.1 404 "), f"{path} on the public port: {answer[:100]}")


@scenario
def slow_clients_do_not_keep_others_out():
    host, port = vault.address.rsplit(":", 1)
    context = ssl.create_default_context(cafile=vault.made["ca"])
    slow = []
    for _ in range(40):
        plain = socket.create_connection((host, int(port)), timeout=PATIENCE)
        wire = context.wrap_socket(plain, server_hostname=host)
        wire.sendall(b"GET /api/v1/sta")
        slow.append(wire)
    same(vault.call("GET", "/status").status, 200, "beside forty that dawdle")
    for wire in slow:
        wire.close()


@scenario
def a_stop_in_the_middle_of_an_upload_ends_well():
    content = bytes_of(3_000_000, "stop")
    connection = vault.begin_filing("anna", dossier, content, 1_000_000)
    vault.process.send_signal(signal.SIGTERM)
    filed = None
    try:
        connection.send(content[1_000_000:])
        response = connection.getresponse()
        body = response.read()
        filed = response.status == 201
        demand(filed or b'"code"' in body, body)
    except OSError:
        filed = False  # cut: nothing was promised
    vault.stop()
    vault.serve()
    vault.login("anna")
    listed = [item["sha256"] for item in vault.all_documents("anna")]
    same(listed, [sha256(content)] if filed else [], "as it was answered")


@scenario
def nothing_of_it_left_a_mark():
    vault.stop()
    vault.verify()
    vault.rebuild()


if __name__ == "__main__":
    with vault:
        run_scenarios()
