/** Readable on a phone, on paper, in the dark and by a screen reader; each colour has a contrast of 4.5 or more. */
export const reportStyle = `
:root{--ink:#1a1d21;--soft:#50575f;--paper:#fff;--edge:#c9ced4;--tint:#f2f4f6;--link:#0a56b0;--bar:#6b8fb8;--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#b0b7bf;--paper:#14171a;--edge:#3d444b;--tint:#1e2328;--link:#8ab8ff;--bar:#4f7cab;--bad:#ff8a80}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:60rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .5rem;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:2.2rem 0 .6rem;padding-bottom:.25rem;border-bottom:1px solid var(--edge)}
p,ul{margin:.5rem 0}
li,p,figcaption{overflow-wrap:anywhere}
.badges{display:flex;flex-wrap:wrap;gap:.4rem}
.badges span{border:1px solid var(--edge);background:var(--tint);border-radius:1rem;padding:.1rem .7rem;font-size:.85rem}
a{color:var(--link)}
a.event{font-size:.8em;font-variant-numeric:tabular-nums}
.wide{overflow-x:auto;border:1px solid var(--edge);border-radius:.3rem;margin:.6rem 0}
table{border-collapse:collapse;width:100%;font-size:.875rem}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid var(--edge)}
th{background:var(--tint);white-space:nowrap}
tr:last-child td{border-bottom:0}
tr:target{background:var(--tint);outline:2px solid var(--link)}
td:nth-child(3){min-width:12rem}
figure{margin:1rem 0}
figcaption,.questions,small{color:var(--soft)}
.questions{font-style:italic}
svg{width:100%;height:auto;font:12px system-ui,sans-serif}
svg text{fill:var(--ink)}
.bar{fill:var(--bar)}
.bad{fill:var(--bad)}
.axis,.mark{stroke:var(--soft)}
.mark{stroke-dasharray:3 3}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--tint);padding:.6rem}
@media print{:root{--ink:#000;--soft:#333;--paper:#fff;--edge:#999;--tint:#eee;--link:#000}main{max-width:none;padding:0}.wide{overflow:visible;border:0}h2{break-after:avoid}tr,figure{break-inside:avoid}a.event{text-decoration:none}th,td{white-space:normal;overflow-wrap:anywhere}@page{margin:18mm}}
`
