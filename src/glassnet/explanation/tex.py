"""Formulas and words of a page in TeX's own language."""

import re
import unicodedata

from glassnet.explanation.document import CLOSE, OPEN

_ESCAPES = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\textquotedbl{}", "'": r"\textquotesingle{}", "`": r"\textasciigrave{}",
    "-": "{-}",  # no dashes of two or three
}  # fmt: skip
IN_WORDS = {
    "∂": r"$\partial$", "·": r"$\cdot$", "η": r"$\eta$", "β": r"$\beta$", "μ": r"$\mu$", "ρ": r"$\rho$",
    "ε": r"$\varepsilon$", "λ": r"$\lambda$", "σ": r"$\sigma$", "×": r"$\times$", "−": "$-$", "√": r"$\surd$",
    "→": r"$\to$", "²": r"$^2$", "π": r"$\pi$",
}  # fmt: skip
_FUNCTIONS = {"exp", "log", "tanh", "max", "min", "cos", "sin"}
_LETTERS = {
    "delta": r"\delta", "slope": r"\mathrm{slope}", "η": r"\eta", "μ": r"\mu", "ρ": r"\rho", "ε": r"\varepsilon",
    "λ": r"\lambda", "π": r"\pi", "inf": r"\infty", "alpha": r"\alpha",
}  # fmt: skip
_TOKEN = re.compile(
    rf"{OPEN}(?P<name>[^{CLOSE}]*){CLOSE}"
    rf"|∂(?P<above>{OPEN}[^{CLOSE}]*{CLOSE}|[A-Za-z]+)/∂(?P<below>{OPEN}[^{CLOSE}]*{CLOSE}|[A-Za-z]+\d*(?:,\d+)?)"
    r"|(?P<mantissa>\d+(?:\.\d+)?)e(?P<exponent>[+-]\d+)"
    r"|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<words>(?:[A-Za-z]{2,}(?<!sqrt)(?:,)? )+[A-Za-z]{2,}(?![\w(]))"
    r"|(?P<power>\^)(?:(?P<simple>\d+|[a-z])(?!\w))?"
    r"|(?P<hat>[a-z])_hat|(?P<old>[a-z]+)_old"
    r"|(?P<symbol>[A-Za-z])(?P<index>\d+(?:,\d+)?)|β(?P<beta>\d)"
    r"|(?P<letters>[A-Za-zημρελπ]+)"
    r"|(?P<sign>·|>=|<=|\.\.\.|×|[{}$&#%_~\\])"
)
_SIGNS = {"·": r"\cdot ", ">=": r"\ge ", "<=": r"\le ", "...": r"\dots ", "×": r"\times "}


def formula_to_tex(formula: str) -> str:
    r"""Return a formula in TeX, for math mode.

    >>> formula_to_tex("1 / (1 + exp(-z))")
    '1 / (1 + \\exp(-z))'
    >>> print(formula_to_tex("∂E/∂a · w10·⟦my_age⟧ - 2e-08"))
    \frac{\partial E}{\partial a} \cdot  w_{10}\cdot \text{my\_age} - 2 \times 10^{-8}
    """
    return _TOKEN.sub(_token, _roots(formula))


def words_to_tex(text: str) -> str:
    r"""Return words in TeX, for text mode.

    >>> print(words_to_tex("50% of x_1"))
    50\% of x\_1
    """
    arrows = _printable(text).replace("->", "→")
    return "".join(_ESCAPES.get(character) or IN_WORDS.get(character) or character for character in arrows)


def foreign(text: str) -> list[str]:
    """Return the characters that pdfTeX's fonts lack, in their order.

    >>> foreign("Zoë 中")
    ['中']
    """
    return sorted({character for character in _printable(text) if ord(character) > 0x17F} - set(IN_WORDS))


def _printable(text: str) -> str:
    """Composed characters without controls and marks that join others."""
    composed = unicodedata.normalize("NFC", " ".join(text.split()))
    return "".join(character for character in composed if unicodedata.category(character)[0] not in "CM")


def _roots(formula: str) -> str:
    """Return the formula with sqrt(...) as a root over what stands between its parentheses."""
    start = formula.find("sqrt(")
    if start < 0:
        return formula
    depth, end = 1, start + 5
    while depth and end < len(formula):
        depth += {"(": 1, ")": -1}.get(formula[end], 0)
        end += 1
    inner = _roots(formula[start + 5 : end - 1])
    return f"{formula[:start]}{OPEN}\\sqrt{inner}\\{CLOSE}{_roots(formula[end:])}"


def _token(match: re.Match[str]) -> str:
    found = {key: value for key, value in match.groupdict().items() if value is not None}
    if "name" in found:
        name = found["name"]
        if name.startswith("\\sqrt") and name.endswith("\\"):
            return f"\\sqrt{{{formula_to_tex(name[5:-1])}}}"
        return _text(name)
    if "above" in found:
        return rf"\frac{{\partial {formula_to_tex(found['above'])}}}{{\partial {formula_to_tex(found['below'])}}}"
    if "mantissa" in found:
        return rf"{found['mantissa']} \times 10^{{{int(found['exponent'])}}}"
    if "number" in found:
        return found["number"]
    if "words" in found:
        return rf"\text{{ {words_to_tex(found['words'])} }}"
    if "power" in found:
        return f"^{{{found['simple']}}}" if "simple" in found else "^"
    if "hat" in found:
        return rf"\hat {found['hat']}"
    if "old" in found:
        return rf"{_letters(found['old'])}_{{\text{{old}}}}"
    if "symbol" in found:
        return f"{found['symbol']}_{{{found['index']}}}"
    if "beta" in found:
        return rf"\beta_{found['beta']}"
    return _letters(found["letters"]) if "letters" in found else _SIGNS.get(found["sign"], f"\\{found['sign']}")


def _letters(word: str) -> str:
    if word in _FUNCTIONS:
        return f"\\{word}"
    if word in ("if", "else", "where", "with", "of"):
        return rf"\text{{ {word} }}"
    return _LETTERS.get(word, word if len(word) == 1 else rf"\mathrm{{{word}}}")


def _text(name: str) -> str:
    return rf"\text{{{words_to_tex(name)}}}"
