"""The page's types of the messages are those of the server."""

from tools.messages import PAGE, types


def test_types_of_the_page_are_written_from_the_messages() -> None:
    assert PAGE.read_text(encoding="utf-8") == types(), "run `make messages`"
