"""Write the types of the studio's messages for the page: `python -m tools.messages`."""

from pathlib import Path
from typing import Any, get_args

from msgspec.json import schema_components

from glassnet.studio import messages
from glassnet.studio.understanding.records import ViewData

PAGE = Path(messages.__file__).parent / "page" / "messages.d.ts"
UNIONS = {"FromPage": messages.FromPage, "FromServer": messages.FromServer, "ViewData": ViewData}
HEAD = """/**
 * The messages between the page and its server, and the data of views, written by `python -m tools.messages` from
 * `glassnet/studio/messages.py` and `glassnet/studio/understanding/records.py`, which say what they mean.
 */
"""


def types() -> str:
    """Return the content of messages.d.ts."""
    ways = {name: get_args(union) for name, union in UNIONS.items()}
    every = [*(each for way in ways.values() for each in way), messages.FrameHeader]
    _, components = schema_components(every, ref_template="#/{name}")
    parts = [HEAD]
    said = {each.__name__ for each in ways["FromPage"]}  # what the server says is said in full
    for name in sorted(components):
        parts.append(_interface(name, components[name], is_full=name not in said))
    for way, members in ways.items():
        parts.append(f"export type {way} =\n" + "\n".join(f"  | {each.__name__}" for each in members) + ";\n")
    return "\n".join(parts)


def _interface(name: str, schema: dict[str, Any], *, is_full: bool) -> str:
    required = set(schema.get("required", ()))
    lines = [
        f"  {field}{'' if is_full or field in required else '?'}: {_type(of_field)};"
        for field, of_field in schema["properties"].items()
    ]
    words = schema.get("description", "").split("\n")[0]
    return f"/** {words} */\nexport interface {name} {{\n" + "\n".join(lines) + "\n}\n"


def _type(schema: dict[str, Any]) -> str:
    """Return the type that a JSON schema describes."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix("#/")
    if "enum" in schema:
        return " | ".join(f'"{each}"' if isinstance(each, str) else str(each) for each in schema["enum"])
    if "const" in schema:
        return f'"{schema["const"]}"'
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(each) for each in schema["anyOf"]))
    kind = schema.get("type")
    if isinstance(kind, list):
        return " | ".join(_type({**schema, "type": each}) for each in kind)
    if kind == "array":
        if "prefixItems" in schema:
            return f"[{', '.join(_type(each) for each in schema['prefixItems'])}]"
        inner = _type(schema["items"])
        return f"({inner})[]" if " " in inner else f"{inner}[]"
    if kind == "object":
        inner = schema.get("additionalProperties")
        return f"Record<string, {_type(inner)}>" if isinstance(inner, dict) and inner else "Record<string, any>"
    return "number" if kind == "integer" else str(kind)


def main() -> None:
    """Write the file."""
    PAGE.write_text(types(), encoding="utf-8")


if __name__ == "__main__":
    main()
