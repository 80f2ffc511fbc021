"""One operation of a rig under strace: to count its calls, or to have one of them fail."""
import harness
from injector import Strace, calls_in
from rig import Cut, Refused


def run_operation(rig, operation, call=None, how=None):
    """Until it is over or cut; gives the strace that saw it, and whether it was answered well."""
    operation.settle(rig)
    rig.attacked = call is not None
    strace = Strace(rig.vault, rig.folder / "strace.log", call, how)
    if operation.spawned:
        rig.tracer = strace.command
    operation.ready(rig)
    if not operation.spawned:
        strace.attach(rig.process.pid)
    done = False
    try:
        operation.act(rig)
        done = True
    except (Cut, Refused) as failure:
        if call is None:
            raise harness.Unexpected(f"it fails by itself: {failure}") from failure
    finally:
        rig.tracer = ()
        rig.attacked = False
        strace.end()
    return strace, done


def record(rig, operation):
    """The calls by which it changes the vault's files."""
    strace, _ = run_operation(rig, operation)
    calls = calls_in(strace.log, rig.vault)
    if rig.process:
        rig.stop()
    return calls
