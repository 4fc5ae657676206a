"""What is on disk after each kind of end."""

import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapt.errors import Fault, Misconfigured, SpoolFull

from analytics.facts import Row
from analytics.journal import Packed
from analytics.spool import Spool
from tests.analytics.rows import fact


def _packed(*seconds: int) -> Packed:
    rows: list[Row] = [fact(1, t_s=t_s) for t_s in seconds]
    return Packed(msgspec.msgpack.encode(rows), len(rows))


def _opened(folder: Path, **limits: int) -> Spool:
    spool = Spool(folder, **limits)
    spool.open()
    return spool


def _seconds(spool: Spool) -> list[int]:
    """Return the seconds of all sealed facts, in the order in which they would be sent."""
    rows = [row for file in spool.waiting() for row in spool.read(file)]
    return [row.t_s for row in rows if hasattr(row, "t_s")]


def test_sealed_rows_come_back_in_order(tmp_path: Path) -> None:
    """Oldest file first, rows as they were appended; the name tells how many."""
    spool = _opened(tmp_path)
    spool.append([_packed(1, 2), _packed(3)])
    spool.append([_packed(4)])
    assert spool.journal_rows == 4
    assert spool.seal()
    spool.append([_packed(5)])
    spool.seal()
    assert _seconds(spool) == [1, 2, 3, 4, 5]
    assert [file.rows for file in spool.waiting()] == [4, 1]
    assert not spool.seal()
    spool.close()


def test_what_was_not_sealed_is_found_by_the_next_process(tmp_path: Path) -> None:
    """With the token that the first process would have used."""
    spool = _opened(tmp_path)
    spool.append([_packed(1)])
    journal = next(tmp_path.glob("*.journal"))
    spool.close()
    again = _opened(tmp_path)
    assert _seconds(again) == [1]
    assert journal.stem.endswith(again.waiting()[0].token)
    again.close()


@given(cut=st.integers(0, 2_000))
def test_a_torn_tail_loses_nothing_acknowledged(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    """Wherever the last record is torn, all records before it are kept and none is invented."""
    folder = tmp_path_factory.mktemp("torn")
    spool = _opened(folder)
    spool.append([_packed(1, 2, 3)])
    journal = next(folder.glob("*.journal"))
    safe = journal.stat().st_size
    spool.append([_packed(*range(10, 20))])
    spool.close()
    os.truncate(journal, min(safe + cut, journal.stat().st_size - 1))
    again = _opened(folder)
    assert _seconds(again) == [1, 2, 3]
    again.close()


def test_a_kill_while_sealing_is_sealed_again_under_the_same_token(tmp_path: Path) -> None:
    """The journal stays until the sealed file is whole; then both have one name."""
    spool = _opened(tmp_path)
    spool.append([_packed(1)])
    journal = next(tmp_path.glob("*.journal"))
    content = journal.read_bytes()
    spool.seal()
    token = spool.waiting()[0].token
    spool.close()
    journal.write_bytes(content)  # as if killed before it was removed
    (tmp_path / "half.part").write_bytes(b"half")
    again = _opened(tmp_path)
    assert [file.token for file in again.waiting()] == [token]
    assert _seconds(again) == [1]
    assert not list(tmp_path.glob("*.part"))
    again.close()


def test_full_means_refuse_and_room_means_take(tmp_path: Path) -> None:
    """Nothing of a refused append is kept; after a removal there is room again."""
    part = _packed(*range(10))
    spool = _opened(tmp_path, max_bytes=3 * len(part.data))
    spool.append([part])
    spool.append([part])
    held = spool.held_bytes
    with pytest.raises(SpoolFull, match="wait for the store"):
        spool.append([part])
    assert spool.held_bytes == held
    spool.seal()
    for file in spool.waiting():
        spool.remove(file)
    assert spool.held_bytes == 0
    spool.append([part])
    spool.seal()
    assert _seconds(spool) == list(range(10))
    spool.close()


@pytest.mark.parametrize(
    ("number", "error"),
    [
        pytest.param(errno.ENOSPC, SpoolFull, id="disk full"),
        pytest.param(errno.EIO, Fault, id="disk broken"),
    ],
)
def test_a_failed_write_leaves_no_half_record(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    error: type[SpoolFull] | type[Fault],
) -> None:
    """What was refused is not in the file; what comes later is."""
    spool = _opened(tmp_path)
    spool.append([_packed(1)])

    def fail(_: int) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as broken:
        broken.setattr("analytics.spool.os.fsync", fail)
        with pytest.raises(error):
            spool.append([_packed(2)])
    spool.append([_packed(3)])
    spool.seal()
    assert _seconds(spool) == [1, 3]
    spool.close()


def test_a_broken_file_is_put_aside(tmp_path: Path) -> None:
    """It blocks nothing, is kept for a person, and still counts as held."""
    spool = _opened(tmp_path)
    for second in (1, 2):
        spool.append([_packed(second)])
        spool.seal()
    first = spool.waiting()[0].path
    first.write_bytes(b"x" * first.stat().st_size)
    held = spool.held_bytes
    assert _seconds(spool) == [2]
    assert [file.rows for file in spool.waiting()] == [1]
    assert len(list(tmp_path.glob("*.broken"))) == 1
    assert spool.held_bytes == held
    spool.close()
    again = _opened(tmp_path)
    assert again.held_bytes == held
    again.close()


def test_one_process_a_folder(tmp_path: Path) -> None:
    """The second one is told; after the first one's end it may."""
    spool = _opened(tmp_path)
    second = Spool(tmp_path)
    with pytest.raises(Misconfigured, match="in use"):
        second.open()
    spool.close()
    second.open()
    second.close()


@contextmanager
def _room_for(size_bytes: int) -> Iterator[None]:
    """Let no file grow beyond this: as on a full disk, a write takes what fits and says nothing."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)


def test_a_disk_that_fills_up_in_a_record_acknowledges_nothing_of_it(tmp_path: Path) -> None:
    """A write that took a part only is refused; what was acknowledged before it and later stays."""
    spool = _opened(tmp_path)
    spool.append([_packed(1)])
    with _room_for(spool.held_bytes + 100), pytest.raises(SpoolFull, match="disk"):
        spool.append([_packed(*range(10, 20))])
    spool.append([_packed(2)])
    spool.seal()
    assert _seconds(spool) == [1, 2]
    spool.close()


def test_a_full_disk_lets_no_journal_begin_and_ends_nothing(tmp_path: Path) -> None:
    """The first record after a seal is refused like any other."""
    spool = _opened(tmp_path)
    with _room_for(10), pytest.raises(SpoolFull):
        spool.append([_packed(1)])
    spool.append([_packed(2)])
    spool.seal()
    assert _seconds(spool) == [2]
    spool.close()


def test_a_full_disk_does_not_keep_rows_from_the_store(tmp_path: Path) -> None:
    """Where there is no room for the packed file the journal itself is sent."""
    spool = _opened(tmp_path)
    spool.append([_packed(*range(50))])
    with _room_for(10):
        assert spool.seal()
    assert _seconds(spool) == list(range(50))
    token = spool.waiting()[0].token
    spool.close()
    again = _opened(tmp_path)
    assert [file.token for file in again.waiting()] == [token]
    assert _seconds(again) == list(range(50))
    again.remove(again.waiting()[0])
    assert again.held_bytes == 0
    again.close()


def test_a_journal_that_can_not_be_sealed_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its rows count as held, new ones are taken, and the next seal tries again."""
    spool = _opened(tmp_path)
    spool.append([_packed(1)])

    def fail(_: int) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    with monkeypatch.context() as broken:
        broken.setattr("analytics.sealing.os.fsync", fail)
        spool.seal()
    assert spool.waiting() == []
    assert spool.held_rows == 1
    spool.append([_packed(2)])
    spool.seal()
    assert _seconds(spool) == [1, 2]
    spool.close()


def test_a_harmed_record_takes_no_other_with_it(tmp_path: Path) -> None:
    """What comes after it in the journal is sent, and the journal is kept for a person."""
    spool = _opened(tmp_path)
    for second in (1, 2, 3):
        spool.append([_packed(second)])
    spool.close()
    journal = next(tmp_path.glob("*.journal"))
    content = bytearray(journal.read_bytes())
    content[len(content) // 2] ^= 0xFF
    journal.write_bytes(content)
    again = _opened(tmp_path)
    assert _seconds(again) == [1, 3]
    assert len(list(tmp_path.glob("*.broken"))) == 1
    again.close()


def test_what_is_whole_of_a_cut_file_is_sent(tmp_path: Path) -> None:
    """Under the same token; the cut file is kept for a person."""
    spool = _opened(tmp_path)
    for second in range(200):
        spool.append([_packed(second)])
    spool.seal()
    file = spool.waiting()[0]
    os.truncate(file.path, file.path.stat().st_size // 2)
    assert spool.read(file) == []
    spool.remove(file)
    assert [again.token for again in spool.waiting()] == [file.token]
    found = _seconds(spool)
    assert found == list(range(len(found)))
    assert found
    spool.close()


def test_files_of_other_names_are_left_alone(tmp_path: Path) -> None:
    """Whoever put them there."""
    (tmp_path / "notes.rows").write_text("not ours")
    spool = _opened(tmp_path)
    assert spool.waiting() == []
    assert (tmp_path / "notes.rows").exists()
    spool.close()


def test_a_folder_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    """One sentence with what to do."""
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(Misconfigured, match=r"can not be used: .*; give it a folder"):
        Spool(tmp_path / "file").open()
