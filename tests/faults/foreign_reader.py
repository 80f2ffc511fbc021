"""Another program's read transaction on a served catalogue: what a careless tool would leave there."""
import ctypes
import ctypes.util
import subprocess
import sys

import faults

NOSUBDIR, RDONLY, NOTLS = 0x4000, 0x20000, 0x200000


def hold(path):
    """Opens the catalogue, begins to read, says so, and never ends."""
    lmdb = ctypes.CDLL("liblmdb.so.0")
    environment, transaction = ctypes.c_void_p(), ctypes.c_void_p()
    for code in (lmdb.mdb_env_create(ctypes.byref(environment)),
                 lmdb.mdb_env_set_mapsize(environment, ctypes.c_size_t(1 << 30)),
                 lmdb.mdb_env_open(environment, path.encode(), NOSUBDIR | RDONLY | NOTLS, 0o600),
                 lmdb.mdb_txn_begin(environment, None, RDONLY, ctypes.byref(transaction))):
        if code:
            sys.exit(f"LMDB says {code}")
    print("reading", flush=True)
    sys.stdin.read()


def start(path):
    process = subprocess.Popen([sys.executable, "-B", __file__, path], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if process.stdout.readline().strip() != "reading":
        process.kill()
        raise faults.Skip(f"no foreign reader here: {process.communicate()[1].strip()}")
    return process


if __name__ == "__main__":
    hold(sys.argv[1])
