"""The front-end files: what is locked, what is built, and how heavy a page may be."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from pathlib import Path

import pytest

from tools import assets

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "zhixing/base/static"
KILOBYTE = 1024


@pytest.fixture(scope="module")
def vendor() -> Path:
    """The built folder; building is a no-op where ``make setup`` has run."""
    assets.build(ROOT)
    return ROOT / assets.VENDOR


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    """A copy of all that decides the result of a build."""
    for path in assets.INPUTS:
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, target)
    return tmp_path


def weight(paths: list[Path]) -> int:
    return sum(len(gzip.compress(path.read_bytes())) for path in paths)


def test_every_npm_package_is_pinned_to_one_version() -> None:
    wanted = json.loads((ROOT / "package.json").read_text())["dependencies"]
    assert wanted
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())


def test_the_lock_holds_digests_and_no_address_of_a_registry() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    installed = {name: package for name, package in packages.items() if name}
    assert all(package["integrity"].startswith("sha512-") for package in installed.values())
    assert not any("resolved" in package for package in installed.values())


def test_a_second_build_does_nothing(vendor: Path) -> None:
    before = (vendor / assets.STAMP).stat().st_mtime_ns
    assert assets.build(ROOT) is False
    assert (vendor / assets.STAMP).stat().st_mtime_ns == before


@pytest.mark.parametrize("changed", assets.INPUTS, ids=str)
def test_a_change_of_any_input_asks_for_a_new_build(inputs: Path, changed: Path) -> None:
    stamp = inputs / assets.VENDOR / assets.STAMP
    stamp.parent.mkdir(parents=True)
    stamp.write_text(assets.digest(inputs))
    assert assets.is_current(inputs)
    with (inputs / changed).open("a") as file:
        file.write("\n")
    assert not assets.is_current(inputs)


def test_a_failing_command_is_reported_with_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(assets.BuildError, match="no such thing"):
        assets.run(["sh", "-c", "echo no such thing; exit 3"], tmp_path, {"PATH": "/usr/bin:/bin"})


def test_an_icon_that_does_not_exist_stops_the_build(tmp_path: Path) -> None:
    with pytest.raises(assets.BuildError, match="unicorn"):
        assets.sprite(tmp_path, ["unicorn"])


def test_the_sprite_draws_each_listed_icon_without_the_blank_tile(vendor: Path) -> None:
    text = (vendor / "icons.svg").read_text()
    names = (ROOT / assets.ICON_NAMES).read_text().split()
    assert re.findall(r'<symbol id="([^"]+)"', text) == names
    assert "M0 0h24v24H0z" not in text


def test_the_list_of_icons_is_sorted_and_has_no_double() -> None:
    names = (ROOT / assets.ICON_NAMES).read_text().split()
    assert names == sorted(set(names))


def test_no_served_file_points_at_a_source_map_that_is_not_there(vendor: Path) -> None:
    for path in vendor.glob("*.min.*"):
        assert "sourceMappingURL" not in path.read_text(), path.name


def test_the_licence_of_every_shipped_package_is_shipped_too(vendor: Path) -> None:
    text = (vendor / "licences.txt").read_text()
    assert all(f"==== {package} ====" in text for package in assets.SHIPPED_PACKAGES)


def test_a_finished_folder_replaces_the_old_one_whole(tmp_path: Path) -> None:
    old, new = tmp_path / "vendor", tmp_path / "work"
    old.mkdir()
    new.mkdir()
    (old / "gone.js").touch()
    (new / "here.js").touch()
    assets.replace_folder(old, new)
    assert [path.name for path in old.iterdir()] == ["here.js"]


def page_files(vendor: Path) -> list[Path]:
    """What ``base/page.html`` loads."""
    skeleton = (ROOT / "zhixing/base/templates/base/skeleton.html").read_text()
    return [STATIC / name for name in re.findall(r"\{% static '([^']+)' %\}", skeleton)] + [vendor / "icons.svg"]


def test_the_files_of_a_trainee_page_weigh_at_most_180_kilobytes_so_that_20_remain_for_the_page(vendor: Path) -> None:
    assert weight(page_files(vendor)) <= 180 * KILOBYTE


def test_a_board_with_charts_weighs_at_most_450_kilobytes_before_its_figures(vendor: Path) -> None:
    charts = [vendor / "echarts.min.js", STATIC / "base/charts.js"]
    assert weight([*page_files(vendor), *charts]) <= 450 * KILOBYTE
