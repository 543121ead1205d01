/// Puts what has changed into the page that is being read, without which it would be loaded anew now and then.
///
/// What is opened stays open, the place stays, and the focus; nothing moves while a text is selected, while the tab is
/// hidden, or when somebody wants it to stand still. When the daemon does not answer, the page says so: an old page must
/// never look like a new one.
enum RefreshScript {
    static let text: StaticString = """
        (() => {
          "use strict";
          const period = Number(document.body.dataset.refresh) * 1000;
          const byId = (id) => document.getElementById(id);
          const box = byId("auto"), toggle = box.querySelector("input"), stale = byId("stale");
          box.hidden = false;
          let busy = false, timer;
          const top = (element) => element.getBoundingClientRect().top;
          const rows = () => [...document.querySelectorAll("details[data-key]")];
          const find = (key) => rows().find((row) => row.dataset.key === key);
          const isReading = () => !getSelection().isCollapsed;

          function place(element) {
            const live = element.closest(".live"), row = element.closest("[data-key]");
            if (!live) return null;
            const of = (root) => [...root.querySelectorAll("a,summary,button,input")];
            const index = of(row || live).indexOf(element);
            return () => {
              const root = row ? find(row.dataset.key) : byId(live.id);
              return root && of(root)[index];
            };
          }

          function swap(page) {
            const opened = new Set(rows().filter((row) => row.open).map((row) => row.dataset.key));
            const seen = scrollY > 0 && rows().find((row) => row.getBoundingClientRect().bottom > 0);
            const [key, offset] = seen ? [seen.dataset.key, top(seen)] : [];
            const focused = document.activeElement && place(document.activeElement);
            const verdict = byId("how") && byId("how").textContent;
            for (const fresh of page.querySelectorAll(".live")) {
              for (const row of fresh.querySelectorAll("details[data-key]")) row.open = opened.has(row.dataset.key);
              const old = byId(fresh.id);
              if (old && !old.isEqualNode(fresh)) old.replaceWith(document.importNode(fresh, true));
            }
            document.title = page.title;
            const icon = document.querySelector("link[rel=icon]"), other = page.querySelector("link[rel=icon]");
            if (icon && other && icon.href !== other.href) icon.href = other.href;
            if (seen && find(key)) scrollBy(0, top(find(key)) - offset);
            const next = focused && focused();
            if (next && next !== document.activeElement) next.focus({ preventScroll: true });
            if (byId("how") && byId("how").textContent !== verdict) byId("announce").textContent = byId("how").textContent;
          }

          function tell(why) {
            const since = document.querySelector("#asof time");
            stale.hidden = why === "";
            const words = why && why + " What you see is of " + (since ? since.textContent : "before") + ".";
            if (stale.textContent !== words) stale.textContent = words;
          }

          async function refresh() {
            if (busy) return;
            busy = true;
            try {
              const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(10000) });
              const page = new DOMParser().parseFromString(await answer.text(), "text/html");
              const how = page.getElementById("how");
              if (!how) throw new Error("another answers");
              if (!answer.ok) tell(how.textContent + ".");
              else if (!isReading()) { swap(page); tell(""); }
            } catch {
              tell("Keyturn does not answer.");
            } finally {
              busy = false;
              plan();
            }
          }

          function plan() {
            clearTimeout(timer);
            if (toggle.checked && document.visibilityState === "visible") timer = setTimeout(refresh, period);
          }

          toggle.addEventListener("change", plan);
          document.addEventListener("visibilitychange", () => {
            if (toggle.checked && document.visibilityState === "visible") refresh(); else plan();
          });
          plan();
        })();
        """
}
