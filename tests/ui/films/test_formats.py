"""Films as files, opened by those who play them."""

import fractions
import io
import sys

import numpy as np
import pytest

from simulator.errors import ConfigError, ExportError
from simulator.progress import Cancelled, Progress
from ui.films.film import Film
from ui.films.formats import ENCODERS, check_film, write_film

WIDE, TALL, COUNT = 96, 64, 7


def frames(count=COUNT, wide=WIDE, tall=TALL):
    """A bar that grows on a ground with a gradient."""
    ground = np.zeros((tall, wide, 3), np.uint8) + np.array([16, 22, 34], np.uint8)
    ground[..., 2] += np.arange(tall, dtype=np.uint8)[:, None] // 8
    for nth in range(count):
        frame = ground.copy()
        frame[10:20, 8 : 8 + 8 * (nth + 1)] = (255, 154, 60)
        frame[30 + nth : 40 + nth, 40:50] = (74, 163, 255)
        yield frame


def shown(path):
    """The frames of a file as (height, width, 3), and for how many milliseconds each stays."""
    if path.suffix == ".mp4":
        import av

        with av.open(str(path)) as film:
            found = [(frame.to_ndarray(format="rgb24"), float(frame.time)) for frame in film.decode(video=0)]
        ends = [time for _, time in found[1:]]
        return [frame for frame, _ in found], [
            round(1000 * (end - begin)) for (_, begin), end in zip(found, ends, strict=False)
        ]
    from PIL import Image, ImageSequence

    with Image.open(path) as film:
        found = [(np.array(each.convert("RGB")), each.info["duration"]) for each in ImageSequence.Iterator(film)]
    return [frame for frame, _ in found], [time for _, time in found]


@pytest.mark.parametrize("suffix", ENCODERS)
def test_a_film_has_its_frames_its_size_and_its_times(tmp_path, suffix):
    film = Film(fps=12.5, hold=0.4, quality=100)
    path = write_film(tmp_path / f"film{suffix}", frames(), COUNT, film, Progress())
    found, times = shown(path)
    assert {frame.shape for frame in found} == {(TALL, WIDE, 3)}
    if suffix == ".mp4":
        assert len(found) == COUNT + 4  # the last one stays by being repeated
        assert set(times) == {80}
    else:
        assert len(found) == COUNT
        assert times == [80] * (COUNT - 1) + [400]
    worst = 2.0 if suffix == ".mp4" else 0.0  # H.264 has half the resolution for colours
    for frame, drawn in zip(found, frames(), strict=False):
        assert np.abs(frame.astype(int) - drawn).mean() <= worst


def test_a_gif_plays_for_ever_or_once(tmp_path):
    from PIL import Image

    for loop in (True, False):
        path = write_film(tmp_path / f"{loop}.gif", frames(), COUNT, Film(loop=loop), Progress())
        with Image.open(path) as film:
            assert ("loop" in film.info) == loop


def test_frames_that_do_not_change_stay_frames(tmp_path):
    still = list(frames(1)) * 3
    found, times = shown(write_film(tmp_path / "still.gif", iter(still), 3, Film(hold=0.0), Progress()))
    assert [np.array_equal(frame, still[0]) for frame in found] == [True, True, True]
    assert times == [50, 50, 50]


def test_a_film_of_one_frame_can_be_read(tmp_path):
    for suffix in ENCODERS:
        path = write_film(tmp_path / f"one{suffix}", frames(1), 1, Film(), Progress())
        assert path.stat().st_size > 100


def test_a_film_of_many_colours_keeps_its_ground_to_the_bit_and_does_not_flicker(tmp_path):
    rng = np.random.default_rng(3)
    drawn = []
    for _ in range(6):
        frame = np.full((TALL, WIDE, 3), (16, 22, 34), np.uint8)
        frame[20:60, 20:60] = rng.integers(0, 256, (40, 40, 3), np.uint8)
        frame[20:30, 20:30] = (255, 154, 60)
        drawn.append(frame)
    found, _ = shown(write_film(tmp_path / "many.gif", iter(drawn), 6, Film(), Progress()))
    grounds = [frame[:20] for frame in found] + [frame[60:] for frame in found]
    assert all((ground == (16, 22, 34)).all() for ground in grounds)
    assert np.abs(found[3].astype(int) - drawn[3]).mean() < 12
    assert len({frame[25, 25].tobytes() for frame in found}) == 1


def test_an_mp4_of_odd_sizes_gets_one_more_row_and_column(tmp_path):
    path = write_film(tmp_path / "odd.mp4", frames(3, 33, 51), 3, Film(hold=0.0), Progress())
    assert {frame.shape for frame in shown(path)[0]} == {(52, 34, 3)}


def test_an_mp4_says_how_its_colours_are_meant_and_how_fast_it_is(tmp_path):
    import av

    path = write_film(tmp_path / "film.mp4", frames(), COUNT, Film(fps=24.0), Progress())
    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert stream.average_rate == fractions.Fraction(24)
        assert stream.codec_context.colorspace == 1


@pytest.mark.parametrize("suffix", ENCODERS)
def test_a_cancelled_film_leaves_nothing(tmp_path, suffix):
    progress = Progress(lambda done, _text: progress.cancel() if done and done > 0.3 else None)
    with pytest.raises(Cancelled):
        write_film(tmp_path / f"film{suffix}", frames(), COUNT, Film(), progress)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", ENCODERS)
def test_a_frame_that_cannot_be_drawn_leaves_what_was_there(tmp_path, suffix):
    def broken():
        yield next(frames())
        raise ArithmeticError("no frame")

    path = tmp_path / f"film{suffix}"
    path.write_bytes(b"mine")
    with pytest.raises(ArithmeticError):
        write_film(path, broken(), COUNT, Film(), Progress())
    assert path.read_bytes() == b"mine"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="limits of processes")
@pytest.mark.parametrize("suffix", ENCODERS)
def test_a_disk_without_room_is_said_and_leaves_nothing(tmp_path, suffix):
    import resource
    import signal

    noise = np.random.default_rng(1).integers(0, 256, (COUNT, TALL, WIDE, 3), np.uint8)
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, before[1]))
    try:
        with pytest.raises(ExportError, match="cannot be written") as found:
            write_film(tmp_path / f"film{suffix}", iter(noise), COUNT, Film(), Progress())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert found.value.hint
    assert list(tmp_path.iterdir()) == []


def test_what_is_missing_for_a_format_is_said_with_the_command_that_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(ConfigError, match="need the package 'av'") as found:
        check_film(".mp4", Film(), 100, 100)
    assert "pip install 'nodeglow[video]'" in found.value.hint


def test_what_a_format_cannot_hold_is_refused_before_anything_is_drawn():
    with pytest.raises(ConfigError, match="55 frames a second"):
        check_film(".gif", Film(fps=55.0), 100, 100)
    with pytest.raises(ConfigError, match="5000 × 100 pixels"):
        check_film(".mp4", Film(), 5_000, 100)


def test_memory_does_not_grow_with_the_frames_of_a_gif(tmp_path):
    import tracemalloc

    def peak(count):
        tracemalloc.start()
        ENCODERS[".gif"].write(io.BytesIO(), frames(count, 300, 200), count, Film(), Progress())
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(120) < peak(12) + 20 * 300 * 200 * 3
