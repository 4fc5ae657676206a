"""A whole class through the real services: every promise of the demo, from stored facts."""

from tests.e2e.held import HeldClass


def test_class_keeps_every_promise(held: HeldClass) -> None:
    """The demo itself finds nothing off, and its numbers say why."""
    report = held.report
    assert held.exit_code == 0, held.output
    assert report["schema"] == 1
    assert report["verdicts"] / report["frames_sent"] >= 0.98
    assert report["facts_written"] == report["facts_read_back"] > 0
    assert report["interactions_read_back"] > 0
    assert report["sessions"] == report["students"] == 6
    assert report["agreement"] >= 0.9
    heatmap = held.heatmap
    assert len(heatmap["seconds"]) == report["seconds"]
    assert len(heatmap["unique"]) == len(heatmap["absolute"]) == len(heatmap["seconds"])
    assert heatmap["starts"] == 6
    assert 0 < max(heatmap["n"]) <= 6
