/* frame.c - see frame.h. */
#include "sim/report/frame.h"

static const char style[] =
    ":root{color-scheme:light dark;--paper:#fff;--ink:#1a1a1a;--soft:#666;--line:#ddd;"
    "--box:#f6f6f4}\n"
    "@media(prefers-color-scheme:dark){:root{--paper:#16181b;--ink:#e8e8e6;--soft:#9a9a98;"
    "--line:#33363a;--box:#1e2125}}\n"
    "body{background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif;"
    "max-width:60rem;margin:2rem auto;padding:0 1rem}\n"
    "h1{font-size:1.5rem;line-height:1.25;margin:0 0 .25rem}h2{font-size:1.1rem;margin:2rem 0 "
    ".5rem}\n"
    "p{margin:.25rem 0}.soft{color:var(--soft)}\n"
    ".cards{display:flex;flex-wrap:wrap;gap:.75rem;margin:1.25rem 0}\n"
    ".card{flex:1 1 9rem;background:var(--box);border-radius:.5rem;padding:.75rem 1rem}\n"
    ".card b{display:block;font-size:1.5rem;font-weight:600}\n"
    ".scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:"
    "tabular-nums}\n"
    "th,td{padding:.25rem .6rem;text-align:right;border-bottom:1px solid var(--line);"
    "white-space:nowrap}\n"
    "th:first-child,td:first-child{text-align:left}th{font-weight:600;color:var(--soft)}\n"
    "td.words{white-space:normal;text-align:left;min-width:18rem}.verdicts{padding-left:1.2rem}\n"
    "thead th{cursor:pointer}th[aria-sort=ascending]::after{content:' \\2191'}"
    "th[aria-sort=descending]::after{content:' \\2193'}\n"
    "figure{margin:1rem 0}svg{width:100%;height:auto}svg text{fill:var(--soft)}"
    "svg .gridline{stroke:var(--line)}\n"
    "pre{background:var(--box);border-radius:.5rem;padding:1rem;overflow-x:auto;font-size:.8rem}\n"
    "@media print{:root{--paper:#fff;--ink:#000;--soft:#444;--line:#ccc;--box:#fff}"
    "body{max-width:none;margin:0}figure,tr{break-inside:avoid}h2{break-after:avoid}"
    "pre{white-space:pre-wrap}}\n";

/* Tables sort by the column whose head is clicked, or has the focus when Enter is pressed: numbers
 * by what they say ("5.5 d" is more than "30 min"), words by the alphabet, empty cells last; equal
 * rows keep their order. */
static const char script[] =
    "(function(){var U={s:1,min:60,h:3600,d:86400};\n"
    "function value(c){var "
    "t=c.innerText.split('\\n')[0].replace(/,/g,'').replace('\\u2212','-').trim();"
    "if(t==='')return null;var m=/^(-?[0-9.]+)\\s*(s|min|h|d|%)?$/.exec(t);"
    "return m?parseFloat(m[1])*(U[m[2]]||1):t.toLowerCase()}\n"
    "function order(a,b){if(a===null||b===null)return a===b?0:a===null?Infinity:-Infinity;"
    "if(typeof a!==typeof b)return typeof a==='number'?-1:1;return a<b?-1:a>b?1:0}\n"
    "function sort(h){var t=h.closest('table'),b=t.tBodies[0],i=h.cellIndex,"
    "up=h.getAttribute('aria-sort')!=='ascending';\n"
    "var rows=Array.from(b.rows).map(function(r,k){return{r:r,k:k,v:value(r.cells[i])}});\n"
    "rows.sort(function(x,y){var o=order(x.v,y.v);if(!isFinite(o))return o>0?1:-1;"
    "return(up?o:-o)||x.k-y.k});rows.forEach(function(x){b.appendChild(x.r)});\n"
    "t.querySelectorAll('th').forEach(function(x){x.removeAttribute('aria-sort')});"
    "h.setAttribute('aria-sort',up?'ascending':'descending')}\n"
    "document.querySelectorAll('thead th').forEach(function(h){h.tabIndex=0;"
    "h.addEventListener('click',function(){sort(h)});"
    "h.addEventListener('keydown',function(e){if(e.key==='Enter')sort(h)})})})()";

void frame_begin(struct text *out, const char *title)
{
    text_add(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                  "<title>");
    text_add_html(out, title);
    text_addf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n", style);
}

void frame_end(struct text *out)
{
    text_addf(out, "<script>\n%s\n</script>\n</body>\n</html>\n", script);
}

void frame_add_card(struct text *out, const char *label, frame_add_value add, double value)
{
    text_add(out, "<div class=\"card\"><b>");
    add(out, value);
    text_addf(out, "</b>%s</div>\n", label);
}

void frame_add_percent(struct text *out, double ratio)
{
    text_addf(out, "%.1f %%", ratio * 100);
}

void frame_add_figure(struct text *out, const char *title, const struct text *svg)
{
    text_addf(out, "<h2>%s</h2>\n<figure role=\"img\" aria-label=\"%s\">\n%s</figure>\n", title,
              title, svg->bytes);
}
