"""Memory under sixteen large uploads, and what a document takes on disk beyond its own bytes."""
import os
import threading

from report import Figure, below
from world import BenchVault, Documents, scratch, sync_disk

UPLOADS = 16


def memory(settings):
    """The daemon's own memory, looked at every 20 ms while sixteen uploads are under way."""
    with scratch("documents") as folder, BenchVault() as vault:
        large = Documents(folder / "large", 1, settings.large_bytes, sigma=0)
        dossiers = vault.dossiers(UPLOADS)
        before = vault.resident()
        peak = before
        done = threading.Event()

        def watch():
            nonlocal peak
            while not done.wait(0.02):
                peak = max(peak, vault.resident())

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            run = vault.file_all(large.repeated(UPLOADS), dossiers, UPLOADS)
        finally:
            done.set()
            watcher.join()
    yield below("memory", f"memory while {UPLOADS} clients upload {large.bytes / 1e9:g} GB each",
                peak / 1e6, "MB", 256, before_MB=before / 1e6,
                MB_per_second=run["bytes_sent"] / 1e6 / run["seconds"])


def taken(folder):
    """Bytes of disk that a folder's files hold; the reserve is no part of what is stored."""
    return sum(os.stat(os.path.join(where, name)).st_blocks * 512
               for where, _, names in os.walk(folder) for name in names if name != "reserve")


def overhead(settings):
    """Everything that a vault grows by, against the bytes that were filed."""
    with scratch("documents") as folder, BenchVault() as vault:
        documents = Documents(folder / "scans", settings.overhead_documents, 2_000_000,
                              least=1 << 20)
        dossiers = vault.dossiers(20)
        sync_disk()
        before = taken(vault.vault)
        vault.file_all(documents, dossiers, 8)
        vault.stop()  # tiles and checkpoint are written
        sync_disk()
        more = taken(vault.vault) - before - documents.bytes
        smallest = min(file.stat().st_size for file in documents.files)
    share = 100 * more / documents.bytes
    yield Figure("overhead", f"storage beyond {len(documents.files)} documents of "
                 f"{documents.bytes / len(documents.files) / 1e6:.1f} MB, all included",
                 share, "%", "the limit", 0.5, 0.5 / share, "≤ 0.5 %", share <= 0.5,
                 {"smallest_MB": smallest / 1e6, "bytes_each": more / len(documents.files)})


ROWS = {"memory": memory, "overhead": overhead}
