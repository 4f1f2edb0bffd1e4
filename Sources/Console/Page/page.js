"use strict";

// One page, three sources: /history once, /events from then on, and what the buttons are answered. Everything that is
// kept is bounded, so that a page that stays open does not grow.
(() => {
  const momentsMax = 6000;
  const entriesMax = 300;
  const retryPause = 3000; // ms
  const byId = (id) => document.getElementById(id);
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)");
  const isDark = matchMedia("(prefers-color-scheme: dark)");

  // Motor 1 and its like are told apart by dashes too, for not everybody sees the colours.
  const dashes = [null, [7, 3], [2, 2], [9, 3, 2, 3]];
  const chartList = [
    { title: "Height, m, and climb, m/s", curves: ["height", "climb"] },
    { title: "Attitude, °", curves: ["roll", "pitch", "yaw"] },
    { title: "Body rates, °/s", curves: ["roll rate", "pitch rate", "yaw rate"] },
    { title: "Motors, %", curves: ["motor 1", "motor 2", "motor 3", "motor 4"], range: [0, 105] },
    { title: "Shadow's distance to the owner, %", curves: ["shadow's distance"], least: 10 },
    { title: "Worst gap of motor writes, ms", curves: ["gap of motor writes"], least: 5 },
  ];

  let curves = []; // {label, unit}
  let moments = []; // [time, values …], oldest first
  let entries = [];
  let state = null;
  let early = null; // moments that came while the history was on its way
  let charts = [];
  let isStale = true;

  // MARK: Small helpers

  function make(tag, text, attributes) {
    const node = document.createElement(tag);
    if (text !== undefined && text !== null) node.textContent = text;
    for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
    return node;
  }

  function setText(node, text) {
    if (node.textContent !== text) node.textContent = text;
  }

  const isNumber = (value) => typeof value === "number" && Number.isFinite(value);
  // No zero has a sign.
  const fixed = (value, digits) => (isNumber(value) ? value.toFixed(digits).replace(/^-(0(\.0*)?)$/, "$1") : "–");
  const clock = (ms) => new Date(ms).toLocaleTimeString([], { hour12: false });
  const seconds = (ms) => `${(Math.max(ms, 0) / 1000).toFixed(ms < 10000 ? 1 : 0)} s`;
  const duration = (ms) => (ms < 120000 ? seconds(ms) : `${Math.floor(ms / 60000)} min`);
  const column = (label) => curves.findIndex((curve) => curve.label === label) + 1;
  const newest = () => moments[moments.length - 1];

  function bytes(count) {
    if (!isNumber(count)) return "–";
    if (count < 10000) return `${count} bytes`;
    return count < 1e6 ? `${(count / 1e3).toFixed(1)} kB` : `${(count / 1e6).toFixed(1)} MB`;
  }

  // Rows of a definition list, made once and then only filled.
  function fillRows(list, rows) {
    while (list.children.length > rows.length) list.lastChild.remove();
    rows.forEach(([name, value, kind], index) => {
      let row = list.children[index];
      if (!row) {
        row = make("div");
        row.append(make("dt"), make("dd"));
        list.append(row);
      }
      row.className = kind || "";
      setText(row.firstChild, name);
      setText(row.lastChild, value);
    });
  }

  function fillTable(body, rows) {
    while (body.children.length > rows.length) body.lastChild.remove();
    rows.forEach((cells, index) => {
      let row = body.children[index];
      if (!row) {
        row = make("tr");
        cells.forEach((_, cell) => row.append(cell === 0 ? make("th", "", { scope: "row" }) : make("td")));
        body.append(row);
      }
      cells.forEach((text, cell) => setText(row.children[cell], text));
    });
  }

  // MARK: What comes in

  function connect() {
    const source = new EventSource("/events");
    source.onopen = () => loadHistory();
    source.addEventListener("moment", (event) => takeMoment(JSON.parse(event.data)));
    source.addEventListener("entry", (event) => takeEntry(JSON.parse(event.data)));
    source.addEventListener("state", (event) => takeState(JSON.parse(event.data)));
    source.onerror = () => {
      say("The console does not answer; trying again.", true);
      // A browser gives up for good when it was refused.
      if (source.readyState === EventSource.CLOSED) setTimeout(connect, retryPause);
    };
  }

  async function loadHistory() {
    early = [];
    try {
      const answer = await fetch("/history");
      if (!answer.ok) throw new Error(await answer.text());
      const history = await answer.json();
      curves = history.curves;
      moments = history.moments;
      const last = moments.length ? newest()[0] : 0;
      moments.push(...early.filter((moment) => moment[0] > last));
      entries = history.entries;
      takeState(history.state);
      drawLog();
      if (!charts.length) makeCharts();
      say("Live.", false);
    } catch (error) {
      say(`The history could not be read (${error.message.trim()}).`, true);
    }
    early = null;
  }

  function takeMoment(moment) {
    if (early) return void early.push(moment);
    if (!curves.length) return;
    moments.push(moment);
    // In one go now and then, for each shift moves all.
    if (moments.length > momentsMax + 200) moments.splice(0, moments.length - momentsMax);
    isStale = true;
  }

  function takeEntry(entry) {
    if (early) return; // The history has it.
    entries.push(entry);
    if (entries.length > entriesMax) entries.shift();
    byId("log").prepend(logLine(entry));
    if (byId("log").children.length > entriesMax) byId("log").lastChild.remove();
  }

  function takeState(next) {
    state = next;
    drawState();
  }

  function say(text, isLost) {
    setText(byId("connection"), text);
    byId("connection").className = isLost ? "lost" : "";
  }

  // MARK: Flight

  function drawFlight() {
    const moment = newest();
    if (!moment) return;
    const value = (label) => moment[column(label)];
    const [roll, pitch] = [value("roll"), value("pitch")];
    const isKnown = isNumber(roll) && isNumber(pitch);
    // Nose up lowers the horizon: 2 units a degree.
    byId("world").setAttribute(
      "transform", isKnown ? `rotate(${-roll}) translate(0 ${Math.max(-90, Math.min(90, pitch)) * 2})` : "");
    byId("horizon").setAttribute("opacity", isKnown ? "1" : "0.3");
    byId("horizon").setAttribute(
      "aria-label",
      isKnown ? `Attitude horizon: roll ${roll.toFixed(0)} degrees, pitch ${pitch.toFixed(0)} degrees` : "Attitude not known");
    const core = state && state.core;
    const owner = core ? core.owner : null;
    const since = state && state.owner_since;
    fillRows(byId("tiles"), [
      ["height", `${fixed(value("height"), 1)} m`],
      ["climb", `${fixed(value("climb"), 1)} m/s`],
      ["roll, pitch", `${fixed(roll, 0)}°, ${fixed(pitch, 0)}°`],
      ["battery", `${fixed(value("battery"), 2)} V${isNumber(value("current")) ? `, ${fixed(value("current"), 1)} A` : ""}`],
      ["mode", core ? `${core.mode}${core.on_ground ? ", on the ground" : ""}` : "–"],
      ["pilot", core ? (core.source === "ground" ? "control socket" : core.source) : "–"],
      [
        "owner of the motors",
        owner
          ? `${owner}, epoch ${core.owner_epoch}${since ? `, since ${clock(since)} (${duration(moment[0] - since)})` : ""}`
            + (core.in_probation ? ", on probation" : "")
          : core ? "nobody" : "–",
        "big",
      ],
    ]);
  }

  // MARK: State

  // In flight the same list names what is in trouble.
  function arming(core) {
    if (!core) return "–";
    const reasons = core.arming_refused.join(", ");
    if (core.mode === "disarmed") return reasons ? `would be refused: ${reasons}` : "allowed";
    return reasons ? `armed, but ${reasons}` : "armed";
  }

  function drawState() {
    const core = state.core;
    const agent = state.agent;
    const faults = [state.core_fault, state.agent_fault, state.record_fault, agent && agent.engine_fault].filter(Boolean);
    const list = byId("faults");
    list.hidden = faults.length === 0;
    while (list.children.length > faults.length) list.lastChild.remove();
    faults.forEach((fault, index) => {
      if (!list.children[index]) list.append(make("li"));
      setText(list.children[index], fault);
    });

    const health = state.health;
    fillRows(byId("health"), [
      ["missed ticks", core ? `${core.skipped} slept through` : "–"],
      ["late", core ? `${core.late} served by the command before` : "–"],
      ["held", core ? `${core.held} with the last outputs again` : "–"],
      ["failsafe", core ? `${core.failsafe}` : "–"],
      ["stale refused", core ? `${core.stale_refused}` : "–"],
      ["worst gap", `${fixed(health.worst_gap_ms, 2)} ms between motor writes, since the console began`],
      ["bus", `${fixed(health.bus_load * 100, 0)} % of a tick${health.bus_slow ? ", slower than computed" : ""}`],
      ["transfers failed", `${health.reads_failed} reads, ${health.writes_failed} writes`],
      ["tick", core ? `${core.tick_rate} Hz, ${core.realtime ? "real time" : "without real time"}` : "–"],
      ["arming", arming(core)],
    ]);

    const known = new Map((agent ? agent.instances : []).map((instance) => [instance.name, instance]));
    const rows = (core ? core.instances : []).map((instance) => {
      const container = known.get(instance.name);
      known.delete(instance.name);
      return [
        instance.name, instance.role, container ? container.container || "not known to the engine" : "–",
        `${instance.answered}, ${instance.late}, ${instance.refused}`,
        container ? `${container.image} ${container.manifest}` : "–",
      ];
    });
    for (const left of known.values()) {
      rows.push([left.name, `${left.role}, not attached`, left.container || "–", "–", `${left.image} ${left.manifest}`]);
    }
    fillTable(byId("containers").tBodies[0], rows);
    fillRows(byId("versions"), agent ? [
      ["committed", agent.committed || "nothing"],
      ["before it", agent.previous || "nothing"],
      ["last update", agent.last_update || "none"],
    ] : []);
    drawTimeline();
    document.dispatchEvent(new CustomEvent("state", { detail: state }));
  }

  // MARK: Update

  function plannedSeconds(plan, phase) {
    const name = { rehearsing: "rehearsal_s", syncing: "sync_s", shadowing: "shadow_s" }[phase];
    return plan && name ? plan[name] : null;
  }

  function drawTimeline() {
    const place = byId("timeline");
    const update = state.update;
    if (!update) return void place.replaceChildren(make("p", "No update has been seen yet."));
    const now = update.ended || state.time;
    const steps = make("ol", null, { class: "steps" });
    update.steps.forEach((step, index) => {
      const next = update.steps[index + 1];
      const isNow = !next && !update.ended;
      const plan = plannedSeconds(update.plan, step.phase);
      const item = make("li", null, isNow ? { class: "is-now", "aria-current": "step" } : {});
      item.append(
        make("span", step.phase),
        make(
          "span", seconds((next ? next.began : now) - step.began) + (isNumber(plan) ? ` (plan ${plan.toFixed(1)} s)` : ""),
          { class: "time" }),
        make("span", step.text));
      if (isNow && isNumber(step.done) && step.total > 0) {
        item.append(make("progress", null, { max: step.total, value: step.done, "aria-label": step.phase }));
      }
      steps.append(item);
    });
    const parts = [make("h3", `${update.title}, ${clock(update.began)}`), steps];
    if (update.sentence) parts.push(make("p", update.sentence, update.outcome === "refused" ? { class: "fault" } : {}));
    const shadow = ((state.core && state.core.instances) || []).find((one) => one.role === "shadow" || one.role === "standby");
    if (shadow && !update.ended) parts.push(make("p", `${shadow.name} is ${(shadow.divergence * 100).toFixed(1)} % from the owner.`));
    if (update.plan) parts.push(...planParts(update.plan));
    if (update.sync) {
      parts.push(make("p", `State in blocks: ${bytes(update.sync.bytes)} in ${update.sync.took.toFixed(2)} s, planned ${update.sync.planned.toFixed(2)} s.`));
    }
    place.replaceChildren(...parts);
  }

  function planParts(plan) {
    const table = make("table");
    const head = make("tr");
    for (const name of ["channel", "kind", "schema", "bytes"]) head.append(make("th", name, { scope: "col" }));
    table.append(make("thead"), make("tbody"));
    table.tHead.append(head);
    fillTable(table.tBodies[0], plan.channels.map((one) => [one.name, one.kind, one.schema, `${one.bytes}`]));
    const scroll = make("div", null, { class: "scroll" });
    scroll.append(table);
    const sentence = `${bytes(plan.state_bytes)} of state a cut, ${bytes(plan.pull_bytes)} to pull, about `
      + `${plan.seconds.toFixed(1)} s until the old version stops.`;
    return [scroll, make("p", sentence), ...plan.notes.map((note) => make("p", note))];
  }

  // The address that the console prints has the token behind #, which no browser sends; it is kept for this tab only.
  function takeToken() {
    const given = new URLSearchParams(location.hash.slice(1)).get("token");
    if (!given) return;
    sessionStorage.setItem("token", given);
    byId("token").placeholder = "kept for this tab";
    history.replaceState(null, "", location.pathname);
  }

  function token() {
    return byId("token").value.trim() || sessionStorage.getItem("token") || "";
  }

  async function post(path, body) {
    const answer = await fetch(path, {
      method: "POST",
      headers: { Authorization: `Bearer ${token()}`, "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(text.trim());
    if (token()) sessionStorage.setItem("token", token());
    return text;
  }

  function confirm(title, parts, yes) {
    const dialog = byId("confirm");
    setText(byId("confirm-title"), title);
    setText(byId("confirm-yes"), yes);
    byId("confirm-body").replaceChildren(...parts);
    dialog.returnValue = "no";
    dialog.showModal();
    return new Promise((resolve) => {
      dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    });
  }

  // Runs a button's work, and shows in one place what it was answered.
  async function press(button, busy, work) {
    const name = button.textContent;
    setText(byId("answer"), "");
    button.disabled = true;
    setText(button, busy);
    try {
      await work();
    } catch (error) {
      setText(byId("answer"), error.message || "The console does not answer.");
    }
    button.disabled = false;
    setText(button, name);
  }

  function listen() {
    byId("update-form").addEventListener("submit", (event) => {
      event.preventDefault();
      press(byId("update"), "Planning …", async () => {
        const reference = byId("reference").value.trim();
        const result = JSON.parse(await post("/plan", { reference }));
        if (result.outcome !== "done" || !result.plan) throw new Error(result.text);
        const parts = [make("p", "The dry run changed nothing. This is what the update would do:"), ...planParts(result.plan)];
        if (await confirm(`Update to ${reference}?`, parts, "Update now")) await post("/update", { reference });
      });
    });
    byId("rollback").addEventListener("click", () => {
      press(byId("rollback"), "Rolling back …", async () => {
        const text = "Calls an update off, gives control back on probation, and else goes back to the version before.";
        if (!(await confirm("Roll back?", [make("p", text)], "Roll back now"))) return;
        const result = JSON.parse(await post("/rollback", {}));
        if (result.outcome === "refused") throw new Error(result.text);
      });
    });
    byId("window").addEventListener("change", () => { isStale = true; });
    isDark.addEventListener("change", () => charts.forEach(colour));
  }

  // MARK: Curves

  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const windowMs = () => Number(byId("window").value) * 1000;

  function makeCharts() {
    if (typeof Dygraph === "undefined") return void sayNoCharts();
    for (const chart of chartList) {
      const figure = make("figure", null, { role: "group", "aria-label": `${chart.title}; the newest values stand in the table below` });
      const caption = make("figcaption");
      caption.append(make("h3", chart.title));
      const keys = chart.curves.map((label, index) => {
        const key = make("span", null, { class: "key" });
        const line = document.createElementNS("http://www.w3.org/2000/svg", "svg");
        line.setAttribute("viewBox", "0 0 32 8");
        line.setAttribute("aria-hidden", "true");
        const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
        path.setAttribute("d", "M0 4H32");
        path.setAttribute("stroke", `var(--c${index + 1})`);
        path.setAttribute("stroke-width", "3");
        if (dashes[index]) path.setAttribute("stroke-dasharray", dashes[index].join(" "));
        line.append(path);
        const text = make("span", label);
        key.append(line, " ", text);
        caption.append(key);
        return text;
      });
      const place = make("div", null, { class: "chart" });
      figure.append(caption, place);
      byId("charts").append(figure);
      const series = {};
      chart.curves.forEach((label, index) => { series[label] = { strokePattern: dashes[index] }; });
      const graph = new Dygraph(place, [[new Date(), ...chart.curves.map(() => null)]], {
        labels: ["time", ...chart.curves], series, legend: "never", strokeWidth: 1.6, interactionModel: {},
        showRangeSelector: false, drawPoints: false, axisLabelFontSize: 12, valueRange: chart.range || null,
        axes: { y: { axisLabelWidth: 44 }, x: { axisLabelWidth: 70 } },
        underlayCallback: drawMarks,
      });
      const made = { ...chart, graph, keys, columns: chart.curves.map(column) };
      colour(made);
      charts.push(made);
    }
  }

  async function sayNoCharts() {
    const note = byId("no-charts");
    note.hidden = false;
    try {
      setText(note, (await (await fetch("/dygraph.js")).text()).trim());
    } catch {
      setText(note, "The charts' library could not be loaded; the values stand in the table.");
    }
  }

  function colour(chart) {
    chart.graph.updateOptions({
      colors: chart.curves.map((_, index) => style(`--c${index + 1}`)), gridLineColor: style("--line"),
      axisLineColor: style("--soft"),
    });
  }

  // A line where the motors got a new owner.
  function drawMarks(context, area, graph) {
    context.save();
    context.strokeStyle = context.fillStyle = style("--mark");
    context.font = "12px system-ui, sans-serif";
    context.setLineDash([5, 4]);
    context.beginPath();
    const [from, to] = graph.xAxisRange();
    for (const entry of entries) {
      if (entry.kind !== "owner" || entry.time < from || entry.time > to) continue;
      const x = Math.round(graph.toDomXCoord(entry.time)) + 0.5;
      context.moveTo(x, area.y);
      context.lineTo(x, area.y + area.h);
      const name = entry.text.split(" ")[0];
      const isAtEnd = x + 6 + context.measureText(name).width > area.x + area.w;
      context.textAlign = isAtEnd ? "right" : "left";
      context.fillText(name, x + (isAtEnd ? -3 : 3), area.y + 11);
    }
    context.stroke();
    context.restore();
  }

  function shown() {
    if (!moments.length) return [];
    const from = newest()[0] - windowMs();
    const first = moments.findIndex((moment) => moment[0] >= from);
    return moments.slice(first);
  }

  function drawCharts(rows) {
    const to = newest()[0];
    // Ten minutes have more moments than a chart has pixels.
    const step = Math.max(1, Math.floor(rows.length / 1500));
    const thin = step === 1 ? rows : rows.filter((_, index) => index % step === 0);
    for (const chart of charts) {
      const file = thin.map((row) => [new Date(row[0]), ...chart.columns.map((at) => row[at])]);
      const most = Math.max(chart.least || 0, ...file.map((row) => (chart.least ? row[1] || 0 : 0)));
      chart.graph.updateOptions({
        file, dateWindow: [to - windowMs(), to], valueRange: chart.range || (chart.least ? [0, most * 1.1] : null),
      });
      chart.columns.forEach((at, index) => {
        const curve = curves[at - 1];
        setText(chart.keys[index], `${curve.label} ${fixed(newest()[at], 1)} ${curve.unit}`);
      });
    }
  }

  function drawValues(rows) {
    fillTable(byId("values").tBodies[0], curves.map((curve, index) => {
      let [least, most] = [Infinity, -Infinity];
      for (const row of rows) {
        const value = row[index + 1];
        if (!isNumber(value)) continue;
        least = Math.min(least, value);
        most = Math.max(most, value);
      }
      return [curve.label, fixed(newest()[index + 1], 2), fixed(least, 2), fixed(most, 2), curve.unit];
    }));
  }

  // MARK: Log

  function logLine(entry) {
    const line = make("li");
    line.append(make("time", clock(entry.time)), make("span", entry.text, { class: entry.kind }));
    return line;
  }

  function drawLog() {
    byId("log").replaceChildren(...[...entries].reverse().map(logLine));
  }

  // MARK: Drawing, in step

  let turn = 0;
  function draw() {
    if (document.hidden || !isStale || !moments.length) return;
    turn += 1;
    isStale = false;
    drawFlight();
    // Charts at a third of the horizon's pace; who asks for less motion gets one step a second of all.
    if (!isCalm.matches && turn % 3 !== 1) return;
    const rows = shown();
    drawCharts(rows);
    drawValues(rows);
  }

  let lastDraw = 0;
  setInterval(() => {
    const now = performance.now();
    if (now - lastDraw < (isCalm.matches ? 1000 : 100)) return;
    lastDraw = now;
    draw();
  }, 50);

  takeToken();
  listen();
  connect();
})();
