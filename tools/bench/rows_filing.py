"""Filing: a folder of scans against restic and against what the machine can do, and one scan."""
import peers
from report import against
from world import BenchVault, Documents, Failed, median, scratch, sync_disk

DOSSIERS = 20


def file_into_fresh_vault(documents, connections):
    with BenchVault() as vault:
        dossiers = vault.dossiers(DOSSIERS)
        sync_disk()
        done = vault.file_all(documents, dossiers, connections)
        vault.load(vault.reading(done["ids"][:20], documents.digests[:20]), 1)  # they are there
        return done


def filing(settings, connections, restic_at_least):
    """1,000 documents, each durable, journaled and acknowledged by itself."""
    row = f"filing-{connections}"
    ours, raw, restic = [], [], []
    with scratch("documents") as folder:
        documents = Documents(folder / "scans", settings.documents, settings.mean_bytes)
        for _ in range(settings.repeat):
            raw.append(peers.raw_filing(documents, connections))
            ours.append(file_into_fresh_vault(documents, connections))
            if peers.has_restic():
                restic.append(peers.restic_backup(documents.folder))
    what = f"filing {len(documents.files):,} documents, {documents.bytes / 1e6:.0f} MB, " \
           f"from {connections} connections"
    seconds = median([one["seconds"] for one in ours])
    beside = {"per_second": len(documents.files) / seconds,
              "p50_ms": 1000 * median([one["whole"]["p50"] for one in ours]),
              "p99_ms": 1000 * median([one["whole"]["p99"] for one in ours]),
              "suite": ours[0]["suite"],
              "all_seconds": "/".join(f"{one['seconds']:.2f}" for one in ours)}
    if restic:
        yield against(row, what, seconds, "s", "restic backup", median(restic), restic_at_least,
                      **beside, all_restic="/".join(f"{one:.2f}" for one in restic))
    yield against(row, what, seconds, "s", f"the raw limit in groups of {connections}",
                  median([one["seconds"] for one in raw]), 0.6,
                  all_raw="/".join(f"{one['seconds']:.2f}" for one in raw))


def filing_4(settings):
    yield from filing(settings, 4, 1)


def filing_16(settings):
    yield from filing(settings, 16, 1.5)


def one_document(settings):
    """One scan of 300 KB, filed by itself."""
    if not peers.has_restic():
        raise Failed("restic is not installed: tools/setup --bench")
    with scratch("documents") as folder, BenchVault() as vault:
        documents = Documents(folder / "scans", settings.singles, 300_000, seed=2, sigma=0)
        dossiers = vault.dossiers(1)
        sync_disk()
        done = vault.file_all(documents, dossiers, 1)
        restic = [peers.restic_backup(file) for file in documents.files[:settings.repeat]]
    yield against("one-document", "filing one document of 300 KB, p50", done["whole"]["p50"], "s",
                  "restic backup of that file", median(restic), 20,
                  p99_ms=1000 * done["whole"]["p99"])


ROWS = {"filing-4": filing_4, "filing-16": filing_16, "one-document": one_document}
