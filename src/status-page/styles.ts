/** The whole look: two palettes, one column, no font and no image from anywhere. */
export const STYLES = `
:root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--dim:#57606a;--line:#d0d7de;--card:#f6f8fa;
--ok:#1a7f37;--degraded:#9a6700;--partial:#bc4c00;--major:#cf222e;--none:#c4cbd2;--link:#0550ae}
@media (prefers-color-scheme:dark){:root{--bg:#0d1117;--fg:#e6edf3;--dim:#9ea7b3;--line:#3d444d;--card:#161b22;
--ok:#3fb950;--degraded:#d29922;--partial:#f0883e;--major:#ff7b72;--none:#4b535d;--link:#79b8ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);font:16px/1.5 system-ui,sans-serif;overflow-wrap:break-word}
main,header,footer{max-width:46rem;margin:0 auto;padding:0 1rem}
header{padding-top:2rem}
h1{font-size:1.5rem;margin:0 0 1rem}
h2{font-size:1.2rem;margin:2rem 0 .75rem}
h3{font-size:1.05rem;margin:0}
p{margin:.25rem 0}
a{color:var(--link)}
a:focus-visible,summary:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.overall{border:2px solid;border-radius:.5rem;padding:1rem;font-size:1.15rem;font-weight:600}
.operational{color:var(--ok)}.degraded{color:var(--degraded)}
.partial-outage{color:var(--partial)}.major-outage{color:var(--major)}
.mark{display:inline-block;width:1.4em;font-weight:700}
ul,ol{list-style:none;margin:0;padding:0}
.card{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:1rem;margin:0 0 .75rem}
.row{display:flex;flex-wrap:wrap;gap:.25rem 1rem;justify-content:space-between;align-items:baseline}
.state{font-weight:600;white-space:nowrap}
.dim{color:var(--dim);font-size:.9rem}
svg{display:block;width:100%;height:2rem;margin:.5rem 0 .25rem}
rect.unknown{fill:var(--none)}rect.operational{fill:var(--ok)}rect.degraded{fill:var(--degraded)}
rect.partial-outage{fill:var(--partial)}rect.major-outage{fill:var(--major)}
.updates{margin-top:.75rem;border-left:3px solid var(--line);padding-left:1rem}
.updates li{margin:0 0 .6rem}
dl{margin:.5rem 0;display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem}
dt{color:var(--dim)}dd{margin:0}
footer{padding-bottom:2rem;margin-top:2rem}
@media (max-width:30rem){dl{grid-template-columns:1fr}dd{margin-bottom:.4rem}}
@media print{body{background:#fff;color:#000}.card{break-inside:avoid}}
`.trim()
