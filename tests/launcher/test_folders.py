"""A guessed name in the temporary folder, two launchers on one folder, leftovers of killed runs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.launcher import folders
from config.launcher.errors import LauncherError


def test_a_link_in_place_of_our_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "trap").symlink_to(tmp_path)
    with pytest.raises(LauncherError, match="belongs to someone else"):
        folders.own_folder(tmp_path / "trap")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_another_user_is_refused(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    os.chown(tmp_path / "theirs", 65534, 65534)
    with pytest.raises(LauncherError, match="belongs to someone else"):
        folders.own_folder(tmp_path / "theirs")


def test_our_folder_is_closed_to_others_again(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o777)
    assert folders.own_folder(tmp_path / "open").stat().st_mode & 0o777 == 0o700


def test_second_launcher_on_the_same_data_is_refused(tmp_path: Path) -> None:
    holder = "import sys, time; from pathlib import Path; from config.launcher.folders import hold\n"
    holder += "with hold(Path(sys.argv[1]), busy=''): print('held', flush=True); time.sleep(60)"
    command = [sys.executable, "-c", holder, str(tmp_path / "lock")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=folders.BASE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with (
            pytest.raises(LauncherError, match="already running"),
            folders.hold(tmp_path / "lock", busy="already running"),
        ):
            pass
        other.kill()
    assert not folders.is_held(tmp_path / "lock")


def test_folder_of_a_killed_test_run_is_removed_and_a_live_one_is_not(folder: Path) -> None:
    dead = folders.temporary_root() / f"{folders.TEST_PREFIX}dead"
    dead.mkdir()
    for path in (dead, folder):
        os.utime(path, (1, 1))
    folders.remove_orphans()
    assert not dead.exists()
    assert folder.exists()
