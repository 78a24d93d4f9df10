"""The attack on queries: a small share here, all of it in `make fuzz`."""

from pathlib import Path

import pytest

from fuzz import queries


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is limited on Linux only")
def test_queries_write_nothing():
    tally = queries.run(100, seed=1)

    assert tally.failures == []
    assert tally.outcomes["refused"] > 50
    assert tally.outcomes["tables"] > 5


def test_a_file_that_changes_would_be_noticed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("victim.txt").write_text("precious")
    monkeypatch.setattr("glassnet.data.reading.sources.read", lambda sql: Path("victim.txt").write_text("lost"))

    with pytest.raises(AssertionError, match=r"files changed: .*victim.txt"):
        queries.attack(0, 0)


def test_harmful_statements_stand_in_every_place():
    """The generator must not forget a kind: each of these words comes up within its first cases."""
    texts = " ".join(queries.make(0, case) for case in range(1500))

    for word in ("COPY", "INSERT", "DELETE", "UPDATE", "ATTACH", "SET", "CALL", "PRAGMA", "EXPORT", "INSTALL", "LOAD",
                 "CREATE", "MERGE", "WITH x AS (COPY", "AS (DELETE", "AS (INSERT", "AS (UPDATE", "AS (MERGE", "query('", "LATERAL (", "EXISTS (", "PIVOT", "DESCRIBE"):  # fmt: skip
        assert word in texts, word
