"""What each byte of an LMDB 0.9 file is for, read from its layout and not with LMDB or our C++.

map_of(bytes) gives (begin, end, kind, table, key) over the whole file.  The kinds in DEAD are those
that nothing ever reads; each is dead for the reason beside it.
"""
import struct

DEAD = {
    "free page": "its number is on the free list; LMDB reaches pages through trees only",
    "room": "between the pointers and the rows of a page",
    "padding": "makes the size of a row even; the sizes in the row's head are exact",
    "overflow end": "behind the value, whose size the row states",
    "former meta": "the trees of the commit before the last; only head, size and number are compared",
    "meta end": "behind the fields of a meta page",
    "map size": "what the writer had reserved; the opener's own is used",
    "map address": "used with MDB_FIXEDMAP only",
    "page pad": "used with MDB_DUPFIXED only",
    "overflow head": "the bytes that the page count leaves of the pointers' fields",
    "first key": "the first key of a branch stands for everything smaller and is not compared",
    "record pad": "the page size is in the free tree's record alone; unused in others",
    "unwritten": "behind the last page",
}
LEAF, BRANCH = 2, 1
BIG, TREE = 1, 2
NONE = (1 << 64) - 1
HEAD = 16


class Map:
    def __init__(self, data):
        self.data = data
        self.page_bytes = struct.unpack_from("<I", data, 40)[0]
        self.spans = []
        self.free_pages = []
        commits = [struct.unpack_from("<Q", data, page * self.page_bytes + 144)[0]
                   for page in (0, 1)]
        newest = 1 if commits[1] > commits[0] else 0
        base = newest * self.page_bytes
        self.meta(newest, True)
        self.meta(1 - newest, False)
        self.tree(base + 40, "free list")
        self.tree(base + 88, "list of tables")
        for page in self.free_pages:
            self.add(page * self.page_bytes, self.page_bytes, "free page")
        last = struct.unpack_from("<Q", data, base + 136)[0]
        end = (last + 1) * self.page_bytes
        if end < len(data):
            self.add(end, len(data) - end, "unwritten")
        self.spans.sort()

    def add(self, begin, size, kind, table="", key=b""):
        if size > 0 and begin < len(self.data):
            self.spans.append((begin, min(begin + size, len(self.data)), kind, table, key))

    def meta(self, page, newest):
        base = page * self.page_bytes
        self.add(base, 8, "meta")                      # its number
        self.add(base + 8, 2, "page pad")
        self.add(base + 10, 2, "meta")                 # flags
        self.add(base + 12, 4, "room")                 # pointers, which a meta page has none of
        self.add(base + 16, 8, "meta")                 # magic, version
        self.add(base + 24, 8, "map address")
        self.add(base + 32, 8, "map size")
        self.add(base + 40, 4, "meta")                 # size of a page
        trees = "meta" if newest else "former meta"
        self.add(base + 44, 44, trees)
        self.add(base + 88, 4, "record pad")
        self.add(base + 92, 44, trees)
        self.add(base + 136, 8, "meta" if newest else "former last page")
        self.add(base + 144, 8, "meta")                # number of the commit
        self.add(base + 152, self.page_bytes - 152, "meta end")

    def tree(self, record, name):
        depth = struct.unpack_from("<H", self.data, record + 6)[0]
        root = struct.unpack_from("<Q", self.data, record + 40)[0]
        if root != NONE:
            self.page(root, depth, name)

    def page(self, number, depth, name):
        base = number * self.page_bytes
        lower, upper = struct.unpack_from("<HH", self.data, base + 12)
        self.add(base, 8, "page head", name)
        self.add(base + 8, 2, "page pad", name)
        self.add(base + 10, 6, "page head", name)
        self.add(base + HEAD, lower - HEAD, "pointer", name)
        self.add(base + lower, upper - lower, "room", name)
        for index in range((lower - HEAD) // 2):
            at = base + struct.unpack_from("<H", self.data, base + HEAD + 2 * index)[0]
            low, high, flags, key_bytes = struct.unpack_from("<HHHH", self.data, at)
            key = self.data[at + 8:at + 8 + key_bytes]
            self.add(at, 8, "row head", name, key)
            if depth > 1:
                self.add(at + 8, key_bytes, "key" if index else "first key", name, key)
                self.add(at + 8 + key_bytes, key_bytes % 2, "padding", name)
                self.page(low | high << 16 | flags << 32, depth - 1, name)
            else:
                self.add(at + 8, key_bytes, "key", name, key)
                self.value(at + 8 + key_bytes, low | high << 16, flags, name, key)

    def value(self, at, size, flags, name, key):
        if flags == BIG:
            self.add(at, 8, "pointer", name, key)
            page = struct.unpack_from("<Q", self.data, at)[0]
            base = page * self.page_bytes
            pages = struct.unpack_from("<I", self.data, base + 12)[0]
            self.add(at + 8, len(key) % 2, "padding", name)
            self.add(base, 8, "page head", name, key)
            self.add(base + 8, 2, "page pad", name)
            self.add(base + 10, 6, "page head", name, key)
            self.add(base + HEAD, size, "value", name, key)
            self.add(base + HEAD + size, pages * self.page_bytes - HEAD - size, "overflow end")
            stored = self.data[base + HEAD:base + HEAD + size]
        else:
            stored = self.data[at:at + size]
            self.add(at + size, (len(key) + size) % 2, "padding", name)
            if flags != TREE and name != "free list":
                self.add(at, size, "value", name, key)
        if flags == TREE:
            self.add(at, 4, "record pad", key.decode())
            self.add(at + 4, 44, "tree record", key.decode())
            self.tree(at, key.decode())
        if name == "free list":
            count = struct.unpack_from("<Q", stored)[0]
            self.free_pages += struct.unpack_from(f"<{count}Q", stored, 8)
            if flags != BIG:
                self.add(at, 8 + 8 * count, "free list", name, key)
                self.add(at + 8 + 8 * count, size - 8 - 8 * count, "room", name)


def map_of(data):
    """Every byte once; a byte that is nobody's or two's is a mistake here, not a finding."""
    spans = Map(data).spans
    end = 0
    for begin, after, kind, table, _ in spans:
        if begin != end:
            raise AssertionError(f"byte {min(begin, end)} is {'nobody' if begin > end else 'two'}'s"
                                 f" ({kind} {table})")
        end = after
    if end != len(data):
        raise AssertionError(f"bytes from {end} on are nobody's")
    return spans
