"""What a row of the bench found, and how it is shown."""
import dataclasses
import json
import pathlib
import platform
import subprocess
import time

from world import HERE, ROOT


@dataclasses.dataclass
class Figure:
    """One sentence of the bench: our figure, what it is held against, and whether it holds."""
    row: str
    what: str
    ours: float
    unit: str
    peer: str = ""          # whose figure it is held against
    theirs: float = None
    ratio: float = None     # how many times better we are: above 1 is faster than the peer
    target: str = ""
    holds: bool = None      # None: a figure that is told and has no target
    beside: dict = dataclasses.field(default_factory=dict)  # what helps to understand it

    @property
    def command(self):
        return f"tools/bench/bench {self.row}"


def against(row, what, ours, unit, peer, theirs, at_least, **beside):
    """Times: smaller is better, and ours must be `at_least` times as good as theirs."""
    ratio = theirs / ours
    return Figure(row, what, ours, unit, peer, theirs, ratio, f"≥ {at_least:g}×",
                  ratio >= at_least, beside)


def below(row, what, ours, unit, limit, **beside):
    return Figure(row, what, ours, unit, "the limit", limit, limit / ours if ours else None,
                  f"< {limit:g} {unit}", ours < limit, beside)


def commit_id():
    done = subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty"],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return done.stdout.strip()


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


def version(*command):
    """The first line that a peer says of itself, or nothing when it is not there."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    except FileNotFoundError:
        return None
    return done.stdout.strip().splitlines()[0]


def machine(folder):
    file_system = subprocess.run(["stat", "-f", "-c", "%T", str(folder)], stdout=subprocess.PIPE,
                                 text=True).stdout.strip()
    return {"date": time.strftime("%Y-%m-%d"), "commit": commit_id(), "processor": processor(),
            "cores": len(__import__("os").sched_getaffinity(0)), "kernel": platform.release(),
            "file_system": file_system, "restic": version("restic", "version"),
            "nginx": version("/usr/sbin/nginx", "-v")}


def as_json(facts, figures):
    return json.dumps({**facts, "figures": [{**dataclasses.asdict(one), "command": one.command}
                                            for one in figures]}, indent=2)


def number(value, unit):
    if value is None:
        return ""
    if unit == "s" and value < 0.1:
        return f"{value * 1000:.2f} ms"
    return f"{value:,.3g} {unit}" if abs(value) < 1000 else f"{value:,.0f} {unit}"


def as_table(facts, figures):
    lines = [", ".join(f"{name} {value}" for name, value in facts.items() if value), ""]
    for one in figures:
        verdict = {True: "holds", False: "SHORT", None: ""}[one.holds]
        ratio = f"{one.ratio:.2f}×" if one.ratio is not None else ""
        lines.append(f"{one.what}")
        lines.append(f"    {number(one.ours, one.unit):>12}   "
                     + (f"{one.peer} {number(one.theirs, one.unit)}   {ratio}" if one.peer else "")
                     + (f"   target {one.target}: {verdict}" if one.target else ""))
        if one.beside:
            lines.append("    " + ", ".join(
                f"{name.replace('_', ' ')} {value:.4g}" if isinstance(value, float)
                else f"{name.replace('_', ' ')} {value}" for name, value in one.beside.items()))
        lines.append(f"    again: {one.command}")
    return "\n".join(lines)
