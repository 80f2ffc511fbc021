"""The peers and the limit: restic, nginx, and what this machine does with nothing around it."""
import os
import pathlib
import shutil
import socket
import subprocess
import time

from world import Failed, helper, scratch, sync_disk

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"


def has_restic():
    return shutil.which("restic") is not None


def has_nginx():
    return pathlib.Path(NGINX).exists()


def restic_backup(what):
    """Seconds of `restic backup` of a file or folder into a fresh repository."""
    with scratch("restic") as folder:
        environment = {**os.environ, "RESTIC_PASSWORD": "una frase lunga",
                       "RESTIC_REPOSITORY": str(folder / "repository"),
                       "RESTIC_CACHE_DIR": str(folder / "cache")}
        subprocess.run(["restic", "init", "--quiet"], env=environment, check=True,
                       stdout=subprocess.DEVNULL)
        sync_disk()
        start = time.monotonic()
        subprocess.run(["restic", "backup", "--quiet", str(what)], env=environment, check=True)
        return time.monotonic() - start


def raw_filing(documents, group):
    """Seal, SHA-256, append, one fdatasync and one commit a group: the same bytes, one process."""
    with scratch("raw") as folder:
        sync_disk()
        return helper("custode-bench-raw", "file", folder, documents.list, group)


def single_commits(count):
    with scratch("commits") as folder:
        sync_disk()
        return helper("custode-bench-raw", "commits", folder, count)


def journal_events(clients, count):
    """Events a second out of the journal itself, each durable and signed before the next."""
    with scratch("events") as folder:
        sync_disk()
        done = helper("custode-bench-raw", "events", folder, clients, count)
        return done["events"] / done["seconds"]


class Nginx:
    """nginx serving a folder statically over TLS 1.3, with our certificate and our suite."""

    def __init__(self, content, tls, suite):
        self.content, self.tls, self.suite = content, tls, suite

    def __enter__(self):
        self.scratch = scratch("nginx")
        folder = self.scratch.__enter__()
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        self.address = f"127.0.0.1:{port}"
        configuration = folder / "nginx.conf"
        configuration.write_text(f"""
            worker_processes auto;
            pid {folder}/nginx.pid;
            error_log {folder}/error.log;
            events {{ worker_connections 1024; }}
            http {{
              access_log {folder}/access.log; sendfile on; tcp_nopush on; keepalive_requests 1000000;
              default_type application/octet-stream;
              client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
              fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
              scgi_temp_path {folder}/scgi;
              server {{
                listen {self.address} ssl backlog=512;
                ssl_protocols TLSv1.3;
                ssl_conf_command Ciphersuites {self.suite};
                ssl_certificate {self.tls}/server.pem;
                ssl_certificate_key {self.tls}/server.key;
                root {self.content};
              }}
            }}""")
        self.process = subprocess.Popen([NGINX, "-c", str(configuration), "-g",
                                         f"daemon off; user {self.owner()};"],
                                        stderr=subprocess.PIPE)
        self.wait(port)
        return self

    @staticmethod
    def owner():
        return "root" if os.geteuid() == 0 else "nobody"

    def wait(self, port):
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise Failed(f"nginx: {self.process.stderr.read().decode()[-2000:]}") from None
                time.sleep(0.02)

    def __exit__(self, kind, error, trace):
        self.process.terminate()
        self.process.wait()
        self.process.stderr.close()
        self.scratch.__exit__(None, None, None)

    def reading(self, documents):
        return [{"method": "GET", "target": f"/{file.name}"} for file in documents.files]
