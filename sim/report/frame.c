/* frame.c - see frame.h. */
#include "sim/report/frame.h"

#include "sim/report/files.h"
#include "sim/report/human.h"

/* The browser is told what the page may do: nothing comes from anywhere else. Figures may hold
 * pictures, as bytes. */
static const char allowed[] = "default-src 'none'; style-src 'unsafe-inline'; "
                              "script-src 'unsafe-inline'; img-src data:";

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
    "th:first-child,td:first-child{text-align:left}"
    "th{font-weight:600;color:var(--soft);white-space:normal;vertical-align:bottom}\n"
    "th[tabindex]{cursor:pointer}th[tabindex]:hover{color:var(--ink)}"
    "th[aria-sort]{color:var(--ink)}th[aria-sort=ascending]::after{content:' \\2191'}"
    "th[aria-sort=descending]::after{content:' \\2193'}\n"
    "th.words,td.words{white-space:normal;text-align:left;min-width:18rem}"
    ".verdicts{padding-left:1.2rem}\n"
    "figure{margin:1rem 0}svg{width:100%;height:auto}svg text{fill:var(--soft)}"
    "svg image{image-rendering:pixelated}svg .gridline{stroke:var(--line)}\n"
    "pre{background:var(--box);border-radius:.5rem;padding:1rem;overflow-x:auto;font-size:.8rem}\n"
    "@media print{:root{--paper:#fff;--ink:#000;--soft:#444;--line:#ccc;--box:#fff}"
    "body{max-width:none;margin:0}figure,tr{break-inside:avoid}h2{break-after:avoid}"
    "table{font-size:.8rem}pre{white-space:pre-wrap}}\n";

/* Tables sort by the column whose head is clicked (or gets Enter): numbers first down, then up,
 * words first up, then down, then as they were written. Cells without a value stay last; equal ones
 * stay as they were written. */
static const char sorting[] =
    "'use strict';\n"
    "for (const table of document.querySelectorAll('table')) {\n"
    "  const body = table.tBodies[0], rows = [...body.rows];\n"
    "  const heads = [...table.tHead.rows[0].cells];\n"
    "  if (rows.length < 2) continue;\n"
    "  heads.forEach((head, column) => {\n"
    "    const keyOf = row => {\n"
    "      const cell = row.cells[column];\n"
    "      return 'v' in cell.dataset ? Number(cell.dataset.v) : cell.textContent.trim();\n"
    "    };\n"
    "    const isNumeric = rows.some(row => typeof keyOf(row) === 'number');\n"
    "    const ways = isNumeric ? ['descending', 'ascending'] : ['ascending', 'descending'];\n"
    "    const compare = (a, b, sign) => {\n"
    "      const x = keyOf(a), y = keyOf(b);\n"
    "      if (x === '' || y === '') return (x === '') - (y === '');\n"
    "      return sign * (isNumeric ? x - y : x.localeCompare(y, 'en', {numeric: true}));\n"
    "    };\n"
    "    const sort = () => {\n"
    "      const way = ways[ways.indexOf(head.getAttribute('aria-sort')) + 1];\n"
    "      for (const other of heads) other.removeAttribute('aria-sort');\n"
    "      if (way) head.setAttribute('aria-sort', way);\n"
    "      const sign = way === 'ascending' ? 1 : -1;\n"
    "      body.append(...(way ? [...rows].sort((a, b) => compare(a, b, sign)) : rows));\n"
    "    };\n"
    "    head.tabIndex = 0;\n"
    "    head.addEventListener('click', sort);\n"
    "    head.addEventListener('keydown', event => {\n"
    "      if (event.key !== 'Enter' && event.key !== ' ') return;\n"
    "      event.preventDefault();\n"
    "      sort();\n"
    "    });\n"
    "  });\n"
    "}\n";

void frame_begin(struct text *out, const char *title)
{
    text_add(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n");
    text_addf(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"%s\">\n<title>",
              allowed);
    text_add_html(out, title);
    text_addf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n", style);
}

void frame_end(struct text *out)
{
    text_addf(out, "<script>\n%s</script>\n</body>\n</html>\n", sorting);
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

void frame_add_cell(struct text *out, frame_add_value add, double value)
{
    text_addf(out, "<td data-v=\"%.15g\">", value);
    add(out, value);
    text_add(out, "</td>");
}

static void add_count(struct text *out, double value)
{
    human_add_count(out, (int64_t)value);
}

void frame_add_count_cell(struct text *out, uint32_t count)
{
    frame_add_cell(out, add_count, count);
}

void frame_add_name_cell(struct text *out, const char *name)
{
    text_add(out, "<td>");
    text_add_html(out, name[0] != '\0' ? name : "(none)");
    text_add(out, "</td>");
}

void frame_add_figure(struct text *out, const char *title, const struct text *svg)
{
    text_addf(out, "<h2>%s</h2>\n<figure role=\"img\" aria-label=\"%s\">\n%s</figure>\n", title,
              title, svg->bytes);
}

void frame_add_inputs(struct text *out, const char *title, const char *things,
                      const json_t *settings)
{
    struct text text = {0};
    files_add_json(&text, settings);
    text_addf(out,
              "<h2>%s</h2>\n<p class=\"soft\">Equal %s give equal results, to the byte.</p>\n<pre>",
              title, things);
    text_add_html(out, text.bytes);
    text_add(out, "</pre>\n");
    text_release(&text);
}
