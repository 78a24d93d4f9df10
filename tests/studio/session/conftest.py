import pytest
from tests.studio.session.listening import Page


@pytest.fixture
def page():
    pages = []

    def opened(*arguments, **named):
        pages.append(Page(*arguments, **named))
        return pages[-1]

    yield opened
    for each in pages:
        each.session.close()
