import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.errors import ExportError, ModelFileError
from simulator.interchange.whole_files import check_writable, open_regular, printable, write_whole

OLD = b"the old content"

posix = pytest.mark.skipif(os.name != "posix", reason="rights, pipes, devices and such names are POSIX")


def _only(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


@pytest.mark.parametrize("content", [b"\0\xff bytes", "text with ümlauts\n", "", b""], ids=repr)
def test_bytes_and_text_are_written_as_they_are(tmp_path, content):
    path = write_whole(tmp_path / "file.x", content)
    assert path == tmp_path / "file.x"
    assert path.read_bytes() == (content.encode() if isinstance(content, str) else content)
    assert _only(tmp_path) == ["file.x"]


@posix
def test_an_old_file_is_replaced_whole_and_keeps_its_rights(tmp_path):
    path = tmp_path / "file.x"
    path.write_bytes(OLD * 1000)
    path.chmod(0o640)
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert _only(tmp_path) == ["file.x"]


@posix
def test_a_new_file_has_the_rights_that_the_user_asked_for(tmp_path):
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "file.x", b"new")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file.x").stat().st_mode) == 0o640


@posix
def test_somebody_who_reads_the_old_file_goes_on_reading_the_old_one(tmp_path):
    path = tmp_path / "file.x"
    path.write_bytes(OLD)
    with path.open("rb") as reader:
        write_whole(path, b"new")
        assert reader.read() == OLD


@posix
def test_a_link_is_followed_and_stays_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link.x").symlink_to(tmp_path / "real" / "file.x")
    (tmp_path / "real" / "file.x").write_bytes(OLD)
    write_whole(tmp_path / "link.x", b"new")
    assert (tmp_path / "link.x").is_symlink()
    assert (tmp_path / "real" / "file.x").read_bytes() == b"new"


@posix
@pytest.mark.parametrize(
    "name", ["with space.x", "ümläut 漢字 🙂.x", "-leading.x", "new\nline.x", "q'u\"o`te$.x", "n" * 255]
)
def test_odd_names_are_written(tmp_path, name):
    write_whole(tmp_path / name, b"new")
    assert _only(tmp_path) == [name]


def _below_a_file(folder: Path) -> Path:
    (folder / "file.x").write_bytes(OLD)
    return folder / "file.x" / "inner.x"


def _folder(folder: Path) -> Path:
    (folder / "sub").mkdir()
    return folder / "sub"


def _circle(folder: Path) -> Path:
    (folder / "a").symlink_to(folder / "b")
    (folder / "b").symlink_to(folder / "a")
    return folder / "a"


def _pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


@pytest.mark.parametrize(
    ("target", "named", "advice"),
    [
        pytest.param(_below_a_file, "not a directory", "file, not a folder", id="below a regular file"),
        pytest.param(_folder, "folder", "name of a file", id="a folder"),
        pytest.param(lambda folder: folder / "none" / "x", "no such file", "Make the folder", id="in no folder"),
        pytest.param(lambda folder: folder / ("n" * 300), "too long", "shorter", id="a name too long"),
        pytest.param(lambda folder: folder / "a\0b", "null", "special characters", id="a zero byte in the name"),
        pytest.param(_circle, "symbolic links", "circle", id="a circle of links", marks=posix),
        pytest.param(_pipe, "pipe", "name of a file", id="a pipe", marks=posix),
        pytest.param(lambda folder: Path("/proc/none.x"), "", ".", id="a file system that takes no files", marks=posix),
    ],
)
def test_what_cannot_be_written_is_refused_with_a_hint_and_nothing_is_left(tmp_path, target, named, advice):
    path = target(tmp_path)
    before = _only(tmp_path)
    with pytest.raises(ExportError) as refused:
        write_whole(path, b"new")
    if not path.is_relative_to("/proc"):  # which only an attempt tells
        with pytest.raises(ExportError, match="cannot be written"):
            check_writable(path)
    assert "cannot be written" in refused.value.message
    assert named in refused.value.message
    assert advice in refused.value.hint
    assert _only(tmp_path) == before
    assert all(each.read_bytes() == OLD for each in tmp_path.iterdir() if each.is_file())


@posix
def test_the_device_that_swallows_everything_is_not_replaced_by_a_file():
    with pytest.raises(ExportError, match="device"):
        write_whole("/dev/null", b"new")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_an_existing_file_stays_unless_it_may_be_replaced(tmp_path):
    path = tmp_path / "file.x"
    path.write_bytes(OLD)
    with pytest.raises(ExportError, match="already there"):
        write_whole(path, b"new", overwrite=False)
    assert path.read_bytes() == OLD
    assert _only(tmp_path) == ["file.x"]
    write_whole(tmp_path / "other.x", b"new", overwrite=False)
    assert (tmp_path / "other.x").read_bytes() == b"new"


def test_a_failure_in_the_last_step_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "file.x"
    path.write_bytes(OLD)

    def fail(self: Path, target: Path) -> None:
        raise OSError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(ExportError) as refused:
        write_whole(path, b"new")
    assert "may write" in refused.value.hint
    assert _only(tmp_path) == ["file.x"]
    assert path.read_bytes() == OLD


def test_an_interruption_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "file.x"
    path.write_bytes(OLD)

    def interrupt(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_whole(path, b"new")
    assert _only(tmp_path) == ["file.x"]
    assert path.read_bytes() == OLD


def _python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parents[3]
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=root, capture_output=True, text=True, timeout=60, check=False
    )


LIMITED = """
import resource, sys
from simulator.errors import ExportError
from simulator.interchange.whole_files import write_whole
if sys.argv[2] == "limit":
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
if sys.argv[2] == "nobody":
    import os
    os.setuid(65534)
try:
    write_whole(sys.argv[1], b"n" * 3_000_000)
except ExportError as error:
    print(error.message, "|", error.hint)
"""


@posix
def test_a_file_over_the_permitted_size_leaves_the_old_one(tmp_path):
    path = tmp_path / "file.x"
    path.write_bytes(OLD)
    done = _python(LIMITED, str(path), "limit")
    assert "too large" in done.stdout, done.stderr
    assert "another disk" in done.stdout
    assert path.read_bytes() == OLD
    assert _only(tmp_path) == ["file.x"]


def test_a_full_disk_leaves_the_old_file_and_says_that_the_disk_is_full(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(disk)]
    try:
        permitted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        permitted = False
    if not permitted:
        pytest.skip("mounting a small disk is not permitted here; the permitted size is tested instead")
    try:
        path = disk / "file.x"
        path.write_bytes(OLD)
        with pytest.raises(ExportError, match="no space") as refused:
            write_whole(path, b"n" * 3_000_000)
        assert "disk is full" in refused.value.hint
        assert path.read_bytes() == OLD
        assert _only(disk) == ["file.x"]
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can become somebody else")
def test_a_folder_without_permission_is_refused_as_somebody_else():
    # The test's own folder is closed to others anyway; the system's is readable for everyone and writable for root.
    done = _python(LIMITED, "/etc/nodeglow-test.x", "nobody")
    assert "permission denied" in done.stdout, done.stderr
    assert "may write" in done.stdout
    assert not Path("/etc/nodeglow-test.x").exists()


@pytest.mark.skipif(hasattr(os, "getuid") and os.getuid() == 0, reason="root may write everywhere")
def test_a_write_protected_file_and_folder_are_refused(tmp_path):
    path = tmp_path / "file.x"
    path.write_bytes(OLD)
    path.chmod(0o444)
    with pytest.raises(ExportError, match="write-protected"):
        write_whole(path, b"new")
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(ExportError, match="permission denied"):
            write_whole(tmp_path / "new.x", b"new")
    finally:
        tmp_path.chmod(0o755)
    assert path.read_bytes() == OLD


@pytest.mark.parametrize(
    ("target", "named"),
    [
        pytest.param(lambda folder: folder / "none", "no such file", id="no file"),
        pytest.param(_folder, "not a file", id="a folder"),
        pytest.param(_pipe, "not a file", id="a pipe that nobody writes into", marks=posix),
        pytest.param(lambda folder: Path("/dev/zero"), "not a file", id="an endless device", marks=posix),
        pytest.param(lambda folder: folder / "a\0b", "null", id="a zero byte in the name"),
        pytest.param(lambda folder: folder / ("n" * 300), "too long", id="a name too long"),
    ],
)
def test_what_is_no_file_is_not_opened(tmp_path, target, named):
    with pytest.raises(ModelFileError, match=named) as refused, open_regular(target(tmp_path)):
        pass
    assert refused.value.hint


def test_a_text_from_outside_cannot_steer_a_terminal_or_fill_a_screen():
    assert printable("a\x1b[2J\n\ud800ü") == "a\\x1b[2J\\n\\ud800ü"
    assert len(printable("x" * 10_000)) == 300
