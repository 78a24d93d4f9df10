"""Words of a page in TeX."""

import unicodedata

_ESCAPES = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\textquotedbl{}", "'": r"\textquotesingle{}", "`": r"\textasciigrave{}",
    "-": "{-}",  # prevents en and em dashes
}  # fmt: skip
IN_WORDS = {
    "∂": r"$\partial$", "·": r"$\cdot$", "η": r"$\eta$", "β": r"$\beta$", "μ": r"$\mu$", "ρ": r"$\rho$",
    "ε": r"$\varepsilon$", "λ": r"$\lambda$", "σ": r"$\sigma$", "×": r"$\times$", "−": "$-$", "√": r"$\surd$",
    "→": r"$\to$", "²": r"$^2$", "π": r"$\pi$",
}  # fmt: skip


def words_to_tex(text: str) -> str:
    r"""Return words in TeX, for text mode.

    >>> print(words_to_tex("50% of x_1"))
    50\% of x\_1
    """
    arrows = _printable(text).replace("->", "→")
    return "".join(_ESCAPES.get(character) or IN_WORDS.get(character) or character for character in arrows)


def foreign(text: str) -> list[str]:
    """Return the characters that pdfTeX's fonts lack, in order.

    >>> foreign("Zoë 中")
    ['中']
    """
    return sorted({character for character in _printable(text) if ord(character) > 0x17F} - set(IN_WORDS))


def _printable(text: str) -> str:
    """Return the text in composed form, without control characters and combining marks."""
    composed = unicodedata.normalize("NFC", " ".join(text.split()))
    return "".join(character for character in composed if unicodedata.category(character)[0] not in "CM")
