/// How pages look: one accent, light and dark, from a phone's width on.
enum Stylesheet {
    static let text: StaticString = """
        :root {
          color-scheme: light dark;
          --paper: #fbfbfa; --panel: #ffffff; --ink: #1b1f24; --soft: #57606a; --line: #dfe3e8; --faint: #eef0f3;
          --accent: #0a5fb4; --accent-soft: #bcd7f2; --ok: #1a7340; --degraded: #8a5300; --held: #b3261e; --paused: #57606a;
          --degraded-fill: #d98a00; --held-fill: #c62828; --frost: #c3cbd4; --window: #4b9b6e;
          --degraded-paper: #fffcf4; --held-paper: #fff8f7;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --paper: #121518; --panel: #191d21; --ink: #e6e9ec; --soft: #a0a9b3; --line: #2e343b; --faint: #22272c;
            --accent: #79b8ff; --accent-soft: #23456b; --ok: #63cf94; --degraded: #f0b352; --held: #ff8f86;
            --paused: #a0a9b3; --degraded-fill: #f0b352; --held-fill: #ff7a70; --frost: #424b55; --window: #4f9d72;
            --degraded-paper: #1f1c15; --held-paper: #231918;
          }
        }
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; }
        body {
          margin: 0 auto; max-width: 1480px; padding: 0 24px 32px; background: var(--paper); color: var(--ink);
          font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
          font-variant-numeric: tabular-nums;
        }
        code { font: .875em/1.4 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
        a { color: var(--accent); text-underline-offset: 2px; }
        :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
        h1, h2, h3, p, ul, ol, dl, dd { margin: 0; padding: 0; overflow-wrap: anywhere; }
        ul, ol { list-style: none; }
        h2 { font-size: 17px; font-weight: 600; }
        h3 { font-size: 15px; font-weight: 600; }
        small { font-size: 13px; color: var(--soft); }
        time { white-space: nowrap; }
        time[title] { cursor: help; }
        .far { color: var(--soft); font-weight: 400; }
        .unseen {
          position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
        }
        .defs { position: absolute; width: 0; height: 0; }
        [hidden] { display: none !important; }

        .top { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 16px; padding: 14px 0; color: var(--soft); font-size: 13px; }
        .brand { color: var(--ink); font-weight: 700; font-size: 15px; text-decoration: none; padding: 4px 0; }
        .host { overflow-wrap: anywhere; }
        .asof { margin-left: auto; }
        #auto { display: inline-flex; align-items: center; gap: 6px; min-height: 32px; }
        .stale { padding: 10px 14px; margin: 0 0 12px; border-radius: 8px; background: var(--held-fill); color: #fff; font-weight: 600; }
        @media (prefers-color-scheme: dark) { .stale { color: #14080a; } }

        .verdict { display: flex; align-items: center; gap: 12px; font-size: 30px; line-height: 1.2; font-weight: 650; letter-spacing: -.01em; }
        .verdict .icon { width: 28px; height: 28px; }
        .verdict .name { overflow-wrap: anywhere; }
        .sum { color: var(--soft); margin: 4px 0 0 40px; }
        .back { font-size: 13px; margin-bottom: 8px; }
        .back a { display: inline-block; padding: 6px 0; }
        .icon { display: inline-block; width: 14px; height: 14px; flex: none; vertical-align: -2px; fill: currentColor; fill-rule: evenodd; }
        svg.icon use { transform: scale(calc(14 / 16)); }
        .verdict svg.icon use { transform: scale(calc(28 / 16)); }
        .icon.ok, .word.ok { color: var(--ok); }
        .icon.degraded, .word.degraded { color: var(--degraded); }
        .icon.held, .word.held { color: var(--held); }
        .icon.paused, .word.paused { color: var(--paused); }
        .word { font-weight: 600; margin-left: 5px; }

        .kinds { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 340px), 1fr)); gap: 12px; margin-top: 18px; }
        .kind, .notice { border: 1px solid var(--line); border-left-width: 4px; border-radius: 8px; background: var(--panel); padding: 12px 14px; }
        .kind > * + *, .notice > * + * { margin-top: 6px; }
        .notice { margin-top: 14px; }
        .kind.degraded, .notice.degraded { border-left-color: var(--degraded-fill); background: var(--degraded-paper); }
        .kind.held, .notice.held { border-left-color: var(--held-fill); background: var(--held-paper); }
        .names { display: flex; flex-wrap: wrap; gap: 2px 14px; }
        .names a { padding: 4px 0; overflow-wrap: anywhere; }
        .said { overflow-wrap: anywhere; white-space: pre-line; color: var(--soft); border-left: 2px solid var(--line); padding-left: 10px; }
        .lines li { overflow-wrap: anywhere; }
        .note { color: var(--soft); white-space: pre-line; }

        .find { display: flex; gap: 8px; margin: 26px 0 0; max-width: 520px; }
        input[type=search] {
          flex: 1; min-width: 0; height: 40px; padding: 0 12px; font: inherit; font-size: 16px; color: inherit;
          background: var(--panel); border: 1px solid var(--soft); border-radius: 8px;
        }
        ::placeholder { color: var(--soft); opacity: 1; }
        button, .button {
          display: inline-flex; align-items: center; min-height: 40px; padding: 0 14px; font: inherit; color: var(--ink);
          background: var(--panel); border: 1px solid var(--soft); border-radius: 8px; text-decoration: none; cursor: pointer;
        }
        .spans { display: flex; flex-wrap: wrap; align-items: center; gap: 2px; margin: 14px 0 8px; font-size: 13px; }
        .spans a { padding: 9px 8px; min-width: 34px; text-align: center; text-decoration: none; border-radius: 6px; }
        .spans a[aria-current] { background: var(--accent); color: var(--paper); font-weight: 600; }
        .bar { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: center; gap: 8px; margin: 8px 0; }
        .pages { display: flex; align-items: center; gap: 12px; color: var(--soft); }
        .empty { padding: 28px 0; color: var(--soft); }

        .heads, .row summary {
          display: grid; align-items: center; gap: 0 18px;
          grid-template-columns: minmax(120px, 1.1fr) minmax(120px, .9fr) minmax(120px, .8fr) minmax(140px, .9fr) minmax(300px, 3fr);
        }
        .heads {
          position: sticky; top: 0; z-index: 1; padding: 6px 13px 6px 17px; background: var(--paper); color: var(--soft); font-size: 12px;
          border-bottom: 1px solid var(--line);
        }
        .rows { background: var(--panel); border: 1px solid var(--line); border-top: 0; border-radius: 0 0 8px 8px; }
        .row { border-left: 4px solid transparent; scroll-margin-top: 40px; }
        .row + .row { border-top: 1px solid var(--line); }
        .row.degraded { border-left-color: var(--degraded-fill); }
        .row.held { border-left-color: var(--held-fill); }
        .row summary { padding: 8px 12px; cursor: pointer; list-style: none; min-height: 58px; }
        .row summary::-webkit-details-marker { display: none; }
        .row summary:hover, .row details[open] > summary { background: var(--faint); }
        .cell { min-width: 0; display: flex; flex-direction: column; }
        .cell h3, .cell small { overflow-wrap: anywhere; }
        .cell.who h3::before { content: "▸"; display: inline-block; width: 16px; color: var(--soft); font-weight: 400; }
        details[open] .cell.who h3::before { content: "▾"; }
        .cell.who small { padding-left: 16px; }
        .age { width: 100%; max-width: 130px; height: 4px; margin-top: 3px; border-radius: 2px; }
        .age .limit { fill: var(--line); }
        .age .used { fill: var(--soft); }
        .age .old { fill: var(--held-fill); }
        .detail { padding: 4px 16px 16px 28px; background: var(--faint); }
        .detail > p:last-child { margin-top: 12px; }
        .columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 380px), 1fr)); gap: 4px 32px; margin-top: 14px; }
        dl { display: grid; grid-template-columns: 100px minmax(0, 1fr); gap: 5px 12px; align-content: start; }
        dt { color: var(--soft); }
        dd { overflow-wrap: anywhere; }
        .consumers .tick { display: inline-block; width: 18px; font-weight: 700; color: var(--ok); }
        .consumers .untold .tick { color: var(--degraded); }

        .tl, .axis { display: block; width: 100%; height: 40px; min-width: 0; }
        .axis { height: 16px; font-size: 11px; fill: var(--soft); }
        .axis text, .letter { text-anchor: middle; }
        .axis .now { fill: var(--accent); stroke: none; font-weight: 600; }
        line.tick, line.lane { stroke: var(--line); }
        line.now { stroke: var(--accent); stroke-width: 2; }
        .current { fill: var(--accent-soft); stroke: var(--accent); }
        .overlap { fill: url(#hatch); stroke: var(--accent); }
        rect.planned { fill: var(--faint); stroke: var(--soft); stroke-dasharray: 3 3; }
        .planned-overlap { fill: url(#hatch); opacity: .5; }
        line.hatch { stroke: var(--accent); stroke-width: 2.5; }
        line.frost { stroke: var(--frost); stroke-width: 5; }
        .freeze { opacity: .55; }
        .window { fill: var(--window); }
        .trouble.degraded { fill: var(--degraded-fill); }
        .trouble.held { fill: var(--held-fill); }
        .trouble.paused { fill: var(--paused); }
        .letter { font-size: 9px; font-weight: 600; fill: var(--ink); }
        .mark { fill: var(--accent); stroke: var(--panel); stroke-width: 1; }
        .mark.planned { fill: var(--panel); stroke: var(--accent); stroke-width: 1.5; }
        .mark.retired { stroke: var(--accent); stroke-width: 2; }
        .legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin-top: 10px; color: var(--soft); font-size: 13px; }
        .legend .key { display: inline-block; width: 18px; height: 10px; margin-right: 6px; vertical-align: 0; overflow: visible; }

        .facts { display: flex; flex-wrap: wrap; gap: 10px 36px; margin: 12px 0 0 40px; }
        .facts .unseen { position: static; width: auto; height: auto; margin: 0; clip-path: none; color: var(--soft); font-size: 12px; }
        .picture { margin: 4px 0; padding: 8px 12px; border: 1px solid var(--line); border-radius: 8px; background: var(--panel); }
        #list > h2 { margin: 26px 0 8px; }
        .plan li { padding: 4px 0; border-bottom: 1px solid var(--line); }
        .day { margin: 16px 0 4px; color: var(--soft); font-size: 13px; }
        .event { display: grid; grid-template-columns: 190px minmax(0, 1fr); gap: 12px; padding: 6px 0 6px 10px; border-left: 3px solid var(--line); }
        .event.ok { border-left-color: var(--accent); }
        .event.degraded { border-left-color: var(--degraded-fill); }
        .event.held { border-left-color: var(--held-fill); }
        .what p { overflow-wrap: anywhere; }
        .print { color: var(--soft); }
        .request { color: var(--soft); font-size: 13px; }
        footer { margin-top: 32px; padding-top: 12px; border-top: 1px solid var(--line); color: var(--soft); font-size: 13px; }

        @media (max-width: 899px) {
          body { padding: 0 14px 24px; }
          .verdict { font-size: 26px; }
          .sum, .facts { margin-left: 0; }
          .heads { grid-template-columns: 1fr; padding: 6px 9px 6px 12px; }
          .heads > span { display: none; }
          .row summary { grid-template-columns: 1fr 1fr; gap: 8px 12px; padding: 12px 8px; }
          .row .tl { grid-column: 1 / -1; }
          .row .cell { align-self: start; }
          .detail { padding: 4px 8px 16px; }
          .spans a { padding: 12px 9px; }
          .names a { padding: 10px 0; }
          #auto { min-height: 40px; }
          .asof { margin-left: 0; }
          .event { grid-template-columns: minmax(0, 1fr); gap: 0; }
          dl { grid-template-columns: 94px minmax(0, 1fr); }
        }
        @media (forced-colors: active) {
          :root { --accent: LinkText; --accent-soft: Canvas; --line: GrayText; --frost: GrayText; --window: CanvasText;
            --degraded-fill: CanvasText; --held-fill: CanvasText; --ink: CanvasText; --panel: Canvas; --faint: Canvas; --soft: CanvasText; }
          .spans a[aria-current] { outline: 2px solid; }
        }
        @media print { .find, .spans, #auto { display: none; } }
        """
}
