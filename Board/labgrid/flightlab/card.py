"""A Raspberry Pi's card, written while an SD multiplexer gives it to the lab's machine."""
import lzma
import shutil
import subprocess
import tempfile
from pathlib import Path, PurePosixPath

from labgrid.driver.exception import ExecutionError

from .fault import PlaceError

# bytes that are unpacked at once.
CHUNK = 1 << 20
# The boot partition of cross-build/image, which the drone reads userdata.txt from.
BOOT_PARTITION = 1


def write(target, mux, storage, image, userdata):
    """Writes the image, packed by xz or not, and lays the drone's set-up beside its kernel. Gives the card to the drone."""
    image = Path(image)
    if not image.is_file():
        raise PlaceError(f"There is no image {image}; make it with cross-build/image.")
    if userdata and not Path(userdata).is_file():
        raise PlaceError(f"There is no file {userdata}, by which the drone would let somebody in; write it as userdata.example.txt says.")
    with tempfile.TemporaryDirectory(prefix="flightlab-") as folder:
        plain = _unpacked(image, Path(folder))
        try:
            target.activate(mux)
            target.activate(storage)
            mux.set_mode("host")
            room = storage.get_size() if _medium(storage) else 0
            size = plain.stat().st_size
            if room < size:
                raise PlaceError(f"The card has {room} bytes, and {image.name} needs {size}; put in a larger one.")
            storage.write_image(str(plain))
            if userdata:
                _lay(userdata, storage, Path(folder))
            mux.set_mode("dut")
        except PlaceError:
            raise
        except (ExecutionError, subprocess.CalledProcessError, OSError) as error:
            raise PlaceError(f"The card could not be written: {getattr(error, 'msg', '') or error}") from error


def _medium(storage):
    """Waits until the multiplexer's card is there; False when it does not come."""
    try:
        storage._wait_for_medium(None)
    except ExecutionError:
        return False
    return True


def _lay(userdata, storage, folder):
    named = folder / "userdata.txt"
    shutil.copyfile(userdata, named)
    storage.write_files([str(named)], PurePosixPath("/"), BOOT_PARTITION)


def _unpacked(image, folder):
    if image.suffix != ".xz":
        return image
    plain = folder / image.stem
    try:
        with lzma.open(image) as packed, open(plain, "wb") as out:
            while chunk := packed.read(CHUNK):
                # Most of a card is empty: holes are neither kept nor copied to another machine.
                if chunk.count(0) == len(chunk):
                    out.seek(len(chunk), 1)
                else:
                    out.write(chunk)
            out.truncate(out.tell())
    except (lzma.LZMAError, EOFError) as error:
        raise PlaceError(f"{image} is damaged: {error}; make it again with cross-build/image.") from error
    except OSError as error:
        raise PlaceError(f"{image} cannot be unpacked into {folder}: {error.strerror}; is there room?") from error
    return plain
