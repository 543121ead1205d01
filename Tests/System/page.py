"""page.py URL KEYTURN CONFIG DAEMON: looks at the status page in a headless Chromium, as `Tests/System/page` starts it.

URL is where the daemon of page-lab.sh serves it, KEYTURN the command, CONFIG its configuration, DAEMON its process id. With
PAGE_SCREENSHOTS=DIRECTORY it leaves pictures there.
"""

import datetime
import json
import os
import signal
import subprocess
import sys

import devtools
from page_measures import CONTRASTS, OVERFLOWS, ROWS, TARGETS, UNNAMED_ROLES

URL, KEYTURN, CONFIG, DAEMON = sys.argv[1:5]
WIDTHS = [(1280, 900, False), (390, 844, True)]
SPAN = datetime.timedelta(days=14)


def check(condition, words, *facts):
    if not condition:
        raise AssertionError(f"{words}: {facts}" if facts else words)


def near(one, other, words, within=1.0):
    check(abs(one - other) <= within, words, one, other)


def keyturn(command, *arguments):
    words = [KEYTURN, command, "--config", CONFIG, *arguments]
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=60).stdout


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def quiet(page):
    check(not page.complaints, "the browser complains", page.complaints)
    others = [url for url in page.requests if not url.startswith((URL, "data:", "about:"))]
    check(not others, "other addresses were asked", others)


def refreshed(page, condition, what):
    """Has the page's script ask again, as when its tab comes to the front, until the condition holds."""

    def ask():
        page.value("document.dispatchEvent(new Event('visibilitychange'))")
        return page.value(condition)

    page.wait(ask, what)


def what_is_on_it(page):
    page.open(URL)
    rows = {row["name"]: row for row in page.value(ROWS)}
    expected = {
        "contoso-held": ("held", "regenerate-without-change"), "contoso-hook": ("degraded", "delivery-failed"),
        "contoso-refused": ("degraded", "forbidden"), "contoso-paused": ("paused", "by "),
        "contoso-busy": ("ok", ""), "contoso-manual": ("ok", ""), "contoso-ok": ("ok", ""), "contoso-turned": ("ok", ""),
    }
    check(list(rows) == list(expected), "rows, problems first", list(rows))
    for name, (health, reason) in expected.items():
        check(health in rows[name]["health"] and reason in rows[name]["health"], name, rows[name]["health"])
        check(rows[name]["color"] is not None and rows[name]["icons"] == 1, f"{name} has a shape for its health")
    check(page.value("document.querySelector('h1').textContent") == "3 need you", "the verdict")
    check(page.value("document.title").startswith("3 need you"), "the title")
    kinds = page.value("[...document.querySelectorAll('.kind h3 code')].map(code => code.textContent)")
    check(kinds == ["regenerate-without-change", "delivery-failed", "forbidden"], "kinds", kinds)
    advice = page.value("document.querySelector('.kind.held').innerText")
    check("keyturn resume contoso-held" in advice, "what to do", advice)
    check("Secondary v2" in rows["contoso-turned"]["key"], "what is published", rows["contoso-turned"]["key"])
    check("only when asked for" in rows["contoso-manual"]["next"], "why nothing is planned")
    check(page.value("document.querySelectorAll('main img').length") == 0, "text became markup")
    hook = page.value("document.querySelector('#row-contoso-hook').textContent")
    check("<img src=x onerror=alert(1)>" in hook, "what the command said is not shown", hook)
    quiet(page)


def where_it_is(page):
    """Every shape in the place that its time has."""
    status = {row["name"]: row for row in json.loads(keyturn("status", "--format", "json"))["resources"]}
    for width, height, mobile in WIDTHS:
        page.size(width, height, mobile)
        page.open(URL + "?span=7d")
        now = instant(page.value("document.querySelector('#asof time').dateTime"))
        rows = {row["name"]: row for row in page.value(ROWS)}
        middles = {round(row["now"]) for row in rows.values()}
        check(len(middles) == 1, "now is not in line", middles)
        axis = page.value("document.querySelector('.axis text.now').getBoundingClientRect().toJSON()")
        near((axis["left"] + axis["right"]) / 2, middles.pop(), "the axis is not above the pictures", 2)
        for name, row in rows.items():
            line, box = row["timeline"], row["box"]
            near(row["now"], line["left"] + line["width"] / 2, f"{name}: now is not in the middle")
            check(line["width"] > 0.3 * min(width, 1280), f"{name}: the picture is too small", line)
            check(box["left"] <= line["left"] and line["right"] <= box["right"] + 0.5, f"{name}: beyond its row")
            for mark in row["marks"]:
                check(box["top"] <= mark["y"] <= box["bottom"], f"{name}: a mark beside its row", mark)
                check(line["left"] - 1 <= mark["x"] <= line["right"] + 1, f"{name}: a mark beside its picture", mark)

        def place(line, moment):
            return line["left"] + line["width"] * (0.5 + (moment - now) / SPAN)

        turned, line = rows["contoso-turned"], rows["contoso-turned"]["timeline"]
        published = instant(status["contoso-turned"]["publishedAt"])
        until = instant(status["contoso-turned"]["previousGoodUntil"])
        overlap = next(part for part in turned["parts"] if part["kind"] == "overlap")
        near(overlap["left"], place(line, published), "where the overlap begins")
        near(overlap["right"], place(line, until), "where the overlap ends")
        current = next(part for part in turned["parts"] if part["kind"] == "planned")
        check(overlap["bottom"] <= current["top"], "the superseded Primary is not above the Secondary")
        rotated = next(mark for mark in turned["marks"] if mark["kind"] == "rotated")
        near(rotated["x"], place(line, published), "where it was rotated")
        near(rotated["y"], (current["top"] + current["bottom"]) / 2, "the mark is not on its lane")
        # Percentages in what is drawn once for all rows are those of the row that uses it.
        hours = rows["contoso-ok"]["hours"]
        first = float(page.value("document.querySelector('#hours-0 .window').getAttribute('x')").rstrip("%"))
        line = rows["contoso-ok"]["timeline"]
        near(hours["left"], line["left"] + line["width"] * first / 100, "where the first window opens")
        page.open(URL + "?span=45d")
        now, span = instant(page.value("document.querySelector('#asof time').dateTime")), 2 * datetime.timedelta(days=45)
        row = next(row for row in page.value(ROWS) if row["name"] == "contoso-turned")
        planned = next(mark for mark in row["marks"] if mark["kind"] == "planned")
        wait = instant(status["contoso-turned"]["next"]["at"]) - now
        expected = row["timeline"]["left"] + row["timeline"]["width"] * (0.5 + wait / span)
        near(planned["x"], expected, "where the next rotation is planned")
        freeze = page.value("[...document.querySelectorAll('#hours-0 .freeze title')].map(title => title.textContent)")
        check(len(freeze) == 1 and freeze[0].endswith(": stock & <taking>"), "the freeze", freeze)
    quiet(page)


def how_it_looks(page):
    """Nothing is cut off, nothing too small to touch, nothing too faint to read: in every width, light and dark."""
    for path in ["", "?q=zzz", "resource/contoso-hook", "resource/contoso-busy", "nothing", "?page=x"]:
        page.size(1280, 900)
        page.open(URL + path)
        # A 404 and a 400 are told on the console, too.
        page.complaints.clear()
        for scheme in ["light", "dark"]:
            page.media(prefers_color_scheme=scheme)
            for width, height, mobile in [*WIDTHS, (320, 640, True), (768, 1024, True)]:
                page.size(width, height, mobile)
                page.value("document.querySelectorAll('details').forEach(details => details.open = true)")
                where = f"/{path} at {width}, {scheme}"
                check(page.value(OVERFLOWS) == [], f"{where}: wider than the window", page.value(OVERFLOWS))
                if mobile:
                    check(page.value(TARGETS) == [], f"{where}: too small to touch", page.value(TARGETS))
                page.keep(f"{path.replace('/', '-').strip('?') or 'overview'}-{width}-{scheme}")
            check(page.value(CONTRASTS) == [], f"/{path}, {scheme}: too faint", page.value(CONTRASTS))
            paper = page.value("getComputedStyle(document.body).backgroundColor")
            levels = [int(level) for level in paper[paper.index("(") + 1:-1].split(",")[:3]]
            check(max(levels) < 64 if scheme == "dark" else min(levels) > 224, f"{scheme}: the background", paper)
    page.media(forced_colors="active")
    page.size(1280, 900)
    page.open(URL)
    check(page.value("document.querySelectorAll('.row').length") == 8, "with forced colours")
    page.media()
    quiet(page)


def who_hears_it(page):
    """Everything that can be used, and every picture, has a name for those who do not see it."""
    page.call("Accessibility.enable")
    for path in ["", "resource/contoso-turned"]:
        page.open(URL + path)
        nodes = page.call("Accessibility.getFullAXTree")["nodes"]
        named = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node["ignored"]]
        nameless = [role for role, name in named if role in UNNAMED_ROLES and not name.strip()]
        check(not nameless, "without a name", nameless)
        pictures = [name for role, name in named if role in ("image", "img") and name.startswith("Timeline: ")]
        check(len(pictures) == (1 if path else 8), "pictures that are told", pictures)
        check(len([1 for role, _ in named if role == "heading"]) >= 3, "headings")
    check("Primary still works until 2" in pictures[0], "the overlap is told", pictures)
    page.call("Accessibility.disable")


def without_scripts(page):
    page.size(1280, 900)
    page.scripts(False)
    page.open(URL)
    check(len(page.value(ROWS)) == 8, "rows without scripts")
    reload = page.value("document.querySelector('head meta[http-equiv=refresh]').content")
    check(reload == "60", "it is loaded anew now and then", reload)
    check(page.value("document.querySelector('#auto').checkVisibility()") is False, "a switch that does nothing")
    page.value("document.querySelector('#row-contoso-ok').scrollIntoView({block: 'center'})")
    box = page.value("document.querySelector('#row-contoso-ok summary').getBoundingClientRect().toJSON()")
    for kind in ["mousePressed", "mouseReleased"]:
        page.call(
            "Input.dispatchMouseEvent", type=kind, x=box["left"] + 20, y=box["top"] + 12, button="left", clickCount=1)
    page.wait(lambda: page.value("document.querySelector('#row-contoso-ok .detail').checkVisibility()"), "what is behind")
    page.open(URL + "?q=contoso-hel&span=7d")
    check(page.value("document.querySelectorAll('.row').length") == 1, "the filter")
    page.scripts(True)
    quiet(page)


def found(page):
    page.open(URL)
    page.value("document.querySelector('#q').value = 'contoso-h'; document.querySelector('.find button').click()")
    page.wait(lambda: page.value("location.search") == "?q=contoso-h" and page.value("document.readyState") == "complete",
              "the filter to be sent")
    names = [row["name"] for row in page.value(ROWS)]
    check(names == ["contoso-held", "contoso-hook"], "what the filter finds", names)
    page.value("document.querySelector('#row-contoso-held summary').click()")
    page.value("document.querySelector('#row-contoso-held .detail > p:last-child a').click()")
    page.wait(lambda: page.value("location.pathname") == "/resource/contoso-held"
              and page.value("document.readyState") == "complete", "the whole story")
    story = page.value("document.querySelector('#list').innerText")
    for words in ["held", "regenerate-without-change", "connection string published", "rotation requested"]:
        check(words in story, f"'{words}' in the story", story)
    times = page.value("[...document.querySelectorAll('.event time')].map(time => time.dateTime)")
    check(times and times == sorted(times, reverse=True) and all(map(instant, times)), "newest first", times)
    quiet(page)


def in_place(page):
    """What has changed appears, and nothing that somebody reads is taken away."""
    page.size(1280, 420)
    page.open(URL)
    ok = "document.querySelector('#row-contoso-ok details')"
    page.value(f"{ok}.open = true; {ok}.scrollIntoView(); {ok}.querySelector('summary').focus(); window.same = true")
    page.value("document.querySelector('#q').value = 'half'")
    before = page.value(f"{ok}.getBoundingClientRect().top")
    keyturn("pause", "contoso-manual")
    refreshed(page, "document.querySelector('#row-contoso-manual .word').textContent === 'paused'", "what has changed")
    check(page.value("window.same"), "it was loaded anew")
    check(page.value(f"{ok}.open"), "what was opened is closed")
    near(page.value(f"{ok}.getBoundingClientRect().top"), before, "it has moved", 2)
    check(page.value(f"document.activeElement === {ok}.querySelector('summary')"), "the focus is lost")
    check(page.value("document.querySelector('#q').value") == "half", "what was typed is lost")
    asof = "document.querySelector('#asof time').textContent"
    last = page.value(asof)
    page.wait(lambda: page.value(asof) != last, "it to be asked for by itself")

    page.value(f"getSelection().selectAllChildren({ok}.querySelector('.detail'))")
    last = page.value(asof)
    keyturn("resume", "contoso-manual")
    requests = len(page.requests)
    refreshed(page, "true", "a refresh")
    page.wait(lambda: len(page.requests) > requests, "it to be asked for")
    page.value("new Promise(done => setTimeout(done, 1000))")
    check(page.value(asof) == last, "it was changed under a selection")
    page.value("getSelection().removeAllRanges()")
    refreshed(page, "document.querySelector('#row-contoso-manual .word').textContent === 'ok'", "a refresh after it")
    page.value("document.querySelector('#auto input').click()")
    requests = len(page.requests)
    page.value("document.dispatchEvent(new Event('visibilitychange'))")
    page.value("new Promise(done => setTimeout(done, 1000))")
    check(len(page.requests) == requests, "it was asked for although it is to stand still")
    page.value("document.querySelector('#auto input').click()")
    quiet(page)


def closed(page):
    """What somebody would put into the page does nothing."""
    page.open(URL)
    page.value("""(() => {
        const script = document.createElement("script");
        script.textContent = "window.broken = true";
        const picture = new Image();
        picture.src = "http://127.0.0.1:9/elsewhere.png";
        const style = document.createElement("style");
        style.textContent = "h1 { display: none }";
        document.body.append(script, picture, style);
    })()""")
    page.wait(lambda: len([text for text in page.complaints if "Content Security Policy" in text]) >= 3, "three refusals")
    check(page.value("window.broken === undefined"), "a script ran")
    check(page.value("document.querySelector('h1').checkVisibility()"), "a style counted")
    page.complaints.clear()
    page.requests.clear()


def old(page):
    """A page whose daemon is gone says so."""
    page.open(URL)
    last = page.value("document.querySelector('#asof time').textContent")
    os.kill(int(DAEMON), signal.SIGTERM)
    refreshed(page, "document.querySelector('#stale').checkVisibility()", "it to say so")
    words = page.value("document.querySelector('#stale').textContent")
    check(words == f"Keyturn does not answer. What you see is of {last}.", "what it says", words)
    check(page.value("document.querySelectorAll('.row').length") == 8, "what was known is gone")
    page.media(prefers_color_scheme="dark")
    check(page.value(CONTRASTS) == [], "too faint", page.value(CONTRASTS))


def main():
    with devtools.Browser() as browser:
        for look in [what_is_on_it, where_it_is, how_it_looks, who_hears_it, without_scripts, found, in_place, closed, old]:
            page = browser.page()
            look(page)
            page.close()
            print(f"{look.__name__.replace('_', ' ')}: as it should be", flush=True)


main()
