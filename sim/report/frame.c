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
    "figure{margin:1rem 0}svg{width:100%;height:auto}svg text{fill:var(--soft)}"
    "svg .gridline{stroke:var(--line)}\n"
    "pre{background:var(--box);border-radius:.5rem;padding:1rem;overflow-x:auto;font-size:.8rem}\n"
    "@media print{:root{--paper:#fff;--ink:#000;--soft:#444;--line:#ccc;--box:#fff}"
    "body{max-width:none;margin:0}figure,tr{break-inside:avoid}h2{break-after:avoid}"
    "pre{white-space:pre-wrap}}\n";

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
    text_add(out, "</body>\n</html>\n");
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
