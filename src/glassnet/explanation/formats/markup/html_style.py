"""The style of an explanation in HTML: light and dark, by the reader's system or the notebook's theme."""

_LIGHT = (
    "--gn-ink:#1b1f24;--gn-dim:#57606a;--gn-line:#d8dee4;--gn-paper:#ffffff;--gn-soft:#f6f8fa;"
    "--gn-input:#d9730d;--gn-hidden:#2f6fd0;--gn-output:#1a7f37;color-scheme:light;"
)
_DARK = (
    "--gn-ink:#e6edf3;--gn-dim:#9aa4af;--gn-line:#343b44;--gn-paper:#0f1318;--gn-soft:#181e25;"
    "--gn-input:#ff9d4d;--gn-hidden:#79b0ff;--gn-output:#56d073;color-scheme:dark;"
)

STYLE = (
    f"""
.glassnet{{{_LIGHT}}}
@media (prefers-color-scheme: dark){{.glassnet{{{_DARK}}}}}
[data-jp-theme-light="true"] .glassnet,[data-theme="light"] .glassnet,.vscode-light .glassnet{{{_LIGHT}}}
[data-jp-theme-light="false"] .glassnet,[data-theme="dark"] .glassnet,.vscode-dark .glassnet{{{_DARK}}}
"""
    """
.glassnet{font:14px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;color:var(--gn-ink);
background:var(--gn-paper);max-width:60rem;padding:1rem 1.25rem;box-sizing:border-box}
body.glassnet{margin:0 auto}
html:has(>body.glassnet){background:Canvas;color-scheme:light dark}
.glassnet h1{font-size:1.5rem;margin:.25rem 0 .75rem}
.glassnet h2{font-size:1.15rem;margin:1.75rem 0 .5rem;padding-bottom:.2rem;border-bottom:1px solid var(--gn-line)}
.glassnet summary{font-size:1rem;font-weight:600;margin:.25rem 0;cursor:pointer}
.glassnet details{margin:.75rem 0;padding:.1rem 0 .1rem .9rem;border-left:3px solid var(--gn-line)}
.glassnet .input{border-color:var(--gn-input)}
.glassnet .hidden{border-color:var(--gn-hidden)}
.glassnet .output{border-color:var(--gn-output)}
.glassnet p{margin:.5rem 0;color:var(--gn-dim);max-width:52rem}
.glassnet .equations{display:grid;grid-template-columns:fit-content(16rem) 1fr;gap:.3rem 1rem;margin:.6rem 0;
align-items:baseline}
.glassnet .equations>b{font-weight:600;overflow-wrap:anywhere}
.glassnet .math{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.86rem;
overflow-wrap:anywhere;font-variant-numeric:tabular-nums;padding-left:2em;text-indent:-2em}
.glassnet .math i{font-style:normal;color:var(--gn-dim)}
.glassnet math{font-size:1.05rem;word-spacing:normal;text-indent:0}
.glassnet .math math{math-style:normal}
.glassnet mtd{text-align:left;padding:.1em .4em .1em 0}
.glassnet .math strong{font-weight:650}
.glassnet .scroll{overflow-x:auto;margin:.6rem 0}
.glassnet table{border-collapse:collapse;font-size:.9rem}
.glassnet th,.glassnet td{padding:.2rem .9rem .2rem 0;text-align:left;vertical-align:top;border:0;
background:none;color:inherit}
.glassnet thead th{border-bottom:1px solid var(--gn-line);color:var(--gn-dim);font-weight:600;white-space:nowrap}
.glassnet tbody tr:nth-child(even){background:var(--gn-soft)}
.glassnet .number{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.82rem;
text-align:right;white-space:nowrap}
@media print{.glassnet details>*{display:block}}
"""
)
