"""Reading back over TLS against nginx; the first byte, and any page, of a large document."""
import random

import peers
from report import against, below
from world import BenchVault, Documents, Failed, median, scratch, sync_disk

DOSSIERS = 20
LARGE_BYTES = 1_000_000_000
SMALL_BYTES = 100_000
PAGE_BYTES = 65_536


def reading(settings, connections):
    """Every disclosure is durable before its first byte leaves."""
    if not peers.has_nginx():
        raise Failed("nginx is not installed: tools/setup --bench")
    row = f"reading-{connections}"
    ours, theirs, commits = [], [], []
    with scratch("documents") as folder, BenchVault() as vault:
        documents = Documents(folder / "scans", settings.documents, settings.mean_bytes)
        filed = vault.file_all(documents, vault.dossiers(DOSSIERS), 16)
        vault.load(vault.reading(filed["ids"], documents.digests), 4)  # every byte is right
        for _ in range(settings.repeat):
            # A disclosure covers five minutes of one account: whoever reads anew journals anew.
            vault.again()
            sync_disk()
            commits.append(peers.single_commits(500)["p50"])
            ours.append(vault.load(vault.reading(filed["ids"]), connections))
            with peers.Nginx(documents.folder, vault.tls, filed["suite"]) as nginx:
                theirs.append(vault.load(nginx.reading(documents), connections, nginx.address))
    seconds = median([one["seconds"] for one in ours])
    commit = median(commits)
    figure = against(
        row, f"reading {len(documents.files):,} documents back from {connections} connections",
        seconds, "s", f"nginx, static, {filed['suite']}",
        median([one["seconds"] for one in theirs]), 0.5,
        MB_per_second=documents.bytes / 1e6 / seconds, commit_p50_ms=1000 * commit,
        first_byte_p50_ms=1000 * median([one["first_byte"]["p50"] for one in ours]),
        all_seconds="/".join(f"{one['seconds']:.2f}" for one in ours),
        all_nginx="/".join(f"{one['seconds']:.2f}" for one in theirs))
    if connections < 16 and commit > 0.0006:
        figure.target += " where the commit's p50 ≤ 0.6 ms"
        figure.holds = None
    yield figure


def large_document(settings):
    """The first byte of 1 GB comes as fast as that of 100 KB, and any page of it in 5 ms."""
    with scratch("documents") as folder, BenchVault() as vault:
        large = Documents(folder / "large", 1, settings.large_bytes, sigma=0)
        small = Documents(folder / "small", settings.singles, SMALL_BYTES, sigma=0)
        dossiers = vault.dossiers(1)
        name = vault.file_all(large, dossiers, 1)["ids"][0]
        names = vault.file_all(small, dossiers, 4)["ids"]
        dice = random.Random(3)
        pages = [{**vault.reading([name])[0]} for _ in range(settings.singles)]
        for page in pages:
            start = dice.randrange(large.bytes - PAGE_BYTES)
            page["headers"] = {**page["headers"], "Range": f"bytes={start}-{start + PAGE_BYTES - 1}"}
            page["status"] = 206
        sync_disk()
        first_small = vault.load(vault.reading(names), 1)["first_byte"]["p50"]
        first_large = []
        for _ in range(settings.large_reads):
            vault.again()  # else it would be under the disclosure of the time before
            first_large.append(vault.load(vault.reading([name]), 1)["first_byte"]["p50"])
        page = vault.load(pages, 1)["whole"]
    yield against("large", f"first byte of a document of {large.bytes / 1e9:g} GB",
                  median(first_large), "s", "of 100 KB", first_small, 0.8)
    yield below("large", f"any page of 64 KiB of it, p50", page["p50"], "s", 0.005,
                p99_ms=1000 * page["p99"])


def reading_4(settings):
    yield from reading(settings, 4)


def reading_16(settings):
    yield from reading(settings, 16)


ROWS = {"reading-4": reading_4, "reading-16": reading_16, "large": large_document}
