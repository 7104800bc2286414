"""A session goes into a file and comes back with the same bits; a file of any other kind is refused."""

import contextlib
import copy
import dataclasses
import io
import json
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import safetensors.numpy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.data import open_dataset
from simulator.engines import ENGINES
from simulator.errors import ConfigError, DivergenceError, ExportError, SessionFileError, SimulatorError
from simulator.interchange import save_model
from simulator.nn.optimizers import OPTIMIZERS
from simulator.progress import Cancelled, Progress
from simulator.spec import LayerSpec, NetworkSpec, Rule
from simulator.training.archive import members
from simulator.training.defaults import default_config
from simulator.training.session import Session
from simulator.training.session_file import DATA, read_session, write_session
from simulator.training.session_record import SessionRecord, same_state
from simulator.training.verification import ROUNDING, SAME, verify

DROPPING = NetworkSpec(4, (LayerSpec(6, "tanh", dropout=0.3), LayerSpec(5, "relu")), 3)
QUIET = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]}
STATES, DOCUMENT = "keyframes.safetensors", "session.json"


@pytest.fixture(scope="module")
def penguins():
    return open_dataset("penguins")


def keep(session: Session) -> None:
    """Keep a keyframe here, whether it is time for one or not."""
    session.timeline.keep(session.branch, session.record().present)


@pytest.fixture(scope="module")
def branched(penguins) -> Session:
    """Two runs and two branches, changes of settings in the middle, and the cursor inside a batch in the past."""
    session = Session(penguins, DROPPING)
    for _ in range(3):
        session.advance(2)
        keep(session)
    session.advance(5, "batch")
    adam = session.config
    session.configure(dataclasses.replace(adam, optimizer=Rule("sgd", momentum=0.9), batch_size=40))
    session.advance(9)
    session.go_to(3, 2)
    session.configure(dataclasses.replace(adam, l2=0.1))
    session.advance(4)
    session.rename(session.branch.number, "with a penalty – 🐧")
    session.new_weights(7)
    session.advance(3)
    session.switch(1, 5, 3)
    session.advance(2, "row")
    return session


@pytest.fixture(scope="module")
def record(branched) -> SessionRecord:
    return branched.record({"docks": "AAAA", "zoom": [1.5, None]})


@pytest.fixture(scope="module")
def original(record, tmp_path_factory) -> bytes:
    return write_session(record, tmp_path_factory.mktemp("original") / "s.nodeglow").read_bytes()


def assert_same(one: SessionRecord, two: SessionRecord) -> None:
    assert (one.engine, one.device, one.threads) == (two.engine, two.device, two.threads)
    assert (one.current, one.row, one.layout) == (two.current, two.row, two.layout)
    assert one.made_under == two.made_under
    assert same_state(one.present, two.present)
    for a, b in zip(one.branches, two.branches, strict=True):
        assert (a.number, a.name, a.parent, a.drawn) == (b.number, b.name, b.parent, b.drawn)
        assert [same_but_data(x, y) for x, y in zip(a.changes, b.changes, strict=True)] == [True] * len(a.changes)
        assert [one.datasets.index(x.dataset) for x in a.changes] == [two.datasets.index(x.dataset) for x in b.changes]
        assert a.records.tobytes() == b.records.tobytes()
        assert same_state(a.tip, b.tip)
        assert {s.epoch for s in a.keyframes} <= {s.epoch for s in b.keyframes}
    for mine, others in zip(one.datasets, two.datasets, strict=True):
        assert_same_data(mine, others)


def same_but_data(one, two) -> bool:
    return dataclasses.replace(one, dataset=two.dataset) == two


def assert_same_data(one, two) -> None:
    for name in ("X_train", "Y_train", "X_test", "Y_test", "train_rows", "test_rows"):
        a, b = getattr(one, name), getattr(two, name)
        assert a.dtype == b.dtype
        assert a.tobytes() == b.tobytes()
        assert not b.flags.writeable
    pd.testing.assert_frame_equal(one.table, two.table, check_exact=True)
    assert (one.name, one.path, one.recipe, one.report) == (two.name, two.path, two.recipe, two.report)


def through_a_file(record: SessionRecord, folder: Path, **options) -> SessionRecord:
    return read_session(write_session(record, folder / "s.nodeglow", **options))


# -- there and back -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", DATA)
def test_a_session_comes_back_as_it_was_to_the_bit(record, tmp_path, data):
    assert_same(record, through_a_file(record, tmp_path, data=data))


def test_equal_sessions_make_equal_files_and_a_second_time_through_changes_nothing(record, original, tmp_path):
    path = write_session(record, tmp_path / "again.nodeglow")
    assert path.read_bytes() == original
    opened = Session.of_record(read_session(path)).record()
    assert_same(record, opened)
    assert_same(record, through_a_file(opened, tmp_path))


@pytest.mark.parametrize("engine", [name for name in ENGINES if name != "cuda"])
@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_it_stands_at_the_same_moment_and_goes_on_with_the_same_bits(penguins, tmp_path, engine, optimizer):
    config = dataclasses.replace(default_config(penguins), optimizer=Rule(optimizer))
    session = Session(penguins, DROPPING, config, engine)
    session.advance(3)
    session.advance(4, "batch")
    opened = Session.of_record(through_a_file(session.record(), tmp_path))
    assert (opened.place, opened.live, opened.end) == (session.place, True, session.end)
    assert opened.snapshot().parameters.tobytes() == session.snapshot().parameters.tobytes()
    for each in (session, opened):
        each.advance(4)
    assert same_state(session.record().present, opened.record().present)
    assert session.records.tobytes() == opened.records.tobytes()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_memory_of_every_optimizer_is_kept(penguins, tmp_path, optimizer):
    session = Session(penguins, config=dataclasses.replace(default_config(penguins), optimizer=Rule(optimizer)))
    session.advance(2)
    assert same_state(session.record().present, through_a_file(session.record(), tmp_path).present)


def test_all_branches_and_moments_can_be_gone_to_in_the_opened_session(branched, record, tmp_path):
    opened, straight = Session.of_record(through_a_file(record, tmp_path)), Session.of_record(record)
    assert {number: branch.name for number, branch in opened.timeline.branches.items()} == {
        number: branch.name for number, branch in branched.timeline.branches.items()
    }
    assert opened.snapshot().row == 2
    for number, epoch, item in ((0, 4, 1), (1, 3, 2), (2, 2, 0), (1, 6, 0), (0, None, 0)):
        for each in (opened, straight):
            each.switch(number, epoch, item)
        assert same_state(opened.record().present, straight.record().present)
        assert opened.config == straight.config
        assert opened.records.tobytes() == straight.records.tobytes()
    opened.fork("new")
    assert opened.branch.number == 3


def test_a_session_from_given_weights_remembers_that_its_seed_did_not_draw_them(penguins, tmp_path):
    drawn, other = Session(penguins), Session(penguins, start=np.full(139, 0.125))
    assert through_a_file(drawn.record(), tmp_path).branches[0].drawn
    assert not through_a_file(other.record(), tmp_path).branches[0].drawn
    other.reset()
    assert not other.record().branches[1].drawn
    other.new_weights()
    assert other.record().branches[2].drawn


def test_a_thinned_file_is_smaller_and_goes_everywhere_all_the_same(penguins, tmp_path):
    session = Session(penguins)
    for _ in range(8):
        session.advance(3)
        keep(session)
    whole, thin = (through_a_file(session.record(), tmp_path, most_bytes=most) for most in (None, 5000))
    assert len(thin.branches[0].keyframes) < len(whole.branches[0].keyframes)
    opened = Session.of_record(thin)
    for epoch in (0, 11, 17, 24):
        for each in (session, opened):
            each.go_to(epoch)
        assert same_state(session.record().present, opened.record().present)


def test_an_opened_session_keeps_to_its_budget(penguins):
    session = Session(penguins)
    for _ in range(20):
        session.advance(1)
        keep(session)
    opened = Session.of_record(session.record(), budget=10_000)
    assert opened.timeline.bytes <= 10_000
    assert opened.end == session.end


def test_taking_a_record_leaves_the_session_as_it_is_and_the_record_stays_as_it_was(penguins):
    session, straight = Session(penguins), Session(penguins)
    session.advance(3)
    record = session.record()
    before = record.present.parameters.tobytes()
    session.advance(3)
    straight.advance(6)
    assert same_state(session.record().present, straight.record().present)
    assert record.present.parameters.tobytes() == before
    assert record.branches[0].end == (3, 0)
    assert len(record.branches[0].records) == 4


FRAME = pd.DataFrame({
    "whole": np.arange(-3, 57, dtype=np.int64) * 10**6,
    "unsigned": np.linspace(0, 2**64 - 2**12, 60).astype(np.uint64),
    "short": np.arange(60, dtype=np.int8),
    "single": np.linspace(0, 1, 60, dtype=np.float32),
    "odd": [-0.0, 5e-324, 1e308, 0.1, 1 / 3] * 12,
    "text": ["a", "ä,\"'\n;", "🐧 ", "x" * 500, "a"] * 12,
    "class": ["yes", "no", "perhaps"] * 20,
})  # fmt: skip


@pytest.mark.parametrize("name", ["iris", "auto_mpg", "diabetes", "digits"])
def test_the_tables_of_bundled_sets_come_back_as_they_were(name, tmp_path):
    dataset = open_dataset(name, missing="median", test_fraction=0.3, seed=5)
    assert_same_data(dataset, through_a_file(Session(dataset).record(), tmp_path).dataset)


@pytest.mark.parametrize("test_fraction", [0.0, 0.25])
def test_a_table_from_memory_with_every_kind_of_column_comes_back_as_it_was(tmp_path, test_fraction):
    frame = FRAME.assign(holes=[1.5, np.nan, 2.5] * 20)
    dataset = open_dataset(frame, target="class", ignore=("odd",), missing="mean", test_fraction=test_fraction)
    record = Session(dataset).record()
    assert_same_data(dataset, through_a_file(record, tmp_path).dataset)
    with pytest.raises(ExportError, match="no file") as refused:
        write_session(record, tmp_path / "t.nodeglow", data="path")
    assert "inside" in refused.value.hint
    assert not (tmp_path / "t.nodeglow").exists()


def test_a_table_that_gets_much_shorter_is_written_so_that_it_is_read_again(tmp_path, monkeypatch):
    monkeypatch.setattr(members, "SPARE_BYTES", 0)
    monkeypatch.setattr(members, "LARGEST_RATIO", 4)
    frame = pd.DataFrame({"a": np.zeros(50_000), "b": np.zeros(50_000), "y": [0.0, 1.0] * 25_000})
    dataset = open_dataset(frame, target="y", task="classification", features=("a", "b"))
    path = write_session(Session(dataset).record(), tmp_path / "s.nodeglow")
    with zipfile.ZipFile(path) as archive:
        assert sum(info.file_size for info in archive.infolist()) <= members.LARGEST_RATIO * path.stat().st_size
        assert archive.getinfo("data.safetensors").compress_type == zipfile.ZIP_STORED
    assert_same_data(dataset, read_session(path).dataset)


# -- data by its path -----------------------------------------------------------------------------------------------


@pytest.fixture
def by_path(tmp_path):
    folder = tmp_path / "here"
    folder.mkdir()
    source = folder / "mine.csv"
    source.write_text("x,y,kind\n" + "".join(f"{i},{i * i % 7},{'ab'[i % 2]}\n" for i in range(40)))
    session = Session(open_dataset(source))
    session.advance(2)
    return source, write_session(session.record(), folder / "s.nodeglow", data="path")


def test_a_file_without_the_data_is_small_and_finds_it_where_it_lies(by_path):
    source, path = by_path
    with zipfile.ZipFile(path) as archive:
        assert "data.json" not in archive.namelist()
    assert read_session(path).dataset.path == source


def test_data_that_moved_with_the_session_is_found_beside_it_or_where_one_says(by_path, tmp_path):
    source, path = by_path
    (tmp_path / "there").mkdir()
    moved = shutil.move(path, tmp_path / "there" / "s.nodeglow")
    elsewhere = shutil.move(source, tmp_path / "other.csv")
    with pytest.raises(SessionFileError, match=r"mine\.csv") as refused:
        read_session(moved)
    assert "beside the session file" in refused.value.hint
    assert read_session(moved, data=elsewhere).dataset.path == elsewhere
    beside = shutil.copy(elsewhere, tmp_path / "there" / "mine.csv")
    assert read_session(moved).dataset.path == beside


@pytest.mark.parametrize("change", [lambda text: text.replace("1,1", "1,2", 1), lambda text: text + "1,1,a\n"])
def test_data_with_another_content_is_refused(by_path, change):
    source, path = by_path
    source.write_text(change(source.read_text()))
    with pytest.raises(SessionFileError, match="content is another") as refused:
        read_session(path)
    assert "new data set" in refused.value.hint


def test_data_that_is_gone_when_a_session_is_saved_is_said(by_path, tmp_path):
    source, _ = by_path
    record = Session(open_dataset(source)).record()
    source.unlink()
    with pytest.raises(ExportError, match=r"mine\.csv"):
        write_session(record, tmp_path / "t.nodeglow", data="path")


# -- written whole or not at all -----------------------------------------------------------------------------------


def cancelled_after(fraction: float) -> Progress:
    progress = Progress(lambda done, text: progress.cancel() if (done or 0.0) > fraction else None)
    return progress


def test_a_cancelled_or_refused_save_leaves_the_old_file_and_nothing_else(record, tmp_path):
    path = tmp_path / "s.nodeglow"
    path.write_bytes(b"old")
    for fraction in (0.0, 0.5, 0.99):
        with pytest.raises(Cancelled):
            write_session(record, path, cancelled_after(fraction))
    with pytest.raises(ExportError, match="layout"):
        write_session(dataclasses.replace(record, layout={"zoom": float("nan")}), path)
    with pytest.raises(ExportError, match="already there"):
        write_session(record, path, overwrite=False)
    with pytest.raises(ConfigError):
        write_session(record, path, data="elsewhere")
    with pytest.raises(ExportError, match="cannot be written"):
        write_session(record, tmp_path / "none" / "s.nodeglow")
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["s.nodeglow"]


SAVER = """
import sys
from simulator.data import open_dataset
from simulator.training.session import Session
from simulator.training.session_file import write_session
path, size = sys.argv[1], int(sys.argv[2])
session = Session(open_dataset("iris"))
for _ in range(size):
    session.advance(1)
    session.timeline.keep(session.branch, session.record().present)
while True:
    for name in ("one", "two"):
        session.rename(0, name)
        write_session(session.record(), path)
        print(name, flush=True)
"""


def kill_while_saving(path: Path, times: int, size: int) -> set[str]:
    """Kill a program that does nothing but save at random moments; return what was found in the file."""
    found = set()
    chance = random.Random(1)
    for _ in range(times):
        program = subprocess.Popen(
            [sys.executable, "-c", SAVER, str(path), str(size)], stdout=subprocess.PIPE, env=os.environ, text=True
        )
        assert program.stdout.readline().strip() == "one"
        for _ in range(chance.randrange(3)):
            program.stdout.readline()
        time.sleep(chance.random() * 0.03)
        program.send_signal(signal.SIGKILL)
        program.wait()
        program.stdout.close()
        found.add(read_session(path).branches[0].name)
    return found


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_killed_while_it_saves_the_old_file_or_the_new_one_is_there_whole(tmp_path):
    assert kill_while_saving(tmp_path / "s.nodeglow", 2, 50) <= {"one", "two"}


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_killed_again_and_again_while_it_saves_the_old_file_or_the_new_one_is_there_whole(tmp_path):
    assert kill_while_saving(tmp_path / "s.nodeglow", 30, 300) == {"one", "two"}
    assert any(each.suffix == ".tmp" for each in tmp_path.iterdir()), "it was never killed in the middle"


# -- files of other kinds -------------------------------------------------------------------------------------------


def refusal(path: Path) -> SessionFileError:
    with pytest.raises(SessionFileError) as refused:
        read_session(path)
    assert refused.value.message
    assert refused.value.hint
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 1000
    return refused.value


def unpacked(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def packed(path: Path, members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def with_document(original: bytes, path: Path, change) -> Path:
    members = unpacked(original)
    document = json.loads(members[DOCUMENT])
    change(document)
    return packed(path, members | {DOCUMENT: json.dumps(document).encode()})


def with_states(original: bytes, path: Path, change) -> Path:
    members = unpacked(original)
    tensors = safetensors.numpy.load(members[STATES])
    names = list(tensors)
    change(tensors)
    # The library sorts tensors by their formats; ours stand in the order of their names in the file.
    return packed(
        path, members | {STATES: safetensors_bytes({name: tensors[name] for name in names if name in tensors})}
    )


def safetensors_bytes(tensors) -> bytes:
    codes = {"float32": "F32", "float64": "F64", "int64": "I64", "uint8": "U8"}
    header, end, body = {}, 0, b""
    for name, array in tensors.items():
        begin, end = end, end + array.nbytes
        header[name] = {"dtype": codes[array.dtype.name], "shape": list(array.shape), "data_offsets": [begin, end]}
        body += array.tobytes()
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def test_other_files_are_told_apart(penguins, original, tmp_path):
    other = tmp_path / "other.nodeglow"
    for content in (b"", b"PK", b"a,b\n1,2\n" * 99, b"\x80\x04\x95cos\nsystem\n"):
        other.write_bytes(content)
        assert "no session file" in refusal(other).message
    model = Session(penguins).model()
    for suffix in (".safetensors", ".npz", ".json"):
        saved = save_model(model, tmp_path / f"m{suffix}")
        refusal(saved.rename(tmp_path / "model.nodeglow"))
    packed(other, {"holiday.txt": b"sun"})
    assert ".nodeglow file" in refusal(other).hint
    assert "no such file" in refusal(tmp_path / "none.nodeglow").message
    refusal(tmp_path)


def test_a_newer_file_says_so(original, tmp_path):
    path = with_document(original, tmp_path / "s.nodeglow", lambda document: document.update(version=5))
    refused = refusal(path)
    assert "newer Nodeglow" in refused.message
    assert "Update" in refused.hint


@pytest.mark.parametrize("name", ["../evil.json", "/etc/passwd", "C:\\evil", "session.json/", "evil.pkl"])
def test_members_that_do_not_belong_there_are_refused_and_nothing_is_written(original, tmp_path, name):
    path = packed(tmp_path / "s.nodeglow", {**unpacked(original), name: b"evil"})
    assert "does not belong" in refusal(path).message
    assert [each.name for each in tmp_path.iterdir()] == ["s.nodeglow"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_stands_there_twice_is_refused(original, tmp_path):
    path = tmp_path / "s.nodeglow"
    path.write_bytes(original)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(DOCUMENT, b"{}")
    refusal(path)


@pytest.mark.parametrize("name", [DOCUMENT, STATES])
def test_a_bomb_is_refused_before_it_is_unpacked(original, tmp_path, name):
    bomb = packed(tmp_path / "s.nodeglow", {**unpacked(original), name: b"\0" * 200_000_000}, zipfile.ZIP_DEFLATED)
    assert bomb.stat().st_size < 1_000_000
    assert "out of all proportion" in refusal(bomb).message


@pytest.mark.parametrize("claimed", [10, 2**31])
def test_a_member_that_lies_about_its_size_is_refused(original, tmp_path, claimed):
    data = bytearray(packed(tmp_path / "s.nodeglow", unpacked(original), zipfile.ZIP_DEFLATED).read_bytes())
    place = data.rindex(b"PK\1\2", 0, data.rindex(STATES.encode()))
    data[place + 24 : place + 28] = struct.pack("<I", claimed)
    (tmp_path / "s.nodeglow").write_bytes(data)
    refusal(tmp_path / "s.nodeglow")


@pytest.mark.parametrize("content", [b"[" * 100_000, b'{"a": NaN}', b"\xff\xfe", b"9" * 5000, b"null", b"[]"])
def test_a_document_that_is_none_is_refused(original, tmp_path, content):
    refusal(packed(tmp_path / "s.nodeglow", {**unpacked(original), DOCUMENT: content}))


def branch(number: int, /, **values):
    return lambda document: document["branches"][number].update(values)


def change_of(number: int, nth: int, /, **values):
    return lambda document: document["branches"][number]["changes"][nth].update(values)


def config_of(number: int, nth: int, /, **values):
    return lambda document: document["branches"][number]["changes"][nth]["config"].update(values)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(branch(0, parent=1), id="a circle of two"),
        pytest.param(branch(1, parent=1), id="its own parent"),
        pytest.param(branch(1, parent=2), id="a parent that comes later"),
        pytest.param(branch(1, parent=99), id="a parent that is not there"),
        pytest.param(branch(1, number=0), id="a number twice"),
        pytest.param(branch(1, parent=None), id="a run that begins in the middle"),
        pytest.param(branch(1, number=-1), id="a negative number"),
        pytest.param(branch(0, changes=[]), id="no settings"),
        pytest.param(change_of(0, 1, place=[6, 5.5]), id="half an item"),
        pytest.param(change_of(0, 1, place=[6, "x"]), id="a text for a place"),
        pytest.param(change_of(0, 1, place=[6, 1e999]), id="an endless place"),
        pytest.param(change_of(0, 1, place=[6]), id="half a place"),
        pytest.param(change_of(0, 1, asked=[99, 0]), id="asked for after it held"),
        pytest.param(config_of(0, 1, batch_size=7), id="a batch size in the middle of an epoch"),
        pytest.param(config_of(0, 1, seed=1), id="a seed in the middle of a run"),
        pytest.param(config_of(0, 0, dtype="float64"), id="another number format"),
        pytest.param(config_of(0, 0, optimizer={"name": "sgd"}), id="an optimizer with another memory"),
        pytest.param(config_of(0, 0, optimizer={"name": "none"}), id="an optimizer that there is not"),
        pytest.param(config_of(0, 0, batch_size=10**9), id="batches of another number"),
        pytest.param(lambda d: d.update(threads=10**9), id="a billion threads"),
        pytest.param(lambda d: d.update(threads=0), id="no threads"),
        pytest.param(lambda d: d["looked_at"].update(branch=9), id="a branch that is not there"),
        pytest.param(lambda d: d["looked_at"].update(row=16), id="a row outside the batch"),
        pytest.param(lambda d: d["datasets"][0]["recipe"]["columns"].pop(), id="a recipe of fewer columns"),
        pytest.param(
            lambda d: d["datasets"][0]["recipe"]["columns"][0].update(column="no such"), id="a recipe of another table"
        ),
        pytest.param(lambda d: d["datasets"][0]["recipe"]["target"]["classes"].pop(), id="a class less"),
        pytest.param(lambda d: d["datasets"][0]["report"].update(rows="many"), id="a report that is none"),
        pytest.param(lambda d: d["branches"][0]["changes"][0]["network"].update(inputs=10**6), id="a wide network"),
        pytest.param(lambda d: d["branches"].clear(), id="no branches"),
        pytest.param(lambda d: d.update(layout=[]), id="a layout that is none"),
        pytest.param(lambda d: d["datasets"][0].update(kind="path"), id="data that is not described"),
        pytest.param(lambda d: d.pop("branches"), id="nothing about branches"),
    ],
)
def test_what_does_not_go_together_is_refused(original, tmp_path, change):
    refusal(with_document(original, tmp_path / "s.nodeglow", change))


def replaced(name: str, make):
    return lambda tensors: tensors.update({name: make(tensors[name])})


def nan_in(array):
    array = array.copy()
    array.flat[0] = np.nan
    return array


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(replaced("branch.0.0.parameters", lambda a: a[:, :-1].copy()), id="a parameter less"),
        pytest.param(replaced("branch.0.0.parameters", lambda a: a.astype(np.float64)), id="another number format"),
        pytest.param(replaced("branch.0.0.parameters", nan_in), id="a parameter that is no number"),
        pytest.param(replaced("branch.0.0.memory", nan_in), id="a memory that is no number"),
        pytest.param(replaced("branch.0.0.memory", lambda a: a[:, :1].copy()), id="a memory less"),
        pytest.param(replaced("branch.0.0.places", lambda a: a[:, :2].copy()), id="places without updates"),
        pytest.param(replaced("branch.0.0.places", lambda a: a.astype(np.float64)), id="places that are fractions"),
        pytest.param(replaced("branch.0.0.places", lambda a: -a - 1), id="places before the start"),
        pytest.param(replaced("branch.0.0.places", lambda a: a[::-1].copy()), id="places in another order"),
        pytest.param(replaced("branch.0.0.places", lambda a: a + np.array([0, 999, 0])), id="items that there are not"),
        pytest.param(replaced("branch.0.0.places", lambda a: a + np.array([10**9, 0, 0])), id="epochs without records"),
        pytest.param(replaced("branch.0.0.learning_rate", nan_in), id="a rate that is no number"),
        pytest.param(replaced("branch.0.0.sums", lambda a: a[:, :3].copy()), id="a sum less"),
        pytest.param(lambda tensors: tensors.pop("branch.0.0.sums"), id="no sums"),
        pytest.param(lambda tensors: tensors.pop("present.0.places"), id="no present"),
    ],
)
def test_states_that_no_engine_could_go_on_from_are_refused(original, tmp_path, change):
    refusal(with_states(original, tmp_path / "s.nodeglow", change))


def test_a_file_that_was_cut_short_anywhere_is_refused(original, tmp_path):
    path = tmp_path / "s.nodeglow"
    chance = random.Random(2)
    ends = {*range(40), *range(len(original) - 40, len(original)), *chance.sample(range(len(original)), 150)}
    for end in sorted(ends):
        path.write_bytes(original[:end])
        refusal(path)


def read_or_refused(path: Path) -> SessionRecord | None:
    """Return the session, or None where the file was refused as it should be."""
    try:
        return read_session(path)
    except SessionFileError as error:
        refused = error
    assert refused.hint
    assert str(refused).isprintable()
    return None


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 7)), min_size=1, max_size=5))
@settings(**QUIET)
def test_a_file_with_flipped_bits_is_the_session_or_is_refused(original, record, tmp_path, flips):
    data = bytearray(original)
    for place, bit in flips:
        data[min(int(place * len(data)), len(data) - 1)] ^= 1 << bit
    path = tmp_path / "s.nodeglow"
    path.write_bytes(data)
    found = read_or_refused(path)
    if found is not None:
        assert_same(record, found)


odd_values = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 20), st.text(max_size=5), st.lists(st.integers(0, 3), max_size=2),
    st.sampled_from([2**31, 2**63, 2**64, 10**23, -1, 1e308, "\ud800", {}, "tanh", "sgd", "cuda:0", "reference"]),
)  # fmt: skip


@given(st.lists(st.tuples(st.lists(st.integers(0, 30), min_size=1, max_size=7), odd_values), min_size=1, max_size=2))
@settings(**QUIET)
def test_a_file_with_changed_values_is_a_session_that_trains_or_is_refused(original, tmp_path, changes):
    trains_or_is_refused(original, tmp_path, changes)


def trains_or_is_refused(original: bytes, folder: Path, changes) -> None:
    def change(document):
        for way, new in changes:
            value = document
            for step in way:
                keys = list(value) if isinstance(value, dict) else list(range(len(value)))
                if not keys:
                    break
                key = keys[step % len(keys)]
                if step is way[-1] or not isinstance(value[key], dict | list):
                    value[key] = copy.deepcopy(new)
                    break
                value = value[key]

    path = with_document(original, folder / "s.nodeglow", change)
    found = read_or_refused(path)
    if found is None:
        return
    with contextlib.suppress(SimulatorError):  # an engine that there is not, a rate that leads to infinity
        session = Session.of_record(found)
        session.advance(1)
        session.go_to(0)
        session.advance(1)


def test_a_moment_that_cannot_be_repeated_is_refused_and_nothing_hangs(penguins):
    session = Session(penguins)
    session.advance(3)
    keep(session)
    session.advance(3)
    record = session.record()
    kept = record.branches[0]
    huge = np.full_like(kept.tip.parameters, 3e38)
    keyframes = tuple(dataclasses.replace(each, parameters=huge) for each in kept.keyframes[:2])
    changed = dataclasses.replace(record, branches=(dataclasses.replace(kept, keyframes=keyframes),))
    opened = Session.of_record(changed)
    with pytest.raises(DivergenceError, match="cannot be repeated") as refused:
        opened.go_to(4)
    assert "file was changed" in refused.value.hint
    assert opened.place == (3, 0)
    with pytest.raises(DivergenceError):
        opened.advance(1)
    opened.go_to(6)
    opened.advance(1)
    assert opened.epoch == 7


def test_a_failed_read_takes_no_part_of_a_running_session_along(branched, original, tmp_path):
    before = branched.record()
    with pytest.raises(SessionFileError):
        read_session(with_document(original, tmp_path / "s.nodeglow", branch(1, parent=99)))
    assert_same(before, branched.record())


# -- several data sets ----------------------------------------------------------------------------------------------

OF_VERSION_1 = Path(__file__).parent / "files" / "of_version_1.nodeglow"


def test_a_file_of_the_first_version_is_opened_verified_and_gone_on_with(tmp_path):
    record = read_session(OF_VERSION_1)
    assert [branch.name for branch in record.branches] == ["run 1", "larger batches"]
    assert [branch.end for branch in record.branches] == [(5, 0), (4, 0)]
    assert len(record.datasets) == 1
    assert record.dataset.table["kind"].tolist()[:4] == ["a", "b", "a", "a"]
    assert record.present.parameters[:3] == pytest.approx([0.8913182616, 0.8122498393, 0.4986602664], abs=1e-9)
    assert verify(record).verdict in (SAME, ROUNDING)
    assert_same(record, through_a_file(record, tmp_path))
    Session.of_record(record).advance(1)


OF_VERSION_2 = Path(__file__).parent / "files" / "of_version_2.nodeglow"


def test_a_file_from_before_the_norms_were_kept_is_opened_verified_and_gone_on_with(tmp_path):
    record = read_session(OF_VERSION_2)
    assert [branch.end for branch in record.branches] == [(4, 0), (5, 2)]
    for branch in record.branches:
        assert np.isnan(branch.records["gradient_norm"]).all()
        assert np.isnan(branch.records["weight_norm"]).all()
        assert np.isfinite(branch.records["train_loss"]).all()
    assert verify(record).verdict in (SAME, ROUNDING)
    assert_same(record, through_a_file(record, tmp_path))
    session = Session.of_record(record)
    session.advance(1)
    assert np.isfinite(session.records[["gradient_norm", "weight_norm"]][-1].tolist()).all()
    record = session.record()
    assert_same(record, through_a_file(record, tmp_path))


def test_the_norm_of_a_gradient_that_waits_for_its_epochs_record_goes_through_a_file(penguins, tmp_path):
    session = Session(penguins, engine="reference")
    session.advance(2)
    session._course.go_to((1, session.snapshot().batches), Progress())  # before the test rows of epoch 2
    present = session.record().present
    assert present.gradient_norm == session.records["gradient_norm"][2]
    assert through_a_file(session.record(), tmp_path).present.gradient_norm == present.gradient_norm


def other_split(dataset, **choices):
    """Return another data set of the same table, which it shares."""
    made = open_dataset("penguins", **choices)
    return dataclasses.replace(made, table=dataset.table)


@pytest.fixture(scope="module")
def kitchen(penguins) -> SessionRecord:
    """A run through five data sets: two of one table, one of an equal table, one of another; and one that waits."""
    session = Session(penguins, DROPPING)
    flipped = penguins.table.assign(species=penguins.table["species"].iloc[::-1].to_numpy())
    chosen = {"target": "species", "features": penguins.feature_names}
    session.advance(2)
    for made in (
        other_split(penguins, seed=3, test_fraction=0.5),
        open_dataset("penguins", seed=4, test_fraction=0.0),
        open_dataset(flipped, **chosen),
    ):
        session.change_data(made)
        session.advance(2)
    session.go_to(3)
    session.change_data(other_split(penguins, seed=9))
    session.advance(1)
    session.go_to(2, 3)
    session.change_data(penguins)
    session.advance(2, "batch")
    return session.record()


def test_every_data_set_comes_back_and_a_table_that_several_share_is_there_once(kitchen, tmp_path):
    assert len(kitchen.datasets) == 5
    path = write_session(kitchen, tmp_path / "s.nodeglow")
    found = read_session(path)
    assert_same(kitchen, found)
    tables = {id(each.table) for each in found.datasets}
    assert len(tables) == 2
    with zipfile.ZipFile(path) as archive:
        assert len(json.loads(archive.read("data.json"))) == 2
    assert verify(found).verdict == SAME


@pytest.mark.parametrize("engine", [name for name in ENGINES if name != "cuda"])
def test_a_session_whose_data_changed_goes_on_with_the_same_bits_after_it_was_read(penguins, tmp_path, engine):
    session = Session(penguins, DROPPING, engine=engine)
    session.advance(1, "batch")
    session.change_data(open_dataset("penguins", test_fraction=0.6))
    read = Session.of_record(through_a_file(session.record(), tmp_path))
    assert len(read.dataset.X_train) == len(penguins.X_train)
    assert len(read.wanted_dataset.X_train) == len(session.wanted_dataset.X_train)
    for each in (session, read):
        each.advance(3)
    assert same_state(session.record().present, read.record().present)
    assert session.records.tobytes() == read.records.tobytes()
    assert verify(read.record()).verdict == SAME


def test_by_path_goes_what_its_file_gives_back_and_nothing_else(kitchen, tmp_path):
    path = write_session(kitchen, tmp_path / "s.nodeglow", data="path")
    with zipfile.ZipFile(path) as archive:
        kinds = [each["kind"] for each in json.loads(archive.read(DOCUMENT))["datasets"]]
        assert len(json.loads(archive.read("data.json"))) == 1
    assert sorted(kinds) == ["inside", *["path"] * 4]
    assert_same(kitchen, read_session(path))


def test_rows_that_were_changed_by_hand_do_not_get_lost_by_path(tmp_path):
    source = tmp_path / "mine.csv"
    source.write_text("x,y,kind\n" + "".join(f"{i},{i * i % 7},{'ab'[i % 2]}\n" for i in range(40)))
    first = open_dataset(source, features=("x", "y"))
    table = first.table.assign(x=first.table["x"] + 1)
    session = Session(first)
    session.change_data(dataclasses.replace(open_dataset(table, target="kind", features=("x", "y")), path=source))
    path = write_session(session.record(), tmp_path / "s.nodeglow", data="path")
    source.unlink()
    assert_same(session.record(), read_session(path))


def test_of_two_files_one_can_be_shown_the_place_of_both(tmp_path):
    folder = tmp_path / "here"
    folder.mkdir()
    made = []
    for name in ("one.csv", "two.csv"):
        rows = (f"{i},{i * (3 + len(made)) % 7},{'ab'[i % 2]}\n" for i in range(40))
        (folder / name).write_text("x,y,kind\n" + "".join(rows))
        made.append(open_dataset(folder / name))
    session = Session(made[0])
    session.advance(1)
    session.change_data(made[1])
    path = write_session(session.record(), tmp_path / "s.nodeglow", data="path")
    there = folder.rename(tmp_path / "there")
    with pytest.raises(SessionFileError, match=r"one\.csv"):
        read_session(path)
    assert [each.path.name for each in read_session(path, data=there / "two.csv").datasets] == ["one.csv", "two.csv"]
    (there / "two.csv").write_text("x,y,kind\n1,2,a\n")
    with pytest.raises(SessionFileError, match="content is another"):
        read_session(path, data=there / "one.csv")


def test_only_strokes_that_were_trained_with_are_stored(penguins, tmp_path):
    session = Session(penguins, DROPPING)
    for nth in range(40):
        session.change_data(dataclasses.replace(penguins, table=penguins.table.assign(year=nth)))
        if nth % 10 == 9:
            session.advance(1, "batch")
    path = write_session(session.record(), tmp_path / "s.nodeglow")
    assert len(read_session(path).datasets) == 2  # what epoch 1 was trained on, and what waits
    with zipfile.ZipFile(path) as archive:
        assert len(json.loads(archive.read("data.json"))) == 2


@pytest.fixture(scope="module")
def of_several(kitchen, tmp_path_factory) -> bytes:
    return write_session(kitchen, tmp_path_factory.mktemp("several") / "s.nodeglow").read_bytes()


@given(st.lists(st.tuples(st.lists(st.integers(0, 30), min_size=1, max_size=7), odd_values), min_size=1, max_size=2))
@settings(**QUIET)
def test_a_file_of_several_data_sets_with_changed_values_trains_or_is_refused(of_several, tmp_path, changes):
    trains_or_is_refused(of_several, tmp_path, changes)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(change_of(0, 1, data=7), id="data that is not there"),
        pytest.param(change_of(0, 1, data=-1), id="a negative number of data"),
        pytest.param(change_of(0, 1, data=True), id="a truth for a number"),
        pytest.param(change_of(0, 1, data=0), id="data that no branch was trained on"),
        pytest.param(change_of(0, 1, place=[2, 3]), id="data that changes in the middle of an epoch"),
        pytest.param(lambda d: d["datasets"].pop(), id="a data set less"),
        pytest.param(lambda d: d["datasets"].append(d["datasets"][0]), id="a data set more"),
        pytest.param(lambda d: d["datasets"][1].update(table=9), id="a table that is not there"),
        pytest.param(lambda d: d["datasets"][1].update(table=[0]), id="a table that is no number"),
        pytest.param(lambda d: [each.update(table=0) for each in d["datasets"]], id="a table for nothing"),
        pytest.param(lambda d: d["datasets"][0]["recipe"]["columns"].pop(), id="other inputs"),
        pytest.param(lambda d: d["datasets"][0]["recipe"]["target"].update(classes=["a", "b", "c", "d"]), id="outputs"),
        pytest.param(lambda d: d.update(version=1), id="a document of another version"),
        pytest.param(lambda d: d.update(datasets={}), id="data sets that are no list"),
    ],
)
def test_data_sets_that_do_not_belong_to_the_branches_are_refused(of_several, tmp_path, change):
    refusal(with_document(of_several, tmp_path / "s.nodeglow", change))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda t: t.pop("data.1.train_rows"), id="rows that are not there"),
        pytest.param(lambda t: t.update({"data.1.train_rows": t["data.1.test_rows"]}), id="rows that are both"),
        pytest.param(lambda t: t.update({"data.1.train_rows": t["data.1.train_rows"][:0]}), id="no rows"),
        pytest.param(lambda t: t.update({"data.1.more": t["data.1.train_rows"]}), id="rows of a third kind"),
        pytest.param(lambda t: t.update({"data.9.train_rows": t["data.1.train_rows"]}), id="rows of nothing"),
        pytest.param(lambda t: t.update({"table.9.column.0": t["table.0.column.0"]}), id="a table of nothing"),
        pytest.param(lambda t: t.update({"table.0.column.99": t["table.0.column.0"]}), id="a column of nothing"),
        pytest.param(lambda t: t.update({f"data.{'9' * 5000}.x": t["data.1.train_rows"]}), id="a long number"),
    ],
)
def test_rows_and_tables_that_belong_to_nothing_are_refused(of_several, tmp_path, change):
    members = unpacked(of_several)
    tensors = safetensors.numpy.load(members["data.safetensors"])
    change(tensors)
    members["data.safetensors"] = safetensors.numpy.save(tensors)
    refusal(packed(tmp_path / "s.nodeglow", members))


@pytest.mark.parametrize("data", ["inside", "path"])
def test_a_session_with_derived_columns_copies_and_noise_comes_back_to_the_bit(tmp_path, data):
    dataset = open_dataset(
        "penguins",
        derived={"ratio": "bill_length_mm / bill_depth_mm"},
        duplicates=0.2,
        label_noise=0.1,
        missing="median",
        flag_missing=True,
        columns={"body_mass_g": {"scale": "log"}},
    )
    session = Session(dataset, engine="reference")
    session.advance(2)
    path = write_session(session.record(), tmp_path / "s.nodeglow", data=data)
    found = read_session(path).dataset
    for name in ("X_train", "Y_train", "X_test", "Y_test", "train_rows", "test_rows", "copies", "noisy_rows"):
        np.testing.assert_array_equal(getattr(found, name), getattr(dataset, name))
    pd.testing.assert_frame_equal(found.table, dataset.table)
    assert found.recipe == dataset.recipe
    assert found.report == dataset.report
