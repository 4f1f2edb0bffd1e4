"""A layer: a sorted tar with fixed times, owners and modes, so that the same files give the same digest."""

import gzip
import io
import posixpath
import tarfile


def tar(files: dict[str, bytes], folders: tuple[str, ...] = ()) -> bytes:
    """`files` as executables (path without leading slash: content), with every folder above them."""
    parents = set()
    for path in (*files, *(f"{folder}/_" for folder in folders)):
        while path := posixpath.dirname(path):
            parents.add(path)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path in sorted(parents | files.keys()):
            entry = tarfile.TarInfo(path)
            entry.mode, entry.mtime, entry.uid, entry.gid = 0o755, 0, 0, 0
            if path in files:
                entry.size = len(files[path])
                archive.addfile(entry, io.BytesIO(files[path]))
            else:
                entry.type = tarfile.DIRTYPE
                archive.addfile(entry)
    return packed.getvalue()


def compress(data: bytes) -> bytes:
    """gzip without name and time in its header."""
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=packed, mtime=0) as stream:
        stream.write(data)
    return packed.getvalue()
