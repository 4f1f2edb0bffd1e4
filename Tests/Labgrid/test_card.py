import lzma

import pytest
from flightlab import card
from flightlab.fault import PlaceError
from labgrid.driver.exception import ExecutionError


class FakeBench:
    """Target, multiplexer and card in one: notes what is asked of them, and what was written."""

    def __init__(self, room):
        self.room, self.calls, self.written, self.set_up = room, [], None, None

    def activate(self, driver):
        assert driver is self

    def set_mode(self, mode):
        self.calls.append(mode)

    def _wait_for_medium(self, partition):
        if self.room is None:
            raise ExecutionError("Timeout while waiting for medium")

    def get_size(self):
        return self.room

    def write_image(self, path):
        self.calls.append("write")
        with open(path, "rb") as file:
            self.written = file.read()

    def write_files(self, sources, target, partition):
        self.calls.append("lay")
        self.set_up = (open(sources[0]).read(), sources[0].split("/")[-1], str(target), partition)


CONTENT = b"kernel" + bytes(3 << 20) + b"root" + bytes(2 << 20)


@pytest.fixture
def image(tmp_path):
    file = tmp_path / "pi.img.xz"
    file.write_bytes(lzma.compress(CONTENT))
    return file


def test_the_image_is_unpacked_written_and_set_up_and_the_drone_has_the_card(image, tmp_path):
    (tmp_path / "mine.txt").write_text("hostname=drone\n")
    bench = FakeBench(len(CONTENT))
    card.write(bench, bench, bench, image, tmp_path / "mine.txt")
    assert bench.calls == ["host", "write", "lay", "dut"]
    assert bench.written == CONTENT
    assert bench.set_up == ("hostname=drone\n", "userdata.txt", "/", 1)


def test_an_image_that_is_not_packed_is_written_as_it_is(tmp_path):
    (tmp_path / "pi.img").write_bytes(b"plain")
    bench = FakeBench(5)
    card.write(bench, bench, bench, tmp_path / "pi.img", "")
    assert (bench.written, bench.calls) == (b"plain", ["host", "write", "dut"])


@pytest.mark.parametrize("room, sentence", [
    (len(CONTENT) - 1, f"^The card has {len(CONTENT) - 1} bytes, and pi.img.xz needs {len(CONTENT)}; put in a larger one.$"),
    (None, "^The card has 0 bytes"),
])
def test_a_card_that_is_too_small_or_not_there(image, room, sentence):
    bench = FakeBench(room)
    with pytest.raises(PlaceError, match=sentence):
        card.write(bench, bench, bench, image, "")
    assert bench.written is None


def test_what_cannot_be_written_is_refused_before_the_card_is_taken(image, tmp_path):
    bench = FakeBench(1 << 30)
    damaged = tmp_path / "damaged.img.xz"
    damaged.write_bytes(image.read_bytes()[:-30])
    for file, userdata, sentence in [
        (tmp_path / "none.img", "", "^There is no image .*none.img; make it with cross-build/image.$"),
        (image, tmp_path / "none.txt", "^There is no file .*none.txt, by which the drone would let somebody in"),
        (damaged, "", "damaged.img.xz is damaged: "),
    ]:
        with pytest.raises(PlaceError, match=sentence):
            card.write(bench, bench, bench, file, userdata)
    assert not bench.calls
