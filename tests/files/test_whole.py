"""A file is whole or not there; what killed runs leave is removed by the next one, and nothing else is."""

import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from glassnet import files
from glassnet.files import LOCK, scratch_folder, sweep, write_atomically, write_whole

pytestmark = pytest.mark.skipif(os.name != "posix", reason="locks folders by flock")

HOLDS = """
import sys
from pathlib import Path
from glassnet.files import scratch_folder
with scratch_folder(Path(sys.argv[1])) as folder:
    (folder / "part.csv").write_text("half")
    print(folder, flush=True)
    sys.stdin.read()
"""


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def holder(tmp_path):
    """Start a process that holds a folder in tmp_path; return the process and its folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    yield process, Path(process.stdout.readline().strip())
    process.kill()
    process.communicate()


def test_the_folder_of_a_killed_run_is_swept_and_that_of_a_living_one_is_not(holder, tmp_path):
    process, folder = holder
    sweep(tmp_path)
    assert names(folder) == [LOCK, "part.csv"]

    process.send_signal(signal.SIGKILL)
    process.wait()
    assert names(tmp_path) == [folder.name]
    sweep(tmp_path)
    assert names(tmp_path) == []


def test_the_next_run_that_writes_there_sweeps(holder, tmp_path, monkeypatch):
    """Both kinds of file: a model's bytes and what a function writes."""
    process, _ = holder
    process.send_signal(signal.SIGKILL)
    process.wait()
    monkeypatch.setattr(files, "_swept", set())
    write_atomically(tmp_path / "a.glassnet", b"content")

    assert names(tmp_path) == ["a.glassnet"]


def test_a_run_that_ends_leaves_nothing(holder, tmp_path):
    process, _ = holder
    process.communicate("")

    assert process.returncode == 0
    assert names(tmp_path) == []


def test_nothing_of_the_users_is_swept(tmp_path):
    """Names like ours, but no folder, no lock file, or a link to somebody's own folder."""
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / LOCK).touch()
    (precious / "thesis.txt").write_text("years")
    where = tmp_path / "where"
    where.mkdir()
    (where / ".glassnet-0123456789ab.part").write_text("a file")
    (where / ".glassnet-1123456789ab.part").mkdir()
    (where / ".glassnet-1123456789ab.part" / "mine.txt").write_text("without a lock file")
    (where / ".glassnet-2123456789ab.part").symlink_to(precious)
    (where / "model.part").mkdir()
    (where / "model.part" / LOCK).touch()
    (where / ".net.svg.part").write_text("an unfinished download")
    before = names(where)
    sweep(where)

    assert names(where) == before
    assert names(where / ".glassnet-1123456789ab.part") == ["mine.txt"]
    assert names(precious) == [LOCK, "thesis.txt"]


def test_a_folder_killed_before_it_had_a_lock_is_swept(tmp_path):
    (tmp_path / ".glassnet-0123456789ab.part").mkdir()
    sweep(tmp_path)

    assert names(tmp_path) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can make another user's folder")
def test_another_users_folder_is_left_alone(tmp_path):
    folder = tmp_path / ".glassnet-0123456789ab.part"
    folder.mkdir()
    (folder / LOCK).touch()
    os.chown(folder, 65534, 65534)
    sweep(tmp_path)

    assert names(tmp_path) == [folder.name]


def test_a_folder_that_is_swept_before_it_is_locked_is_made_again(tmp_path, monkeypatch):
    """The instant between making and locking: the sweeper has the lock first."""
    flock, swept = files.fcntl.flock, []

    def slow(handle, operation):
        if not swept:
            swept.append(handle)
            sweep(tmp_path)
        flock(handle, operation)

    monkeypatch.setattr(files.fcntl, "flock", slow)
    with scratch_folder(tmp_path) as folder:
        assert len(swept) == 1
        assert names(tmp_path) == [folder.name]
        assert names(folder) == [LOCK]
    assert names(tmp_path) == []


def test_many_threads_write_and_sweep_at_once(tmp_path):
    """Every file is whole, and nothing is left."""
    errors = []

    def work(k):
        try:
            for n in range(20):
                write_whole(tmp_path / f"{k}.txt", lambda part, n=n: part.write_text(f"{k} {n}"))
                sweep(tmp_path)
        except OSError as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {f"{k}.txt": f"{k} 19" for k in range(4)}


def test_a_link_is_followed_and_a_file_keeps_its_permissions(tmp_path):
    target = tmp_path / "far" / "m.txt"
    target.parent.mkdir()
    target.write_text("old")
    target.chmod(0o600)
    (tmp_path / "link.txt").symlink_to(target)
    write_atomically(tmp_path / "link.txt", b"new")

    assert (tmp_path / "link.txt").is_symlink()
    assert target.read_text() == "new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert names(tmp_path) == ["far", "link.txt"]


@pytest.mark.skipif(sys.platform != "linux", reason="devices of Linux")
def test_a_device_stays_what_it_is():
    write_atomically(Path("/dev/null"), b"content")

    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    with pytest.raises(OSError, match="No space left on device"):
        write_atomically(Path("/dev/full"), b"content")
    assert stat.S_ISCHR(os.stat("/dev/full").st_mode)


def test_a_pipe_gets_the_content(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    read = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    write_atomically(tmp_path / "pipe", b"content")
    reader.join()

    assert read == [b"content"]
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_a_place_that_removes_each_folder_at_once_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(files.fcntl, "flock", lambda handle, _: [path.unlink() for path in tmp_path.glob("*/" + LOCK)])
    with pytest.raises(OSError, match=r"no temporary folder can be made in .*: something removes each at once"):
        write_atomically(tmp_path / "a.txt", b"content")


def test_ctrl_c_while_the_folder_is_removed_leaves_nothing(tmp_path, monkeypatch):
    remove, calls = files._remove, []

    def once(made):
        calls.append(made)
        if len(calls) == 1:
            raise KeyboardInterrupt
        remove(made)

    monkeypatch.setattr(files, "_remove", once)
    with pytest.raises(KeyboardInterrupt), scratch_folder(tmp_path):
        pass
    assert names(tmp_path) == []


def test_a_folder_that_cannot_be_written_names_itself_and_not_ours(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied", "a name that nobody knows")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(PermissionError) as error:
        write_atomically(tmp_path / "a.txt", b"content")
    assert error.value.filename == str(tmp_path)


def test_ctrl_c_at_any_line_leaves_no_folder(tmp_path):
    """An interrupt before each line that the module runs, one after the other, while a folder is made and removed."""
    n_lines, is_over = 0, False
    while not is_over:
        n_lines, left = n_lines + 1, n_lines + 1

        def interrupt(frame, event, argument):
            nonlocal left
            if frame.f_code.co_filename != files.__file__:
                return None
            if event == "line":
                left -= 1
                if left == 0:
                    raise KeyboardInterrupt
            return interrupt

        before = sys.gettrace()
        sys.settrace(interrupt)
        try:
            with scratch_folder(tmp_path) as folder:
                (folder / "part.csv").write_text("half")
            is_over = True
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(before)
        assert names(tmp_path) == [], n_lines
    assert n_lines > 20
