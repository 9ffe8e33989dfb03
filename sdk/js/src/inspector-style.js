/** How `<cloak-inspector>` looks, in light and dark, from 320 pixels on. */
export const STYLE = `
:host{--paper:#fffefb;--sunk:#f1efe8;--line:#d8d4c8;--ink:#1b2421;--soft:#56605b;--accent:#0f6a58;
--good:#17663b;--good-wash:#dff1e4;--bad:#a3281f;--bad-wash:#fbe6e2;--wait-wash:#eceae3;
position:fixed;z-index:2147483000;right:12px;bottom:12px;max-width:calc(100vw - 24px);
font:14px/1.45 system-ui,-apple-system,"Segoe UI","Noto Sans","DejaVu Sans",sans-serif;color:var(--ink);
color-scheme:light dark;text-align:left}
@media (prefers-color-scheme:dark){:host{--paper:#1a211e;--sunk:#232b28;--line:#3a4741;--ink:#e9eeeb;
--soft:#a9b5af;--accent:#74d3b9;--good:#86dba5;--good-wash:#173524;--bad:#ff9f92;--bad-wash:#43201c;
--wait-wash:#2a332f}}
:host([hidden]),[hidden]{display:none!important}
*{box-sizing:border-box;margin:0}
button,select{font:inherit;color:inherit;border:1px solid var(--line);border-radius:8px;background:var(--paper);
min-height:36px;padding:4px 12px;cursor:pointer}
button:hover{border-color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.toggle{display:flex;align-items:center;gap:8px;margin-left:auto;font-weight:600;min-height:40px;
box-shadow:0 2px 10px rgb(0 0 0/18%)}
.toggle b{font-weight:600;color:var(--bad)}
.panel{width:min(440px,calc(100vw - 24px));max-height:min(70vh,640px);margin-bottom:8px;display:flex;
flex-direction:column;background:var(--paper);border:1px solid var(--line);border-radius:12px;overflow:hidden;
box-shadow:0 8px 30px rgb(0 0 0/22%)}
header{padding:12px 14px;border-bottom:1px solid var(--line);display:grid;gap:10px}
h2{font-size:15px;font-weight:650}
.totals{display:grid;grid-template-columns:repeat(4,1fr);gap:6px;text-align:center}
.totals div{background:var(--sunk);border-radius:8px;padding:6px 2px}
.totals dd{font-weight:650;white-space:nowrap;font-variant-numeric:tabular-nums}
.totals dt{font-size:12px;color:var(--soft)}
.tools{display:flex;gap:8px}
.tools label{flex:1;display:flex;align-items:center;gap:8px;color:var(--soft)}
.tools select{flex:1;min-width:0}
ol{list-style:none;padding:0;overflow:auto;overscroll-behavior:contain}
.list>li{border-bottom:1px solid var(--line)}
.list>li:last-child{border:0}
.empty{padding:22px 14px;color:var(--soft)}
summary{display:grid;grid-template-columns:auto 1fr auto;gap:2px 10px;align-items:center;padding:9px 14px;cursor:pointer;
list-style:none}
summary::-webkit-details-marker{display:none}
summary:hover{background:var(--sunk)}
summary:focus-visible{outline-offset:-2px}
.state{font-size:12px;font-weight:650;border-radius:99px;padding:2px 9px;background:var(--wait-wash)}
.state.shown{background:var(--good-wash);color:var(--good)}
.state.error,.state.gone{background:var(--bad-wash);color:var(--bad)}
.name{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:13px;
overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.short{color:var(--soft);font-size:12.5px;font-variant-numeric:tabular-nums;white-space:nowrap}
.why{grid-column:2/-1;color:var(--bad);font-size:13px;overflow-wrap:anywhere}
.facts{padding:4px 14px 14px;display:grid;gap:10px}
.facts dl{display:grid;grid-template-columns:auto 1fr;gap:3px 14px;font-size:13px}
.facts dt{color:var(--soft)}
.facts dd{overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
.lines{font-size:13px;background:var(--sunk);border-radius:8px;padding:8px 10px;max-height:150px}
.lines time{color:var(--soft);font-variant-numeric:tabular-nums;margin-right:10px}
.vh{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
`
