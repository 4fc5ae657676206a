"""What every test run shares: fixtures, and the answer to "what was left out?"."""

import asyncio
from collections import Counter
from pathlib import Path

import hypothesis
import pytest
from rapt.polling import keep_polling

hypothesis.settings.register_profile(  # a busy machine is no failure
    "rapt", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("rapt")

pytest_plugins = ["tests.full_models", "tests.portraits", "tests.services"]

SERVICE_FIXTURES = frozenset({"running"})
NOT_PUBLISHED = ("optional weights", "RAPT_EVAL_DATA")
"""What a strict run may lack: files that no package index has. Reasons to skip begin with these."""


async def _keep_polling() -> None:
    keep_polling()


asyncio.run(_keep_polling())  # every test has a loop of its own, and closes it


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that `./rapt test` passes on."""
    group = parser.getgroup("rapt")
    group.addoption("--long", action="store_true", help="soaks, many kills and rivals, too")
    group.addoption("--strict-skips", action="store_true", help="a skipped test is a failure")
    group.addoption("--list-failed", type=Path, help="write the names of what failed into a file")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the long ones unless asked for; keep together what shares something dear.

    Tests that use the shared services run on one worker, so that they are started once; all
    others stay with their file.
    """
    if not config.getoption("--long"):
        long = [item for item in items if item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            fixtures = getattr(item, "fixturenames", ())
            shares = not SERVICE_FIXTURES.isdisjoint(fixtures)
            group = "services" if shares else str(item.path)
            item.add_marker(pytest.mark.xdist_group(group))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say loudly what was left out."""
    left_out = skip_reasons(terminalreporter)
    if not left_out:
        return
    terminalreporter.section("LEFT OUT", sep="!", yellow=True, bold=True)
    for reason, count in left_out.most_common():
        terminalreporter.write_line(f"{count} tests: {reason}", yellow=True)
    if config.getoption("--strict-skips") and any(map(is_inexcusable, left_out)):
        terminalreporter.write_line("under --strict nothing may be left out: failed", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a strict run in which a test was skipped; list what failed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return
    reports = [*reporter.stats.get("failed", []), *reporter.stats.get("error", [])]
    if session.config.getoption("--strict-skips"):
        skipped = reporter.stats.get("skipped", [])
        reports += [report for report in skipped if is_inexcusable(skip_reason(report))]
    if reports and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    listed = session.config.getoption("--list-failed")
    if listed is not None:
        listed.write_text("\n".join(sorted({report.nodeid for report in reports})))


def skip_reason(report: pytest.TestReport) -> str:
    """Return why a test was skipped."""
    return report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)


def skip_reasons(reporter: pytest.TerminalReporter) -> Counter[str]:
    """Return how many tests were skipped for each reason."""
    return Counter(map(skip_reason, reporter.stats.get("skipped", [])))


def is_inexcusable(reason: str) -> bool:
    """Tell whether a strict run fails for it."""
    return not reason.removeprefix("Skipped: ").startswith(NOT_PUBLISHED)
