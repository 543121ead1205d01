"""What page.py asks the page itself: JavaScript, evaluated in it, and what it compares with."""

# Every row with its texts, and where the shapes of its picture are.
ROWS = """(() => {
  const box = (element) => { const { left, right, top, bottom, width } = element.getBoundingClientRect();
    return { left, right, top, bottom, width }; };
  const text = (row, cell) => row.querySelector(cell).innerText;
  return [...document.querySelectorAll(".row")].map((row) => {
    const timeline = row.querySelector(".tl"), now = timeline.querySelector("use[href='#now']");
    const hours = timeline.querySelector("use[href^='#hours']"), line = box(now);
    return {
      name: text(row, "h3"), health: text(row, ".cell.health"), key: text(row, ".cell.key"),
      next: text(row, ".cell.next"), icons: row.querySelectorAll(".cell.health .icon").length,
      color: getComputedStyle(row.querySelector(".word")).color, box: box(row), timeline: box(timeline),
      now: (line.left + line.right) / 2, hours: hours && box(hours),
      parts: [...timeline.querySelectorAll("rect")].map((rect) => ({ kind: rect.getAttribute("class"), ...box(rect) })),
      marks: [...timeline.querySelectorAll(".mark")].map((mark) => { const { left, right, top, bottom } = box(mark);
        return { kind: mark.getAttribute("class").split(" ")[1], x: (left + right) / 2, y: (top + bottom) / 2 }; }),
    };
  });
})()"""

# What reaches out of the window to the right, were it only by its content.
OVERFLOWS = """(() => {
  const width = document.documentElement.clientWidth, found = [];
  if (document.documentElement.scrollWidth > width) found.push("the page: " + document.documentElement.scrollWidth);
  for (const element of document.querySelectorAll("body *")) {
    if (element.closest("svg") !== null && element.tagName !== "svg") continue;
    if (element.closest(".unseen, .defs") || !element.checkVisibility()) continue;
    const { left, right } = element.getBoundingClientRect();
    if (right > width + 0.5 || left < -0.5) found.push(element.tagName + "." + element.getAttribute("class") + " " + right);
  }
  return found;
})()"""

# What can be touched, but for links within sentences, and is less than 32 pixels high.
TARGETS = """[...document.querySelectorAll(".spans a, .names a, .pages a, button, .button, summary, input[type=search]")]
  .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < 32)
  .map((element) => element.outerHTML.slice(0, 80) + element.getBoundingClientRect().height)"""

# Text with less contrast than WCAG 2.2 asks for (1.4.3, AA: 4.5), and the words of the health.
CONTRASTS = """(() => {
  const parse = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = ([red, green, blue]) => [red, green, blue].map((level) => level / 255)
    .map((level) => level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4)
    .reduce((sum, level, index) => sum + level * [0.2126, 0.7152, 0.0722][index], 0);
  const background = (element) => {
    for (let place = element; place; place = place.parentElement) {
      const color = parse(getComputedStyle(place).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const ratio = (one, other) => { const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05); };
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!hasText || element.closest(".unseen, script, title") || !element.checkVisibility()) continue;
    const style = getComputedStyle(element), isDrawn = element.tagName === "text";
    let under = background(element);
    // A letter stands on its stretch of the lane.
    if (isDrawn && element.classList.contains("letter")) under = parse(getComputedStyle(element.previousElementSibling).fill);
    const value = ratio(parse(isDrawn ? style.fill : style.color), under);
    if (value < 4.5) found.push(element.tagName + "." + element.getAttribute("class") + " " + value.toFixed(2));
  }
  return [...new Set(found)];
})()"""

# Roles of the accessibility tree that are nothing without a name.
UNNAMED_ROLES = {"link", "button", "searchbox", "textbox", "checkbox", "image", "img", "heading", "navigation"}
