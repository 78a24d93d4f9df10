r"""Makes text from files safe to print: control, invisible and bidirectional characters become escapes.

A column name may contain an escape sequence that moves the cursor, or a mark that reverses the text direction; both can
falsify a terminal's output. Floor 0: imports nothing of the project.
"""

import re

# Controls (C0, C1), soft hyphen, zero-width and bidirectional marks, line and paragraph separators, surrogates,
# annotations, byte order mark, tags, and noncharacters. The two joiners stay: some scripts need them.
_UNSEEN = (
    "\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufdd0-\ufdef\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f"
    + "".join(chr((plane << 16) + last) for plane in range(1, 17) for last in (0xFFFE, 0xFFFF))
)
_ANY = re.compile(f"[{_UNSEEN}]")
_BUT_NEW_LINE = re.compile(f"(?!\n)[{_UNSEEN}]")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def visible(text: str) -> str:
    r"""Return a text of one line with control and invisible characters as Python's escapes.

    >>> print(visible("mass\x1b[31m\n\u202e"))
    mass\x1b[31m\n\u202e
    """
    return _ANY.sub(_escaped, text)


def brief(text: str, longest: int = 500) -> str:
    """Return a visible one-line text, cut after `longest` characters, for use in a message.

    >>> len(brief("x" * 20_000))
    503
    """
    text = visible(text)
    return text if len(text) <= longest else text[:longest] + "..."


def shown(value: object) -> str:
    """Return a value as Python code, on one line and of moderate length.

    >>> shown((64, 0.5)), shown(10**9999)
    ('(64, 0.5)', 'a number of more than 4,000 digits')
    """
    try:
        return brief(" ".join(repr(value).split()), 200)
    except ValueError:  # Python writes no whole number of more digits
        return "a number of more than 4,000 digits"


def visible_lines(text: str) -> str:
    r"""Return a text of several lines with control and invisible characters, except new lines, as escapes.

    >>> print(visible_lines("a\nb\x07"))
    a
    b\x07
    """
    return _BUT_NEW_LINE.sub(_escaped, text)


def visible_json(text: str) -> str:
    r"""Return JSON with such characters as JSON's own escapes: the same data, safe to print on a terminal.

    >>> print(visible_json('{"a\u202e": "\x9b"}'))
    {"a\u202e": "\u009b"}
    """
    return _BUT_NEW_LINE.sub(_in_json, text)


def placeholders(text: str) -> str:
    r"""Return a text with each such character, except new lines, replaced by U+FFFD; its length stays the same.

    >>> placeholders("a\x00b\nc") == "a\ufffdb\nc"
    True
    """
    return _BUT_NEW_LINE.sub("\ufffd", text)


def _escaped(found: re.Match[str]) -> str:
    character = found.group()
    if character in _SHORT:
        return _SHORT[character]
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _in_json(found: re.Match[str]) -> str:
    units = found.group().encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[k : k + 2].hex()}" for k in range(0, len(units), 2))
