/* Appended to a page by tests/html/run.sh: looks at what is there, sorts a table both ways, and
 * writes what it found into the title. */
(function () {
  var found = [];
  function say(name, ok) { found.push((ok ? "ok " : "WRONG ") + name); }
  var figures = document.querySelectorAll("figure svg");
  say("figures=" + figures.length, figures.length > 0);
  figures.forEach(function (svg, i) {
    say("figure " + i + " has size", svg.getBoundingClientRect().width > 100);
  });
  var tables = document.querySelectorAll("table");
  say("tables=" + tables.length, tables.length > 0);
  tables.forEach(function (table, i) {
    var rows = table.tBodies[0].rows.length;
    var head = table.querySelectorAll("thead th")[1];
    function column() {
      return Array.from(table.tBodies[0].rows).map(function (row) { return row.cells[1].innerText; });
    }
    head.click();
    var up = column();
    head.click();
    var down = column();
    say("table " + i + " keeps its rows", up.length === rows && down.length === rows);
    var differ = new Set(up).size > 1;
    say("table " + i + " sorts", !differ || up.join("|") !== down.join("|"));
    say("table " + i + " tells how", head.getAttribute("aria-sort") === "descending");
  });
  var outside = document.querySelectorAll("[src], link[href], script[src]");
  say("nothing from elsewhere", outside.length === 0);
  var dark = matchMedia("(prefers-color-scheme: dark)").matches;
  var paper = getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g).map(Number);
  var light = paper[0] + paper[1] + paper[2] > 384;
  say("theme " + (dark ? "dark" : "light"), dark !== light);
  say("no wider than the window", document.documentElement.scrollWidth <= innerWidth + 1);
  document.title = found.join("; ");
})();
